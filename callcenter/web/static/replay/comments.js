// What is said of a call beside its score: comments at a time, coaching, the appeal and its review.

import { clock, find, icon, localTime, make, me, say, tag, t } from "../base.js";
import { bind } from "../keys.js";
import { coach, known, mayJudge, onEvaluation, step } from "./evaluation.js";
import { playFrom, player } from "../call/player.js";
import { VERDICTS } from "./scorecard.js";
import { flagComments } from "../call/waveform.js";

const form = find("comment-form"); // only for who judges
const input = find("comment");
const audio = find("audio");
const COACHING = {
  open: t("待座席看"),
  acknowledged: t("座席已看"),
  corrected: t("待检查"),
  closed: t("已办结"),
  withdrawn: t("已撤回"),
};

let begun = null; // where the comment that is being written stands, ms
let lit = 0; // id of the comment that was chosen

const tabs = [...find("tabs").children];
let chosen = false; // whether the person has picked a tab

function choose(tab) {
  for (const one of tabs) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
    find(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
}

find("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (!tab) return;
  chosen = true;
  choose(tab);
});
find("tabs").addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  const next = tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length];
  next.focus();
  next.click();
});

function show() {
  const { shown, coaching } = known;
  const comments = shown?.comments ?? [];
  if (shown && !chosen) choose(find(shown.appealed_at && !comments.length ? "tab-appeal" : "tab-comments"));
  find("comments-count").textContent = comments.length || "";
  find("coaching-count").textContent = coaching.length || "";
  find("appeal-waits").hidden = shown?.state !== "appealed";
  find("comments").replaceChildren(...filled(comments.map(commentRow), shown ? t("还没有评语。") : t("开始评分后，在播放处写评语。")));
  find("coaching").replaceChildren(...filled(coaching.map(coachingRow), t("还没有辅导。评语可以转成辅导。")));
  showAppeal(shown);
  flagComments(comments, light);
  if (form) form.hidden = !mayJudge("comment");
}

const filled = (rows, none) => (rows.length ? rows : [make("p", { class: "cc-empty" }, none)]);

function time(ms) {
  const button = make("button", { class: "at", type: "button" }, clock(ms));
  button.addEventListener("click", () => playFrom(ms));
  return button;
}

function commentRow(one) {
  const head = make("div", { class: "by" }, make("span", { class: "number" }, String(one.id)), time(one.start_ms), make("b", {}, one.by), make("span", { class: "cc-space" }));
  if (known.coaching.some((each) => each.comment === one.id)) head.append(tag(t("辅导"), "agent"));
  else if (mayJudge("comment")) head.append(coachButton(one));
  const text = make("p", {}, one.text);
  const quote = one.quote ? make("q", { class: "cc-quiet" }, one.quote) : null;
  return make("article", { class: one.id === lit ? "remark now" : "remark", "data-comment": one.id }, head, text, quote);
}

function coachButton(one) {
  const button = make("button", { class: "btn btn-sm", type: "button", title: t("转成辅导，座席会看到") }, t("转辅导"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    if (await coach(one)) say(t`评语 ${one.id} 已转成辅导`);
    button.disabled = false;
  });
  return button;
}

function coachingRow(one) {
  const state = tag(COACHING[one.state] ?? one.state, one.state === "closed" ? "good" : "agent");
  const place = one.start_ms === null ? [] : [time(one.start_ms)];
  const due = make("span", { class: "cc-quiet" }, t`${localTime(one.due_at, "short")} 前`);
  const head = make("div", { class: "by" }, ...place, make("b", {}, one.opened_by), state, make("span", { class: "cc-space" }), due);
  const answers = [one.answer, one.correction, one.finding].filter(Boolean);
  return make("article", { class: "remark" }, head, make("p", {}, one.text), ...answers.map((said) => make("p", { class: "cc-quiet" }, said)));
}

/** A flag was pressed: play from there, and show what stands there. */
function light(one) {
  playFrom(one.start_ms);
  lit = one.id;
  choose(find("tab-comments"));
  for (const row of find("comments").children) row.classList.toggle("now", Number(row.dataset.comment) === one.id);
  find("comments").querySelector(".now")?.scrollIntoView({ block: "nearest" });
}

const typed = {}; // of the appeal and its review, kept while the pane is drawn anew

function showAppeal(shown) {
  const parts = [];
  if (shown?.submitted_at) parts.push(fact(shown.evaluator, t`已提交 · ${figure(shown.first_score ?? shown.score)} 分 · ${VERDICTS[shown.first_verdict || shown.verdict]}`, shown.submitted_at));
  if (shown?.appealed_at) parts.push(appeal(shown));
  if (shown?.reviewer) parts.push(fact(shown.reviewer, `${shown.upheld ? t("申诉成立") : t("维持原判")}${t` · 得 ${figure(shown.score)} 分`} · ${VERDICTS[shown.verdict]}`, shown.changed_at, shown.review));
  if (shown?.state === "submitted") parts.push(...untilThen(shown));
  if (mayJudge("review")) parts.push(reviewForm(shown));
  else if (shown?.state === "appealed") parts.push(make("p", { class: "cc-empty" }, t("复核由初评以外的人做。")));
  find("appeal").replaceChildren(...filled(parts, t("提交后，座席可以申诉，由另一人复核。")));
}

