// One customer's file: whole numbers where they are needed, the course by kind, the keys.

import { find, typing } from "../base.js";
import { reveal } from "../number.js";
import "../step-form.js";

const { customer } = document.querySelector("main").dataset;

async function show(button) {
  const told = await reveal(button.dataset.reveal, customer);
  if (!told) return;
  const whole = told.split("、");
  document.querySelectorAll("#numbers [data-number]").forEach((shown, at) => {
    shown.textContent = whole[at] ?? shown.textContent;
  });
  button.hidden = true;
}

function only(button) {
  const { kind } = button.dataset;
  for (const one of find("only").children) one.setAttribute("aria-pressed", String(one === button));
  if (kind) find("course").dataset.only = kind;
  else delete find("course").dataset.only;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.reveal) show(button);
  if (button?.closest("#only")) only(button);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key !== "e" || !find("update")) return;
  event.preventDefault();
  find("update").showModal();
});
