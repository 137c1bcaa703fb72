// What the live desk shows and asks of dialling, hold, keys, transfer and supervisors. Sends nothing.

import { clock, find, grouped, icon, make, say, tag, word, t } from "../base.js";

const options = [...find("agent").options]; // before who is logged in stands there alone
const names = new Map(options.map((o) => [o.value, o.textContent]));
/** Everybody here: [number or name, name]. */
export const people = [...names];
export const personName = (who) => (who === "system" ? t("系统") : (names.get(who) ?? who));

const WAITING = ["held", "transferring", "consulting", "sending_on", "away", "offered"];
const BACK = ["held", "transferring", "consulting"];

/** Whether this call rings at this person: it is transferred to them, or its agent's sound is gone. */
export const comesTo = (call, person) =>
  (call?.state === "transferring" && call.transfer?.to === person && !call.transfer.outside) ||
  (call?.state === "offered" && call.agent !== person);

/** What the hold button does now: hold, resume, or "" for nothing. */
export function holdCommand(call) {
  if (call?.state === "talking") return "hold";
  return BACK.includes(call?.state) ? "resume" : "";
}

/** The buttons; `waiting` says which commands are on their way. */
export function enableCalling(call, person, waiting) {
  const hold = holdCommand(call);
  find("hold").disabled = !hold || waiting(call, hold) || comesTo(call, person);
  find("hold").setAttribute("aria-pressed", String(hold === "resume"));
  find("hold-word").textContent = hold === "resume" ? t("取回") : t("保持");
  const movable = call?.state === "talking" || call?.state === "held";
  find("digits").disabled = !movable;
  find("transfer-open").disabled = !movable;
  find("transfer").disabled = !movable || waiting(call, "transfer");
  if (!movable) showTransferForm(false);
  find("hand-over").disabled = call?.state !== "consulting" || waiting(call, "hand-over");
  enableSupervising(call, person, waiting);
}

