// What helps the agent on the live desk: the card, promises heard, one's own words. Draws only.

import { clock, find, make, say, t, two, word } from "../base.js";
import { forInput } from "./draft.js";
import { reconcile } from "../reconcile.js";

const closed = new Set(); // cards that this desk has put away
const keyOf = (call) => `${call.call_id} ${call.card.card.name} ${call.card.because}`;

/** The card before the agent now; a proposal takes its place. */
const shownCard = (call) =>
  call?.state === "talking" && !call.proposal && call.card && !closed.has(keyOf(call)) ? call.card : null;

/** All of it for the call on the screen; banned words are for the agent who said them alone. */
export function showAssist(call, person) {
  showCard(shownCard(call));
  showPromises(call);
  showOwnWords(call && call.agent === person ? call.banned : []);
}

/** Put the card away on this desk, or bring it back. True where there is one. */
export function toggleCard(call) {
  if (!call?.card) return false;
  if (shownCard(call)) closed.add(keyOf(call));
  else closed.delete(keyOf(call));
  return true;
}

function showCard(offer) {
  const area = find("card");
  const stamp = offer ? `${offer.card.name}|${offer.because}` : "";
  if (area.dataset.stamp !== stamp && offer) {
    const { card, because } = offer;
    find("card-title").textContent = card.title;
    find("card-do").textContent = card.do;
    find("card-say").replaceChildren(...card.say.map((line) => make("p", {}, line)));
    find("card-why").textContent = because;
  }
  area.dataset.stamp = stamp;
  area.hidden = !offer;
}

function showOwnWords(hits) {
  const last = hits.at(-1);
  find("own-words").hidden = !last;
  if (!last) return;
  const count = hits.length > 1 ? t`，本通第 ${hits.length} 处` : "";
  find("own-words-what").textContent = t`${clock(last.start_ms)} 您说了“${last.text}”${count}`;
  find("own-words-why").textContent = last.why;
}

function showPromises(call) {
  const heard = call?.promises ?? [];
  find("promises").hidden = !heard.length;
  reconcile(find("promise-list"), heard.map((one) => row(one)));
}

function row(promise) {
  const stamp = `${promise.status}|${promise.due_at}`;
  const draw = () => make("li", { "data-promise": promise.promise_id }, ...parts(promise));
  return { key: promise.promise_id, stamp, draw };
}

function parts(promise) {
  const heard = make("p", {}, make("b", {}, t`听到承诺：${promise.text}`));
  const due = inWords(promise.due_at);
  if (promise.status === "dismissed") return [heard, make("p", { class: "cc-quiet" }, t("不算承诺"))];
  if (promise.status === "accepted") {
    return [heard, make("p", { class: "cc-quiet" }, t`已列为回访 · ${word("promise", promise.what)} ${due}`)];
  }
  const input = make("input", { class: "form-control", type: "datetime-local", value: forInput(promise.due_at), "aria-label": t("回访时间") });
  return [
    heard,
    make("label", {}, t`→ 建议回访 ${due}（${word("promise", promise.what)}）`, input),
    make(
      "div",
      { class: "act" },
      make("button", { type: "button", class: "btn btn-sm", "data-act": "accept" }, t("列为回访")),
      make("button", { type: "button", class: "btn btn-sm", "data-act": "dismiss" }, t("不算承诺")),
    ),
  ];
}

/** A moment in the reader's own time: 11月23日 10:00. */
function inWords(iso) {
  const at = new Date(iso);
  return t`${at.getMonth() + 1}月${at.getDate()}日 ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What a click in the list asks for: {id, act, due_at}; null where it asks for nothing. */
export function promiseAsked(call, target) {
  const button = target.closest("[data-act]");
  if (!button) return null;
  const item = button.closest("[data-promise]");
  const promise = call?.promises.find((one) => one.promise_id === item.dataset.promise);
  if (!promise) return null;
  const { act } = button.dataset;
  if (act === "dismiss") return { id: promise.promise_id, act, more: {} };
  const { value } = item.querySelector("input");
  if (!value) {
    say(t("请先写回访时间"));
    return null;
  }
  const more = value === forInput(promise.due_at) ? {} : { due_at: new Date(value).toISOString() };
  return { id: promise.promise_id, act, more };
}
