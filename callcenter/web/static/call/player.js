// Plays a recording from a line, a word or a hit, and lights what is being said.

import { clock, find, icon, make, typing, t } from "../base.js";

const audio = find("audio");

/** Sets the page's transcript and hits up for playing; call again for another call. */
export const player = { segments: [], hits: [], ready: false };

export function load(segments, hits, ready) {
  player.segments = segments;
  player.hits = [...hits].sort((a, b) => a.start_ms - b.start_ms);
  player.ready = ready;
  find("lines")?.classList.toggle("playable", ready);
  showState();
}

/** Play from this many milliseconds after answer. */
export function playFrom(ms) {
  if (!player.ready) return;
  audio.currentTime = ms / 1000;
  audio.play().catch(() => showState());
  showPosition();
}

export const step = (ms) => player.ready && move(audio.currentTime * 1000 + ms);

/** Go there, playing or not as before. */
export function move(ms) {
  const end = Number.isFinite(audio.duration) ? audio.duration : Infinity;
  audio.currentTime = Math.min(Math.max(0, ms / 1000), end);
  showPosition();
}

export function toggle() {
  if (!player.ready) return;
  if (audio.paused) audio.play().catch(() => showState());
  else audio.pause();
}

/** To the next or the previous hit, seen from here. */
export function toHit(forward) {
  const here = audio.currentTime * 1000;
  const hit = forward
    ? player.hits.find((h) => h.start_ms > here + 50)
    : player.hits.findLast((h) => h.start_ms < here - 500);
  if (hit) playFrom(hit.start_ms);
}

function showState() {
  const button = find("play");
  if (!button) return;
  const text = make("span", {}, audio.paused ? t("播放") : t("暂停"));
  button.replaceChildren(icon(audio.paused ? "player-play" : "player-pause"), text, make("kbd", {}, t("空格")));
  button.disabled = !player.ready;
  for (const id of ["hit-before", "hit-after"]) {
    find(id).disabled = !player.ready || player.hits.length === 0;
  }
}

const listeners = [];
export const onPosition = (listener) => listeners.push(listener);

let litLine = null;
let litWord = null;

function showPosition() {
  const ms = Math.round(audio.currentTime * 1000);
  const position = find("position");
  if (position) position.textContent = clock(ms);
  light(ms);
  for (const listener of listeners) listener(ms);
}

function light(ms) {
  const index = player.segments.findLastIndex((s) => s.start_ms <= ms && ms < s.end_ms + 300);
  const line = index < 0 ? null : document.querySelector(`#lines [data-index="${index}"]`);
  if (line !== litLine) {
    litLine?.classList.remove("now");
    line?.classList.add("now");
    if (line && !audio.paused && following()) line.scrollIntoView({ block: "nearest" });
    litLine = line;
  }
  const words = line ? [...line.querySelectorAll(".word")] : [];
  const word = words.find((w) => Number(w.dataset.start) <= ms && ms < Number(w.dataset.end));
  if (word === litWord) return;
  litWord?.classList.remove("now");
  word?.classList.add("now");
  litWord = word ?? null;
}

/** One word back or on. */
function stepWord(direction) {
  const ms = audio.currentTime * 1000;
  const starts = player.segments.flatMap((s) => s.words.map((w) => w.start_ms)).sort((a, b) => a - b);
  const to = direction > 0 ? starts.find((t) => t > ms + 20) : starts.findLast((t) => t < ms - 120);
  if (to !== undefined) move(to);
}

/** Faster or slower, without a change of pitch. */
function changeSpeed(direction) {
  const choices = [...document.querySelectorAll("#speed input")];
  const next = choices[choices.findIndex((one) => one.checked) + direction];
  if (!next) return;
  next.checked = true;
  setSpeed();
}

function setSpeed() {
  const chosen = document.querySelector("#speed :checked");
  if (chosen) audio.playbackRate = Number(chosen.value);
}

function toggleFollow() {
  const button = find("follow");
  button?.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
}

const following = () => find("follow")?.getAttribute("aria-pressed") !== "false";

const KEYS = {
  " ": toggle,
  ArrowLeft: () => step(-1000),
  ArrowRight: () => step(1000),
  "-": () => changeSpeed(-1),
  "=": () => changeSpeed(1),
  f: toggleFollow,
  k: toggle,
  j: () => step(-5000),
  l: () => step(5000),
  ",": () => stepWord(-1),
  ".": () => stepWord(1),
  "[": () => toHit(false),
  "]": () => toHit(true),
};

/** Single keys act outside text fields only; space on a button stays the button's. */
function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (event.key === " " && event.target.closest("button, a, label")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || !player.ready) return;
  event.preventDefault();
  act();
}

function playTarget(event) {
  const timed = event.target.closest("[data-start]");
  if (timed) playFrom(Number(timed.dataset.start));
}

/** Ready the page once: keys, buttons, lines. */
export function listen() {
  for (const name of ["play", "pause", "ended", "loadedmetadata"]) {
    audio.addEventListener(name, showState);
  }
  for (const name of ["timeupdate", "seeked"]) audio.addEventListener(name, showPosition);
  audio.addEventListener("play", follow);
  document.addEventListener("keydown", onKey);
  find("play")?.addEventListener("click", toggle);
  find("follow")?.addEventListener("click", toggleFollow);
  find("speed")?.addEventListener("change", setSpeed);
  find("hit-before")?.addEventListener("click", () => toHit(false));
  find("hit-after")?.addEventListener("click", () => toHit(true));
  find("back")?.addEventListener("click", () => step(-5000));
  find("forward")?.addEventListener("click", () => step(5000));
  for (const list of document.querySelectorAll(".lines, .hits")) {
    list.addEventListener("click", playTarget);
  }
  find("lines")?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") playTarget(event);
  });
}

/** timeupdate comes four times a second, too seldom for words. */
function follow() {
  if (audio.paused) return;
  showPosition();
  requestAnimationFrame(follow);
}
