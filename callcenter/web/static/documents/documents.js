// The knowledge base: times of what was found, the keys; the steps are step-form.js.

import { find, typing } from "../base.js";
import "../step-form.js";

function move(by) {
  const links = [...document.querySelectorAll("#listed a")];
  const here = links.indexOf(document.activeElement);
  const at = here >= 0 ? here : links.findIndex((one) => one.ariaCurrent);
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const act = { ArrowDown: () => move(1), ArrowUp: () => move(-1), n: () => find("write")?.showModal(), e: () => find("edit")?.showModal() }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
