// Draws the wall board's tiles and red flags. Sends nothing, decides nothing.

import { clock, find, grouped, groupOf, icon, make, tag, word, words, t } from "../base.js";
import { farNumber } from "../call/board.js";
import { canUndo } from "../call/ladder.js";
import { underWay } from "../call/sending.js";
import { keyOf, shown as keycap } from "../keys.js";
import { reconcile } from "../reconcile.js";
import { hitsIn, writeText } from "../call/transcript.js";

const PLAYING = ["line_fault", "analysis"];
const ASKS_FOR_MORE = ["escalation", "anger"];
const LONG = 11; // digits of a number of which seven are shown; of a shorter one four
const MODES = { listen: t("只听不发声"), whisper: t("只有座席听见"), barge: t("双方都听见") };

const since = (iso, now) => Math.max(0, now - Date.parse(iso));

/** A number in groups with its middle hidden, as lists show it: 138 •••• 0001. */
export function masked(number) {
  const digits = number.replace(/\D/g, "").length;
  const [head, tail] = digits >= LONG ? [3, 4] : digits >= 7 ? [2, 2] : [0, 1];
  let at = 0;
  return grouped(number).replace(/\d/g, (digit) => {
    at += 1;
    return at <= head || at > digits - tail ? digit : "•";
  });
}

const harassing = (call) => call.hits.filter((hit) => groupOf(hit.category) === "harassment");

/** A call with harassing words or an open proposal, in which nobody confirmed yet. */
export const isRed = (call) =>
  Boolean(call.answered_at && call.agent) && !PLAYING.includes(call.state) &&
  Boolean(call.proposal || harassing(call).length);

const reason = (call) =>
  (call.proposal ?? call.confirmed?.proposal)?.reason ?? harassing(call).at(-1)?.category ?? "";

const label = (category) => words.category[category]?.[1] ?? category;

// how an agent stands: its place in the order, colour, picture, word
const STANDS = {
  called: { rank: -1, kind: "call", picture: () => icon("headset"), word: t("请主管") },
  proposed: { rank: 0, kind: "harassment", picture: () => icon("shield-x"), word: t("待确认") },
  red: { rank: 1, kind: "harassment", picture: () => icon("shield-x"), word: t("红标") },
  prompt: { rank: 2, kind: "prompt", picture: () => icon("microphone-off"), word: t("播放提示") },
  raised: { rank: 3, kind: "complaint", picture: () => icon("messages"), word: t("投诉升高") },
  unattended: { rank: 4, kind: "off", picture: () => icon("plug-connected-x"), word: t("空岗") },
  on_call: { rank: 5, kind: "call", picture: () => icon("phone"), word: t("通话中") },
  held: { rank: 5, kind: "call", picture: () => icon("player-pause"), word: t("保持") },
  ringing: { rank: 6, kind: "", picture: () => icon("phone-incoming"), word: t("振铃") },
  wrap_up: { rank: 7, kind: "", picture: () => icon("pencil"), word: t("话后整理") },
  ready: { rank: 8, kind: "good", picture: () => icon("check"), word: t("就绪") },
  recovery: { rank: 9, kind: "rest", picture: () => icon("heart"), word: t("恢复小休") },
  break: { rank: 10, kind: "rest", picture: () => icon("coffee"), word: t("小休") },
  offline: { rank: 11, kind: "off", picture: () => icon("plug-connected-x"), word: t("离线") },
};
const COUNTED = {
  on_call: ["agent"], ringing: [""], ready: ["good"], wrap_up: [""], break: [""], recovery: [""], offline: [""],
};

/** What stands on an agent's tile: their call before their own state. */
function standing(floor, agent) {
  const call = floor.board.live().find((one) => one.agent === agent && one.answered_at);
  if (call) return { ...ofCall(call), call };
  const own = floor.standing.get(agent) ?? { state: "offline", reason: "", since: null };
  const missing = floor.unattended.get(agent);
  if (missing) return { stand: "unattended", note: t("应在岗"), since: missing, state: own.state };
  const note = own.state === "recovery" ? t("不计考核") : own.state === "break" ? own.reason : "";
  return { stand: own.state in STANDS ? own.state : "offline", note, since: own.since, state: own.state };
}

function ofCall(call) {
  const from = call.answered_at;
  const raised = call.hits.find((hit) => ASKS_FOR_MORE.includes(hit.category));
  if (PLAYING.includes(call.state)) {
    const note = word("prompt_short", call.state);
    return { stand: "prompt", note, since: call.confirmed?.at ?? from, state: "on_call" };
  }
  if (call.lead_called) return { stand: "called", note: "", since: call.lead_called.at, state: "on_call" };
  if (isRed(call)) {
    return { stand: call.proposal ? "proposed" : "red", note: label(reason(call)), since: from, state: "on_call" };
  }
  if (raised) return { stand: "raised", note: label(raised.category), since: from, state: "on_call" };
  if (call.paused) return { stand: "on_call", note: t("安全暂停"), since: call.paused.since, state: "on_call" };
  if (call.state === "talking") return { stand: "on_call", note: "", since: from, state: "on_call" };
  return { stand: "held", note: call.state === "held" ? "" : word("state", call.state), since: call.held_at ?? from, state: "on_call" };
}

