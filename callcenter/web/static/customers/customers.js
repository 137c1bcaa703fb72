// The list of customers: tables in and out, allotment, the keys.

import { ask, find, make, me, refusal, say, t, typing } from "../base.js";
import { reveal } from "../number.js";
import { failed, refused, signer, submit, tell } from "../step-form.js";
import { bringTable } from "../table-file.js";

if (find("import")) {
  bringTable(
    (content, atomic) => ask("POST", "/customers/import", { content, atomic, ...signer() }),
    (report) => t`读了 ${report.rows} 行，建了 ${report.written} 份档案，${report.passed_over} 行没有写入`,
    submit,
  );
}

// all customers go out, for a purpose
find("export-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(find("export-form"), async (told) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/customers/export", { method: "POST", headers, body: JSON.stringify(told) });
    if (!answer.ok) {
      const { detail } = await answer.json().catch(() => ({ detail: answer.statusText }));
      throw Object.assign(new Error(refusal(answer.status, detail)), { status: answer.status, detail });
    }
    const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "customers" });
    link.click();
    tell(t("已导出，记入审计"));
    return {};
  });
});

// who has nobody is allotted: a plan first
const allotForm = find("allot-form");
const ticked = () => [...document.querySelectorAll("[data-customer]:checked")].map((box) => box.dataset.customer);

function wish(apply) {
  const rows = [...allotForm.querySelectorAll("tbody tr")].filter((row) => row.querySelector("[data-taker]").checked);
  const agents = rows.map((row) => ({ agent: row.querySelector("[data-taker]").dataset.taker, skill: Number(row.querySelector("[data-skill]").value) }));
  return { agents, customers: ticked(), apply, ...signer() };
}

function showPlan(plan) {
  for (const row of allotForm.querySelectorAll("tbody tr")) {
    const { taker } = row.querySelector("[data-taker]").dataset;
    row.querySelector("[data-gets]").textContent = t`${plan.filter((one) => one.agent === taker).length} 位`;
  }
  find("allot-apply").disabled = plan.length === 0;
  if (!plan.length) refused(allotForm, t("没有要分配的客户"));
}

async function allot(apply) {
  refused(allotForm, "");
  const wanted = wish(apply);
  if (!wanted.agents.length) return refused(allotForm, t("请至少勾选一位专员"));
  find("allot-apply").disabled = true;
  try {
    const done = await ask("POST", "/customers/allotments", wanted);
    if (!apply) return showPlan(done);
    tell(t`已分配 ${done.length} 位客户`);
    location.reload();
  } catch (error) {
    failed(allotForm, error);
  }
}
allotForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  allot(false);
});
allotForm?.addEventListener("change", () => {
  find("allot-apply").disabled = true;
});
find("allot-apply")?.addEventListener("click", () => allot(true));

const leads = me.roles.some((role) => ["supervisor", "manager"].includes(role));

/** A caller without a file: the number is the call's own; whose call it is not asks for it, or the customer. */
async function fileOf(call) {
  try {
    const { caller_number: told } = await ask("GET", `/calls/${encodeURIComponent(call)}`);
    const number = told.includes("*") && leads ? await reveal("call", call) : told;
    find("open-numbers").value = number.includes("*") ? "" : number;
    find("open").showModal();
  } catch (error) {
    say(error.message);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.fileOf) fileOf(button.dataset.fileOf);
  if (button?.dataset.opens === "allot") {
    const count = ticked().length;
    find("allot-which").textContent = count ? t`选中的 ${count} 位` : find("allot-which").dataset.all;
  }
});

function move(by) {
  const links = [...document.querySelectorAll("#found td.name a")];
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), n: () => find("open")?.showModal() }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
