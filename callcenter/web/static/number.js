// The whole number behind a masked one, shown and hidden by its button. Whose it is not says why, and that is written down.

import { ask, find, grouped, make, me, t } from "./base.js";

const LEADS = ["supervisor", "manager"];

/** The span carries data-masked, data-whole ("" where it must be asked for), data-kind and data-of. */
export function numberButton(number = find("number"), button = find("show-number")) {
  if (!number || !button) return;
  button.hidden = !number.dataset.whole && !me.roles.some((role) => LEADS.includes(role));
  button.addEventListener("click", async () => {
    const shown = button.getAttribute("aria-pressed") === "true";
    if (!shown && !number.dataset.whole) number.dataset.whole = await reveal(number.dataset.kind, number.dataset.of);
    if (!number.dataset.whole) return;
    number.textContent = shown ? number.dataset.masked : number.dataset.whole;
    button.setAttribute("aria-pressed", String(!shown));
  });
}

/** Ask why, then for the numbers of this record; "" where the person thinks better of it. */
export function reveal(kind, of) {
  const reason = make("input", { class: "form-control", type: "text", id: "reveal-reason", required: "", maxlength: 200, autocomplete: "off", "aria-describedby": "reveal-wrong" });
  const wrong = make("p", { class: "cc-wrong", id: "reveal-wrong", role: "alert", hidden: "" });
  const later = make("button", { class: "btn", type: "button" }, t("取消"), make("kbd", {}, "Esc"));
  const form = make(
    "form",
    {},
    make("h2", {}, t("显示完整号码")),
    make("p", {}, t("谁看的、为什么，记入审计。")),
    make("label", { for: "reveal-reason" }, t("原因")),
    reason,
    wrong,
    make("footer", {}, make("span", { class: "cc-space" }), later, make("button", { class: "btn btn-primary", id: "reveal-show" }, t("显示"))),
  );
  const dialog = make("dialog", { class: "cc-dialog", id: "reveal", "aria-label": t("显示完整号码") }, form);
  document.body.append(dialog);
  dialog.showModal();
  reason.focus();
  later.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { numbers } = await ask("POST", "/reveals", { kind, number: of, reason: reason.value });
      dialog.close(numbers.map(grouped).join("、"));
    } catch (error) {
      wrong.textContent = error.message;
      wrong.hidden = false;
      reason.setAttribute("aria-invalid", "true");
    }
  });
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue);
    });
  });
}
