// The live desk: takes the event stream, shows the chosen call, sends what the person decides.

import { Board } from "../call/board.js";
import { closeCard, promiseAsked, showAssist } from "./assist.js";
import { ask, find, rememberPerson, say, word, t } from "../base.js";
import { canUndo, showBreak, showUndo, takeBreak } from "../call/ladder.js";
import { follow as followEvents } from "../link.js";
import {
  clearTransferForm, comesTo, digitsAsked, enableCalling, holdCommand, showCalling, showOutside,
  showTransferForm, transferAsked, transferFormOpen,
} from "./live-calling.js";
import { showCall, showHealth, showLink, showList, tick } from "./live-view.js";
import { showPop } from "../call/pop.js";

const board = new Board();
const person = find("agent");
const OVER = ["ringing", "ended"]; // states in which nothing runs

let chosen = null; // call_id on the screen
let linked = new URLSearchParams(location.search).get("call"); // the one that a link asks for
let offered = null; // call_id whose proposal filled the prompt choice
let clockAhead = 0; // ms that this computer's clock is ahead of the service's
let breaks = new Map(); // agent: the recovery break offered or running
const busy = new Set(); // "call_id command values" that is on its way

rememberPerson(person, "callcenter.agent");

const current = () => board.calls.get(chosen) ?? null;
const now = () => Date.now() - clockAhead;

/** The call to show when nobody chose: one's own, else the newest running, else the oldest ringing. */
function natural() {
  const live = board.live();
  return (
    live.find((call) => comesTo(call, person.value)) ??
    live.find((call) => call.agent === person.value && call.state !== "ringing") ??
    live.findLast((call) => !OVER.includes(call.state)) ??
    live[0] ??
    null
  );
}

/** Move on to another call only where the one shown is over and nobody writes about it. */
function follow() {
  const shown = current();
  const writing = find("relink").contains(document.activeElement);
  if (shown && (shown.state !== "ended" || writing)) return;
  chosen = natural()?.call_id ?? shown?.call_id ?? null;
}

function show() {
  follow();
  const call = current();
  showList(board, chosen, now());
  showCall(call, now());
  showPop(call);
  showAssist(call, person.value);
  showCalling(call, person.value, now());
  offerPrompt(call);
  enable(call);
  showBreak(breaks.get(person.value), now());
  if (call?.work_order && !call.work_order_type) loadOrder(call);
}

/** A snapshot tells the work order's number only; ask for the rest once. */
async function loadOrder(call) {
  if (call.asked === call.work_order) return;
  call.asked = call.work_order;
  try {
    const order = await ask("GET", `/calls/${encodeURIComponent(call.call_id)}/work-order`);
    if (order.number !== call.work_order) return;
    call.work_order_type = order.type;
    call.work_order_by = order.linked_by;
    show();
  } catch {
    call.work_order_by = ""; // the ledger is behind; the event that follows brings it
  }
}

/** A new proposal brings its own prompt; the person's later choice stays. */
function offerPrompt(call) {
  const id = call?.proposal ? call.call_id : null;
  if (id !== null && id !== offered) {
    const wanted = document.querySelector(`#proposal-prompt [value="${call.proposal.prompt}"]`);
    (wanted ?? document.querySelector("#proposal-prompt input")).checked = true;
  }
  offered = id;
}

/** The call that F2 takes: the one shown where it rings, else the one that rings longest. */
function ringing() {
  const rings = (call) => call?.state === "ringing" || comesTo(call, person.value);
  const shown = current();
  return rings(shown) ? shown : (board.live().find(rings) ?? null);
}

const waiting = (call, command) => [...busy].some((key) => `${key} `.startsWith(`${call?.call_id} ${command} `));

function enable(call) {
  const rings = ringing();
  find("answer").disabled = !rings || waiting(rings, "answer");
  find("hang-up").disabled = !call || call.state === "ended" || waiting(call, "hangup");
  find("mute").disabled = call?.state !== "talking" || waiting(call, "mute");
  find("mute").setAttribute("aria-pressed", String(Boolean(call?.muted)));
  find("mute-word").textContent = call?.muted ? t("取消静音") : t("静音");
  find("confirm").disabled = !call?.proposal || waiting(call, "terminate");
  find("dismiss").disabled = !call?.proposal || waiting(call, "dismiss");
  if (canUndo(call, now())) countDown();
  enableTicks(call);
  enableCalling(call, person.value, waiting);
}

