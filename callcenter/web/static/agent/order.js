// The work order beside the call: filled from what was heard, corrected, kept and submitted.

import { ask, clock, find, icon, localTime, make, say, tag, word, t } from "../base.js";
import { dueAt, forInput, keep, kept, unsent } from "./draft.js";
import { heard } from "./heard.js";
import { personName } from "./live-calling.js";

const limits = JSON.parse(find("limits").textContent);
const TEXTS = ["phone", "concerned", "place", "content", "solution"];
const DETAILS = ["type", "happened_at", "phone", "concerned", "place", "content"];
const FIELDS = [...DETAILS, "solution", "outcome", "promise", "due_at"];
const ENDED = ["closed", "archived"];
const TRIES = 5;
const form = find("order-form");

let number = ""; // of the order on the screen
let picked = ""; // one that was chosen from a list; it stays until the next own call
let seen = ""; // the last own call that was on the screen
let said = {}; // what the call says of each field
let order = null; // as the books have it
let call = null; // that it belongs to, if it is on the screen
let typed = {}; // see draft.js
let saving = false;
let tries = 0; // how often the books were asked in vain
let person = "";
let after = () => {}; // what the desk does once an order is submitted

/** How the page tells who sits here, and what follows a submitted order. */
export function readyOrder(whose, submitted) {
  person = whose;
  after = submitted;
  picked = unsent().at(-1) ?? "";
}

/** Show the order of this call where it is one's own; else the one that was picked, or facts only. */
export function showOrder(shown, whose, now) {
  person = whose;
  const own = shown?.agent === whose;
  if (own && shown.call_id !== seen) {
    seen = shown.call_id;
    picked = "";
  }
  const wanted = picked || shown?.work_order || "";
  call = own && wanted && shown.work_order === wanted ? shown : null;
  said = call ? heard(call) : { outcome: "wrap_up" };
  open(wanted);
  const edits = Boolean(number) && Boolean(call ?? picked);
  find("order").hidden = !number;
  find("no-order").hidden = Boolean(number);
  form.hidden = !edits;
  find("order-foot").hidden = !edits;
  find("relink-more").hidden = !shown?.answered_at || !shown.agent || shown.work_order !== number;
  head(shown);
  if (edits) draw();
  else showState();
  showTimer(now);
  showUnsaved(shown);
}

/** An order from a list; "" goes back to the call's own. */
export function pick(one) {
  picked = one;
}

/** Whether somebody writes in it now. */
export const writing = () => find("order").contains(document.activeElement);

/** Whether this call's order still waits to be wrapped up here. */
export const isOpen = (ended) => Boolean(ended?.work_order) && ended.agent === person && ended.work_order === number && order?.state === "draft";

function open(wanted) {
  if (wanted === number) return;
  number = wanted;
  order = null;
  tries = 0;
  typed = kept(number);
  find("order-wrong").hidden = true;
  clearProblems();
  if (number) load();
}

/** Ask what the books have; who typed meanwhile keeps what they typed. */
export async function load(quietly = true) {
  const asked = number;
  if (!asked) return;
  try {
    const found = await ask("GET", `/work-orders/${encodeURIComponent(asked)}`);
    if (asked !== number) return;
    order = found;
    draw();
  } catch (error) {
    tries += 1;
    if (!quietly || tries === TRIES) wrong(error.message);
  }
}

/** Somebody took a step in a record: ours is read anew. */
export function heardOfRecord(event) {
  if (event.kind === "work_order" && event.number === number && !saving) load();
}

function head(shown) {
  if (!number) return;
  const link = find("order-number");
  if (link.textContent !== number) {
    link.textContent = number;
    link.href = `/orders/${encodeURIComponent(number)}`;
  }
  const by = shown?.work_order === number ? shown.work_order_by : "";
  const how = by ? t`${personName(by)}${by === "system" ? t("自动关联") : t("改关联")}` : "";
  const type = form.hidden && (order?.type ?? shown?.work_order_type);
  find("order-by").textContent = [type ? word("type", type) : "", how].filter(Boolean).join(" · ");
}