/** Every agent as a tile, red flags first, then who stands so for longest. */
export function showTiles(floor, now) {
  const all = [...floor.people].map(([agent, name]) => ({ agent, name, ...standing(floor, agent) }));
  const rank = (one) => STANDS[one.stand].rank;
  all.sort((a, b) => rank(a) - rank(b) || String(a.since).localeCompare(String(b.since)));
  const focused = document.activeElement?.closest?.("#tiles [data-agent]")?.dataset.agent;
  const first = floor.selected ?? all[0]?.agent;
  reconcile(find("tiles"), all.map((one) => tile(one, floor.selected === one.agent, first === one.agent)));
  if (focused) document.querySelector(`#tiles [data-agent="${CSS.escape(focused)}"]`)?.focus();
  showStates(all);
  tick(floor, now);
}

function tile(one, chosen, reachable) {
  const { agent, name, stand, note, since: from } = one;
  const { kind, picture, word: said } = STANDS[stand];
  const draw = () =>
    make(
      "li",
      {
        class: `cc-tile ${kind}`.trim(), role: "option", "data-agent": agent, "data-since": from,
        tabindex: reachable ? 0 : -1, "aria-selected": String(chosen),
      },
      make("p", {}, make("b", {}, name), make("span", { class: "seat" }, agent), make("time", { class: "timer" }, from ? "" : "—")),
      make("p", { class: "stands" }, make("span", { class: "how" }, picture(), said), make("span", { class: "note" }, note)),
    );
  return { key: agent, stamp: [stand, note, from, chosen, reachable].join("|"), draw };
}

function showStates(all) {
  const told = Object.keys(COUNTED).map((state) => [state, all.filter((one) => one.state === state).length]);
  const tags = told.filter(([, count]) => count).map(([state, count]) => {
    const node = tag(`${STANDS[state].word} ${count}`, COUNTED[state][0]);
    node.prepend(STANDS[state].picture());
    return node;
  });
  find("states").replaceChildren(...tags);
}

/** What moves by itself each second. */
export function tick(floor, now) {
  for (const node of find("tiles").children) {
    const from = node.dataset.since;
    const text = from ? clock(since(from, now)) : "—";
    if (node.querySelector(".timer").textContent !== text) node.querySelector(".timer").textContent = text;
  }
}

/** The calls whose agent asks for a supervisor, who asked first at the top. */
export const asking = (calls) =>
  calls.filter((call) => call.lead_called).sort((a, b) => a.lead_called.at.localeCompare(b.lead_called.at));

/** Who asks for a supervisor, then the red flags: those that wait for a word first, the oldest before the newer. */
export function showFlags(floor, person, now) {
  const undoable = (call) => canUndo(call, now) && call.confirmed.agent === person;
  const shown = floor.board.live().filter((call) => isRed(call) || undoable(call) || call.lead_called);
  const age = (call) => floor.proposedAt.get(call.call_id) ?? call.answered_at;
  const waits = (call) => (call.lead_called ? -1 : call.proposal || call.confirmed ? 0 : 1);
  shown.sort((a, b) => waits(a) - waits(b) || age(a).localeCompare(age(b)));
  const focused = document.activeElement?.closest?.("#flags [data-call]")?.dataset.call;
  const act = document.activeElement?.dataset.act;
  reconcile(find("flags"), shown.map((call) => flag(call, { floor, person, undoable: undoable(call) })));
  if (focused && !find("flags").contains(document.activeElement)) refocus(focused, act);
  for (const node of find("flags").children) tickFlag(node, floor, now);
  const red = shown.filter((call) => isRed(call) || call.lead_called).length;
  find("flags-count").textContent = String(red);
  find("flags-head").classList.toggle("none", red === 0);
  find("no-flags").hidden = shown.length > 0;
}

function refocus(callId, act) {
  const node = document.querySelector(`#flags [data-call="${CSS.escape(callId)}"]`);
  ((act && node?.querySelector(`[data-act="${act}"]`)) || node)?.focus();
}

function tickFlag(node, floor, now) {
  const call = floor.board.calls.get(node.dataset.call);
  const asked = floor.proposedAt.get(call.call_id);
  node.querySelector(".timer").textContent = clock(since(call.answered_at, now));
  const waits = node.querySelector(".waits");
  if (waits) waits.textContent = asked ? t` ${Math.floor(since(asked, now) / 1000)} 秒` : "";
}

