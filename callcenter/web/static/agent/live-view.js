// Draws the live desk from the board. Sends nothing, decides nothing.

import {
  categoryName, clock, find, grouped, groupOf, hue, icon, localTime, make, tag, word, words, t,
} from "../base.js";
import { farNumber } from "../call/board.js";
import { firstTag, drawLadder, showSteerBack, showUndo } from "../call/ladder.js";
import { reconcile } from "../reconcile.js";
import { callingTags, notTaken, personName } from "./live-calling.js";
import { fold, hitsIn, writeText } from "../call/transcript.js";

const since = (iso, now) => Math.max(0, now - Date.parse(iso));
const fill = (id, ...children) => find(id).replaceChildren(...children);


const stateTag = (call) => {
  const kind = {
    ringing: "agent", dialling: "agent", talking: "good", line_fault: "prompt", analysis: "prompt",
    held: "prompt", transferring: "prompt", consulting: "prompt", sending_on: "prompt",
    away: "prompt", offered: "agent",
  };
  return tag(word("state", call.state), kind[call.state] ?? "");
};

/** The notices and lines, from a snapshot or the health. */
export function showHealth(health) {
  fill("notices", ...health.notices.map((text) => make("div", { class: "cc-notice" }, icon("alert-circle"), text)));
  const states = { true: t("已注册"), false: t("未注册"), null: t("直连") };
  const dots = health.lines.map((line) => {
    const dot = make("span", { class: line.registered === false ? "cc-dot" : "cc-dot good" });
    const text = t`线路 ${line.name} ${line.address} ${states[line.registered]}`;
    const why = line.registered === false ? ` · ${line.detail}` : "";
    return make("span", { title: line.detail }, dot, ` ${text}${why} `);
  });
  fill("line-text", ...(dots.length ? dots : [t("没有线路")]));
}

const ORDER = [
  "ringing", "offered", "transferring", "away", "dialling", "talking", "held", "consulting", "sending_on", "line_fault",
  "analysis", "ended",
];

/** Whether the events come. */
export function showLink(good) {
  const dot = make("span", { class: good ? "cc-dot good" : "cc-dot" });
  fill("link", dot, good ? t("实时连接正常") : t("实时连接断开"));
}

/** The list on the left: what rings and runs, then what just ended. */
export function showList(board, chosen, now) {
  const calls = [...board.calls.values()];
  calls.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  reconcile(find("calls"), calls.map((call) => entry(call, call.call_id === chosen)));
  for (const call of calls) {
    const waits = document.querySelector(`#calls [data-call="${CSS.escape(call.call_id)}"] .waits`);
    waits.textContent = waiting(call, now);
  }
  find("no-calls").hidden = calls.length > 0;
  const rings = calls.filter((call) => call.state === "ringing").length;
  fill("ringing", rings ? tag(t`${rings} 通振铃`, "agent") : "");
}

function waiting(call, now) {
  const refused = notTaken(call);
  if (refused) return refused;
  if (call.state === "ended") return call.ended ? word("disposition", call.ended.disposition) : "";
  if (call.state === "ringing" || call.state === "dialling") return t`已等 ${clock(since(call.rang_at, now))}`;
  return clock(since(call.answered_at ?? call.rang_at, now));
}

function entry(call, pressed) {
  const over = call.state === "ended"; // then its disposition says it
  const flags = over ? [] : [...new Set(call.hits.map((hit) => hue(hit.category)))].filter(Boolean);
  const stamp = [call.state, call.agent, pressed, ...flags].join("|");
  const draw = () => make("li", {}, entryButton(call, pressed, flags));
  return { key: call.call_id, stamp, draw };
}

function entryButton(call, pressed, flags) {
  const space = () => make("span", { class: "cc-space" });
  const who = call.agent ? personName(call.agent) : localTime(call.rang_at, "time");
  return make(
    "button",
    { type: "button", "aria-pressed": String(pressed), "data-call": call.call_id },
    make("span", { class: "one" }, make("b", {}, grouped(farNumber(call))), space(), stateTag(call)),
    make("span", { class: "two" }, who, space(), ...flags.map((g) => tag(words.group[g], g)), make("span", { class: "waits" })),
  );
}

/** Everything about the call on the screen. */
export function showCall(call, now) {
  showBar(call, now);
  showPlaying(call, now);
  showTalk(call);
  showSteerBack(call);
  showProposal(call);
  showUndo(call, now);
}

/** What moves by itself each second. */
export function tick(call, now) {
  showBar(call, now);
  showPlaying(call, now);
}

function showBar(call, now) {
  fill("who", call ? grouped(farNumber(call)) : t("没有通话"));
  fill("where", call ? whereabouts(call) : t("来电会在左侧出现"));
  find("where").title = call ? find("where").textContent : "";
  const shown = call ? [stateTag(call), ...callingTags(call), ...firstTag(call), ...firstHits(call)] : [];
  fill("flags", ...shown);
  fill("timer", call ? duration(call, now) : "");
}

