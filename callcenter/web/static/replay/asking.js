// The agent asks a supervisor to block the caller (座席申请).

import { ask, find, me, say, t } from "../base.js";

const form = find("ask-block");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const reason = find("ask-reason");
  const wrong = find("ask-wrong");
  wrong.hidden = reason.value.trim() !== "";
  reason.setAttribute("aria-invalid", String(!wrong.hidden));
  if (!wrong.hidden) return reason.focus();
  const button = form.querySelector("button");
  button.disabled = true;
  const agent = me.name ? {} : { agent: localStorage.getItem("callcenter.agent") || form.dataset.agent };
  try {
    await ask("POST", "/blocks/proposals", { call_id: form.dataset.call, reason: reason.value, ...agent });
    say(t("已申请拉黑，等主管批准"));
    form.hidden = true;
  } catch (error) {
    say(error.message);
    button.disabled = false;
  }
});