function flag(call, seen) {
  const mode = call.joined.find((one) => one.person === seen.person)?.mode ?? "";
  const chosen = seen.floor.selected === call.agent;
  const doing = underWay(call);
  const stamp = [
    call.hits.length, call.state, Boolean(call.proposal), call.steered, mode, chosen, seen.undoable,
    call.history?.calls_24h, call.joined.length, doing, call.lead_called?.at,
  ].join("|");
  return { key: call.call_id, stamp, draw: () => drawFlag(call, seen, mode, chosen, doing) };
}

function drawFlag(call, seen, mode, chosen, doing) {
  const why = reason(call) ? make("span", { class: call.proposal ? "cc-tag deep" : "cc-tag harassment" }, label(reason(call))) : "";
  const head = make(
    "p", { class: "head" },
    make("b", {}, seen.floor.people.get(call.agent) ?? call.agent), make("span", { class: "cc-quiet" }, masked(farNumber(call))),
    ...often(call), make("span", { class: "cc-space" }), why, make("b", { class: "timer" }),
  );
  return make(
    "li",
    { class: `wall-flag${call.proposal ? " fresh" : ""}${isRed(call) ? "" : " called"}`, "data-call": call.call_id, tabindex: -1 },
    head, ...(isRed(call) ? [quote(call)] : []), ...facts(call, seen), buttons(call, mode, chosen, doing, seen.undoable),
  );
}

/** How often this number came within a day. */
const often = ({ history }) => (history?.calls_24h ? [tag(t`24 小时内第 ${history.calls_24h + 1} 通`)] : []);

/** The last words of the caller that are harassing, as they were said. */
function quote(call) {
  const hits = harassing(call);
  const segment = call.segments.findLast((one) => one.party === "caller" && hitsIn(one, hits).length);
  const said = make("span", { lang: "zh-CN" });
  if (segment) writeText(said, segment, call.hits);
  else said.append((call.proposal ?? call.confirmed?.proposal)?.evidence ?? "");
  return make("p", { class: "quote" }, make("small", {}, word("party", "caller")), " ", said);
}

function facts(call, { undoable, floor }) {
  const found = call.lead_called ? [asks(call.lead_called, floor.people)] : [];
  if (undoable) found.push(fact(icon("microphone-off"), t`已确认终止，正在播放${word("prompt_short", call.state)}`));
  if (call.proposal) {
    const steered = call.steered || call.steer_back ? t("已引导，已建议终止") : t("已建议终止");
    found.push(fact(icon("hourglass"), make("span", {}, steered, make("b", { class: "waits" }), t("，等座席按 F9"))));
  }
  const complaint = call.hits.find((hit) => groupOf(hit.category) === "complaint");
  if (complaint) {
    const heard = make("mark", { class: "complaint", lang: "zh-CN" }, complaint.text);
    found.push(fact(icon("messages"), make("span", {}, t("可能是投诉：提到"), heard)));
  }
  return found;
}

/** Who asks for a supervisor, and what about. */
function asks({ by, reason: about }, people) {
  const told = t`${people.get(by) ?? by} 请主管`;
  return fact(icon("headset"), make("b", {}, about ? `${told}：${about}` : told));
}

const fact = (...parts) => make("p", { class: "fact" }, ...parts);

const key = (name) => keycap(keyOf("wall", name));

function buttons(call, mode, chosen, doing, undoable) {
  const line = make("p", { class: "acts" });
  if (call.lead_called) line.append(button("help", t("去帮"), { kind: "btn-primary", picture: icon("headset"), doing, key: key("help") }));
  if (undoable) line.append(button("undo", t("撤回"), { key: "Esc", doing }));
  if (call.proposal) line.append(button("confirm", t("替她(他)确认"), { kind: "deep", picture: icon("shield-x"), doing }));
  if (mode) {
    const told = tag(`${t`您在${word("mode", mode)}`} · ${MODES[mode]} · ${t("已入日志")}`, "agent");
    told.prepend(icon("ear"));
    line.append(told);
  }
  line.append(make("span", { class: "cc-space" }));
  if (mode) line.append(button("leave", t("停止"), { kind: "btn-primary", doing, key: mode === "listen" && chosen && key("listen") }));
  const offered = ["listen", "whisper", "barge"].filter((one) => one !== mode && !undoable);
  line.append(...offered.map((one) => button(one, word("mode", one), { doing, key: !mode && chosen && key(one) })));
  if (mode && call.state === "talking") line.append(button("take", t("接管"), { doing, key: chosen && key("take") }));
  if (!mode) line.append(button("text", t("看文字"), { key: chosen && key("text") }));
  return line;
}

function button(act, text, { kind = "", picture = null, key = "", doing = false }) {
  const shown = make("button", { type: "button", class: `btn btn-sm ${kind}`.trim(), "data-act": act, disabled: doing && "" });
  shown.append(...[picture, text].filter(Boolean));
  if (doing) shown.disabled = true;
  if (key) shown.append(make("kbd", {}, key));
  return shown;
}
