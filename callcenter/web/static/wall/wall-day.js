// Draws the day's figures, the hotlines, the arrivals and what waits for a decision. Sends nothing.

import uPlot from "../vendor/uplot.js";

import { clock, find, grouped, icon, localTime, make, t } from "../base.js";
import { masked } from "./wall-view.js";

const TARGET = 0.8; // of the service level
const SLOT = 900; // seconds
const LEAST_SLOTS = 12; // an axis of three hours before the day has more
const SVG = "http://www.w3.org/2000/svg";
const WAITING = ["ringing", "offered"];

const share = (part, whole) => (whole ? part / whole : null);
const percent = (part, places = 1) => (part === null ? "—" : (100 * part).toFixed(places));
const write = (id, text) => { find(id).textContent = text; };

let ofAnswered = false; // which variant of the service level is shown
export const toggleLevel = () => { ofAnswered = !ofAnswered; };

const level = (part) => share(part.soon, ofAnswered ? part.answered : part.offered);

/** A figure with its small unit. */
function figure(id, part) {
  find(id).replaceChildren(percent(part), ...(part === null ? [] : [make("small", {}, " %")]));
}

/** Everything that is counted over the day. */
export function showDay(day, people) {
  showLevel(day);
  figure("answered", share(day.answered, day.offered));
  write("quick", day.answered ? `${percent(share(day.quick, day.answered))}%` : "—");
  figure("abandoned", share(day.abandoned, day.offered));
  write("abandoned-calls", t`${day.abandoned} 通`);
  const { handled, talk_seconds: talk, wrap_up_seconds: wrapped } = day;
  write("handling", handled ? clock((1000 * (talk + wrapped)) / handled) : "—");
  write("wrap-up", handled ? clock((1000 * wrapped) / handled) : "—");
  showHarassed(day.harassed, people);
  showArrivals(day);
}

function showLevel(day) {
  const now = level(day);
  figure("level", now);
  const met = find("level-met");
  met.hidden = now === null;
  met.className = now >= TARGET ? "cc-tag good" : "cc-tag passed";
  met.textContent = now >= TARGET ? t("达标") : t("未达标");
  find("level-other").setAttribute("aria-pressed", String(ofAnswered));
  write("level-how", ofAnswered ? t("20 秒内接通 ÷ 已接通") : t("20 秒内接通 ÷ 全部进线（含放弃，不含黑名单）"));
  drawLine(day.quarters.map(level).filter((one) => one !== null).slice(-32));
}

/** The level of each quarter of an hour, and the target as a dotted line. */
function drawLine(levels) {
  const [wide, high] = [150, 30];
  const y = (one) => (high - 3 - one * (high - 6)).toFixed(1);
  const x = (at) => ((at * (wide - 6)) / Math.max(1, levels.length - 1) + 3).toFixed(1);
  const shape = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const drawn = [shape("line", { x1: 0, x2: wide, y1: y(TARGET), y2: y(TARGET) })];
  if (levels.length > 1) {
    drawn.push(shape("polyline", { points: levels.map((one, at) => `${x(at)},${y(one)}`).join(" ") }));
    drawn.push(shape("circle", { cx: x(levels.length - 1), cy: y(levels.at(-1)), r: 2.6 }));
  }
  find("level-line").replaceChildren(...(levels.length > 1 ? drawn : []));
}

function showHarassed(harassed, people) {
  const sum = (what) => harassed.reduce((whole, one) => whole + one[what], 0);
  const minutes = (seconds) => (seconds / 60).toFixed(seconds < 600 ? 1 : 0);
  write("harassed-calls", String(sum("calls")));
  write("harassed-minutes", minutes(sum("abuse_seconds")));
  const [most] = harassed;
  const who = most && (people.get(most.agent) ?? most.agent);
  write("harassed-most", most ? t`最高 ${who} ${minutes(most.abuse_seconds)} 分，不用于考核` : t("不用于考核"));
}

/** Who waits now, and the hotlines: the day's figures, and who waits on each. */
export function showLines(day, calls, now) {
  const waiting = calls.filter((call) => WAITING.includes(call.state) && call.direction !== "outbound");
  const longest = (some) => {
    const waits = some.map((call) => now - Date.parse(call.rang_at));
    return waits.length ? clock(Math.max(...waits)) : "—";
  };
  write("waiting", String(waiting.length));
  write("longest", longest(waiting));
  const known = new Map((day?.hotlines ?? []).map((one) => [one.number, one]));
  for (const call of waiting) {
    if (!known.has(call.callee_number)) known.set(call.callee_number, { number: call.callee_number, offered: 0, answered: 0, soon: 0, abandoned: 0 });
  }
  const rows = [...known.values()].map((one) => {
    const here = waiting.filter((call) => call.callee_number === one.number);
    return hotline(one, here.length, longest(here));
  });
  const analysed = calls.filter((call) => call.state === "analysis");
  if (analysed.length) rows.push(analysis(analysed.length, longest(analysed)));
  find("lines").replaceChildren(...(rows.length ? rows : [row(make("td", { colspan: 7, class: "cc-quiet" }, t("今天还没有来电。")))]));
}

const row = (...cells) => make("tr", {}, ...cells);
const cell = (text) => make("td", { class: "cc-number" }, String(text));

