// What the live desk shows of the ladder: its rungs, the card, undo, breaks. Draws only.

import { categoryName, clock, find, icon, make, tag, word, t } from "../base.js";

const UNDO_MS = 2000;

/** How often this number came today, beside the call's own tags. */
export function firstTag(call) {
  const known = call.history;
  if (!known?.calls_24h) return [];
  const node = tag(t`24 小时内第 ${known.calls_24h + 1} 通 · 已 ${known.attempts} 次`);
  node.prepend(icon("repeat"));
  return [node];
}

const RUNGS = [t("可疑"), t("已引导"), t("待您确认"), t("提示 A"), t("分析队列"), t("主管拉黑")];

/** Where the call stands on the ladder; 2: to be confirmed, 3: the prompt plays. */
export function drawLadder(list, call, now) {
  const steered = Boolean(call.steered || call.steer_back || call.rung === "steer_back");
  const names = RUNGS.with(2, now > 2 ? t("已确认") : RUNGS[2]).with(3, word("prompt_short", call.confirmed?.prompt ?? "line_fault"));
  const rungs = names.map((name, at) => {
    const done = at < now && (at !== 1 || steered);
    const kind = at === now ? (now > 2 ? "now prompt" : "now") : done ? "done" : "";
    const mark = make("i", {});
    if (done) mark.append(icon("check"));
    return make("li", { class: kind || undefined, "aria-current": at === now && "step" }, mark, at === 1 && !steered ? t("引导") : name);
  });
  list.replaceChildren(...rungs);
}

/** The card with the words to say; a proposal takes its place. */
export function showSteerBack(call) {
  const card = call?.state === "talking" && !call.proposal ? call.steer_back : null;
  find("steer-back").hidden = !card;
  if (!card) return;
  find("steer-back-say").textContent = card.say;
  find("steer-back-why").textContent = `${categoryName(card.reason)} · “${card.evidence}”`;
}

/** Whether a confirmation can still be taken back; the service has the last word. */
export const canUndo = (call, now) =>
  Boolean(call?.confirmed && call.agent && call.state !== "ended" && call.state !== "talking") &&
  now - Date.parse(call.confirmed.at) < UNDO_MS;

export function showUndo(call, now) {
  const open = canUndo(call, now);
  const left = open ? UNDO_MS - (now - Date.parse(call.confirmed.at)) : 0;
  find("undo").hidden = !open;
  find("undo-seconds").textContent = (left / 1000).toFixed(1);
  find("undo-ring").style.strokeDashoffset = String(100 - (100 * left) / UNDO_MS);
  return left;
}

/** One agent's recovery break: offered, or running since. */
export function showBreak(mine, now) {
  find("break").hidden = !mine;
  if (!mine) return;
  const since = mine.taken_at ? now - Date.parse(mine.taken_at) : null;
  find("break-what").textContent =
    since === null ? t("刚才的通话已确认为骚扰，您可以休息一下，不计入考核") : t`恢复休息中 ${clock(since)}，不派来电，不计入考核`;
  find("break-take").hidden = since !== null;
  find("break-end").textContent = since === null ? t("不用了") : t("我回来了");
}

/** The breaks after one event of the stream, by agent. */
export function takeBreak(breaks, event) {
  if (event.event === "RecoveryBreakEnded") breaks.delete(event.agent);
  else {
    const taken = event.event === "RecoveryBreakTaken" ? event.at : null;
    breaks.set(event.agent, { agent: event.agent, call_id: event.call_id, taken_at: taken });
  }
}
