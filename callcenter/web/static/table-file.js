// Tables that people bring (CSV, XLSX), and the report of what was wrong with their lines.

import { find, make, t } from "./base.js";
import { refused, tell } from "./step-form.js";

const MOST_BYTES = 32 * 1024 * 1024;
const SHOWN = 200;

/** A file's bytes as base64, as the API takes them. */
export function tableOf(file) {
  if (file.size > MOST_BYTES) return Promise.reject(new Error(t("表格超过 32 MB，请拆成几份")));
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => fail(new Error(t("文件不能读取"))));
    reader.readAsDataURL(file);
  });
}

/** What the service says of a line, as people here read it. */
const REASONS = [
  [/^name is empty/, () => t("没有客户名称")],
  [/^email is no/, () => t("电子邮箱写法不对，应如 name@example.com")],
  [/^a number is in the file of customer (\S+)/, (found) => t`号码已在档案 ${found[1]}`],
  [/^the name is in the file of customer (\S+)/, (found) => t`同名的档案已有 ${found[1]}`],
  [/^a number is on line (\d+) too/, (found) => t`号码与第 ${found[1]} 行相同`],
  [/^the name is on line (\d+) too/, (found) => t`名称与第 ${found[1]} 行相同`],
  [/^the column (.+) is not known/, (found) => t`不认识的列“${found[1]}”，没有读`],
  [/^the class is/, () => t("客户类别应为重点客户、一般客户或潜在客户")],
  [/^member is/, () => t("会员应为是或否")],
  [/^an amount is/, () => t("金额应为元，如 1234.50")],
  [/^the number of purchases is/, () => t("购买次数应为整数")],
  [/^the last purchase is/, () => t("最近购买应为日期，如 2026-11-22")],
  [/^there is no agent '(.*)'/, (found) => t`没有工号 ${found[1]}`],
  [/is no day/, () => t("日期写法不对，应如 2026-11-22")],
  [/is no time of day/, () => t("时刻写法不对，应如 08:30")],
  [/^no kind/, () => t("班次应为值班、加班、用餐、培训或请假")],
  [/^agent (\S+) has (.+) at that time/, (found) => t`${found[1]} 那时已有班（${found[2]}）`],
  [/telephone|phone number|is no number/, () => t("电话号码写法不对")],
];

export function reasonOf(text) {
  for (const [shape, tell] of REASONS) {
    const found = shape.exec(text);
    if (found) return tell(found);
  }
  return text;
}

const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function file(problems) {
  const rows = [[t("行"), t("原因")], ...problems.map((one) => [String(one.line), reasonOf(one.reason)])];
  return new Blob([`\ufeff${rows.map((row) => row.map(cell).join(",")).join("\n")}`], { type: "text/csv" });
}

/** The lines that were refused, and why; all of them as a file. */
export function showReport(place, report) {
  const count = report.problem_count ?? report.problems.length;
  const link = make("a", { href: URL.createObjectURL(file(report.problems)), download: "problems.csv" }, t("存成表格"));
  const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("行")), make("th", { scope: "col" }, t("原因"))));
  const rows = report.problems.slice(0, SHOWN).map((one) => make("tr", {}, make("td", {}, String(one.line)), make("td", {}, reasonOf(one.reason))));
  place.replaceChildren(
    make("p", {}, make("b", {}, t`读了 ${report.rows} 行，${count} 处不对`), " ", link),
    make("div", { class: "cc-scroll" }, make("table", { class: "cc-table" }, head, make("tbody", {}, ...rows))),
  );
}

/** The dialog that brings a table: first wholly, then what is good of it. `send` takes the table
    and whether all lines or none, `told` says what came of it, `submit` is the form's. */
export function bringTable(send, told, submit) {
  const form = find("import-form");
  let table = "";

  async function bring(atomic) {
    find("import-go").disabled = true;
    find("import-good").hidden = true;
    await submit(form, async () => {
      const report = await send(table, atomic);
      if (report.written) {
        tell(told(report));
        return report;
      }
      showReport(find("report"), report);
      const bad = report.problems.filter((one) => !one.reason.startsWith("the column "));
      const good = report.rows - new Set(bad.map((one) => one.line)).size;
      find("import-good").hidden = good <= 0 || !atomic;
      find("import-good").textContent = t`只写入正确的 ${good} 行`;
      throw new Error(t("一行也没有写入：请改好表格再导入，或只写入正确的行"));
    });
    find("import-go").disabled = !table;
  }

  find("table").addEventListener("change", async () => {
    const [file] = find("table").files;
    find("import-good").hidden = true;
    find("report").replaceChildren();
    refused(form, "");
    table = "";
    try {
      table = file ? await tableOf(file) : "";
    } catch (error) {
      refused(form, error.message);
    }
    find("table-name").textContent = file?.name ?? t("还没有选");
    find("import-go").disabled = !table;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    bring(true);
  });
  find("import-good").addEventListener("click", () => bring(false));
}
