// The live desk: takes the event stream, shows the chosen call, sends what the person decides.

import { Board } from "../call/board.js";
import { promiseAsked, showAssist, toggleCard } from "./assist.js";
import { ask, categoryName, clock, find, rememberPerson, say, t } from "../base.js";
import { canUndo, showBreak, showUndo, takeBreak } from "../call/ladder.js";
import { bind } from "../keys.js";
import { follow as followEvents } from "../link.js";
import { openHandover } from "./handover.js";
import { openHeadset } from "./headset.js";
import { askBlock, enableMarks, markable } from "./marks.js";
import {
  clearTransferForm, comesTo, digitsAsked, enableCalling, holdCommand, showCalling, showLead, showOutside, showTransferForm,
  transferAsked, transferFormOpen,
} from "./live-calling.js";
import { showCall, showHealth, showLink, showList, tick } from "./live-view.js";
import { enablePause, pauseCommand, remind, showPause } from "./pausing.js";
import { showPop } from "../call/pop.js";
import * as orders from "./order.js";
import * as sending from "../call/sending.js";
import * as standing from "./standing.js";
import { again as todayAgain, focusedNumber, placeToday, toOrder } from "./today.js";

const board = new Board();
const person = find("agent");
const OVER = ["ringing", "ended"]; // states in which nothing runs

let chosen = null; // call_id on the screen
let linked = new URLSearchParams(location.search).get("call"); // the one that a link asks for
let offered = null; // call_id whose proposal filled the prompt choice
let clockAhead = 0; // ms that this computer's clock is ahead of the service's
let breaks = new Map(); // agent: the recovery break offered or running

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
  if (shown && (shown.state !== "ended" || orders.writing())) return;
  const next = natural();
  // What is not wrapped up stays, but for a call of one's own.
  if (shown && orders.isOpen(shown) && next && next.agent !== person.value && !comesTo(next, person.value)) return;
  chosen = next?.call_id ?? shown?.call_id ?? null;
}

