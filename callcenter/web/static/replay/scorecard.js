// The scorecard beside a call: what was measured, what a person judges, the sum, and handing it in.

import { clock, find, icon, make, me, say, tag, typing, t } from "../base.js";
import { adopt, begin, judges, known, load, mayJudge, onEvaluation, openEvaluation, ready, step } from "./evaluation.js";
import { playFrom } from "../call/player.js";

const body = find("score-body");
const foot = find("score-foot");
const which = find("score-which");
const LEADS = ["supervisor", "manager"];

const drafts = {}; // what was typed and not sent yet, by item: {points, reason}
let opened = ""; // the item whose detail is seen
let verdict = ""; // as chosen; "" follows the score

export const VERDICTS = { approved: t("通过"), observed: t("待整改"), rejected: t("驳回") };
const VALUES = {
  silence: (n) => t`静默 ${n} 次`,
  overlap: (n) => t`抢话 ${n} 次`,
  banned: (n) => t`${n} 处`,
  talk_share: (n) => t`座席说 ${n} %`,
  pace: (n) => t`${n} 字/分`,
  answered: (n) => t`${n} 秒接起`,
};
const STATES = {
  open: t("评分中"),
  submitted: t("已提交"),
  appealed: t("申诉中"),
  final: t("已定"),
};

const figure = (value) => String(Math.round(value * 10) / 10);

function show() {
  const focused = document.activeElement?.dataset.focus;
  showHead();
  body.replaceChildren(...(known.shown ? sections() : [nothingYet()]));
  showFoot();
  if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

function showHead() {
  const { shown, list } = known;
  which.hidden = list.length < 2;
  which.replaceChildren(...list.map((one) => make("option", { value: one.number }, `${one.number} ${STATES[one.state] ?? one.state}`)));
  find("score-name").textContent = shown?.form.name ?? "";
  find("score-name").title = shown ? `${shown.form.name} · ${shown.number}` : "";
  find("score-total").replaceChildren(...(shown ? total(shown) : []));
  if (shown) which.value = shown.number;
}

const grade = (passed) => (passed ? t("合格") : t("不合格"));

function total({ form, now, state, score, passed }) {
  if (state !== "open" && state !== "appealed") {
    return [make("b", {}, figure(score)), t` 分 · ${grade(passed)}`];
  }
  const items = form.sections.flatMap((section) => section.items);
  const left = items.filter((item) => now.waiting.includes(item.title));
  const points = left.reduce((sum, item) => sum + item.points * item.weight, 0);
  const sum = [make("b", {}, figure(now.points)), ` / ${figure(now.most)}`];
  if (left.length) return [...sum, t` · 余 ${left.length} 项 ${figure(points)} 分`];
  return [...sum, now.value === now.points ? "" : t` · 得 ${figure(now.value ?? 0)} 分`, " · ", grade(now.passed)];
}

/** What stands here before there is an evaluation. */
function nothingYet() {
  if (!judges) return empty(t("还没有提交的评分"), t("质检员提交后，您在这里看到每一项和理由。"));
  if (!ready) return empty(t("不评分"), t("通话没有结束，或没有座席接听。"));
  if (known.forms.length) return chooseForm();
  if (!me.roles.some((role) => LEADS.includes(role))) {
    return empty(t("还没有启用的评分表"), t("请主管先启用一份。"));
  }
  const button = make("button", { class: "btn btn-primary", type: "button", "data-focus": "adopt" }, t("采用标准评分表"));
  button.addEventListener("click", adopt);
  return empty(t("还没有启用的评分表"), t("标准评分表按手册 002、003 拟定，采用后可以再改。"), button);
}

const empty = (title, text, ...more) => make("div", { class: "cc-empty" }, make("b", {}, title), text, ...more);

function chooseForm() {
  const options = known.forms.map((one) => make("option", { value: one.number }, t`${one.name} · 第 ${one.edition} 版`));
  const choice = make("select", { class: "form-select", "aria-label": t("评分表"), "data-focus": "form" }, ...options);
  const button = make("button", { class: "btn btn-primary", "data-focus": "begin" }, t("开始评分"));
  const form = make("form", { class: "begin" }, choice, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(choice.value);
  });
  return empty(t("还没有评分"), t("自动项按转写先填好，您再评其余的。"), form);
}

function sections() {
  return known.shown.form.sections.map((section) => {
    const most = section.items.reduce((sum, item) => sum + item.points * item.weight, 0);
    const rows = section.items.map((item) => row(item, known.shown.answers[item.key] ?? {}));
    return make("section", { class: "part" }, make("h3", {}, `${section.title} ${figure(most)}`), make("ul", {}, ...rows));
  });
}