const inBooks = (name) => (name === "happened_at" ? forInput(order?.happened_at) : (order?.[name] ?? ""));

const fromCall = (name) => (name === "happened_at" ? forInput(said.happened_at) : (said[name] ?? ""));

/** What stands in a field: what was typed, else what the books have, else what was heard. */
const valueOf = (name) => (name in typed ? typed[name].value : inBooks(name) || fromCall(name));

/** Whether listening filled it: nobody typed it, and either the call says it or the desk wrote it down. */
function isHeard(name) {
  if (name in typed || !valueOf(name)) return false;
  if (!inBooks(name)) return true;
  return order.opened_by === "system" && (name === "phone" || (name === "type" && call?.work_order_by === "system"));
}

function draw() {
  for (const name of TEXTS.concat("happened_at", "due_at")) {
    const input = find(`order-${name}`);
    if (input.value !== valueOf(name)) input.value = valueOf(name);
    input.classList.toggle("cc-heard", name !== "due_at" && isHeard(name));
  }
  for (const name of ["type", "outcome", "promise"]) check(name, valueOf(name));
  find("heard-hint").hidden = !TEXTS.concat("happened_at").some(isHeard);
  showNeeds();
  showPromise();
  showTheirs();
  showState();
}

function check(name, value) {
  for (const radio of form.elements[name]) radio.checked = radio.value === value;
}

const outcome = () => (order?.state === "draft" ? valueOf("outcome") : "");
const needs = () => limits.needs[outcome()] ?? [];

function showNeeds() {
  const wanted = needs();
  for (const label of form.querySelectorAll("[data-label]")) label.classList.toggle("cc-must", wanted.includes(label.dataset.label));
  const draft = order?.state === "draft";
  find("order-outcome").hidden = !draft;
  find("order-solution").closest(".cc-field").hidden = !wanted.includes("solution");
  find("order-promise").hidden = draft ? outcome() !== "wrap_up" : ENDED.includes(order?.state);
}

function showPromise() {
  const preset = valueOf("promise");
  find("promise-free").hidden = preset !== "free";
  const due = promised();
  find("promise-when").textContent = due ? t`${localTime(due.toISOString(), "short")} 前回复` : standing();
}

/** What was promised already and still stands. */
const standing = () => (order?.due_at ? t`已承诺 ${localTime(order.due_at, "short")} 前` : "");

const promised = () => dueAt(valueOf("promise"), valueOf("due_at"), Date.now());

/** Where somebody else wrote into a field that is being written here: both are shown. */
function showTheirs() {
  for (const name of [...DETAILS, "solution"]) {
    const node = find(`theirs-${name}`);
    const theirs = conflicting(name);
    node.hidden = !theirs;
    if (!theirs) continue;
    const value = inBooks(name);
    const shown = name === "type" ? word("type", value) : value.replace("T", " ");
    const [take, leave] = [make("button", { type: "button", class: "btn btn-sm" }, t("用这个")), make("button", { type: "button", class: "btn btn-sm" }, t("留我的"))];
    take.addEventListener("click", () => settle(name, true));
    leave.addEventListener("click", () => settle(name, false));
    node.replaceChildren(make("p", {}, t`${personName(order.changed_by)} 刚改为：${shown || t("空")}`), take, " ", leave);
  }
}

const conflicting = (name) => Boolean(order) && name in typed && typed[name].base !== inBooks(name) && typed[name].value !== inBooks(name);

function settle(name, theirs) {
  if (theirs) delete typed[name];
  else typed[name].base = inBooks(name);
  keep(number, typed);
  find("order-wrong").hidden = true;
  draw();
}

const runs = () => Boolean(call) && call.state !== "ended";

