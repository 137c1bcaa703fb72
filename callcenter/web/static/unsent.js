// What somebody typed into a form and has not sent outlives a reload: kept by page and form, in this tab only.

const PLACE = "callcenter.unsent";
const TYPED = "textarea[name], input[name][type=text], input[name][type=tel], input[name]:not([type])";

const nameOf = (form) => form.id || form.closest("dialog")?.id || `${form.dataset.step} ${form.dataset.action ?? ""}`;
const placeOf = (form) => [PLACE, location.pathname, nameOf(form)].join(" ");

const typedIn = (form) => [...form.querySelectorAll(TYPED)].filter((field) => field.value !== field.defaultValue);

function keep(form) {
  const told = Object.fromEntries(typedIn(form).map((field) => [field.id || field.name, field.value]));
  if (Object.keys(told).length) sessionStorage.setItem(placeOf(form), JSON.stringify(told));
  else forget(form);
}

/** It was sent: nothing of it is kept. */
export const forget = (form) => sessionStorage.removeItem(placeOf(form));

function bringBack(form) {
  const told = JSON.parse(sessionStorage.getItem(placeOf(form)) ?? "{}");
  for (const field of form.querySelectorAll(TYPED)) {
    const value = told[field.id || field.name];
    if (value !== undefined) field.value = value;
  }
}

/** From now on what is typed into these forms is kept; what was kept of them stands in them again. */
export function outlives(selector) {
  for (const form of document.querySelectorAll(selector)) bringBack(form);
  document.addEventListener("input", (event) => {
    const form = event.target.closest(selector);
    if (form) keep(form);
  });
}