function show() {
  follow();
  const call = current();
  showList(board, chosen, now());
  showCall(call, now());
  showPop(call);
  showAssist(call, person.value);
  showCalling(call, person.value, now());
  showLead(call, person.value, now());
  showPause(call, now());
  offerPrompt(call);
  enable(call);
  showBreak(breaks.get(person.value), now());
  orders.showOrder(call, person.value, now());
  standing.showStanding(person.value, now(), breaks.has(person.value));
  placeToday(!call);
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

function enable(call) {
  const rings = ringing();
  find("answer").disabled = !rings || sending.waiting(rings, "answer");
  find("hang-up").disabled = !call || call.state === "ended" || sending.waiting(call, "hangup");
  find("mute").disabled = call?.state !== "talking" || sending.waiting(call, "mute");
  find("mute").setAttribute("aria-pressed", String(Boolean(call?.muted)));
  find("mute-word").textContent = call?.muted ? t("取消静音") : t("静音");
  find("confirm").disabled = !call?.proposal || sending.waiting(call, "terminate");
  find("dismiss").disabled = !call?.proposal || sending.waiting(call, "dismiss");
  if (canUndo(call, now())) countDown();
  enableTicks(call);
  enablePause(call, person.value, sending.waiting);
  enableMarks(call, person.value, sending.waiting);
  enableCalling(call, person.value, sending.waiting);
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
  const onItsWay = Boolean(call) && sending.waiting(call, "tick");
  find("ticks").disabled = !["talking", "held"].includes(call?.state) || onItsWay;
  if (onItsWay) return;
  for (const box of document.querySelectorAll("#ticks input")) {
    box.checked = Boolean(call?.ticked.includes(box.value));
    box.disabled = box.checked; // what was heard stays heard
  }
}

/** Send a command about this call; true when it was carried out. */
const command = (call, name, more = {}) => sending.command(call, name, person.value, more, () => enable(current()));

function answer() {
  const call = ringing();
  if (!call && focusedNumber()) dialTask(focusedNumber());
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

function pause() {
  const name = pauseCommand(current(), person.value);
  if (name) command(current(), name);
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
  const made = number && (await sending.dial(number, person.value));
  if (!made) return;
  chosen = made;
  field.value = "";
  show();
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

function putCardAway() {
  if (toggleCard(current())) show();
}

const recover = () => {
  const mine = breaks.get(person.value);
  if (mine) sending.rest(person.value, mine.taken_at ? "back" : "break");
};

/** A supervisor is asked to come into this call; the wall says what it is about. */
async function callLead() {
  const call = current();
  if (!["talking", "held"].includes(call?.state)) return;
  if (call.lead_called) return say(t("已经请了主管，正在等"));
  const reason = call.proposal ? t`建议终止：${categoryName(call.proposal.reason)}，请您确认` : "";
  if (await command(call, "call-lead", { reason })) say(t("已请主管；不等了可以转接"));
}

/** 标记骚扰: what the rules did not hear, or heard too late. */
async function mark() {
  const call = current();
  if (markable(call, person.value) && (await command(call, "mark"))) say(t("已标记骚扰，主管看得到，结束后由人审核"));
}

const block = () => askBlock(current(), person.value, show);

/** 记下时刻: a line in the order, with the time since answer. */
function noteMoment() {
  const call = current();
  if (!call?.answered_at || call.state === "ended") return;
  const at = clock(now() - Date.parse(call.answered_at));
  say(orders.note(`${at} `) ? t`已在“事件”里记下 ${at}` : t("这通电话没有您的工单，记不下"));
}

function dialTask(number) {
  find("dial-number").value = number.replaceAll(" ", "");
  dial();
}

async function relink(number) {
  const call = current();
  if (call && (await sending.relink(call, number, person.value))) find("order-other").value = "";
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
for (const id of ["pause", "unpause"]) find(id).addEventListener("click", pause);
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
find("break-take").addEventListener("click", () => sending.rest(person.value, "break"));
find("break-end").addEventListener("click", () => sending.rest(person.value, "back"));
find("card-close").addEventListener("click", putCardAway);
for (const id of ["ask-lead", "lead"]) find(id).addEventListener("click", callLead);
find("mark").addEventListener("click", mark);
find("block-open").addEventListener("click", block);
find("handover-open").addEventListener("click", () => openHandover(person.value));
document.addEventListener("click", (event) => {
  const { dial: number, open } = event.target.closest("[data-dial], [data-open]")?.dataset ?? {};
  if (number) dialTask(number);
  if (open === undefined) return;
  orders.pick(open);
  toOrder();
  show();
});
find("promise-list").addEventListener("click", (event) => {
  const asked = promiseAsked(current(), event.target);
  if (asked) sending.decidePromise(asked, person.value);
});
find("order-new").addEventListener("click", () => relink(null));
find("relink").addEventListener("submit", (event) => {
  event.preventDefault();
  const number = find("order-other").value.trim();
  if (number) relink(number);
  else say(t("请先写工单号，或按“新建工单”"));
});
person.addEventListener("change", () => {
  show();
  todayAgain();
  standing.askStandings();
});

bind(
  "agent",
  t("座席工作台"),
  {
    answer: { key: "F2", what: t("接听；在今日一行上：回电"), act: answer },
    hang_up: { key: "Ctrl F2", what: t("挂机"), act: hangUp },
    hold: { key: "F3", what: t("保持、取回"), act: hold },
    mute: { key: "F8", what: t("静音"), act: mute },
    pause: { key: "Alt P", what: t("安全暂停、恢复录音"), act: pause },
    transfer: { key: "Ctrl F8", what: t("转接"), act: openTransfer },
    confirm: { key: "F9", what: t("确认终止"), act: confirmEnd },
    undo: { key: "Esc", what: t("撤回"), act: undo, when: () => canUndo(current(), now()), fixed: true },
    dismiss: { key: "Alt N", what: t("不是骚扰"), act: dismiss },
    lead: { key: "Alt S", what: t("请主管"), act: callLead },
    mark: { key: "Alt H", what: t("标记骚扰"), act: mark },
    block: { key: "Alt B", what: t("申请拉黑"), act: block },
    note: { key: "Alt M", what: t("记下时刻"), act: noteMoment },
    card: { key: "Alt C", what: t("收起、展开话术卡"), act: putCardAway },
    headset: { key: "Alt J", what: t("耳麦：选择、自检"), act: openHeadset },
    recovery: { key: "Alt R", what: t("恢复小休、回来"), act: recover },
    ready: { key: "Alt 1", what: t("示闲"), act: standing.beReady },
    busy: { key: "Alt 2", what: t("示忙"), act: standing.beBusy },
    break: { key: "Alt 3", what: t("小休"), act: standing.askBreak },
    submit: { key: "Ctrl Enter", what: t("提交工单；通话中存草稿"), act: orders.submitOrKeep, when: () => !document.querySelector("dialog[open]"), fixed: true },
  },
  true,
);
standing.readyStanding(recover, show);
orders.readyOrder(person.value, () => {
  chosen = null;
  show();
  todayAgain();
});

const EVENTS = [
  "history", "steer_back", "dismissal", "undo", "card", "promise",
  "call", "partial", "segment", "gap", "hit", "proposal", "withdrawal", "confirmation", "prompt",
  "end", "work_order", "mute", "tick", "mark", "lead", "hold", "away", "digits", "transfer", "supervisor",
  "pause", "heard_number",
];

function takeSnapshot(live) {
  clockAhead = Date.now() - Date.parse(live.at);
  board.snapshot(live);
  if (board.calls.has(linked)) chosen = linked;
  linked = null;
  breaks = new Map(live.breaks.map((each) => [each.agent, each]));
  standing.takeStandings(live.agents);
  showHealth(live);
  show();
  standing.askStandings();
}

function take(event, name) {
  const call = board.take(name, event);
  if (call) show();
  remind(call, event, person.value);
  if (name === "end" && call?.agent === person.value) standing.askStandings();
}

setInterval(() => {
  showList(board, chosen, now());
  tick(current(), now());
  showCalling(current(), person.value, now());
  showLead(current(), person.value, now());
  showBreak(breaks.get(person.value), now());
  orders.tick(now());
  standing.showStanding(person.value, now(), breaks.has(person.value));
}, 1000);

setInterval(() => ask("GET", "/health").then(showHealth).catch(() => {}), 15000);

const takes = Object.fromEntries(EVENTS.map((name) => [name, take]));
takes.snapshot = takeSnapshot;
takes.agent = (event) => {
  standing.heardOfAgent(event);
  show();
};
takes.unattended = (event) => {
  standing.heardOfSeat(event);
  show();
};
takes.record = (event) => {
  orders.heardOfRecord(event);
  todayAgain();
};
takes.break = (event) => {
  takeBreak(breaks, event);
  show();
};
followEvents(takes, showLink);
show();
