// What the agent has to do today: the list stands in the middle while no call is on, else behind a tab.

import { find } from "../base.js";

const list = find("today");
const tabs = [...find("tabs").children];

/** Where the list belongs now. */
export function placeToday(idle) {
  const place = find(idle ? "today-here" : "panel-today");
  if (list.parentElement !== place) place.append(list);
  find("tab-today").hidden = idle;
  if (idle && find("tab-today").getAttribute("aria-selected") === "true") choose(tabs[0]);
}

/** The list may be another: ask again. */
export const again = () => list.dispatchEvent(new Event("again"));

function choose(tab, focus = false) {
  for (const one of tabs) {
    const on = one === tab;
    one.setAttribute("aria-selected", String(on));
    one.tabIndex = on ? 0 : -1;
    find(one.getAttribute("aria-controls")).hidden = !on;
  }
  find("order-foot").classList.toggle("away", tab !== tabs[0]);
  if (focus) tab.focus();
}

export const toOrder = () => choose(tabs[0]);

find("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) choose(tab);
});
find("tabs").addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const shown = tabs.filter((one) => !one.hidden);
  const at = shown.indexOf(event.target) + (event.key === "ArrowLeft" ? -1 : 1);
  choose(shown.at(at % shown.length), true);
});

/** The number that the focused line of the list is about; "" where none is. */
export const focusedNumber = () => document.activeElement?.closest?.("#today li")?.querySelector("[data-dial]")?.dataset.dial ?? "";