function whereabouts(call) {
  const out = call.direction === "outbound";
  const at = localTime(call.rang_at, "time");
  const parts = out
    ? [t`从 ${grouped(call.caller_number)} 呼出`, at]
    : [t`拨打 ${grouped(call.callee_number)}`, t`${at} 来电`];
  if (call.agent) parts.push(personName(call.agent));
  const refused = notTaken(call);
  if (refused) parts.push(refused);
  else if (call.state === "ended" && call.ended) parts.push(t`${endedBy(call)}挂机`);
  return parts.join(" · ");
}

/** In a call that we made, whom we called is no 来电人. */
const endedBy = (call) =>
  call.direction === "outbound" && call.ended.by === "caller" ? t("对方") : word("ended_by", call.ended.by);

function firstHits(call) {
  const first = new Map();
  for (const hit of call.hits) if (!first.has(hit.category)) first.set(hit.category, hit);
  return [...first.values()].slice(0, 3).map((hit) =>
    tag(t`${categoryName(hit.category)} ${clock(hit.start_ms)} 起`, hue(hit.category)),
  );
}

function duration(call, now) {
  const until = call.ended ? Date.parse(call.ended.at) : now;
  if (call.state === "ended" && !call.ended) return "";
  return clock(since(call.answered_at ?? call.rang_at, until));
}

function showPlaying(call, now) {
  const playing = call && (call.state === "line_fault" || call.state === "analysis");
  const band = find("playing");
  find("callbar").hidden = Boolean(playing);
  if (!playing) {
    band.hidden = true;
    return;
  }
  const { prompt } = call;
  setText("playing-what", call.agent ? t`系统正在播放${word("prompt_short", call.state)}，您的麦克风已关闭` : t`黑名单来电，系统正在播放${word("prompt_short", call.state)}，未接到座席`);
  setText("playing-text", t`“${word("prompt_text", call.state)}” 播完自动挂断。`);
  const bar = find("playing-bar");
  if (prompt) {
    const played = Math.min(prompt.file_ms, prompt.sent_ms ?? since(prompt.at, now));
    bar.max = prompt.file_ms;
    bar.value = played;
    setText("playing-sent", t`已播 ${(played / 1000).toFixed(0)} / ${(prompt.file_ms / 1000).toFixed(1)} 秒`);
  } else {
    bar.removeAttribute("value");
    setText("playing-sent", "");
  }
  band.hidden = false;
}

/** Write only what changed: a screen reader says every change of an alert. */
function setText(id, text) {
  const node = find(id);
  if (node.textContent !== text) node.textContent = text;
}

function showTalk(call) {
  const talk = find("talk");
  find("idle").hidden = Boolean(call);
  talk.hidden = !call;
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
  const wanted = call ? lines(call) : [];
  reconcile(talk, wanted);
  if (!wanted.length) talk.replaceChildren(emptyTalk(call));
  if (atEnd) talk.scrollTop = talk.scrollHeight;
}

function emptyTalk(call) {
  const said = {
    ringing: [t("正在振铃"), t("接听后，双方说的话逐句出现在这里。")],
    dialling: [t("正在呼出"), t("对方接听后，双方说的话逐句出现在这里。")],
    talking: [t("正在听"), t("还没有听到话。")],
    ended: [t("通话已结束"), call && notTaken(call) ? `${notTaken(call)}。` : t("没有听到话。")],
  }[call?.state] ?? [t("还没有转写"), t("双方说的话逐句出现在这里，命中的用语会划线。")];
  return make("div", { class: "cc-empty middle" }, make("b", {}, said[0]), said[1]);
}

function lines(call) {
  const made = [
    ...call.segments.map((s) => line(`s ${s.party} ${s.start_ms}`, s.start_ms, s, call)),
    ...call.gaps.map(gapLine),
  ];
  if (call.confirmed && call.answered_at) made.push(confirmedLine(call));
  made.sort((a, b) => a.at - b.at);
  made.push(...call.partials.map((p) => line(`p ${p.party}`, p.start_ms, p, call)));
  if (call.state === "ended") made.push(endLine(call));
  return made;
}

function line(key, at, segment, call) {
  const hits = hitsIn(segment, call.hits);
  const stamp = `${segment.text}|${segment.final}|${hits.length}`;
  return { key, at, stamp, draw: () => bubble(segment, hits) };
}

