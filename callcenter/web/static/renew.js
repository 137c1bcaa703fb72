// The login has ended while somebody works: asks for the password in place, so that nothing typed is lost.

import { make, me, t } from "./base.js";

let asking = null; // one dialog for all requests that wait for it

/** True when the person is logged in again, false where they say later. */
export function renew() {
  asking ??= answered().finally(() => (asking = null));
  return asking;
}

function answered() {
  const password = make("input", { class: "form-control", type: "password", name: "password", id: "renew-password", autocomplete: "current-password", required: "", maxlength: 200, "aria-describedby": "renew-wrong" });
  const wrong = make("p", { class: "cc-wrong", id: "renew-wrong", role: "alert", hidden: "" });
  const later = make("button", { class: "btn", type: "button" }, t("以后再说"), make("kbd", {}, "Esc"));
  const form = make(
    "form",
    {},
    make("h2", {}, t("登录已过期")),
    make("p", {}, t`${me.name}，请输入密码接着做。您写的内容都在。`),
    make("label", { for: "renew-password" }, t("密码")),
    password,
    make("label", { for: "renew-code", hidden: "" }, t("验证器上的 6 位数，或一个备用码")),
    make("input", { class: "form-control", type: "text", id: "renew-code", autocomplete: "one-time-code", maxlength: 40, hidden: "", "aria-describedby": "renew-wrong" }),
    wrong,
    make("footer", {}, make("a", { href: "/login" }, t("换人登录")), make("span", { class: "cc-space" }), later, make("button", { class: "btn btn-primary", id: "renew-enter" }, t("登录"))),
  );
  const dialog = make("dialog", { class: "cc-dialog", id: "renew", "aria-label": t("登录已过期") }, form);
  document.body.append(dialog);
  dialog.showModal();
  password.focus();
  later.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter(dialog, password, wrong);
  });
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "in");
    });
  });
}

async function enter(dialog, password, wrong) {
  const button = dialog.querySelector("#renew-enter");
  if (button.disabled) return;
  button.disabled = true;
  const code = dialog.querySelector("#renew-code");
  const problem = await logIn(password.value, code);
  button.disabled = false;
  if (!problem) {
    dialog.close("in");
    return;
  }
  const field = code.hidden ? password : code;
  wrong.textContent = problem;
  wrong.hidden = problem === CODE;
  field.toggleAttribute("aria-invalid", false);
  if (problem !== CODE) field.setAttribute("aria-invalid", "true");
  field.select();
}

const CODE = " "; // no mistake yet: the password was right, the code is asked for

/** What went wrong; "" where the person is in. Shows the field of the code where one is asked for. */
async function logIn(password, code) {
  try {
    const answer = await fetch("/api/v1/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ person: me.name, password, code: code.value }),
    });
    if (answer.ok) return "";
    const told = await answer.json().catch(() => ({}));
    if (told.code_needed) {
      const first = code.hidden;
      for (const part of [code, code.previousElementSibling]) part.hidden = false;
      return first ? CODE : t("验证码不对，或已用过");
    }
    return { 401: t("密码不对"), 429: t("输错的次数太多，请 15 分钟后再试") }[answer.status] ?? t("现在登录不了，请稍后再试");
  } catch {
    return t("连不上服务，请稍后再试");
  }
}