function showState() {
  const unsaved = Object.keys(typed).length > 0;
  const node = !number ? "" : order?.state === "draft" ? tag(unsaved ? t("草稿 · 有改动") : t("草稿已存")) : order ? tag(word("order_state", order.state)) : "";
  find("order-state").replaceChildren(node);
  const draft = order?.state === "draft";
  find("order-keep").hidden = !draft;
  find("order-submit").disabled = saving || !order || (draft && runs());
  find("order-keep").disabled = saving;
  find("order-submit-word").textContent = draft ? t("提交") : t("保存");
  find("order-when").textContent = draft && runs() ? t("通话结束后可提交") : "";
}

/** Each second: an order that the books did not have yet is asked for again. */
export function tick(now) {
  if (number && !order && tries > 0 && tries < TRIES) load();
  showTimer(now);
}

/** 话后整理: since when, and whether the house's limit has passed. */
function showTimer(now) {
  const since = call?.state === "ended" && call.ended && order?.state === "draft" ? now - Date.parse(call.ended.at) : -1;
  const limit = limits.after_call * 1000;
  const late = limit > 0 && since > limit;
  const text = since < 0 ? "" : late ? t`话后整理超时 ${clock(since - limit)}` : t`话后整理 ${clock(since)}`;
  const node = find("order-timer");
  if (node.textContent === text) return;
  node.replaceChildren();
  if (!text) return;
  const pill = tag(text, late ? "passed" : "");
  if (late) pill.prepend(icon("hourglass"));
  node.append(pill);
}

/** What was written into other orders and not sent stays in reach. */
function showUnsaved(shown) {
  const others = unsent().filter((one) => one !== number);
  const node = find("unsaved");
  const own = picked && shown?.work_order && shown.work_order !== picked;
  const stamp = [own, ...others].join(" ");
  node.hidden = !others.length && !own;
  if (node.dataset.stamp === stamp) return;
  node.dataset.stamp = stamp;
  const buttons = others.map((one) => make("button", { type: "button", class: "btn btn-sm", "data-open": one }, one));
  if (own) buttons.push(make("button", { type: "button", class: "btn btn-sm", "data-open": "" }, t("回到本通")));
  node.replaceChildren(make("span", {}, others.length ? t("没有提交：") : ""), ...buttons);
}

form.addEventListener("input", (event) => {
  const { name } = event.target;
  if (!FIELDS.includes(name)) return;
  const before = typed[name];
  typed[name] = { value: event.target.value, base: before ? before.base : inBooks(name) };
  if (typed[name].value === inBooks(name) && !ownOnly(name)) delete typed[name];
  keep(number, typed);
  clearProblem(name);
  draw();
});

/** Fields that the books do not have while the order is a draft. */
const ownOnly = (name) => ["outcome", "promise", "due_at"].includes(name) || !inBooks(name);

/** A line at the end of what is told of the event, the caret where it was. */
export function note(text) {
  if (form.hidden) return false;
  const before = valueOf("content");
  typed.content = { value: before ? `${before}\n${text}` : text, base: typed.content?.base ?? inBooks("content") };
  keep(number, typed);
  const input = find("order-content");
  const { selectionStart: from, selectionEnd: to } = input;
  input.value = typed.content.value;
  if (document.activeElement === input) input.setSelectionRange(from, to);
  draw();
  return true;
}

function wrong(text) {
  find("order-wrong").textContent = text;
  find("order-wrong").hidden = !text;
}

function problem(name, text) {
  find(`wrong-${name}`).textContent = text;
  find(`wrong-${name}`).hidden = false;
  find(`order-${name}`).setAttribute("aria-invalid", "true");
}

function clearProblem(name) {
  const node = find(`wrong-${name}`);
  if (node) node.hidden = true;
  find(`order-${name}`)?.removeAttribute?.("aria-invalid");
}

const clearProblems = () => FIELDS.forEach(clearProblem);

/** A mobile has eleven digits; what is missing is said. */
function phoneProblem(value) {
  const digits = value.replace(/[\s-]/g, "").replace(/^\+?86/, "");
  if (isHidden("phone")) return "";
  if (value && !/^\+?[\d\s-]+$/.test(value)) return t("电话只能是数字");
  return /^1\d*$/.test(digits) && digits.length < 11 && digits.length > 5 ? t`少 ${11 - digits.length} 位。手机 11 位，座机带区号。` : "";
}