function enableSupervising(call, person, waiting) {
  const running = Boolean(call?.answered_at) && call.state !== "ended";
  const mine = call?.agent === person || call?.transfer?.to === person;
  const mode = joinedAs(call, person);
  find("supervising").hidden = !running || !mayJoin(person) || (mine && !mode);
  for (const button of document.querySelectorAll("#supervising [data-mode]")) {
    button.disabled = !running || waiting(call, "join");
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  find("leave").hidden = !mode;
}

/** Whether this seat may join calls: a supervisor's, or any where none are named. */
const mayJoin = (person) =>
  [...find("agent").options].some((o) => o.value === person && "joins" in o.dataset);

const joinedAs = (call, person) => call?.joined.find((one) => one.person === person)?.mode ?? "";

/** The keys that are to be sent; null, with a word to the person, where they are none. */
export function digitsAsked() {
  const digits = find("digits").value.replace(/\s/g, "").toUpperCase();
  if (/^[0-9*#A-D]{1,32}$/.test(digits)) return digits;
  say(t("按键只能是 0-9、*、# 和 A-D，一次最多 32 个"));
  return null;
}

/** The strip under the call bar: who waits for whom, and what the notes say. */
export function showCalling(call, person, now) {
  const told = call ? strip(call, person, now) : "";
  find("waiting").hidden = !told;
  if (told && find("waiting-what").textContent !== told) find("waiting-what").textContent = told;
  find("hand-over").hidden = call?.state !== "consulting";
  const notes = call?.transfer && call.state !== "ended" ? call.transfer.notes : "";
  find("notes").hidden = !notes;
  find("notes-text").textContent = notes;
  find("notes-by").textContent = notes ? t`${personName(call.transfer.by)} 留言` : "";
}

function strip(call, person, now) {
  if (!WAITING.includes(call.state)) return "";
  const { transfer } = call;
  const broken = call.state === "away" || call.state === "offered";
  const from = (broken ? null : transfer?.asked_at) ?? call.held_at ?? now;
  const waits = clock(Math.max(0, now - Date.parse(from)));
  if (call.state === "away") return t`${personName(call.agent)} 的声音中断，对方听着保持音 ${waits}；恢复后自动接回`;
  if (call.state === "offered") return t`${personName(call.agent)} 的声音中断，对方在等 ${waits}，请接起`;
  if (call.state === "held") return call.held_at ? t`对方在等，听着保持音 ${waits}` : t("对方在等，听着保持音");
  if (!transfer) return "";
  const to = transfer.outside ? grouped(transfer.to) : personName(transfer.to);
  if (comesTo(call, person)) return t`${personName(transfer.by)} 把这通电话转给您，对方在等 ${waits}`;
  if (call.state === "consulting") return t`${to} 已接起，正与座席商议；对方在等 ${waits}`;
  return t`正在转给 ${to}，对方听着保持音 ${waits}`;
}

/** Tags for the call bar: its direction, the last keys that the far end pressed, who listens. */
export const callingTags = (call) => [
  ...(call.direction === "outbound" ? [tag(word("direction", "outbound"), "agent")] : []),
  ...(call.pressed ? [tag(t`对方按键 ${call.pressed.slice(-16)}`)] : []),
  ...call.joined.map((one) => supervisorTag(one)),
];

function supervisorTag(one) {
  const node = tag(`${word("mode", one.mode)} ${personName(one.person)}`, "prompt");
  node.prepend(icon("headset"));
  return node;
}

/** Why a call that we made was not taken; "" for any other call. */
export const notTaken = (call) =>
  call.state === "ended" && call.direction === "outbound" && !call.answered_at && call.ended
    ? word("not_taken", call.ended.result)
    : "";

/** Open or close the form; whom one could transfer to is asked anew each time. */
export function showTransferForm(open, person = "") {
  const form = find("transfer-form");
  if (open === !form.hidden) return;
  form.hidden = !open;
  if (!open) return;
  const agents = options.filter((o) => "seat" in o.dataset && o.value !== person);
  const choices = agents.map((o) => make("option", { value: o.value }, o.textContent));
  find("transfer-to").replaceChildren(...choices, make("option", { value: "" }, t("外线号码…")));
  showOutside();
  find("transfer-to").focus();
}

const HEARD = { listen: t("监听，不出声"), whisper: t("耳语，只有您听见"), barge: t("强插，双方都听见") };

/** 请主管: that one was asked for and nobody came yet, or who came and how. */
export function showLead(call, person, now) {
  const mine = call?.agent === person && call.state !== "ended";
  const [came] = mine ? call.joined : [];
  const asked = mine ? call.lead_called : null;
  find("lead-called").hidden = !came && !asked;
  find("lead-called").classList.toggle("came", Boolean(came));
  if (came) write("lead-called-what", t`主管 ${personName(came.person)} 来了：${HEARD[came.mode]}`);
  else if (asked) {
    write("lead-called-what", t("已请主管，墙板上亮着，等主管来"));
    find("lead-called-time").textContent = clock(Math.max(0, now - Date.parse(asked.at)));
  }
  find("lead-called-time").hidden = Boolean(came);
}

/** What a screen reader says is written when it changes. */
function write(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}

export const transferFormOpen = () => !find("transfer-form").hidden;

/** An outside number has a field of its own, and nobody to talk with first. */
export function showOutside() {
  const outside = find("transfer-to").value === "";
  find("transfer-outside").hidden = !outside;
  find("transfer-first").disabled = outside;
}

/** What the form asks for; null, with a word to the person, where something is missing. */
export function transferAsked() {
  const to = find("transfer-to").value;
  const notes = find("transfer-notes").value.trim();
  if (to) return { to, notes, attended: find("transfer-first").checked };
  const number = find("transfer-number").value.trim();
  if (!number) {
    say(t("请先写外线号码"));
    return null;
  }
  return { number, notes };
}

/** The transfer is under way: the form is empty for the next one. */
export function clearTransferForm() {
  find("transfer-form").reset();
  showTransferForm(false);
}
