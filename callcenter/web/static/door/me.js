// One's own account: password, language, second factor, the sessions that are open.

import { ask, find, make, say, t } from "../base.js";

/** Send what a form holds; what went wrong stands in it, and nothing typed is lost. */
function sends(form, send, put = wrongOf) {
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    for (const line of form.querySelectorAll(".cc-wrong")) line.hidden = true;
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    try {
      await send();
    } catch (error) {
      put(form, error);
    } finally {
      button.disabled = false;
    }
  });
}

function tell(line, text, field) {
  line.textContent = text;
  line.hidden = false;
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

function said(error) {
  const detail = error.detail ?? "";
  if (detail.startsWith("the name or the password")) return t("密码不对");
  if (detail.startsWith("too many wrong")) return t("输错的次数太多，请 15 分钟后再试");
  if (detail.startsWith("code:") || detail.startsWith("the code is wrong")) return t("验证码不对，或已用过");
  if (detail.startsWith("begin anew")) return t("等得太久了，请重新开始");
  if (detail.startsWith("the password is the name")) return t("密码不能就是姓名");
  return error.message;
}

function wrongOf(form, error) {
  tell(form.querySelector(".cc-wrong"), said(error), form.querySelector("input:last-of-type"));
}

/* password */
sends(
  find("password"),
  async () => {
    if (find("new").value !== find("again").value) throw Object.assign(new Error(t("两次输入的密码不同")), { at: "again" });
    await ask("POST", "/me/password", { old: find("old").value, new: find("new").value });
    for (const name of ["old", "new", "again"]) find(name).value = "";
    say(t("密码改好了；其他地方的登录已失效"));
  },
  (_, error) => {
    const at = error.at ?? (error.status === 401 ? "old" : "new");
    tell(find(`${at}-wrong`), said(error), find(at));
  },
);

/* language */
for (const button of document.querySelectorAll("[data-speaks]")) {
  button.addEventListener("click", () => {
    document.cookie = `language=${button.dataset.speaks}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  });
}

/* second factor */
const SVG = "http://www.w3.org/2000/svg";

/** Rows of "0" and "1" as a QR code, with the margin of four squares that readers want. */
function drawn(rows) {
  const size = rows.length + 8;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("二维码"));
  const path = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) => [...row].map((one, x) => (one === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")));
  path.setAttribute("d", dark.join(""));
  svg.append(path);
  return svg;
}

sends(find("factor-begin"), async () => {
  const { secret, qr } = await ask("POST", "/me/second-factor", { password: find("begin-password").value });
  find("factor-begin").hidden = true;
  find("factor-confirm").hidden = false;
  find("secret").textContent = secret.replace(/(.{4})(?=.)/g, "$1 ");
  find("qr").replaceChildren(drawn(qr));
  find("confirm-code").focus();
});
sends(find("factor-confirm"), async () => {
  const { codes } = await ask("PUT", "/me/second-factor", { code: find("confirm-code").value });
  find("factor-confirm").hidden = true;
  find("recovery").hidden = false;
  find("codes").replaceChildren(...codes.map((code) => make("li", {}, code)));
  find("recovery-done").focus();
});
sends(find("factor-off"), async () => {
  await ask("POST", "/me/second-factor/off", { password: find("off-password").value, code: find("off-code").value });
  location.reload();
});
find("recovery-done")?.addEventListener("click", () => location.reload());

/* sessions */
find("leave-others")?.addEventListener("click", async () => {
  try {
    await ask("DELETE", "/me/sessions", {});
    location.reload();
  } catch (error) {
    say(error.message);
  }
});
