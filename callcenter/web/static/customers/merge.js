// Files side by side: the chosen one stays, the others are merged into it one after another.

import { ask, find, t } from "../base.js";
import { signer, submit, tell } from "../step-form.js";

const form = find("merge");

async function merged(told) {
  const files = [...form.querySelectorAll("[name=stays]")];
  const stays = files.find((one) => one.checked).value;
  for (const file of files.filter((one) => one.value !== stays)) {
    const step = { action: "merge", merged_into: stays, reason: told.reason, version: Number(file.dataset.version) };
    await ask("POST", `/customers/${encodeURIComponent(file.value)}/actions`, { ...step, ...signer() });
  }
  tell(t("已合并"));
  return { number: stays };
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(form, merged);
});
