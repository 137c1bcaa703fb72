// The waveform of a call: both parties' lanes (wavesurfer.js), the whole call above, marks over both.

import WaveSurfer from "../vendor/wavesurfer.js";
import { ask, categoryName, clock, find, hue, make, t, word } from "../base.js";
import { onPosition, playFrom, move, player } from "./player.js";

const BETWEEN = 18;
const WINDOW_MS = 120_000; // of a longer call so much is seen at once
const LATE_MS = 300;
const STEPS_S = [1, 2, 5, 10, 20, 30, 60];
const TICK_PX = 90;
const NOTE_PX = 76;
const NO_OUTLINE = { piece_ms: 20, caller: [0], agent: [0] }; // the marks are as good without it
const NO_MARKS = { silences: [], overlaps: [], talk_share: null };

const over = find("over");
const overview = find("overview");
let length = 0;
let drawn = ""; // call_id of the lanes
let surfer = null;
let outline = null;
let comments = [];
let chosen = () => {};

/** Draw this call; its text can be read meanwhile. Gives its silences, overlaps and talk share. */
export async function drawWaveform(call) {
  clearWaveform();
  drawn = call.call_id;
  length = call.recording.seconds * 1000;
  if (!(length > 0)) return NO_MARKS;
  const late = setTimeout(() => (find("wave-late").hidden = false), LATE_MS);
  const id = encodeURIComponent(call.call_id);
  const made = await ask("GET", `/calls/${id}/recording/outline`).catch(() => NO_OUTLINE);
  clearTimeout(late);
  if (drawn !== call.call_id) return NO_MARKS;
  outline = made;
  find("wave-late").hidden = true;
  surfer = lanes();
  drawMarks(call);
  follow();
  find("wave").removeAttribute("aria-busy");
  const marks = await ask("GET", `/evaluations/marks?call_id=${id}`).catch(() => NO_MARKS);
  if (drawn !== call.call_id) return NO_MARKS;
  drawPauses(marks);
  return marks;
}

/** Set a numbered flag over the lanes for each comment; `choose` hears which was pressed. */
export function flagComments(list, choose) {
  [comments, chosen] = [list, choose];
  if (surfer) drawFlags();
}

function drawFlags() {
  for (const old of over.querySelectorAll(".pin")) old.remove();
  for (const one of comments) {
    const name = `${clock(one.start_ms)} ${one.by}：${one.text}`;
    const flag = make("button", { class: "pin", type: "button", title: name, "aria-label": name }, String(one.id));
    flag.style.left = share(one.start_ms);
    flag.addEventListener("click", () => chosen(one));
    over.append(flag);
  }
}

/** Nothing is drawn; the sound stays. */
export function clearWaveform() {
  drawn = "";
  surfer?.destroy();
  surfer = null;
  over.replaceChildren();
  find("host").replaceChildren();
}

let palette = {}; // in this theme: each is asked of the style sheet once, which is slow

/** A colour of the style sheet as the canvas wants it. */
const colour = (name) => (palette[name] ??= probed(name));

