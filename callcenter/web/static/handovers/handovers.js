// One handover: items are confirmed one by one, then it is signed; the sheet is fetched anew after each.

import { ask, find, say, t } from "../base.js";
import { signer } from "../step-form.js";

let busy = false;

/** Take a step in the sheet that is shown; gives whether it was taken. */
async function act(button, step) {
  const sheet = document.querySelector("[data-sheet]");
  if (busy) return;
  if (signer().by === "") {
    say(t("请先在右上写经办人"));
    find("person").focus();
    return;
  }
  busy = true;
  button.setAttribute("aria-busy", "true");
  try {
    const body = { ...step, version: Number(sheet.dataset.version), ...signer() };
    await ask("POST", `${sheet.dataset.sheet}/actions`, body);
    if (step.action === "take") location.assign(sheet.dataset.sheet);
    else await fresh(sheet, step.item);
  } catch (error) {
    say(error.message);
    if (error.status === 409) await fresh(sheet, step.item);
    button.removeAttribute("aria-busy");
  }
  busy = false;
}

/** The sheet as it is now; the next thing to press has the focus. */
async function fresh(sheet, item) {
  const top = sheet.scrollTop;
  await window.htmx.ajax("GET", sheet.dataset.sheet, { target: "#sheet", select: "#sheet", swap: "outerHTML" });
  document.querySelector("[data-sheet]").scrollTop = top;
  const left = [...document.querySelectorAll("[data-tick]")];
  const next = left.find((one) => Number(one.dataset.tick) > (item ?? -1)) ?? left[0] ?? find("take");
  next?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-tick], [data-act]");
  if (!button || button.disabled) return;
  if (button.dataset.act) act(button, { action: button.dataset.act });
  else act(button, { action: "tick", item: Number(button.dataset.tick), told_by_voice: "voice" in button.dataset });
});
