// The wall board: takes the event stream, asks for the day's figures, sends what a lead decides.

import { Board } from "../call/board.js";
import { ask, find, me, rememberPerson, say, t } from "../base.js";
import { canUndo } from "../call/ladder.js";
import { command as send } from "../call/sending.js";
import { bind } from "../keys.js";
import { follow } from "../link.js";
import { showAsked, showDay, showLines, toggleLevel } from "./wall-day.js";
import { asking, isRed, showFlags, showTiles, tick } from "./wall-view.js";

const people = new Map(Object.entries(JSON.parse(find("people").textContent)));
const person = find("agent");
const DAY_MS = 60000;
const MOST = 50; // records of one kind that are asked for

const floor = {
  board: new Board(),
  people,
  standing: new Map(), // agent: state, reason, since
  unattended: new Map(), // agent: since
  proposedAt: new Map(), // call_id: when this page saw the proposal come
  selected: null, // agent
};
let day = null;
let linked = false; // whether the events come
let clockAhead = 0; // ms that this computer's clock is ahead of the service's
let known = null; // the red calls, and those whose agent asks for a supervisor, that were told of

rememberPerson(person, me.name ? "callcenter.agent" : "callcenter.supervisor");

const now = () => Date.now() - clockAhead;
const calls = () => floor.board.live();
const callOf = (agent) => calls().find((call) => call.agent === agent && call.answered_at) ?? null;

function show() {
  showTiles(floor, now());
  showFlags(floor, person.value, now());
  showLines(day, calls(), now());
  tell();
  tellNew();
}

let sound = null; // a browser plays none before somebody touched the page
for (const touch of ["pointerdown", "keydown"]) {
  window.addEventListener(touch, () => { sound ??= new AudioContext(); }, { once: true });
}

/** What waits for a look now, by a key that is the same as long as it is the same. */
function alerts() {
  const name = (call) => people.get(call.agent) ?? call.agent;
  const red = calls().filter(isRed).map((call) => [call.call_id, t`新红标：${name(call)}`]);
  const called = asking(calls()).map((call) => [`${call.call_id} ${call.lead_called.at}`, t`${name(call)} 请主管`]);
  return new Map([...called, ...red]);
}

/** What came since: said to a screen reader, and one sound for all of it. */
function tellNew() {
  if (known === null) return; // before the first snapshot nothing is new
  const now = alerts();
  const fresh = [...now].filter(([key]) => !known.has(key));
  known = now;
  if (!fresh.length) return;
  find("new-flag").textContent = fresh.map(([, text]) => text).join(" ");
  if (sound) ring();
}

function ring() {
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  volume.gain.value = 0.1;
  tone.frequency.value = 660;
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.18);
}

/** Ask again soon, once for whatever happens meanwhile. */
function soon(work, ms) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      work();
    }, ms);
  };
}

async function loadDay() {
  try {
    const [told, today] = await Promise.all([ask("GET", "/floor"), ask("GET", "/floor/today")]);
    const missing = told.agents.filter((one) => one.unattended_since);
    floor.unattended = new Map(missing.map((one) => [one.number, one.unattended_since]));
    day = today;
    showDay(day, people);
    show();
  } catch (error) {
    say(error.message);
  }
}

async function loadAsked() {
  try {
    const [blocks, complaints, accounts] = await Promise.all([
      ask("GET", "/blocks"),
      ask("GET", `/complaints?state=investigated&limit=${MOST}`),
      ask("GET", `/accounts?state=requested&limit=${MOST}`),
    ]);
    showAsked(blocks.proposals, complaints.filter((one) => one.proposals.length), accounts, now());
  } catch (error) {
    say(error.message);
  }
}

const command = (call, name, more = {}) => send(call, name, person.value, more, show);

const joinedAs = (call) => call.joined.find((one) => one.person === person.value)?.mode ?? "";

/** Join in this way; who is in it that way already leaves. */
function join(call, mode) {
  if (joinedAs(call) === mode) command(call, "leave");
  else command(call, "join", { mode });
}

const ACTS = {
  confirm: (call) => call.proposal && command(call, "terminate", { prompt: call.proposal.prompt }),
  undo: (call) => command(call, "undo"),
  leave: (call) => command(call, "leave"),
  listen: (call) => join(call, "listen"),
  whisper: (call) => join(call, "whisper"),
  barge: (call) => join(call, "barge"),
  take: (call) => command(call, "take-over"),
  help: (call) => command(call, "join", { mode: "whisper" }),
  text: (call) => location.assign(`/?call=${encodeURIComponent(call.call_id)}`),
};

find("flags").addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  const call = floor.board.calls.get(event.target.closest("[data-call]")?.dataset.call);
  if (button && call) ACTS[button.dataset.act](call);
  else if (call) select(call.agent);
});