let counting = null;

/** The ring runs while the confirmation can be taken back. */
function countDown() {
  counting ??= setInterval(() => {
    if (showUndo(current(), now()) > 0) return;
    clearInterval(counting);
    counting = null;
  }, 100);
}

function undo() {
  if (canUndo(current(), now())) command(current(), "undo");
}

function enableTicks(call) {
  const onItsWay = Boolean(call) && waiting(call, "tick");
  find("ticks").disabled = !["talking", "held"].includes(call?.state) || onItsWay;
  if (onItsWay) return;
  for (const box of document.querySelectorAll("#ticks input")) {
    box.checked = Boolean(call?.ticked.includes(box.value));
    box.disabled = box.checked; // what was heard stays heard
  }
}

/** Send a command about this call; true when it was carried out. */
async function command(call, name, more = {}) {
  // What differs may follow at once: the microphone is opened again before its closing is answered.
  const key = [call?.call_id, name, ...Object.values(more)].join(" ");
  if (!call || busy.has(key)) return false;
  if (!person.value) {
    say(t("没有送达：请先选座席"));
    return false;
  }
  busy.add(key);
  enable(current());
  try {
    await ask("POST", `/calls/${encodeURIComponent(call.call_id)}/${name}`, {
      ...more,
      agent: person.value,
    });
    say("");
    return true;
  } catch (error) {
    say(error.message);
    return false;
  } finally {
    busy.delete(key);
    enable(current());
  }
}

function answer() {
  const call = ringing();
  if (!call) return;
  chosen = call.call_id;
  show();
  command(call, "answer");
}

const hangUp = () => {
  const call = current();
  if (call && call.state !== "ended") command(call, "hangup");
};

function hold() {
  const call = current();
  const name = holdCommand(call);
  if (name && !comesTo(call, person.value)) command(call, name);
}

async function press() {
  const digits = digitsAsked();
  if (digits && (await command(current(), "digits", { digits }))) find("digits").value = "";
}

function openTransfer() {
  const state = current()?.state;
  if (state === "talking" || state === "held") showTransferForm(!transferFormOpen(), person.value);
}

async function transfer() {
  const asked = transferAsked();
  if (asked && (await command(current(), "transfer", asked))) clearTransferForm();
}

async function dial() {
  const field = find("dial-number");
  const number = field.value.trim();
  if (!number || busy.has("dial")) return;
  busy.add("dial");
  try {
    const { call_id } = await ask("POST", "/calls", { number, agent: person.value });
    chosen = call_id;
    field.value = "";
    say("");
    show();
  } catch (error) {
    say(error.message);
  } finally {
    busy.delete("dial");
  }
}

function mute() {
  const call = current();
  if (call?.state === "talking") command(call, "mute", { muted: !call.muted });
}

function confirmEnd() {
  const call = current();
  if (!call?.proposal || !["talking", "held"].includes(call.state)) return;
  const prompt = document.querySelector("#proposal-prompt :checked").value;
  command(call, "terminate", { prompt });
}

function dismiss() {
  const call = current();
  if (call?.proposal && ["talking", "held"].includes(call.state)) command(call, "dismiss");
}

async function rest(which) {
  try {
    await ask("POST", `/agents/${encodeURIComponent(person.value)}/${which}`, {});
  } catch (error) {
    say(error.message);
  }
}

function putCardAway() {
  if (closeCard(current())) show();
}

async function decidePromise({ id, act, more }) {
  try {
    await ask("POST", `/promises/${encodeURIComponent(id)}/${act}`, { ...more, agent: person.value });
    say(act === "accept" ? t("已列为回访") : "");
  } catch (error) {
    say(error.message);
  }
}