function row(item, answer) {
  const key = { "data-focus": `title-${item.key}`, "aria-expanded": String(opened === item.key) };
  const title = make("button", { class: "what", type: "button", title: item.title, ...key }, item.title);
  title.addEventListener("click", () => {
    opened = opened === item.key ? "" : item.key;
    show();
  });
  const whole = !item.measure && mayJudge("fill");
  const cells = whole ? [choices(item, answer)] : [found(item, answer), points(item, answer)];
  const more = opened === item.key ? [detail(item, answer)] : [];
  return make("li", { class: whole ? "by-hand" : "", "data-item": item.key }, title, sort(item, answer), ...cells, ...more);
}

/** Who filled it: measured, judged otherwise, by a person, or nobody yet. */
function sort(item, answer) {
  if (!item.measure) return answer.by ? tag(t("人评")) : tag(t("待评"), "agent");
  if (answer.by) return tag(t("改判"), "agent");
  const made = answer.points === null ? tag(t("待评"), "agent") : tag(t("自动项"));
  made.prepend(icon("bolt"));
  return made;
}

const counts = (answer) => (answer.places ?? []).filter((place) => !place.excused);

/** What was measured, and where it is heard first. */
function found(item, answer) {
  const cell = make("span", { class: "found" });
  if (!item.measure) return cell;
  const places = counts(answer);
  const excused = (answer.places ?? []).length - places.length;
  const value = answer.value === null ? t("测不出") : VALUES[item.measure]?.(figure(answer.value));
  if (places.length) cell.append(at(places[0]), places.length > 1 ? `×${places.length}` : "");
  else if (excused) cell.append(t`免扣 ${excused} 处`);
  else cell.append(value ?? (answer.value === null ? t("测不出") : t("没有听到")));
  cell.title = value ?? "";
  return cell;
}

function at(place) {
  const button = make("button", { class: "at", type: "button", title: place.text || t("从这里听") }, icon("player-play"), clock(place.start_ms));
  button.addEventListener("click", () => playFrom(place.start_ms));
  return button;
}

function points(item, answer) {
  if (answer.not_applicable) return make("span", { class: "points" }, t("不适用"));
  const given = answer.points ?? null;
  const text = `${given === null ? "—" : figure(given)} / ${figure(item.points)}`;
  return make("span", { class: given !== null && given < item.points ? "points lost" : "points" }, text);
}

/** None, half, all, what was given, or that it does not apply: one press judges. */
function choices(item, answer) {
  const values = new Set([0, ...(item.yes_no ? [] : [Math.round(item.points / 2)]), item.points]);
  if (typeof answer.points === "number") values.add(answer.points);
  const group = make("span", { class: "cc-segmented judged", role: "group", "aria-label": item.title });
  for (const value of [...values].sort((a, b) => a - b)) {
    group.append(choice(item, `${item.key}-${value}`, figure(value), answer.points === value, { points: value }));
  }
  const apart = choice(item, `${item.key}-apart`, t("不适用"), answer.not_applicable, { not_applicable: true });
  group.append(apart);
  return group;
}

function choice(item, name, text, on, given) {
  const button = make("button", { type: "button", "aria-pressed": String(Boolean(on)), "data-focus": name }, text);
  button.addEventListener("click", () => fill(item, given));
  return button;
}

const draft = (item) => (drafts[item.key] ??= { points: "", reason: "" });

async function fill(item, given) {
  const answer = { item: item.key, reason: draft(item).reason.trim(), ...given };
  const machine = typeof known.shown.answers[item.key]?.measured === "number";
  const back = given.points === undefined && !given.not_applicable;
  if (machine && !back && !answer.reason) {
    say(t("自动项改判要写理由"));
    find("score-reason")?.focus();
    return;
  }
  if (await step("fill", { answers: [answer] })) delete drafts[item.key];
  show();
}

/** An item opened: what counts, each place, why; and where it may be judged, how otherwise. */
function detail(item, answer) {
  const node = make("div", { class: "detail" });
  if (item.hint) node.append(make("p", { class: "cc-quiet" }, item.hint));
  if (item.critical) node.append(make("p", {}, t("一票否决：0 分则整通 0 分。")));
  if (answer.by) node.append(make("p", {}, t`${answer.by}：${answer.reason || t("没有写理由")}`));
  node.append(...(answer.places ?? []).map((place) => placeRow(item, place)));
  if (mayJudge("fill")) node.append(...judging(item, answer));
  return node;
}

