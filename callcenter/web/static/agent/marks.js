// What an agent says of a caller by hand: that it is harassment, and that the number should be blocked.

import { ask, find, say, t } from "../base.js";
import { farNumber } from "../call/board.js";

const MARKED = "marked"; // the category of the hit, as core/marks.py has it
const NOBODY = ["", "anonymous", "unknown"];
const asked = new Set(); // calls whose number this desk has asked to block
const dialog = find("block");
const form = find("block-form");

const isMarked = (call) => call.hits.some((hit) => hit.category === MARKED);

/** Whether this agent can mark this call now: while they talk, or when their own call is over. */
export function markable(call, person) {
  if (!call?.answered_at || call.agent !== person || isMarked(call)) return false;
  return ["talking", "held", "ended"].includes(call.state);
}

/** The buttons; `waiting` says which commands are on their way. */
export function enableMarks(call, person, waiting) {
  find("mark").disabled = !markable(call, person) || waiting(call, "mark");
  find("mark-word").textContent = call && isMarked(call) ? t("已标记") : t("标记骚扰");
  find("lead").disabled = !["talking", "held"].includes(call?.state) || Boolean(call.lead_called) || waiting(call, "call-lead");
  find("block-open").disabled = !blockable(call);
  find("block-word").textContent = asked.has(call?.call_id) ? t("已申请拉黑") : t("申请拉黑");
}

/** A number that hides itself cannot be blocked, and whom we called is not. */
const blockable = (call) =>
  Boolean(call?.answered_at) && call.direction !== "outbound" && !NOBODY.includes(farNumber(call)) && !asked.has(call.call_id);

let after = () => {}; // what the desk does once it is asked for

/** Ask why; a supervisor decides. What was written stays until it is sent. */
export function askBlock(call, person, done) {
  if (!blockable(call) || dialog.open) return;
  after = done;
  if (form.dataset.call !== call.call_id) form.reset();
  Object.assign(form.dataset, { call: call.call_id, person });
  wrong("");
  dialog.showModal();
  find("block-reason").focus();
}

function wrong(text) {
  find("block-wrong").textContent = text;
  find("block-wrong").hidden = !text;
  find("block-reason").setAttribute("aria-invalid", String(Boolean(text)));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const reason = find("block-reason").value.trim();
  if (!reason) return wrong(t("写一句理由"));
  const { call, person } = form.dataset;
  find("block-send").disabled = true;
  try {
    await ask("POST", "/blocks/proposals", { call_id: call, reason, agent: person });
    asked.add(call);
    dialog.close();
    form.reset();
    after();
    say(t("已申请拉黑，等主管批准"));
  } catch (error) {
    wrong(error.message);
  } finally {
    find("block-send").disabled = false;
  }
});
find("block-later").addEventListener("click", () => dialog.close());
