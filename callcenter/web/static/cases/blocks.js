// The supervisor's page: decides on proposed blocks, lifts blocks.

import { ask, find, rememberPerson, say, signed, t } from "../base.js";
import { follow } from "../link.js";

const supervisor = find("supervisor");
rememberPerson(supervisor, "callcenter.supervisor");

const who = () => signed(supervisor, t("请先在右上写主管姓名"));

async function decide(form, approved) {
  const name = who();
  if (!name || !form.reportValidity()) return;
  const body = {
    supervisor: name,
    approved,
    reason: form.elements.reason.value,
    days: Number(form.elements.days.value),
    known_customer: Boolean(form.elements.known_customer?.checked),
  };
  try {
    await ask("POST", `/blocks/proposals/${form.dataset.proposal}/decision`, body);
    location.reload();
  } catch (error) {
    say(error.message);
  }
}

/** The page shows masked numbers; the block is found by the moment it was made. */
async function lift(button) {
  const name = who();
  if (!name) return;
  const reason = prompt(t("为什么解除？"));
  if (!reason?.trim()) return;
  try {
    const { blocks } = await ask("GET", "/blocks");
    const wanted = Date.parse(button.dataset.lift);
    const found = blocks.filter((block) => Date.parse(block.blocked_at) === wanted);
    if (found.length !== 1) throw new Error(t("名单已经变了，请刷新后再解除"));
    const path = `/blocks/${encodeURIComponent(found[0].caller_number)}/lift`;
    await ask("POST", path, { supervisor: name, reason });
    location.reload();
  } catch (error) {
    say(error.message);
  }
}

for (const form of document.querySelectorAll("[data-proposal]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(form, event.submitter?.value === "true");
  });
}
for (const button of document.querySelectorAll("[data-lift]")) {
  button.addEventListener("click", () => lift(button));
}

follow({
  block() {
    find("changed").hidden = false;
  },
});
