// Plays a recording from a line, a word or a hit, and lights what is being said.

import { clock, find, icon, make, t } from "../base.js";
import { bind, keyOf, shown } from "../keys.js";

const audio = find("audio");

/** Sets the page's transcript and hits up for playing; call again for another call. */
export const player = { segments: [], hits: [], ready: false, seconds: Infinity };

/** `seconds` is how long the recording is: nothing of it is asked for before somebody plays it. */
export function load(segments, hits, ready, seconds = Infinity) {
  player.seconds = seconds;
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
  const end = Number.isFinite(audio.duration) ? audio.duration : player.seconds;
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
  button.replaceChildren(icon(audio.paused ? "player-play" : "player-pause"), text, make("kbd", { "data-key": "player.toggle" }, shown(keyOf("player", "toggle"))));
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

const playable = () => player.ready;

/** The keys of every page on which a recording is played; `more` are those of one page. */
const keysOf = (more) => ({
  toggle: { key: "Space", what: t("播放、暂停"), act: toggle, when: playable },
  toggle_too: { key: "K", what: t("播放、暂停的另一个键"), act: toggle, when: playable },
  back: { key: "J", what: t("退 5 秒"), act: () => step(-5000), when: playable, repeats: true },
  forward: { key: "L", what: t("进 5 秒"), act: () => step(5000), when: playable, repeats: true },
  ...more,
  hit_before: { key: "[", what: t("上一命中"), act: () => toHit(false), when: playable },
  hit_after: { key: "]", what: t("下一命中"), act: () => toHit(true), when: playable },
});

/** Of the replay, which has room for them. */
const FINE = {
  little_back: { key: "ArrowLeft", what: t("退 1 秒"), act: () => step(-1000), when: playable, repeats: true },
  little_forward: { key: "ArrowRight", what: t("进 1 秒"), act: () => step(1000), when: playable, repeats: true },
  word_before: { key: ",", what: t("上一词"), act: () => stepWord(-1), when: playable, repeats: true },
  word_after: { key: ".", what: t("下一词"), act: () => stepWord(1), when: playable, repeats: true },
  slower: { key: "-", what: t("慢一档"), act: () => changeSpeed(-1), when: playable },
  faster: { key: "=", what: t("快一档"), act: () => changeSpeed(1), when: playable },
  follow: { key: "F", what: t("跟随播放"), act: toggleFollow, when: playable },
};

function playTarget(event) {
  const timed = event.target.closest("[data-start]");
  if (timed) playFrom(Number(timed.dataset.start));
}

/** Ready the page once: keys, buttons, lines. */
export function listen() {
  bind("player", t("播放"), keysOf(find("follow") ? FINE : {}));
  for (const name of ["play", "pause", "ended", "loadedmetadata"]) {
    audio.addEventListener(name, showState);
  }
  for (const name of ["timeupdate", "seeked"]) audio.addEventListener(name, showPosition);
  audio.addEventListener("play", follow);
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
