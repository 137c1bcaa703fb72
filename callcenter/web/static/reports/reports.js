// One report: draws the tables that follow the time as lines or bars, and turns from period to period.

import uPlot from "../vendor/uplot.js";

import { find, typing } from "../base.js";

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 2], [4, 4]];
const STYLES = ["solid", "dashed", "dotted"];
const PARTED = ["kinds"]; // these lines are all of one hue, and differ by their dashes

/** What a table says: the names of its columns, of its rows, and the numbers column by column. */
function read(table) {
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length === names.length + 1);
  const labels = rows.map((row) => row.cells[0].textContent.trim());
  const columns = names.map((_, at) => rows.map((row) => Number.parseFloat(row.cells[at + 1].textContent) || 0));
  return { names, labels, columns };
}

function colour(place, name) {
  const probe = document.createElement("i");
  probe.className = `probe-${name}`;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const drawn = new Map();

/** Draw the table beside this place; again where the size or the theme has changed. */
export function draw(place) {
  drawn.get(place)?.destroy();
  drawn.delete(place);
  const { names, labels, columns } = read(place.parentElement.querySelector("table[data-series]"));
  if (!place.clientWidth || !labels.length) return;
  const bars = place.dataset.chart === "bars";
  const oneHue = PARTED.includes(place.parentElement.id);
  const series = names.map((label, at) =>
    bars
      ? { label, paths: uPlot.paths.bars({ size: [0.7, 26] }), points: { show: false }, fill: colour(place, "bars"), width: 0 }
      : { label, stroke: colour(place, oneHue ? "deep" : String(at % DASHES.length)), dash: oneHue ? DASHES[at % DASHES.length] : [], width: 1.6, points: { show: labels.length < 2 } },
  );
  const font = `11px ${getComputedStyle(document.documentElement).fontFamily}`;
  const axis = { stroke: colour(place, "text"), font, ticks: { show: false } };
  const legend = bars ? 0 : 26;
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height: Math.max(90, place.clientHeight - legend),
      legend: { show: !bars, live: false, markers: { width: 2, dash: (_, at) => (oneHue ? STYLES[(at - 1) % STYLES.length] : "solid") } },
      cursor: { show: false },
      padding: [10, 12, 0, 0],
      scales: {
        x: { time: false, range: (_, from, to) => (bars ? [from - 0.6, to + 0.6] : [from, Math.max(to, from + 1)]) },
        y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] },
      },
      axes: [
        { ...axis, size: 20, grid: { show: false }, space: 46, incrs: [1, 2, 3, 4, 5, 7, 10, 14, 30, 60, 90], values: (_, at) => at.map((one) => labels[one] ?? "") },
        { ...axis, size: 34, gap: 2, space: 26, grid: { stroke: colour(place, "line"), width: 1 }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000] },
      ],
      series: [{}, ...series],
    },
    [labels.map((_, at) => at), ...columns],
    place,
  );
  drawn.set(place, chart);
}

const places = [...document.querySelectorAll("[data-chart]")];
const again = () => places.forEach(draw);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
const sizes = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));
for (const place of places) sizes.observe(place);

find("custom").addEventListener("click", (event) => {
  const days = find("days");
  days.hidden = !days.hidden;
  event.currentTarget.setAttribute("aria-pressed", String(!days.hidden));
  if (!days.hidden) find("first").focus();
});
find("first").addEventListener("change", () => {
  find("last").min = find("first").value;
});

find("whole-open")?.addEventListener("click", () => find("whole").showModal());
find("whole-later")?.addEventListener("click", () => find("whole").close());
find("whole-form")?.addEventListener("submit", () => setTimeout(() => find("whole").close()));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target) || event.target.closest("table, dialog[open]")) return;
  const to = { ArrowLeft: "earlier", ArrowRight: "later" }[event.key];
  if (to && find(to)) find(to).click();
});