function hotline(one, waits, longest) {
  const now = level(one);
  const filled = make("i", { class: now !== null && now < TARGET ? "missed" : undefined });
  filled.style.width = `${100 * (now ?? 0)}%`;
  const shown = now === null ? ["—"] : [make("span", { class: "gauge" }, filled), make("b", {}, `${percent(now, 0)}%`)];
  const numbers = [waits, longest, one.offered, one.answered, one.abandoned].map(cell);
  return row(make("td", {}, make("b", {}, grouped(one.number))), ...numbers, make("td", {}, make("div", { class: "bar" }, ...shown)));
}

const analysis = (count, longest) =>
  row(
    make("td", {}, make("b", { class: "prompt" }, t("分析队列"))), cell(count), cell(longest),
    make("td", { colspan: 4, class: "cc-quiet" }, t("听提示 B，不占座席")),
  );

let chart = null;
let drawn = null; // what the chart shows now

/** Calls by quarter of an hour, as bars and as a table. */
function showArrivals(day) {
  const counts = new Map(day.quarters.map((one) => [Date.parse(one.at) / 1000, one]));
  const last = Math.floor(Date.parse(day.at) / 1000 / SLOT) * SLOT;
  const first = Math.min(last - (LEAST_SLOTS - 1) * SLOT, ...counts.keys());
  const slots = Array.from({ length: (last - first) / SLOT + 1 }, (_, at) => first + at * SLOT);
  const answered = slots.map((at) => counts.get(at)?.answered ?? 0);
  const both = slots.map((at, i) => answered[i] + (counts.get(at)?.abandoned ?? 0));
  drawn = [slots, both, answered];
  if (chart) chart.setData(drawn);
  else drawChart();
  const rows = day.quarters.map((one) => row(make("td", {}, localTime(one.at, "time").slice(0, 5)), cell(one.answered), cell(one.abandoned)));
  find("arrivals-table").replaceChildren(...rows);
}

function drawChart() {
  chart?.destroy();
  const place = find("arrivals");
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => {
    const probe = make("i", { class: `probe-${name}` });
    place.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const bars = uPlot.paths.bars({ size: [0.7, 18], align: 1 });
  const series = (name) => ({ paths: bars, points: { show: false }, fill: colour(name), width: 0 });
  const axis = { stroke: colour("text"), font: `11px ${style.fontFamily}`, ticks: { show: false } };
  chart = new uPlot(
    {
      width: place.clientWidth, height: place.clientHeight, legend: { show: false }, cursor: { show: false }, padding: [8, 16, 0, 0],
      scales: { x: { range: (_, from, to) => [from, to + SLOT] }, y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] } },
      axes: [
        { ...axis, size: 20, grid: { show: false }, space: 60, incrs: [1800, 3600, 7200, 14400], values: (_, at) => at.map((one) => localTime(new Date(one * 1000).toISOString(), "time").slice(0, 5)) },
        { ...axis, size: 28, gap: 2, space: 30, grid: { stroke: colour("line"), width: 1 }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
      ],
      series: [{}, series("abandoned"), series("answered")],
    },
    drawn, place,
  );
}

const again = () => drawn && drawChart();
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
new ResizeObserver(() => {
  const place = find("arrivals");
  chart?.setSize({ width: place.clientWidth, height: place.clientHeight });
}).observe(find("arrivals"));

/** What waits for a lead: the oldest first; what is late says by how much. */
export function showAsked(blocks, complaints, accounts, now) {
  const asks = [
    ...blocks.map((one) => ({
      at: one.proposed_at, kind: "harassment", picture: () => icon("ban"), name: t("拉黑号码"),
      what: t`${masked(one.caller_number)} · ${one.attempts} 次骚扰`, where: "/review?show=asked",
    })),
    ...complaints.map((one) => ({
      at: one.changed_at, due: one.feedback_due_at, kind: "complaint", picture: () => icon("messages"), name: t("投诉方案"),
      what: t`${one.number} · ${one.proposals.length} 案 · ${one.content}`,
    })),
    ...accounts.map((one) => ({
      at: one.opened_at, kind: "", picture: () => icon("user-plus"), name: t("开通账号"), what: [one.person, one.agent].filter(Boolean).join(" "),
    })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  const late = asks.filter((one) => one.due && Date.parse(one.due) < now).length;
  write("asked-count", String(asks.length));
  find("asked-late").hidden = !late;
  write("asked-late", t`超时 ${late}`);
  find("no-asked").hidden = asks.length > 0;
  find("asked").replaceChildren(...asks.map((one) => asking(one, now)));
}

function asking(one, now) {
  const kind = make("span", { class: `cc-tag ${one.kind}`.trim() }, one.picture(), one.name);
  const late = one.due ? now - Date.parse(one.due) : 0;
  const when = late > 0 ? make("span", { class: "cc-tag passed" }, t`超时 ${span(late)}`) : make("span", { class: "cc-quiet" }, t`已等 ${span(now - Date.parse(one.at))}`);
  const act = one.where ? make("a", { class: "btn btn-sm", href: one.where }, t("审")) : "";
  return row(make("td", {}, kind), make("td", { class: "what", title: one.what }, one.what), make("td", { class: "cc-number" }, when), make("td", { class: "cc-number" }, act));
}

/** A length as people say it: minutes, hours, days. */
function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  if (minutes < 60) return t`${minutes} 分`;
  return minutes < 2880 ? t`${Math.floor(minutes / 60)} 时` : t`${Math.floor(minutes / 1440)} 天`;
}
