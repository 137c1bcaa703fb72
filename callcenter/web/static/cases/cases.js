// Open a case on a source, import the carrier's bill, accept the number that it offers.

import { ask, find, rememberPerson, say, signed, t } from "../base.js";

const person = find("person");
rememberPerson(person, "callcenter.reviewer");

const MOST_BYTES = 16 * 1024 * 1024;

const by = () => signed(person, t("请先在右上写经办人"));

async function open(calls) {
  const name = by();
  if (!name || !calls.length) return;
  try {
    const made = await ask("POST", "/cases", { by: name, calls });
    location.assign(`/cases/${encodeURIComponent(made.number)}`);
  } catch (error) {
    say(error.message);
  }
}

const chosen = () => [...document.querySelectorAll("[data-call]:checked")].map((box) => box.dataset.call);

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-call]")) find("open-withheld").hidden = chosen().length === 0;
});
find("open-withheld").addEventListener("click", () => open(chosen()));

async function accept(button) {
  const name = by();
  if (!name) return;
  button.disabled = true;
  try {
    const body = { by: name, line: Number(button.dataset.accept) };
    await ask("POST", `/withheld/${encodeURIComponent(button.dataset.of)}/number`, body);
    location.reload();
  } catch (error) {
    button.disabled = false;
    say(error.message);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.open) open(JSON.parse(button.dataset.open).slice(0, 200));
  if (button?.dataset.accept) accept(button);
});

/** The file's bytes as base64, as the API wants them. */
function base64(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => failed(new Error(t("文件不能读取"))));
    reader.readAsDataURL(file);
  });
}

/** What came of the bill, kept over the reload that shows it. */
const TOLD = "callcenter.bill";

find("bill").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  const name = file && by();
  event.target.value = "";
  if (!name) return;
  if (file.size > MOST_BYTES) {
    say(t("话单超过 16 MB，请按月拆分，或用 callcenter withheld import 导入"));
    return;
  }
  try {
    const made = await ask("POST", "/withheld/bill", { by: name, content: await base64(file) });
    const passed = made.passed_over ? t`，${made.passed_over} 行不能读（${made.problems[0]}）` : "";
    sessionStorage.setItem(TOLD, t`读了 ${made.lines} 行${passed}；${made.offered} 行可能是 ${made.calls} 通隐藏号码的来电`);
    location.reload();
  } catch (error) {
    say(error.message);
  }
});

const told = sessionStorage.getItem(TOLD);
if (told) {
  sessionStorage.removeItem(TOLD);
  say(told);
}
