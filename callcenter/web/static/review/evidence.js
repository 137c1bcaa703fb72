// What a reviewer hears and reads of a call: sound, hits, transcript, what was done, and by whom.

import { categoryName, clock, find, groupOf, hue, icon, localTime, make, tag, word, t } from "../base.js";
import { load } from "../call/player.js";
import { showIntegrity } from "../call/integrity.js";
import { hitsIn, writeText } from "../call/transcript.js";
import { clearWaveform, drawWaveform } from "../call/waveform.js";

const audio = find("audio");
const people = JSON.parse(find("people").textContent);
const UNSURE = 0.75;

let shown = null;

const person = (who) => (who === "system" ? t("系统") : (people[who] ?? who).split(" ")[0]);

export function clearCall() {
  shown = null;
  for (const id of ["listening", "hits-head", "words-head", "course-head", "open", "against", "asked"]) find(id).hidden = true;
  for (const id of ["hits", "lines", "course", "sound", "subtitle"]) find(id).replaceChildren();
  audio.pause();
  audio.removeAttribute("src");
  load([], [], false);
}

/** Everything of the call on the screen; `item` is its place in the queue. */
export function showCall(call, item, source) {
  shown = call;
  const number = item.querySelector(".number").textContent;
  find("title").textContent = call.agent ? `${number} → ${people[call.agent] ?? call.agent}` : number;
  const length = call.answered_at && call.ended_at ? Date.parse(call.ended_at) - Date.parse(call.answered_at) : 0;
  const parts = [word("disposition", call.disposition), localTime(call.rang_at), clock(length), t`${word("ended_by", call.ended_by)}挂机`, call.call_id];
  find("subtitle").textContent = parts.join(" · ");
  find("subtitle").title = call.call_id;
  find("open").href = `/calls/${encodeURIComponent(call.call_id)}`;
  find("open").hidden = false;
  showSound(call);
  showHits(call);
  showAgainst(call, source);
  showLines(call);
  showCourse(call);
  showAsked(source.proposal);
}

function showSound(call) {
  const has = call.recording !== null;
  audio.pause();
  if (has) audio.src = `/api/v1/calls/${encodeURIComponent(call.call_id)}/recording`;
  else audio.removeAttribute("src");
  find("listening").hidden = !has;
  showIntegrity(find("sound"), call).then((there) => has && !there && missing(call));
  load(call.segments, call.hits, has, call.recording?.seconds);
  find("position").textContent = "0:00";
  find("length").textContent = has ? clock(call.recording.seconds * 1000) : "";
  if (has) drawWaveform(call);
  else clearWaveform();
}

audio.addEventListener("error", () => shown && audio.hasAttribute("src") && missing(shown));

/** Nothing is asked of the file before somebody plays it: the check of what is sealed tells that it is gone. */
function missing(call) {
  if (shown !== call) return;
  const badge = tag(t("录音文件不见了"), "passed");
  badge.prepend(icon("circle-off"));
  find("sound").replaceChildren(badge);
  find("listening").hidden = true;
  load(call.segments, call.hits, false);
}

function showHits(call) {
  find("hits-head").hidden = call.hits.length === 0;
  find("hits-count").textContent = call.hits.length || "";
  find("hits").replaceChildren(...call.hits.map((hit, index) => evidence(call, hit, index + 1)));
}

/** One hit: its sentence with what was heard marked, how sure, and why it counts. */
function evidence(call, hit, order) {
  const sentence = make("p", {}, hit.text);
  const segment = call.segments.find((one) => hitsIn(one, [hit]).length);
  if (segment) writeText(sentence, segment, [hit]);
  return make(
    "li",
    {},
    tag(String(order), `${hue(hit.category)} order`),
    make("button", { class: "btn btn-sm", type: "button", "data-start": hit.start_ms }, icon("player-play"), clock(hit.start_ms)),
    sentence,
    make("span", { class: "score", title: t("匹配得分") }, hit.score.toFixed(2)),
    make("span", { class: "why", title: hit.rule }, tag(categoryName(hit.category), hue(hit.category)), ` ${hit.why || hit.rule}`, hit.spotted ? t(" · 听辨") : ""),
  );
}