async function relink(number) {
  const call = current();
  if (!call) return;
  try {
    const path = `/calls/${encodeURIComponent(call.call_id)}/work-order`;
    const order = await ask("PUT", path, { number, agent: person.value });
    find("order-other").value = "";
    say(t`已关联 ${order.number}（${word("type", order.type)}）`);
  } catch (error) {
    say(error.message);
  }
}

find("calls").addEventListener("click", (event) => {
  const button = event.target.closest("[data-call]");
  if (!button) return;
  chosen = button.dataset.call;
  show();
});
find("answer").addEventListener("click", answer);
find("hang-up").addEventListener("click", hangUp);
find("mute").addEventListener("click", mute);
find("hold").addEventListener("click", hold);
find("keys").addEventListener("submit", (event) => {
  event.preventDefault();
  press();
});
find("transfer-open").addEventListener("click", openTransfer);
find("transfer-close").addEventListener("click", () => showTransferForm(false));
find("transfer-to").addEventListener("change", showOutside);
find("transfer-form").addEventListener("submit", (event) => {
  event.preventDefault();
  transfer();
});
find("hand-over").addEventListener("click", () => command(current(), "hand-over"));
find("supervising").addEventListener("click", (event) => {
  const { mode } = event.target.closest("[data-mode]")?.dataset ?? {};
  if (mode) command(current(), "join", { mode });
});
find("leave").addEventListener("click", () => command(current(), "leave"));
find("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  dial();
});
find("ticks").addEventListener("change", (event) => {
  command(current(), "tick", { what: event.target.value });
});
find("confirm").addEventListener("click", confirmEnd);
find("dismiss").addEventListener("click", dismiss);
find("undo").addEventListener("click", undo);
find("break-take").addEventListener("click", () => rest("break"));
find("break-end").addEventListener("click", () => rest("back"));
find("card-close").addEventListener("click", putCardAway);
find("promise-list").addEventListener("click", (event) => {
  const asked = promiseAsked(current(), event.target);
  if (asked) decidePromise(asked);
});
find("order-new").addEventListener("click", () => relink(null));
find("relink").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = find("order-other").value.trim();
  if (number) relink(number);
  else say(t("请先写工单号，或按“新建工单”"));
});
person.addEventListener("change", show);

const KEYS = { F2: answer, F3: hold, F8: mute, F9: confirmEnd, Escape: undo };
const CONTROL_KEYS = { F2: hangUp, F8: openTransfer };
const ALT_KEYS = { KeyC: putCardAway, KeyN: dismiss };

// Function keys work from inside a text field and while an input method is composing.
window.addEventListener(
  "keydown",
  (event) => {
    const control = event.ctrlKey || event.metaKey;
    if (event.shiftKey) return;
    const act = event.altKey && !control ? ALT_KEYS[event.code] : (control ? CONTROL_KEYS : KEYS)[event.key];
    if (!act || (event.key === "Escape" && !canUndo(current(), now()))) return;
    event.preventDefault();
    if (!event.repeat) act();
  },
  { capture: true },
);

const EVENTS = [
  "history", "steer_back", "dismissal", "undo", "card", "promise",
  "call", "partial", "segment", "gap", "hit", "proposal", "withdrawal", "confirmation", "prompt",
  "end", "work_order", "mute", "tick", "hold", "digits", "transfer", "supervisor",
];

function takeSnapshot(live) {
  clockAhead = Date.now() - Date.parse(live.at);
  board.snapshot(live);
  if (board.calls.has(linked)) chosen = linked;
  linked = null;
  breaks = new Map(live.breaks.map((each) => [each.agent, each]));
  showHealth(live);
  show();
}

function take(event, name) {
  if (board.take(name, event)) show();
}

setInterval(() => {
  showList(board, chosen, now());
  tick(current(), now());
  showCalling(current(), person.value, now());
  showBreak(breaks.get(person.value), now());
}, 1000);

setInterval(() => ask("GET", "/health").then(showHealth).catch(() => {}), 15000);

const takes = Object.fromEntries(EVENTS.map((name) => [name, take]));
takes.snapshot = takeSnapshot;
takes.break = (event) => {
  takeBreak(breaks, event);
  show();
};
followEvents(takes, showLink);
show();