function probed(name) {
  const probe = make("span", {});
  probe.style.color = `var(--${name})`;
  find("scene").append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const laneHeight = () => (find("host").clientHeight - BETWEEN) / 2;

const laneColours = () =>
  ["caller", "agent"].map((party) => ({ waveColor: colour(party), progressColor: colour(party), height: laneHeight() }));

/**
 * Our content policy lets no style element in, so the lanes are made outside the page, and what
 * the library writes into a style element becomes a style sheet of its own.
 */
function lanes() {
  const outside = make("div", {});
  const scale = Math.max(1, ...outline.caller, ...outline.agent);
  const made = WaveSurfer.create({
    container: outside,
    media: find("audio"),
    peaks: [outline.caller, outline.agent].map((side) => side.map((value) => value / scale)),
    duration: length / 1000,
    height: laneHeight(),
    splitChannels: laneColours(),
    barWidth: 2,
    barGap: 1,
    cursorWidth: 0,
    hideScrollbar: true,
    autoCenter: false,
    dragToSeek: true,
    minPxPerSec: length > WINDOW_MS ? find("host").clientWidth / (WINDOW_MS / 1000) : 0,
  });
  const root = outside.firstElementChild.shadowRoot;
  const style = root.querySelector("style");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${style.textContent} .canvases > div:first-child, .progress > div:first-child { margin-bottom: ${BETWEEN}px; }`);
  style.remove();
  root.adoptedStyleSheets = [sheet];
  find("host").append(outside);
  made.on("interaction", (seconds) => move(seconds * 1000));
  made.on("scroll", follow);
  made.on("redraw", follow);
  return made;
}

/** The marks move with the lanes. */
function follow() {
  const wrapper = surfer.getWrapper();
  over.style.width = `${wrapper.clientWidth}px`;
  over.style.transform = `translateX(${-surfer.getScroll()}px)`;
  drawOverview();
}

const share = (ms) => `${(100 * Math.min(Math.max(ms / length, 0), 1)).toFixed(4)}%`;

function put(kind, start, end, text = "") {
  const node = make("div", { class: kind }, text);
  node.style.left = share(start);
  if (end !== null) node.style.width = share(end - start);
  over.append(node);
  return node;
}

function drawMarks(call) {
  over.replaceChildren();
  for (const p of call.prompts) {
    const start = Date.parse(p.started_at) - Date.parse(call.answered_at);
    put("prompt", start, start + p.sent_ms, word("prompt_short", p.name));
  }
  for (const g of call.gaps) drawGap(g);
  for (const r of call.redactions) put(`hidden ${r.party}`, r.start_ms, r.end_ms).title = t`已隐去${word("redaction", r.kind)}`;
  for (const s of filledIn(call.segments)) put(`filled ${s.party}`, s.start_ms, s.end_ms).title = t("补转写");
  call.hits.forEach(drawHit);
  drawFlags();
  drawTicks();
  put("needle", 0, null).id = "needle";
  put("here", 0, null).id = "here";
  showHere(find("audio").currentTime * 1000);
}

/** A secure pause is both parties'. */
function drawGap({ party, start_ms: start, end_ms: end, reason }) {
  if (reason !== "pause") put(`gap ${party}`, start, end).title = t("录音缺口");
  else if (party === "caller") put("pause", start, end, t("安全暂停")).title = t("安全暂停");
}

/** What was written down afterwards, where the rest was heard live. */
const filledIn = (segments) => (segments.some((one) => one.live) ? segments.filter((one) => !one.live) : []);

/** Silences and overlaps, each with its length where there is room for the words. */
function drawPauses({ silences, overlaps }) {
  const kinds = [["silence", silences], ["overlap", overlaps]];
  const all = kinds.flatMap(([kind, list]) => list.map((one) => ({ ...one, kind })));
  all.sort((a, b) => a.start_ms - b.start_ms);
  const perMs = surfer.getWrapper().clientWidth / length;
  let free = 0; // up to here the lane is taken, px
  all.forEach((one, index) => {
    const [start, end, next] = [one.start_ms, one.end_ms, all[index + 1]?.start_ms ?? length].map((ms) => ms * perMs);
    const text = pauseText(one);
    const wide = NOTE_PX * (one.text ? 2 : 1);
    put(one.kind, one.start_ms, one.end_ms).title = text;
    const after = one.kind === "overlap" && next - end >= wide;
    if (after) put("note after", one.end_ms, null, text);
    else if (start - free >= wide) put("note before", one.start_ms, null, text);
    else if (one.kind === "silence" && end - start >= wide) put("note within", (one.start_ms + one.end_ms) / 2, null, text);
    free = Math.max(free, after ? end + wide : end);
  });
}

function pauseText({ kind, start_ms: start, end_ms: end, text }) {
  const seconds = ((end - start) / 1000).toFixed(kind === "silence" ? 0 : 1);
  if (kind === "overlap") return t`抢话 ${seconds} 秒`;
  return text ? t`静默 ${seconds} 秒 · 无言等待` : t`静默 ${seconds} 秒`;
}

function drawHit(hit) {
  const kind = hue(hit.category);
  const name = `${clock(hit.start_ms)} ${categoryName(hit.category)}：${hit.text}`;
  put(`stem ${kind}`, hit.start_ms, null);
  const flag = make("button", { class: kind, title: name, "aria-label": name }, categoryName(hit.category));
  flag.style.left = share(hit.start_ms);
  flag.addEventListener("click", () => playFrom(hit.start_ms));
  over.append(flag);
}

function drawTicks() {
  const perSecond = surfer.getWrapper().clientWidth / (length / 1000) || 1;
  const step = STEPS_S.find((s) => s * perSecond >= TICK_PX) ?? STEPS_S.at(-1);
  for (let at = 0; at * 1000 <= length; at += step) put("tick", at * 1000, null, clock(at * 1000));
}

function showHere(ms) {
  if (!surfer) return;
  find("needle").style.left = share(ms);
  find("here").style.left = `clamp(20px, ${share(ms)}, calc(100% - 20px))`;
  find("here").textContent = `${clock(ms)}.${Math.floor((ms % 1000) / 100)}`;
}

/** The whole call in one strip, with the part that the lanes show. */
function drawOverview() {
  if (!overview) return;
  const wide = overview.clientWidth;
  const high = overview.clientHeight;
  overview.width = wide * devicePixelRatio;
  overview.height = high * devicePixelRatio;
  const pen = overview.getContext("2d");
  pen.scale(devicePixelRatio, devicePixelRatio);
  pen.fillStyle = colour("ink-3");
  for (let x = 0; x < wide; x += 3) {
    const tall = Math.max(1, (loudest(x / wide, (x + 3) / wide) / 100) * (high - 4));
    pen.fillRect(x, (high - tall) / 2, 2, tall);
  }
  for (const { start_ms: start, category } of player.hits) {
    pen.fillStyle = colour(hue(category) ? `${hue(category)}-mark` : "caller");
    pen.fillRect((start / length) * wide, 0, 3, high);
  }
  const all = surfer.getWrapper().clientWidth;
  if (all <= overview.clientWidth + 1) return;
  pen.fillStyle = pen.strokeStyle = colour("action");
  const box = [(surfer.getScroll() / all) * wide, 1, (wide / all) * wide, high - 2];
  pen.globalAlpha = 0.14;
  pen.fillRect(...box);
  pen.globalAlpha = 1;
  pen.strokeRect(...box);
}

function loudest(from, to) {
  const sides = [outline.caller, outline.agent];
  return Math.max(...sides.map((side) => {
    const first = Math.floor(from * side.length);
    return Math.max(0, ...side.slice(first, Math.max(first + 1, Math.floor(to * side.length))));
  }));
}

overview?.addEventListener("click", (event) => {
  const box = overview.getBoundingClientRect();
  move(((event.clientX - box.left) / box.width) * length);
});
onPosition(showHere);
new MutationObserver(() => {
  palette = {};
  surfer?.setOptions({ splitChannels: laneColours() });
  if (surfer) drawOverview();
}).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