/** What speaks against harassment, however weak. */
function showAgainst(call, source) {
  const found = [];
  const bad = call.hits.filter((hit) => groupOf(hit.category) === "harassment");
  const complaints = call.hits.filter((hit) => groupOf(hit.category) === "complaint");
  if (complaints.length) found.push(t`同一通里有投诉内容：“${complaints[0].text}”`);
  if (source.known_customer) found.push(t("号码是已知客户的"));
  if (bad.length === 1) found.push(t("只命中 1 次"));
  const unsure = leastSure(call, bad);
  if (unsure < UNSURE) found.push(t`识别把握较低（${unsure.toFixed(2)}）`);
  if (!complaints.length) found.push(t("没有命中投诉用语"));
  find("against").hidden = false;
  find("against-what").textContent = found.join(t("；"));
}

function leastSure(call, hits) {
  const sure = hits.flatMap((hit) =>
    call.segments
      .filter((one) => one.party === hit.party)
      .flatMap((one) => one.words)
      .filter((one) => one.start_ms < hit.end_ms && one.end_ms > hit.start_ms)
      .map((one) => one.confidence),
  );
  return Math.min(1, ...sure);
}

function showLines(call) {
  find("words-head").hidden = false;
  const rows = call.segments.map((segment, index) => {
    const text = make("p", {});
    writeText(text, segment, hitsIn(segment, call.hits));
    return make(
      "li",
      { "data-index": index, "data-start": segment.start_ms, tabindex: 0 },
      make("time", {}, clock(segment.start_ms)),
      make("b", { class: segment.party }, word("party", segment.party)),
      text,
    );
  });
  const none = make("li", { class: "cc-empty" }, t("没有转写。"));
  find("lines").replaceChildren(...(rows.length ? rows : [none]));
}

const BAD = ["proposed", "confirmed"];

/** Step by step what the ladder said and people did, each with the second of the call. */
function showCourse(call) {
  const steps = [
    ...call.decisions.map((d) => stepOf(call, d.at, BAD.includes(d.kind) ? "harassment" : d.actor === "system" ? "" : "agent", word("decision", d.kind), told(d))),
    ...call.prompts.map((p) => stepOf(call, p.started_at, "prompt", word("prompt", p.name), sent(p))),
    ...call.verdicts.map((v) => stepOf(call, v.at, hue(v.verdict), t`判为${word("verdict", v.verdict)}`, v.reviewer)),
  ];
  if (call.ended_at) steps.push(stepOf(call, call.ended_at, "", t("结束"), t`${word("ended_by", call.ended_by)}挂机`));
  steps.sort((a, b) => a.at - b.at);
  find("course-head").hidden = false;
  find("course").replaceChildren(...steps.map((one) => one.node));
}

const told = (d) =>
  `${person(d.actor)}${d.prompt ? ` · ${word("prompt_short", d.prompt)}` : ""}${d.reason ? ` · ${categoryName(d.reason)}` : ""}`;
const sent = (p) => t`已送出 ${(p.sent_ms / 1000).toFixed(1)} / ${(p.file_ms / 1000).toFixed(1)} 秒`;

function stepOf(call, at, kind, name, text) {
  const moment = Date.parse(at);
  const within = call.answered_at && moment <= Date.parse(call.ended_at ?? at);
  const ms = within ? moment - Date.parse(call.answered_at) : 0;
  const time = make("time", { datetime: at, title: localTime(at) }, within && ms >= 0 ? clock(ms) : localTime(at, "time"));
  return { at: moment, node: make("li", { class: kind }, make("b", {}, name), make("span", {}, text), time) };
}

function showAsked(proposal) {
  find("asked").hidden = !proposal;
  if (!proposal) return;
  find("asked").querySelector("h3").textContent = proposal.proposed_by === "system" ? t("系统建议") : t("座席申请");
  find("asked-by").textContent = `${person(proposal.proposed_by)} ${localTime(proposal.proposed_at, "short")}`;
  find("asked-why").textContent = proposal.reason;
}
