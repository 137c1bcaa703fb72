// One record: its steps, its tabs, a call back, a message. The steps are the API's; see step-form.js.

import { ask, find, me, rememberPerson, make, say, t, two, typing } from "../base.js";
import { numberButton } from "../number.js";
import { submit, tell } from "../step-form.js";
import "./clocks.js";

const person = find("person");
if (person) rememberPerson(person, "callcenter.reviewer");
const theirs = document.querySelector("main").dataset.agent;
if (person && [...person.options].some((one) => one.value === theirs)) person.value = theirs;

/** Who signs, where nobody logs in. */
const signed = () => (person ? { by: person.value } : {});

/** `contact.note` is the note of the contact. */
function nested(told) {
  const body = {};
  for (const [name, value] of Object.entries(told)) {
    const [group, field] = name.split(".");
    if (!field) body[name] = value;
    else (body[group] ??= {})[field] = value;
  }
  return body;
}

/** What the button that was pressed takes and needs. */
function pressed(form, submitter) {
  const button = submitter?.dataset.action ? submitter : form.querySelector("[data-default]");
  if (!button) return null;
  form.dataset.action = button.dataset.action;
  const needs = (button.dataset.needs ?? "").split(" ");
  for (const field of form.elements) {
    if (field.name) field.required = needs.includes(field.name) && form.querySelector(`[name="${field.name}"]`) === field;
  }
  return button.dataset.takes?.split(" ");
}

/** What a form says by other means than its fields' texts. */
function answered(form, told) {
  const asked = [...form.querySelectorAll("[data-question]")].filter((field) => field.value.trim());
  if (asked.length) told.answers = asked.map((field) => ({ question: field.dataset.question, answer: field.value }));
  if ("satisfied" in told) told.satisfied = told.satisfied === "true";
  return told;
}

async function send(form, told, takes) {
  const kept = Object.entries(told).filter(([name]) => !takes || takes.includes(name) || name === "action" || name === "version");
  const body = { ...answered(form, nested(Object.fromEntries(kept))), ...signed() };
  return counted(await ask("POST", form.dataset.move, body));
}

/** A message; where a follow-up ends with it, the follow-up is told its number. */
async function write(form, told) {
  const { template, fields } = nested(told);
  const made = await ask("POST", "/messages", { template, fields, of: here, about: form.dataset.about, ...signed() });
  if (!form.dataset.ends) return made;
  const version = Number(form.dataset.version);
  return ask("POST", form.dataset.ends, { action: "message", message: made.number, version, ...signed() });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.move");
  if (!form) return;
  event.preventDefault();
  if ("message" in form.dataset) return submit(form, (told) => write(form, told));
  if ("begins" in form.dataset) return submit(form, (told) => begin(form, told));
  const takes = pressed(form, event.submitter);
  return submit(form, (told) => send(form, told, takes));
});

/** A list of follow-ups that was made, or given out. */
function counted(made) {
  if (made.planned) tell(t`安排了 ${made.planned.length} 个回访，${made.left_out.length} 个不能安排`);
  else if (!made.number) tell(t`分配了 ${Object.keys(made).length} 个回访`);
  return made;
}

/** Take a follow-up in hand, then ring; where ringing fails it is in hand all the same. */
async function begin(form, told) {
  const made = await send(form, told);
  await dial();
  return made;
}

/** The forms of the stage: one of them is shown. */
function choose(action) {
  for (const one of document.querySelectorAll("[data-main]")) one.hidden = one.dataset.main !== action;
}

function showTicks(select) {
  const ticks = select.closest("fieldset").querySelector("[data-ticks]");
  const out = select.value === "outbound";
  ticks.hidden = !out;
  for (const one of ticks.querySelectorAll("input")) one.disabled = !out;
}

function showTemplate(select) {
  for (const one of select.form.querySelectorAll("[data-template]")) {
    one.hidden = one.dataset.template !== select.value;
    for (const field of one.querySelectorAll("input")) field.disabled = one.hidden;
  }
}

