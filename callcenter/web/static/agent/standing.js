// How the agent stands (座席状态): what they choose, since when, and what has lasted too long.

import { ask, clock, find, make, say, word, t } from "../base.js";

const bar = find("standing");
const menu = find("break-reasons");
const BREAKS = JSON.parse(menu.dataset.breaks);
const BUSY = menu.dataset.notReady; // the reason of who is at their seat and takes no calls

let all = new Map(); // agent: how they stand
const missing = new Map(); // agent: since when nobody is at their seat
let person = "";
let asked = ""; // the wish that is on its way

/** The snapshot's, or the API's, list of how everybody stands. */
export function takeStandings(agents) {
  all = new Map(agents.map((one) => [one.agent, one]));
}

/** What the books say of everybody: what comes after the call, who is missing, what they did today. */
export async function askStandings() {
  try {
    const agents = await ask("GET", "/agents");
    for (const one of agents) {
      const { number: agent, unattended_since: since } = one;
      heardOfSeat({ agent, since, back: !since });
      const newer = Date.parse(all.get(agent)?.since) > Date.parse(one.since); // the stream was quicker
      if (!newer) all.set(agent, { ...one, agent });
    }
    const { today } = agents.find((one) => one.number === person) ?? {};
    find("summary").textContent = today ? t`今日接听 ${today.answered}` : "";
  } catch {
    // The stream tells the rest; the figure can wait.
  }
}

/** Somebody stands otherwise. */
export function heardOfAgent({ agent, state, reason, at, call_id }) {
  all.set(agent, { agent, state, reason, call_id, since: at, then: "", then_reason: "" });
}

/** Nobody is where somebody should be (空岗), or they are back. */
export function heardOfSeat({ agent, since, back }) {
  if (back) missing.delete(agent);
  else missing.set(agent, since);
}

export const standing = () => all.get(person) ?? null;

const isBusy = (one) => one.state === "break" && one.reason === BUSY;

/** Which part of the bar is lit. */
function lit(one) {
  if (["on_call", "ringing", "wrap_up"].includes(one.state)) return "on_call";
  return isBusy(one) ? "busy" : one.state;
}

/** The bar, and the large clock where no call is on. */
export function showStanding(whose, now, offered) {
  person = whose;
  const mine = standing();
  bar.hidden = !mine;
  showThen(mine);
  if (!mine) return;
  const lasts = long(now - Date.parse(mine.since));
  const late = missing.has(person) ? t`超时 ${long(now - Date.parse(missing.get(person)))}` : "";
  for (const part of bar.children) {
    const name = part.dataset.wish ?? part.dataset.state;
    const on = lit(mine) === name;
    if (part.dataset.wish) part.setAttribute("aria-pressed", String(on));
    part.classList.toggle("on", on);
    part.classList.toggle("late", on && Boolean(late));
    const text = on ? ` ${late || lasts}` : "";
    const node = part.querySelector(".long");
    if (node.textContent !== text) node.textContent = text;
  }
  bar.querySelector("[data-state]").hidden = lit(mine) !== "on_call";
  bar.querySelector("[data-state] .name").textContent = mine.state === "on_call" ? t("通话中") : word("agent_state", mine.state);
  bar.querySelector("[data-wish=recovery]").hidden = !offered && mine.state !== "recovery";
  find("idle-state").textContent = nameOf(mine);
  find("idle-time").textContent = late || lasts;
  find("idle-time").classList.toggle("late", Boolean(late));
}

/** Hours too: a break that was forgotten lasts long. */
function long(ms) {
  const hours = Math.floor(ms / 3_600_000);
  return hours > 0 ? `${hours}:${clock(ms % 3_600_000).padStart(5, "0")}` : clock(ms);
}

function nameOf({ state, reason }) {
  if (state === "ready") return t("示闲");
  if (state === "break" && reason) return reason === BUSY ? t("示忙") : `${word("agent_state", state)} · ${reason}`;
  return word("agent_state", state);
}

/** What comes after the call, where somebody chose it meanwhile. */
function showThen(mine) {
  const then = mine && ["on_call", "ringing", "wrap_up"].includes(mine.state) && mine.then && mine.then !== "ready";
  find("standing-then").hidden = !then;
  if (then) find("standing-then").textContent = t`之后${nameOf({ state: mine.then, reason: mine.then_reason })}`;
}

async function wish(state, reason = "") {
  closeMenu();
  const key = `${person} ${state} ${reason}`;
  if (!person || asked === key) return;
  asked = key;
  try {
    const stands = await ask("POST", `/agents/${encodeURIComponent(person)}/state`, { state, reason, by: person });
    all.set(person, stands);
    bar.dispatchEvent(new Event("wished"));
  } catch (error) {
    say(error.message);
  } finally {
    if (asked === key) asked = "";
  }
}

export const beReady = () => wish("ready");
export const beBusy = () => wish("break", BREAKS.includes(BUSY) ? BUSY : BREAKS[0]);
const signOut = () => wish("offline");

/** A break needs its reason; one key more, or none where there is only one. */
export function askBreak() {
  const reasons = BREAKS.filter((one) => one !== BUSY);
  if (reasons.length < 2) return wish("break", reasons[0] ?? BREAKS[0]);
  if (!menu.hidden) return closeMenu();
  menu.replaceChildren(...reasons.map((one) => make("button", { type: "button", role: "menuitem", class: "btn btn-sm", "data-reason": one }, one)));
  const place = bar.querySelector("[data-wish=break]");
  menu.hidden = false;
  menu.style.left = `${place.getBoundingClientRect().left}px`;
  place.setAttribute("aria-expanded", "true");
  menu.firstChild.focus();
  return undefined;
}

function closeMenu() {
  if (menu.hidden) return;
  const inside = menu.contains(document.activeElement);
  menu.hidden = true;
  const place = bar.querySelector("[data-wish=break]");
  place.setAttribute("aria-expanded", "false");
  if (inside) place.focus();
}

menu.addEventListener("click", (event) => {
  const { reason } = event.target.closest("[data-reason]")?.dataset ?? {};
  if (reason) wish("break", reason);
});
menu.addEventListener("keydown", (event) => {
  const items = [...menu.children];
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") closeMenu();
  else if (by) items.at((items.indexOf(document.activeElement) + by) % items.length).focus();
  else return;
  event.preventDefault();
});
menu.addEventListener("focusout", (event) => {
  if (!menu.contains(event.relatedTarget) && event.relatedTarget !== bar.querySelector("[data-wish=break]")) closeMenu();
});

/** `recover` takes the recovery break that is offered, or ends the one that runs. */
export function readyStanding(recover, changed) {
  const wishes = { ready: beReady, busy: beBusy, break: askBreak, recovery: recover, offline: signOut };
  bar.addEventListener("click", (event) => {
    const { wish: wanted } = event.target.closest("[data-wish]")?.dataset ?? {};
    if (wanted) wishes[wanted]();
  });
  bar.addEventListener("wished", changed);
}
