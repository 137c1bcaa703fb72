// One's own handover (交班): a sheet of what is open, given to whoever comes next.

import { ask, find, localTime, make, say, tag, word, t } from "../base.js";
import { people } from "./live-calling.js";

const dialog = find("handover");
const NAMES = { order: t("工单"), complaint: t("投诉"), follow_up: t("回访"), temporary: t("临时业务"), from_above: t("领导交办"), dispute: t("售后纠纷"), special: t("特殊客户") };
const PLACES = { order: "/orders/", complaint: "/complaints/", follow_up: "/follow-ups/" };

let sheet = null; // the draft, as the books have it
let person = "";
let busy = false;

/** Open one's draft of today; where there is none, it is drawn once the shift is named. */
export async function openHandover(whose) {
  if (!whose || dialog.open) return;
  if (whose !== person) takers(whose);
  person = whose;
  sheet = null;
  find("handover-shift").value ||= defaultShift();
  dialog.showModal();
  await work(async () => {
    const [last] = await ask("GET", `/handovers?person=${encodeURIComponent(person)}&limit=1`);
    const mine = last?.state === "draft" && last.giver === person && isToday(last.opened_at);
    if (!mine) return;
    sheet = await act(last, "draw_again", {});
    find("handover-shift").value = sheet.shift;
  });
}

const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString();

function takers(whose) {
  const others = people.filter(([value]) => value && value !== whose);
  const options = others.map(([value, text]) => make("option", { value }, text));
  find("handover-taker").replaceChildren(make("option", { value: "" }, t("请选")), ...options);
}

/** By the clock on the wall: until noon, until the evening, after. */
function defaultShift() {
  const hour = new Date().getHours();
  return hour < 12 ? t("早班") : hour < 18 ? t("中班") : t("晚班");
}

const act = (on, action, more) => ask("POST", `/handovers/${encodeURIComponent(on.number)}/actions`, { action, by: person, version: on.version, ...more });

/** One thing at a time; what goes wrong is said in the dialog, and nothing typed is lost. */
async function work(what) {
  if (busy) return;
  busy = true;
  wrong("");
  draw();
  try {
    await what();
  } catch (error) {
    wrong(error.message);
    if (error.status === 409 && sheet) sheet = await ask("GET", `/handovers/${encodeURIComponent(sheet.number)}`).catch(() => sheet);
  } finally {
    busy = false;
    draw();
  }
}

function draw() {
  find("handover-loading").hidden = Boolean(sheet) || !busy;
  find("handover-number").textContent = sheet?.number ?? "";
  find("handover-give").disabled = busy;
  find("handover-give").textContent = sheet ? t("交出") : t("列出未结事项");
  find("handover-shift").readOnly = Boolean(sheet);
  find("handover-again").hidden = !sheet;
  const items = sheet?.items ?? [];
  find("handover-count").textContent = String(items.length);
  const rows = items.map(row);
  if (sheet && !items.length) rows.push(make("li", { class: "cc-quiet" }, t("没有未结的事项")));
  find("handover-items").replaceChildren(...rows);
}

function row(item) {
  const due = item.due_at ? localTime(item.due_at, "short") : "";
  const late = item.due_at && Date.parse(item.due_at) < Date.now();
  const name = PLACES[item.sort] && item.number ? make("a", { href: PLACES[item.sort] + encodeURIComponent(item.number) }, item.number) : "";
  return make(
    "li",
    { class: late && "late" },
    make("span", { class: "when" }, late ? tag(due, "passed") : due),
    make("span", { class: "what" }, make("b", {}, NAMES[item.sort] ?? item.sort), " ", name, " ", item.by_voice ? tag(t("要口头交接")) : "", make("span", { class: "text" }, item.sort === "order" ? (word("type", item.text)) : item.text)),
  );
}

function wrong(text) {
  find("handover-wrong").textContent = text;
  find("handover-wrong").hidden = !text;
}

function missing(name) {
  const field = find(`handover-${name}`);
  const empty = !field.value.trim();
  find(`wrong-${name}`).textContent = empty ? t("请填写") : "";
  find(`wrong-${name}`).hidden = !empty;
  if (empty) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  return empty;
}

async function drawSheet() {
  if (missing("shift")) return;
  await work(async () => (sheet = await ask("POST", "/handovers", { by: person, shift: find("handover-shift").value })));
}

async function give() {
  const empty = ["shift", "taker"].filter(missing);
  if (empty.length) {
    find(`handover-${empty[0]}`).focus();
    return;
  }
  await work(async () => {
    const more = find("handover-more").value.trim();
    const taker = find("handover-taker").value;
    if (more) {
      sheet = await act(sheet, "add", { sort: "temporary", text: more });
      find("handover-more").value = "";
    }
    const given = await act(sheet, "give", { taker });
    dialog.close();
    say(t`${given.number} 已交给 ${find("handover-taker").selectedOptions[0].textContent}，等对方逐项确认`);
  });
}

find("handover-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (sheet) give();
  else drawSheet();
});
find("handover-close").addEventListener("click", () => dialog.close());
find("handover-again").addEventListener("click", () => work(async () => (sheet = await act(sheet, "draw_again", {}))));