const figure = (value) => String(Math.round(value * 10) / 10);

function fact(who, what, when, text = "") {
  const head = make("div", { class: "by" }, make("b", {}, who), make("span", {}, what), make("span", { class: "cc-space" }), make("span", { class: "cc-quiet" }, localTime(when, "short")));
  return make("article", { class: "remark" }, head, text ? make("p", {}, text) : null);
}

function appeal(shown) {
  const item = shown.form.sections.flatMap((one) => one.items).find((one) => one.key === shown.appeal_item);
  const until = shown.state === "appealed" && shown.review_until ? make("p", { class: "cc-quiet" }, t`${localTime(shown.review_until, "short")} 前答复`) : null;
  const made = fact(t`座席 ${shown.agent} 申诉`, item?.title ?? t("整份评分"), shown.appealed_at, shown.appeal);
  made.firstChild.prepend(icon("scale"));
  if (until) made.append(until);
  return made;
}

/** While the agent may appeal: until when; their own words; and closing it once that is over. */
function untilThen(shown) {
  const over = shown.appeal_until !== null && Date.parse(shown.appeal_until) < Date.now();
  const parts = [make("p", { class: "cc-empty" }, t`座席可在 ${localTime(shown.appeal_until ?? shown.submitted_at, "short")} 前申诉。`)];
  if (me.agent && me.agent === shown.agent && !over) parts.push(appealForm(shown));
  if (mayJudge("close") && over) {
    const button = make("button", { class: "btn", type: "button" }, t("结束评分"));
    button.addEventListener("click", () => step("close"));
    parts.push(make("div", { class: "cc-body" }, button));
  }
  return parts;
}

/** A form for a longer text and what goes with it; `send` gets the values. */
function asking(name, label, act, send, ...fields) {
  const text = make("textarea", { class: "form-control", name: "reason", rows: 3, maxlength: 4000, required: "", "aria-label": label, placeholder: label });
  text.value = typed[name] ?? "";
  text.addEventListener("input", () => (typed[name] = text.value));
  const made = make("form", { class: "cc-body asking" }, ...fields, text, make("button", { class: "btn btn-primary" }, act));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send(Object.fromEntries(new FormData(made)))) delete typed[name];
  });
  return made;
}

function select(name, label, options, value) {
  const kept = `${name}-chosen`;
  const made = make("select", { class: "form-select", name, "aria-label": label }, ...options.map(([key, text]) => make("option", { value: key }, text)));
  made.value = typed[kept] ?? value;
  made.addEventListener("change", () => (typed[kept] = made.value));
  return made;
}

function appealForm(shown) {
  const items = shown.form.sections.flatMap((one) => one.items).map((one) => [one.key, one.title]);
  const item = select("item", t("哪一项"), [["", t("整份评分")], ...items], "");
  const made = asking("appeal", t("申诉的理由"), t("申诉"), (given) => step("appeal", given), item);
  const accept = make("button", { class: "btn", type: "button" }, t("没有异议"));
  accept.addEventListener("click", () => step("accept"));
  made.append(accept);
  return made;
}

function reviewForm(shown) {
  const upheld = select("upheld", t("申诉是否成立"), [["", t("申诉是否成立")], ["yes", t("申诉成立")], ["no", t("维持原判")]], "");
  upheld.required = true;
  const verdict = select("verdict", t("结论"), Object.entries(VERDICTS), shown.now.suggested);
  const send = (given) => step("review", { ...given, upheld: given.upheld === "yes" });
  return asking("review", t("复核的理由"), t("提交复核"), send, upheld, verdict);
}

// Writing a comment: its time is the one at which it was begun.

const here = () => Math.round((audio?.currentTime ?? 0) * 1000);

const speaking = (ms) => player.segments.find((one) => one.start_ms <= ms && ms < one.end_ms)?.party ?? "";

function showPlace() {
  const text = t`在 ${clock(begun ?? here())} 写评语`;
  if (input.placeholder !== text) input.placeholder = text;
}

function startComment() {
  if (!form || form.hidden) return;
  choose(find("tab-comments"));
  begun = here();
  showPlace();
  input.focus();
}

async function write() {
  const text = input.value.trim();
  if (!text) return;
  const start_ms = begun ?? here();
  if (!(await step("comment", { text, start_ms, party: speaking(start_ms) }))) return;
  input.value = "";
  begun = null;
  input.blur();
  showPlace();
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  input.addEventListener("input", () => (begun ??= here()));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      write();
    }
  });
  input.addEventListener("blur", () => {
    if (!input.value.trim()) begun = null;
  });
  for (const name of ["timeupdate", "seeked"]) audio?.addEventListener(name, showPlace);
  bind("quality", t("质检"), {
    comment: { key: "M", what: t("在播放处写评语"), act: startComment },
    submit: { key: "Ctrl Enter", what: t("提交评分"), act: () => {}, when: () => false, fixed: true }, // scorecard.js
  });
  showPlace();
}

find("judge")?.addEventListener("input", show); // what may be done hangs on who sits here
onEvaluation(show);
show();