function select(agent, focus = false) {
  floor.selected = agent;
  show();
  if (focus) document.querySelector("#tiles [aria-selected=true]")?.focus();
}

find("tiles").addEventListener("click", (event) => {
  const tile = event.target.closest("[data-agent]");
  if (tile) select(tile.dataset.agent, true);
});

/** To the tile that stands so many places on. */
function move(by) {
  const tiles = [...find("tiles").children];
  const at = tiles.findIndex((tile) => tile.dataset.agent === floor.selected);
  const to = at < 0 ? 0 : Math.min(tiles.length - 1, Math.max(0, at + by));
  if (tiles.length) select(tiles[to].dataset.agent, true);
}

const across = () => getComputedStyle(find("floor")).gridTemplateColumns.split(" ").length;

function act(name) {
  if (!floor.selected) return say(t("请先用方向键选座席"));
  const call = callOf(floor.selected);
  if (call) ACTS[name](call);
  else say(t`${people.get(floor.selected) ?? floor.selected} 现在没有通话`);
}

/** To the agent who has asked for a supervisor longest: both are heard, the agent alone hears. */
function help() {
  const [first] = asking(calls());
  if (!first) return say(t("现在没有座席请主管"));
  select(first.agent);
  ACTS.help(first);
}

function toFlag() {
  const first = find("flags").querySelector("[data-call]");
  if (!first) return say(t("现在没有红标"));
  select(floor.board.calls.get(first.dataset.call).agent);
  find("flags").querySelector("[data-call]").focus();
}

function undo() {
  const call = calls().find((one) => canUndo(one, now()) && one.confirmed.agent === person.value);
  if (call) ACTS.undo(call);
}

bind("wall", t("墙板"), {
  left: { key: "ArrowLeft", act: () => move(-1), fixed: true, repeats: true },
  right: { key: "ArrowRight", act: () => move(1), fixed: true, repeats: true },
  down: { key: "ArrowDown", act: () => move(across()), fixed: true, repeats: true },
  up: { key: "ArrowUp", what: t("选座席"), shown: "↑ ↓ ← →", act: () => move(-across()), fixed: true, repeats: true },
  text: { key: "T", what: t("看文字"), act: () => act("text") },
  listen: { key: "L", what: t("监听，再按停止"), act: () => act("listen") },
  whisper: { key: "W", what: t("耳语"), act: () => act("whisper") },
  barge: { key: "B", what: t("强插"), act: () => act("barge") },
  take: { key: "K", what: t("接管"), act: () => act("take") },
  help: { key: "J", what: t("去帮请主管的座席（耳语）"), act: help },
  flag: { key: "G", what: t("到红标"), act: toFlag },
  undo: { key: "Esc", what: t("撤回"), act: undo, fixed: true },
});

find("level-other").addEventListener("click", () => {
  toggleLevel();
  if (day) showDay(day, people);
});
person.addEventListener("change", show);

const dayAgain = soon(loadDay, 3000);
const askedAgain = soon(loadAsked, 500);
const EVENTS = [
  "history", "steer_back", "dismissal", "undo", "card", "promise", "call", "partial", "segment", "gap", "pause", "hit",
  "proposal", "withdrawal", "confirmation", "prompt", "end", "mute", "mark", "lead", "hold", "away", "transfer", "supervisor",
];

function take(event, name) {
  if (event.event === "TerminationProposed") floor.proposedAt.set(event.call_id, event.at);
  if (name === "end") {
    floor.proposedAt.delete(event.call_id);
    dayAgain();
  }
  if (floor.board.take(name, event) && name !== "partial") show();
}

const takes = Object.fromEntries(EVENTS.map((name) => [name, take]));
takes.snapshot = (live) => {
  clockAhead = Date.now() - Date.parse(live.at);
  floor.board.snapshot(live);
  known ??= alerts();
  floor.standing = new Map(live.agents.map((one) => [one.agent, one]));
  show();
  loadDay();
  loadAsked();
};
takes.agent = ({ agent, state, reason, at }) => {
  floor.standing.set(agent, { agent, state, reason, since: at });
  show();
};
takes.unattended = ({ agent, since, back }) => {
  if (back) floor.unattended.delete(agent);
  else floor.unattended.set(agent, since);
  show();
};
takes.block = askedAgain;
takes.record = askedAgain;

function showLink(good) {
  linked = good;
  find("link").classList.toggle("good", good);
  find("link").firstElementChild.classList.toggle("good", good);
  tell();
}

function tell() {
  const { length } = calls().filter((call) => call.answered_at);
  find("link-what").textContent = linked ? t`实时 · 通话 ${length}` : t("实时连接断开");
}

setInterval(() => {
  tick(floor, now());
  showFlags(floor, person.value, now());
  showLines(day, calls(), now());
  tell();
}, 1000);
setInterval(() => {
  loadDay();
  loadAsked();
}, DAY_MS);
follow(takes, showLink);
show();
