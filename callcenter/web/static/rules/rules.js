// A back-test of a draft: start it, follow it, show what it found.

import "./editor.js";
import { ask, categoryName, find, hue, localTime, make, say, tag, word, t } from "../base.js";

const POLL_MS = 500;
const SHOWN = 200; // calls of a list; the numbers count all of them
const LABELS = ["harassment", "complaint", "ordinary"];
const SIGNS = { added: "＋", gone: "－", other: "～", "": "" };
const SVG = "http://www.w3.org/2000/svg";

const form = find("trial");
const result = find("result");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});

async function start() {
  const { calls, ...draft } = Object.fromEntries(new FormData(form));
  const most = Number(find("calls").dataset.most);
  if (Number(calls) < 1 || Number(calls) > most) {
    say(t`最近几通：1 到 ${most}`);
    return;
  }
  find("start").disabled = true;
  try {
    const { id } = await ask("POST", "/rules/backtest", { ...draft, calls: Number(calls) });
    say("");
    follow(id);
  } catch (error) {
    find("start").disabled = false;
    say(error.status === 503 ? t`另一次回测还在进行，等它结束再试：${error.detail}` : error.message);
  }
}

async function follow(id) {
  try {
    const test = await ask("GET", `/rules/backtest/${encodeURIComponent(id)}`);
    showProgress(test);
    if (test.state === "running") setTimeout(() => follow(id), POLL_MS);
    else finish(test);
  } catch (error) {
    showProgress({ state: "failed" });
    say(error.message);
  }
}

function showProgress(test) {
  const running = test.state === "running";
  find("start").disabled = running;
  find("running").hidden = !running;
  if (!running) return;
  const bar = find("bar");
  if (test.of) {
    bar.max = test.of;
    bar.value = test.done;
  } else bar.removeAttribute("value");
  find("far").textContent = test.of ? t`${test.done} / ${test.of} 通` : t("准备中");
}

function finish(test) {
  if (test.state === "failed") {
    say(t`回测没有完成：${test.error}`);
    return;
  }
  const found = test.outcome;
  const sides = [[t("在用的规则"), found.in_force]];
  if (found.draft) sides.push([t`草稿 ${test.draft_file}`, found.draft]);
  result.replaceChildren(
    heading(
      t`${found.calls} 通，其中 ${found.judged} 通有判定`,
      t`${localTime(test.started_at, "short")} · ${found.segments} 句`,
    ),
    ...sides.flatMap(([name, side]) => [heading(name, t("对照判定")), figures(side), confusion(side)]),
    ...(found.draft
      ? [
          heading(t`判断改变的通话 ${found.changed_calls}`, t("在用 → 草稿")),
          calls(found.changed, true),
          heading(t`命中改变、判断不变的通话 ${found.touched_calls}`, t("＋ 新命中　－ 不再命中")),
          calls(found.touched, false),
        ]
      : []),
    heading(t`判错的通话 ${found.wrong_calls}`, found.draft ? t("按草稿") : t("按在用的规则")),
    calls(found.wrong, false),
    heading(t("规则"), t("命中 · 判对与判错的通数")),
    rules(found),
  );
}

const heading = (text, aside) =>
  make("div", { class: "cc-head again" }, make("h3", {}, text), make("span", { class: "cc-space" }), make("span", {}, aside));

function table(columns, rows, kind = "") {
  const head = columns.map(([name, number]) => make("th", { class: number && "cc-number" }, name));
  const body = rows.map((cells) =>
    make("tr", {}, ...cells.map((cell, i) => make("td", { class: columns[i][1] && "cc-number" }, cell))),
  );
  return make("table", { class: `cc-table ${kind}`.trim() }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
}

const labelTag = (label) => tag(word("verdict", label), label === "ordinary" ? "" : label);

const figures = (side) =>
  table(
    [["", false], [t("判为"), true], [t("漏判"), true], [t("误判"), true], [t("查准率（95 % 区间）"), false], [t("查全率（95 % 区间）"), false]],
    LABELS.map((label) => {
      const one = side.labels[label];
      return [labelTag(label), one.told, one.misses, one.false_alarms, bar(one.precision), bar(one.recall)];
    }),
  );

/** A share as a small bar: the interval, and a mark where the value is. */
function bar(share) {
  if (share.value === null) return make("span", { class: "cc-quiet" }, "—");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 12");
  svg.setAttribute("aria-hidden", "true");
  svg.append(
    rect("track", 0, 100, 4, 4),
    rect("range", share.low * 100, (share.high - share.low) * 100, 2, 8),
    rect("value", Math.min(share.value * 98.5, 98.5), 1.5, 0, 12),
  );
  const percent = (value) => (value * 100).toFixed(1);
  const text = `${percent(share.value)} %`;
  const whole = t`${percent(share.low)}–${percent(share.high)} %，${share.good} / ${share.of} 通`;
  return make("span", { class: "share", title: whole }, svg, make("span", {}, text), make("span", { class: "cc-quiet cc-tiny" }, `${share.good}/${share.of}`));
}

function rect(kind, x, width, y, height) {
  const node = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ class: kind, x, width, y, height })) node.setAttribute(name, value);
  return node;
}

const confusion = (side) =>
  table(
    [[t("判定 ＼ 机器"), false], ...LABELS.map((label) => [word("verdict", label), true])],
    LABELS.map((verdict) => [labelTag(verdict), ...LABELS.map((told) => side.confusion[verdict][told])]),
    "confusion",
  );

function calls(listed, changed) {
  if (!listed.length) return make("div", { class: "cc-empty" }, t("没有。"));
  const rows = listed.slice(0, SHOWN).map((one) => [
    make("a", { href: `/calls/${encodeURIComponent(one.call_id)}` }, localTime(one.rang_at, "short")),
    one.caller_number === "withheld" ? t("号码隐藏") : one.caller_number.replaceAll("*", "•"),
    changed
      ? make("span", {}, labelTag(one.before), " → ", labelTag(one.after))
      : labelTag(one.after),
    one.verdict ? labelTag(one.verdict) : make("span", { class: "cc-quiet" }, "—"),
    one.rules.map((each) => `${SIGNS[each.change]}${each.rule}`).join("　") || "—",
  ]);
  const columns = [[t("时间"), false], [t("主叫号码"), false], [t("机器"), false], [t("判定"), false], [t("规则"), false]];
  return table(columns, rows, "listed");
}

/** Rules that were hit by either side; two numbers where the draft changes them. */
function rules(found) {
  const sides = [found.in_force, found.draft].filter(Boolean);
  const known = new Map();
  for (const [i, side] of sides.entries()) {
    for (const one of side.rules) {
      if (!known.has(one.rule)) known.set(one.rule, new Array(sides.length).fill(null));
      known.get(one.rule)[i] = one;
    }
  }
  const both = (counts, key) => [...new Set(counts.map((one) => (one ? String(one[key]) : "—")))].join(" → ");
  const rows = [...known]
    .filter(([, counts]) => counts.some((one) => one?.hits))
    .map(([name, counts]) => {
      const { category } = counts.find(Boolean);
      return [name, tag(categoryName(category), hue(category)), ...["hits", "calls", "right", "wrong"].map((key) => both(counts, key))];
    });
  if (!rows.length) return make("div", { class: "cc-empty" }, t("没有规则命中。"));
  return table([[t("规则"), false], [t("类别"), false], [t("命中"), true], [t("通"), true], [t("判对"), true], [t("判错"), true]], rows);
}

if (result.dataset.last) follow(result.dataset.last);
