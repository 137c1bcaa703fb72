// A register: filtered and paged by htmx, walked through by arrow keys, its address kept.

import { find, typing } from "../base.js";
import "../step-form.js";
import "./clocks.js";

const links = () => [...document.querySelectorAll("#list .rows td:first-child a")];

function walk(step) {
  const all = links();
  const at = all.indexOf(document.activeElement);
  all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))]?.focus();
}

const KEYS = {
  ArrowDown: () => walk(1),
  ArrowUp: () => walk(-1),
  ArrowRight: () => find("next")?.click(),
  n: () => find("order-new")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/** The address says what is shown, so that the way back from a record leads here. */
document.addEventListener("htmx:afterSettle", () => {
  const asked = new URLSearchParams([...new FormData(find("filters"))].filter(([, value]) => value));
  history.replaceState(null, "", asked.size ? `${location.pathname}?${asked}` : location.pathname);
});