/** Whether all that this way of wrapping up needs is there; what is missing is said at its field. */
function complete() {
  clearProblems();
  const missing = needs().filter((name) => !valueOf(name).trim());
  for (const name of missing) problem(name, t("请填写"));
  const phone = phoneProblem(valueOf("phone"));
  if (phone) problem("phone", phone);
  const due = promised();
  const late = valueOf("promise") && !find("order-promise").hidden && (!due || due <= new Date());
  if (late) problem("due_at", t("承诺的时刻要在现在之后"));
  form.querySelector("[aria-invalid=true]")?.focus();
  return !missing.length && !phone && !late;
}

/** A number of which a part was hidden is not one to write down. */
const isHidden = (name) => name === "phone" && /[*•]/.test(valueOf(name));

const sendable = (name) => (name === "happened_at" ? new Date(valueOf(name)).toISOString() : valueOf(name));

/** The details that are there and that the books do not have yet. */
function changes() {
  const changed = DETAILS.filter((name) => !isHidden(name) && valueOf(name) !== inBooks(name) && (valueOf(name) || name !== "happened_at"));
  return Object.fromEntries(changed.map((name) => [name, sendable(name)]));
}

/** Ctrl Enter: submit it once the call is over, keep it as a draft before. */
export const submitOrKeep = () => (order?.state === "draft" && runs() ? save(false) : save(true));

async function save(submits) {
  if (!order || saving || form.hidden) return;
  const disputed = [...DETAILS, "solution"].filter(conflicting);
  if (disputed.length) {
    wrong(t("别人也改了下面的内容，请先选用哪个"));
    return;
  }
  if (submits && !complete()) return;
  saving = true;
  wrong("");
  draw();
  try {
    await (submits && order.state === "draft" ? submit() : correct());
  } catch (error) {
    await refused(error);
  } finally {
    saving = false;
    draw();
  }
}

async function act(action, fields) {
  const path = `/work-orders/${encodeURIComponent(number)}/actions`;
  return ask("POST", path, { action, by: person, version: order.version, ...fields });
}

async function submit() {
  const way = outcome();
  const due = way === "wrap_up" ? promised() : null;
  const fields = { ...Object.fromEntries(DETAILS.filter((name) => valueOf(name) && !isHidden(name)).map((name) => [name, sendable(name)])) };
  if (needs().includes("solution")) fields.solution = valueOf("solution");
  if (due) Object.assign(fields, { due_at: due.toISOString(), ...(call ? { call_id: call.call_id } : {}) });
  await act(way, fields);
  done(t`已提交 ${number}`);
}

async function correct() {
  const fields = changes();
  const due = order.state !== "draft" && valueOf("promise") ? promised() : null;
  if (Object.keys(fields).length) order = await act("correct", fields);
  if (due) order = await act("promise", { what: "reply", due_at: due.toISOString() });
  const left = order.state === "draft" ? ["outcome", "promise", "due_at", "solution"] : [];
  typed = Object.fromEntries(Object.entries(typed).filter(([name]) => left.includes(name)));
  keep(number, typed);
  say(order.state === "draft" ? t("草稿已存") : t`已保存 ${number}`);
}

function done(text) {
  keep(number, {});
  typed = {};
  picked = "";
  number = "";
  say(text);
  after();
}

/** Somebody was quicker: theirs is read, and shown wherever it is another; the text here stays. */
async function refused(error) {
  if (error.status !== 409) {
    wrong(t`没有提交，内容都在。${error.message}`);
    return;
  }
  await load(false);
  wrong(t`${personName(order.changed_by)} ${localTime(order.changed_at, "minute")} 改过这张工单，内容已对上；请看一眼再提交`);
}

find("order-keep").addEventListener("click", () => save(false));
find("order-submit").addEventListener("click", () => save(true));
form.addEventListener("submit", (event) => event.preventDefault());
