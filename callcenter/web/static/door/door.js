// Sends the form of a page at the door; what went wrong stands above the button.

import { t } from "../texts.js";

const form = document.querySelector("form");
const wrong = form.querySelector(".wrong");

function tell(text) {
  wrong.textContent = text;
  wrong.hidden = false;
}

function filled() {
  const fields = {};
  for (const input of form.querySelectorAll("input:not([data-own]):enabled")) fields[input.name] = input.value;
  return fields;
}

/** The password was right: the code of the second factor, too. */
function askForCode() {
  const field = document.getElementById("code");
  const again = !field.hidden;
  field.hidden = false;
  Object.assign(form.elements.code, { disabled: false, required: true, value: "" });
  form.elements.code.focus();
  if (again) tell(t("验证码不对，或已用过"));
  else wrong.hidden = true;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const again = form.elements.again;
  if (again && again.value !== form.elements.password.value) return tell(t("两次输入的密码不同"));
  const secret = form.hasAttribute("data-link") ? location.pathname.replace("/enter", "") : "";
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.send + secret, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(filled()),
    });
    if (answer.ok) return location.replace(form.dataset.then);
    const told = await answer.json();
    if (told.code_needed) askForCode();
    else tell(said(answer.status, told.detail));
  } catch {
    tell(t("连不上服务，请稍后再试"));
  } finally {
    button.disabled = false;
  }
});

function said(status, detail) {
  if (detail.startsWith("the name or the password")) return t("姓名或密码不对");
  if (detail.startsWith("too many wrong")) return t("密码连续输错，请 15 分钟后再试");
  if (status === 429) return t("从这里登录失败的次数太多，请稍后再试");
  if (detail.includes("used already or is too old")) return t("链接已用过或已过期，请要一个新的");
  if (detail.startsWith("the password is the name")) return t("密码不能就是姓名");
  return detail;
}

document.getElementById("language").addEventListener("click", (event) => {
  document.cookie = `language=${event.currentTarget.dataset.language}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
});
