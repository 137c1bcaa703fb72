// People: how long they stand where they do, one-time links, the week's shifts, tables of shifts.

import { ask, clock, find, say, t } from "../base.js";
import { bringTable } from "../table-file.js";
import { signer, submit } from "../step-form.js";

function tick() {
  for (const node of document.querySelectorAll("[data-since]")) node.textContent = clock(Date.now() - Date.parse(node.dataset.since));
}
tick();
setInterval(tick, 1000);

async function invite(person) {
  try {
    const { path } = await ask("POST", "/invitations", { person });
    find("invited-who").textContent = person;
    find("invited-link").value = location.origin + path;
    find("invited").showModal();
    find("invited-link").select();
  } catch (error) {
    say(error.message);
  }
}

async function copy() {
  find("invited-link").select();
  await navigator.clipboard?.writeText(find("invited-link").value).catch(() => {});
  say(t("已复制"));
}

// the link is shown once: nothing of it stays on the page
find("invited")?.addEventListener("close", () => {
  find("invited-link").value = "";
});
find("invited-copy")?.addEventListener("click", copy);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-invite]");
  if (button) invite(button.dataset.invite);
});

/** From changing a shift on to taking it away, or to exchanging it. */
function on(name) {
  const from = find("change").querySelector("form");
  const to = find(name).querySelector("form");
  const shift = from.dataset.step.replace(/\/actions$/, "");
  to.dataset.step = name === "exchange" ? `${shift}/exchange` : `${shift}/actions`;
  to.dataset.read = shift;
  to.dataset.version = from.dataset.version;
  find("change").close();
  if (name === "exchange") for (const one of find("exchange-other").options) one.hidden = shift.endsWith(one.value);
  find(name).showModal();
}
find("to-exchange")?.addEventListener("click", () => on("exchange"));
find("to-cancel")?.addEventListener("click", () => on("cancel"));

if (find("import")) {
  bringTable(
    (content, atomic) => ask("POST", "/shifts/import", { content, atomic, ...signer() }),
    (report) => t`读了 ${report.rows} 行，排了 ${report.written} 个班`,
    submit,
  );
}