function showPlan(radio) {
  for (const plan of document.querySelectorAll(".plan")) plan.classList.toggle("on", plan.contains(radio));
  find("approve").querySelector("span").textContent = t`批准 ${radio.dataset.letter} 案`;
}

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.name === "main") choose(target.value);
  if ("channel" in target.dataset) showTicks(target);
  if (target.name === "template") showTemplate(target);
  if (target.name === "chosen") showPlan(target);
});
for (const select of document.querySelectorAll("[name=template]")) showTemplate(select);

/* moments: what is kept is shown in the reader's own time; what is near is one press away */
const local = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;

function at(days, hour) {
  const day = new Date();
  day.setDate(day.getDate() + days);
  day.setHours(hour, 0, 0, 0);
  return day;
}

const SOON = [
  [() => t("1 小时后"), () => new Date(Date.now() + 3600000)],
  [() => t("今天 18:00"), () => at(0, 18)],
  [() => t("明天 12:00"), () => at(1, 12)],
  [() => t("3 天后"), () => at(3, 18)],
];

for (const input of document.querySelectorAll("[data-at]")) {
  input.defaultValue = local(new Date(input.dataset.at));
}
for (const row of document.querySelectorAll("[data-soon]")) {
  const later = SOON.filter(([, when]) => when() > new Date());
  row.append(
    ...later.map(([name, when]) => {
      const button = make("button", { type: "button" }, name());
      button.addEventListener("click", () => (find(row.dataset.soon).value = local(when())));
      return button;
    }),
  );
}

/* tabs */
const tabs = [...document.querySelectorAll("[role=tab]")];
function show(tab) {
  for (const one of tabs) {
    const on = one === tab;
    one.setAttribute("aria-selected", String(on));
    one.tabIndex = on ? 0 : -1;
    find(one.getAttribute("aria-controls")).hidden = !on;
  }
}
for (const tab of tabs) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    show(next);
    next.focus();
  });
}

const { record, kind } = document.querySelector("[data-record]").dataset;
const here = { kind, number: record };
const CALLED = `callcenter.called.${record}`;

/** The call that was made from here goes into the form of what was said in it. */
function keepCall(call_id) {
  if (call_id) sessionStorage.setItem(CALLED, call_id);
  for (const field of document.querySelectorAll("[data-last-call]")) field.value = sessionStorage.getItem(CALLED) ?? "";
}
keepCall("");

/* a call back: it runs at the desk; its id goes into the form of what was said */
let dialling = false;

async function dial() {
  if (dialling) return;
  dialling = true;
  try {
    const agent = person ? person.selectedOptions[0].dataset.agent : me.agent || me.name;
    const { call_id } = await ask("POST", "/calls", { of: here, agent });
    keepCall(call_id);
    say(t("正在呼叫；"));
    find("said").append(make("a", { href: `/?call=${encodeURIComponent(call_id)}`, target: "desk" }, t("通话在工作台")));
  } catch (error) {
    say(error.message);
  } finally {
    dialling = false;
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-dial]")) dial();
  const copies = target.closest("[data-copies]");
  if (copies) find(copies.dataset.into).value = find(copies.dataset.copies).textContent;
  const rest = document.querySelector("details.rest[open]");
  if (rest && (!rest.contains(target) || target.closest("[data-opens]"))) rest.open = false;
});

numberButton();

/* keys */
function pick(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  found.checked = true;
  found.dispatchEvent(new Event("change", { bubbles: true }));
  found.focus();
  return true;
}

function byLetter(key) {
  if (pick(`[data-letter="${key.toUpperCase()}"]`)) return true;
  const opens = document.querySelector(`[data-opens][data-key="${key.toLowerCase()}"]`);
  opens?.click();
  return Boolean(opens);
}

function acted(event) {
  if (event.key === "F2") {
    find("dial")?.click();
    return true;
  }
  if (event.key === "Enter" && event.ctrlKey && !event.target.closest("form")) {
    const forms = [...document.querySelectorAll("main form.move")].filter((form) => form.checkVisibility());
    forms[0]?.requestSubmit();
    return true;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return false;
  if (/^[1-9]$/.test(event.key)) return pick(`.choose label:nth-child(${event.key}) input`);
  return /^[a-z]$/i.test(event.key) && byLetter(event.key);
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") && event.key !== "F2") return;
  if (acted(event)) event.preventDefault();
});
