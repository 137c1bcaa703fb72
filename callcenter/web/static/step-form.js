// Forms that take a step in a record: refusals are said at the field, and nothing typed is lost.

import { ask, find, localTime, make, me, rememberPerson, say, t } from "./base.js";
import { forget, outlives } from "./unsent.js";

const TOLD = "callcenter.told";
/** How a field's text is sent, by its data-as; undefined leaves it out. */
const READ = {
  text: (text) => text,
  lines: (text) => text.split(/[\n;；]/).map((one) => one.trim()).filter(Boolean),
  moment: (text) => (text ? new Date(text).toISOString() : undefined),
  number: (text) => (text.trim() ? Number(text) : undefined),
  yuan: (text) => (text.trim() ? Math.round(Number(text) * 100) : undefined),
};

/** What hides digits, as web/access/masking.py writes it: sent back it would be kept so. */
const HIDDEN = /\d\*{3,}\d/;

const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !field.disabled);
const isSet = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value.trim() !== "");

function differs(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((one) => one.selected !== one.defaultSelected);
  return field.value !== field.defaultValue;
}

/** What a form says, by the names of its fields; with data-changed only what was changed in it. */
export function given(form) {
  const told = {};
  for (const field of fieldsOf(form)) {
    if ("changed" in form.dataset && !differs(field)) continue;
    if (field.type === "checkbox" && field.dataset.as === "many") {
      told[field.name] ??= [];
      if (field.checked) told[field.name].push(field.value);
    } else if (field.type === "checkbox") told[field.name] = field.checked;
    else if (field.type !== "radio" || field.checked) {
      const value = READ[field.dataset.as ?? "text"](field.value);
      if (value !== undefined) told[field.name] = value;
    }
  }
  return told;
}

/** Say at a field what is wrong with it, and lead there. */
export function wrong(field, text) {
  const id = `${field.id}-wrong`;
  find(id)?.remove();
  const after = field.closest("[data-group]") ?? field;
  after.after(make("p", { class: "cc-wrong", id }, text));
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
}

function clear(form) {
  for (const field of fieldsOf(form)) {
    find(`${field.id}-wrong`)?.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  refused(form, "");
}

/** Say at the foot of a form what is wrong with it as a whole. */
export function refused(form, text) {
  const line = form.querySelector(".refused");
  line.textContent = text;
  line.hidden = !text;
}

/** Whether everything that must be there is; else each missing field says so. */
function complete(form) {
  const must = fieldsOf(form).filter((field) => field.required);
  const missing = must.filter((field) => !(field.type === "radio" ? must.some((one) => one.name === field.name && one.checked) : isSet(field)));
  const bad = fieldsOf(form).filter((field) => !missing.includes(field) && field.validity.badInput);
  const hidden = fieldsOf(form).filter((field) => HIDDEN.test(field.defaultValue ?? "") && differs(field));
  for (const field of missing) wrong(field, t("请填写"));
  for (const field of bad) wrong(field, t("看不懂，请重填"));
  for (const field of hidden) wrong(field, t("里面有隐藏的号码，请由负责专员来改"));
  [...missing, ...bad, ...hidden][0]?.focus();
  return missing.length + bad.length + hidden.length === 0;
}

/** The fields that a refusal names: "email is no …", "body.title: …", "edit needs: a, b". */
function named(form, detail) {
  const needs = /needs: ([a-z_, ]+)$/.exec(detail)?.[1].split(", ");
  const names = needs ?? [/^([a-z_]+)\b/.exec(detail)?.[1]];
  return fieldsOf(form).filter((field) => names.includes(field.name));
}

/** Somebody else was quicker: say who, keep what was typed, and let it be sent again knowingly. */
async function overtaken(form, error) {
  const now = form.dataset.read && (await ask("GET", form.dataset.read).catch(() => null));
  if (!now || now.version === Number(form.dataset.version)) return refused(form, error.message);
  form.dataset.version = now.version;
  refused(form, t`${now.changed_by} 在 ${localTime(now.changed_at, "short")} 改过。您写的还在：核对后再提交一次，或`);
  const again = make("a", { href: location.href }, t("重新载入"));
  form.querySelector(".refused").append(again);
}

/** What went wrong, where it belongs. */
export async function failed(form, error) {
  if (error.status === 409) return overtaken(form, error);
  const fields = error.status === 422 ? named(form, error.detail) : [];
  for (const field of fields) wrong(field, error.message);
  fields[0]?.focus();
  if (!fields.length) refused(form, error.message);
}

/** Say this on the next page. */
export function tell(text) {
  sessionStorage.setItem(TOLD, text);
}

const person = find("person");
if (person) rememberPerson(person, "callcenter.person");

/** Whose name stands under it: where somebody is logged in, the service knows. */
export function signer() {
  return me.name || !person ? {} : { by: person.value.trim() };
}

/** Whether somebody signs; else they are asked to. */
function signed(form) {
  if (signer().by !== "") return true;
  form.closest("dialog")?.close();
  say(t("请先在右上写经办人，写好的都还在"));
  person.focus();
  return false;
}

function body(form) {
  const told = { ...given(form), ...signer() };
  if (form.dataset.action) told.action = form.dataset.action;
  if (form.dataset.version) told.version = Number(form.dataset.version);
  return told;
}

/** Send a form once; `send` is given its body and how to post it, and gives the record. */
export async function submit(form, send = (told, post) => post(told)) {
  if (form.getAttribute("aria-busy") === "true") return;
  clear(form);
  if (!complete(form) || !signed(form)) return;
  if ("changed" in form.dataset && !fieldsOf(form).some(differs)) return refused(form, t("没有改动"));
  form.setAttribute("aria-busy", "true");
  try {
    const made = await send(body(form), (told) => ask("POST", form.dataset.step, told));
    forget(form);
    if (form.dataset.told) tell(form.dataset.told);
    if (form.dataset.then) location.assign(form.dataset.then + encodeURIComponent(made.number));
    else location.reload();
  } catch (error) {
    await failed(form, error);
    form.removeAttribute("aria-busy");
  }
}

/** Open a dialog for what its button stands beside: the record, the version seen, first values. */
function open(dialog, { to, version, fill }) {
  const form = dialog.querySelector("form");
  if (to) Object.assign(form.dataset, { step: `${to}/actions`, read: to, version });
  for (const [name, value] of Object.entries(JSON.parse(fill ?? "{}"))) form.elements[name].value = value;
  dialog.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-step]");
  if (!form) return;
  event.preventDefault();
  submit(form);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.ctrlKey) return;
  event.target.closest("form")?.requestSubmit();
});
document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-opens]");
  if (opens) {
    open(find(opens.dataset.opens), opens.dataset);
  }
  event.target.closest("[data-shuts]")?.closest("dialog").close();
});

outlives("form[data-step], form.move");

const told = sessionStorage.getItem(TOLD);
if (told) {
  sessionStorage.removeItem(TOLD);
  say(told);
}
