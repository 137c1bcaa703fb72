// The heat map by arrow keys; which number stands in its cells; charts as tables.

import { draw } from "./reports.js";

import { find } from "../base.js";

const heat = find("heat");
const here = find("heat-here");
const cells = [...heat.querySelectorAll("[data-at]")];
const placeOf = (cell) => cell.dataset.at.split(",").map(Number);

/** Only one cell of the map is in the order of the Tab key. */
function stand(cell) {
  for (const one of cells) one.tabIndex = one === cell ? 0 : -1;
  here.textContent = cell.title;
}

const peak = cells.find((cell) => cell.dataset.at === heat.dataset.peak) ?? cells[0];
if (peak) {
  stand(peak);
  peak.classList.add("peak");
}

const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The nearest cell with calls in this direction: straight on first. */
function next(cell, [down, right]) {
  const [day, hour] = placeOf(cell);
  const ahead = cells
    .filter((one) => one !== cell)
    .map((one) => {
      const [d, h] = placeOf(one);
      return { one, along: (d - day) * down + (h - hour) * right, aside: Math.abs(down ? h - hour : d - day) };
    })
    .filter(({ along }) => along > 0);
  return ahead.sort((a, b) => a.aside - b.aside || a.along - b.along)[0]?.one;
}

heat.addEventListener("keydown", (event) => {
  const way = WAYS[event.key];
  const cell = event.target.closest("[data-at]");
  if (!way || !cell) return;
  event.preventDefault();
  event.stopPropagation();
  next(cell, way)?.focus();
});
heat.addEventListener("focusin", (event) => {
  const cell = event.target.closest("[data-at]");
  if (!cell) return;
  peak?.classList.remove("peak");
  stand(cell);
});

/** Press one of a group of buttons. */
function choose(name, act) {
  const all = [...document.querySelectorAll(`[data-${name}]`)].filter((one) => one.tagName === "BUTTON");
  for (const button of all) {
    button.addEventListener("click", () => {
      for (const one of all) one.setAttribute("aria-pressed", String(one === button));
      act(button.dataset[name]);
    });
  }
}

const counts = new Map([...heat.querySelectorAll("[data-share]")].map((cell) => [cell, cell.textContent]));
choose("shows", (what) => {
  heat.classList.toggle("of-share", what === "share");
  for (const [cell, count] of counts) cell.textContent = what === "share" ? cell.dataset.share : count;
});
choose("view", (name) => {
  for (const view of document.querySelectorAll(".view")) view.hidden = view.id !== name;
  draw(find(name).querySelector("[data-chart]"));
});
find("as-table").addEventListener("click", (event) => {
  const asTable = event.currentTarget.getAttribute("aria-pressed") !== "true";
  event.currentTarget.setAttribute("aria-pressed", String(asTable));
  for (const view of document.querySelectorAll(".view")) {
    view.querySelector(".line-plot").hidden = asTable;
    view.querySelector(".across").classList.toggle("visually-hidden", !asTable);
  }
  if (!asTable) for (const place of document.querySelectorAll(".view:not([hidden]) [data-chart]")) draw(place);
});