function bubble(segment, hits) {
  const text = make("p", { lang: "zh-CN" });
  writeText(text, segment, hits);
  const groups = hits.map((hit) => hue(hit.category)).filter(Boolean);
  const kind = ["cc-bubble", segment.party, segment.final ? "" : "partial", groups[0] ? `flagged-${groups[0]}` : ""];
  const node = make("div", { class: kind.filter(Boolean).join(" ") });
  const unfold = fold(text, segment.text);
  const who = make("span", { class: "visually-hidden" }, `${word("party", segment.party)}：`);
  text.prepend(who);
  node.append(make("time", {}, clock(segment.start_ms)), text, ...(unfold ? [unfold] : []));
  const categories = [...new Set(hits.map((hit) => hit.category))];
  if (categories.length) {
    node.append(make("div", { class: "cc-tags" }, ...categories.map((c) => tag(categoryName(c), hue(c)))));
  }
  return node;
}

function gapLine(gap) {
  if (gap.reason === "pause") return pauseLine(gap);
  const text = t`${clock(gap.start_ms)} ${word("party", gap.party)} ${((gap.end_ms - gap.start_ms) / 1000).toFixed(1)} 秒待补转写`;
  return { key: `g ${gap.party} ${gap.start_ms}`, at: gap.start_ms, stamp: text, draw: () => make("div", { class: "cc-event gap" }, text) };
}

function pauseLine({ start_ms: start, end_ms: end }) {
  const text = t`${clock(start)}–${clock(end)} 安全暂停，没有录音和转写`;
  return { key: `pause ${start}`, at: start, stamp: text, draw: () => make("div", { class: "cc-event gap" }, icon("lock"), text) };
}

function confirmedLine(call) {
  const at = since(call.answered_at, Date.parse(call.confirmed.at));
  const text = t`${clock(at)} ${personName(call.confirmed.agent)} 确认终止 · 麦克风关闭 · ${word("prompt_short", call.confirmed.prompt)} 开始`;
  return { key: "confirmed", at, stamp: text, draw: () => make("div", { class: "cc-event prompt" }, text) };
}

function endLine(call) {
  const by = call.ended ? `${notTaken(call) || t`${endedBy(call)}挂机`} · ` : "";
  const draw = () => {
    const link = make("a", { href: `/calls/${encodeURIComponent(call.call_id)}` }, t("听录音、看回放"));
    return make("div", { class: "cc-event" }, t`通话已结束 · ${by}`, link);
  };
  return { key: "ended", at: Infinity, stamp: by, draw };
}

function showProposal(call) {
  const open = Boolean(call?.proposal) && (call.state === "talking" || call.state === "held");
  const card = find("proposal");
  const key = open ? `${call.call_id} ${call.hits.length}` : "";
  if (card.dataset.key !== key && open) writeProposal(call);
  card.dataset.key = key;
  card.hidden = !open;
  const decided = call?.confirmed ?? null;
  find("decided").hidden = !decided;
  if (decided) writeDecided(call, decided);
}

function writeDecided(call, { agent, at, proposal, prompt }) {
  const reason = proposal ? categoryName(proposal.reason) : word("prompt", prompt);
  setText("decided-what", t`已确认终止：${reason}`);
  setText("decided-who", t`${personName(agent)} ${localTime(at, "time")} · 依据已随通话保存`);
  drawLadder(find("decided-ladder"), call, 3);
}

function writeProposal(call) {
  drawLadder(find("proposal-ladder"), call, 2);
  const { reason, evidence } = call.proposal;
  setText("proposal-reason", categoryName(reason));
  const harassing = call.hits.filter((hit) => groupOf(hit.category) === "harassment");
  const rows = harassing.map((hit) => row(clock(hit.start_ms), `“${hit.text}” ${categoryName(hit.category)}`));
  if (!harassing.some((hit) => hit.text === evidence)) rows.unshift(row("", evidence));
  fill("proposal-for", ...rows.slice(0, 5));
  fill("proposal-against", ...against(call, harassing).map((text) => make("li", {}, text)));
}

const row = (time, text) => make("li", {}, make("time", {}, time), make("span", {}, text));

/** What speaks against ending the call, however weak. */
function against(call, harassing) {
  const found = [];
  const complaints = call.hits.filter((hit) => groupOf(hit.category) === "complaint");
  if (complaints.length) found.push(t`同一通里有投诉内容：“${complaints[0].text}”`);
  if (harassing.length === 1) found.push(t("只命中 1 次"));
  const unsure = leastSure(call, harassing);
  if (unsure < 0.75) found.push(t`识别把握较低（${unsure.toFixed(2)}）`);
  if (call.proposal.reason === "silent") found.push(t("也可能是对方听不到您，或话机没有声音"));
  return found.length ? found : [t("没有命中投诉用语")];
}

function leastSure(call, hits) {
  const sure = hits.flatMap((hit) =>
    call.segments
      .filter((s) => s.party === hit.party)
      .flatMap((s) => s.words)
      .filter((w) => w.start_ms < hit.end_ms && w.end_ms > hit.start_ms)
      .map((w) => w.confidence),
  );
  return Math.min(1, ...sure);
}
