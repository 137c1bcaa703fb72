// What the live desk shows of the ladder: the number's history, the card, undo, breaks. Draws only.

import { categoryName, clock, find, tag, word } from "./base.js";

const UNDO_MS = 2000;

/** What is kept of the caller's number, as tags beside the call's own. */
export function historyTags(call) {
  const known = call.history;
  if (!known) return [];
  const told = [];
  if (known.calls_24h) told.push(tag(`24 小时内第 ${known.calls_24h + 1} 通 · 已 ${known.attempts} 次`));
  if (known.prompts_a) told.push(tag(`提示 A 已播 ${known.prompts_a} 遍`, "prompt"));
  if (known.prompts_b) told.push(tag(`提示 B 已播 ${known.prompts_b} 遍`, "prompt"));
  if (known.last_verdict) {
    const kind = { harassment: "harassment", complaint: "complaint" }[known.last_verdict] ?? "";
    told.push(tag(`上次判定 ${word("verdict", known.last_verdict)}`, kind));
  }
  if (known.known_customer) told.push(tag("已知客户", "good"));
  return told;
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
  find("undo").hidden = !open;
  return open ? UNDO_MS - (now - Date.parse(call.confirmed.at)) : 0;
}

/** One agent's recovery break: offered, or running since. */
export function showBreak(mine, now) {
  find("break").hidden = !mine;
  if (!mine) return;
  const since = mine.taken_at ? now - Date.parse(mine.taken_at) : null;
  find("break-what").textContent =
    since === null ? "刚才的通话已确认为骚扰，您可以休息一下，不计入考核" : `恢复休息中 ${clock(since)}，不派来电，不计入考核`;
  find("break-take").hidden = since !== null;
  find("break-end").textContent = since === null ? "不用了" : "我回来了";
}

/** The breaks after one event of the stream, by agent. */
export function takeBreak(breaks, event) {
  if (event.event === "RecoveryBreakEnded") breaks.delete(event.agent);
  else {
    const taken = event.event === "RecoveryBreakTaken" ? event.at : null;
    breaks.set(event.agent, { agent: event.agent, call_id: event.call_id, taken_at: taken });
  }
}
