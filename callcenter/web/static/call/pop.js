// The screen pop: what is kept of the number beyond the line, and its last calls. Draws only.

import { ask, clock, find, hue, localTime, make, tag, word, t } from "../base.js";
import { farNumber } from "./board.js";
import { personName } from "../agent/live-calling.js";

const LAST_CALLS = 7;
const NOBODY = ["", "anonymous", "unknown"];

let shown = ""; // the call whose number's history stands on the screen

export function showPop(call) {
  find("pop").hidden = !call;
  if (!call) return;
  showFacts(call.history);
  if (shown === call.call_id) return;
  shown = call.call_id;
  find("pop-history").hidden = true;
  if (!NOBODY.includes(farNumber(call))) showLast(call);
}

function showFacts(known) {
  const customer = known?.known_customer ? tag(t("已知客户"), "good") : make("b", {}, t("未建档"));
  const rows = [make("dt", {}, t("客户")), make("dd", {}, customer)];
  if (known?.last_verdict) {
    const told = tag(t`上次判定 ${word("verdict", known.last_verdict)}`, hue(known.last_verdict));
    rows.push(make("dt", {}, t("判定")), make("dd", {}, told));
  }
  if (known?.prompts_a || known?.prompts_b) {
    const played = [["A", known.prompts_a], ["B", known.prompts_b]].filter(([, times]) => times);
    const tags = played.map(([name, times]) => tag(t`提示 ${name} 已播 ${times} 遍`, "prompt"));
    rows.push(make("dt", {}, t("提示")), make("dd", { class: "cc-tags" }, ...tags));
  }
  find("pop-facts").replaceChildren(...rows);
  const counts = known ? [[known.calls_24h + 1, t("24 小时来电")], [known.attempts, t("骚扰次数"), "harassment"], [known.prompts_a + known.prompts_b, t("已播提示")]] : [];
  find("pop-counts").hidden = !known;
  find("pop-counts").replaceChildren(...counts.map(count));
}

const count = ([value, name, kind]) => make("div", {}, make("b", { class: value > 0 && kind }, String(value)), name);

async function showLast(call) {
  const asked = `/calls?limit=${LAST_CALLS}&of_call=${encodeURIComponent(call.call_id)}`;
  try {
    const { calls } = await ask("GET", asked);
    if (shown !== call.call_id) return;
    const before = calls.filter((one) => one.call_id !== call.call_id);
    find("pop-history").hidden = !before.length;
    find("pop-calls").replaceChildren(...before.map(row));
  } catch {
    // Without them the rest of the screen is as good.
  }
}

function row(call) {
  const length = call.answered_at && call.ended_at ? clock(Date.parse(call.ended_at) - Date.parse(call.answered_at)) : "—";
  const result = call.disposition ? word("disposition", call.disposition) : word("call_result", call.call_result);
  return make(
    "tr",
    {},
    make("td", { class: "cc-quiet" }, make("a", { href: `/calls/${encodeURIComponent(call.call_id)}` }, when(call.rang_at))),
    make("td", {}, length),
    make("td", {}, call.agent ? personName(call.agent).split(" ")[0] : "—"),
    make("td", {}, tag(result, hue(call.disposition))),
  );
}

/** The time today, else the day. */
function when(iso) {
  const today = new Date(iso).toDateString() === new Date().toDateString();
  return localTime(iso, today ? "time" : "short").slice(0, 5);
}