const EXCUSABLE = ["silence", "overlap", "banned"];

function placeRow(item, place) {
  const line = make("p", { class: "place" }, at(place), make("span", {}, place.text || t`${figure((place.end_ms - place.start_ms) / 1000)} 秒`));
  if (place.excused) {
    line.append(tag(t("免扣")), make("span", { class: "cc-quiet" }, `${place.excused.by}：${place.excused.reason}`));
  } else if (EXCUSABLE.includes(item.measure) && mayJudge("excuse")) {
    const button = make("button", { class: "btn btn-sm", type: "button", "data-focus": `excuse-${item.key}-${place.start_ms}` }, t("免扣"));
    button.addEventListener("click", () => excuse(item, place));
    line.append(button);
  }
  return line;
}

/** A silence after the card 无言等待 explains itself. */
async function excuse(item, place) {
  const reason = draft(item).reason.trim() || (item.measure === "silence" ? place.text : "");
  if (!reason) {
    say(t("免扣要写理由"));
    find("score-reason")?.focus();
    return;
  }
  if (await step("excuse", { item: item.key, start_ms: place.start_ms, reason })) delete drafts[item.key];
  show();
}

function judging(item, answer) {
  const reason = field("score-reason", "reason", item, t("理由"), 500);
  const number = field("score-points", "points", item, t`0–${figure(item.points)} 分`, 6);
  number.inputMode = "decimal";
  const give = make("button", { class: "btn btn-sm", "data-focus": `give-${item.key}` }, item.measure ? t("改判") : t("记分"));
  const form = make("form", { class: "judging" }, reason, number, give);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = Number(number.value.trim().replace("，", ".") || NaN);
    if (Number.isFinite(value) && value >= 0 && value <= item.points) return void fill(item, { points: value });
    say(t`写 0 到 ${figure(item.points)} 之间的分数`);
    number.focus();
  });
  if (item.measure) {
    form.append(small(t("不适用"), `${item.key}-apart`, () => fill(item, { not_applicable: true })));
    if (answer.by) form.append(small(t("还给自动"), `${item.key}-back`, () => fill(item, {})));
  }
  return [form];
}

function small(text, name, act) {
  const button = make("button", { class: "btn btn-sm", type: "button", "data-focus": name }, text);
  button.addEventListener("click", act);
  return button;
}

/** A text field that keeps what is typed while the pane is drawn anew. */
function field(id, part, item, label, most) {
  const kept = { id, type: "text", maxlength: most, autocomplete: "off", "data-focus": `${part}-${item.key}` };
  const input = make("input", { class: "form-control", placeholder: label, "aria-label": `${item.title} ${label}`, ...kept });
  input.value = draft(item)[part];
  input.addEventListener("input", () => (draft(item)[part] = input.value));
  return input;
}

function showFoot() {
  foot.hidden = !known.shown || !mayJudge("submit");
  if (foot.hidden) {
    foot.replaceChildren();
    return;
  }
  const now = verdict || known.shown.now.suggested;
  const group = make("span", { class: "cc-segmented", role: "group", "aria-label": t("结论") });
  for (const [name, text] of Object.entries(VERDICTS)) {
    const button = make("button", { type: "button", "aria-pressed": String(name === now), "data-focus": `verdict-${name}` }, text);
    button.addEventListener("click", () => {
      verdict = name;
      show();
    });
    group.append(button);
  }
  const submit = make("button", { class: "btn btn-primary", "data-focus": "submit" }, t("提交评分"), make("kbd", {}, "Ctrl ↵"));
  foot.replaceChildren(group, make("span", { class: "cc-space" }), submit);
}

async function submit() {
  if (foot.hidden) return;
  const { waiting, suggested } = known.shown.now;
  if (waiting.length) {
    say(t`还有 ${waiting.length} 项未评：${waiting.join(" · ")}`);
    const item = known.shown.form.sections.flatMap((one) => one.items).find((one) => one.title === waiting[0]);
    const line = body.querySelector(`[data-item="${item.key}"]`);
    line.scrollIntoView({ block: "nearest" });
    (line.querySelector(".judged button") ?? line.querySelector("button")).focus();
    return;
  }
  if (await step("submit", { verdict: verdict || suggested })) say(t("评分已提交"));
}

foot.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
which.addEventListener("change", () => openEvaluation(which.value).catch((error) => say(error.message)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  if (typing(event.target) && !find("scores").contains(event.target)) return;
  event.preventDefault();
  submit();
});

find("judge")?.addEventListener("input", show); // what may be done hangs on who sits here
onEvaluation(show);
load();
