// The review queue: choose a call, hear why it is flagged, judge it, go on to the next.

import {
  ask, categoryName, clock, find, hue, icon, localTime, make, rememberPerson, say, tag, typing, word, t,
} from "../base.js";
import { follow } from "../link.js";
import { listen, load } from "../call/player.js";
import { hitsIn, writeText } from "../call/transcript.js";
import { clearWaveform, drawWaveform } from "../call/waveform.js";

const queue = find("queue");
const form = find("verdict");
const audio = find("audio");
const reviewer = find("reviewer");
const people = JSON.parse(find("people").textContent);

let shown = null; // the call whose evidence is on the screen

rememberPerson(reviewer, "callcenter.reviewer");
listen();

const items = () => [...queue.querySelectorAll("[data-call]")];
const selected = () => queue.querySelector('[aria-selected="true"]');

function select(item) {
  for (const other of items()) other.setAttribute("aria-selected", String(other === item));
  showCount();
  if (!item) {
    clear();
    return;
  }
  form.reset();
  find("fields").disabled = false;
  find("submit").disabled = true;
  audio.pause();
  queue.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
  open(item);
}

function showCount() {
  const left = items().length;
  find("count").textContent = left || "";
  find("queue-empty").hidden = left > 0;
}

async function open(item) {
  const id = item.dataset.call;
  try {
    const call = await ask("GET", `/calls/${encodeURIComponent(id)}`);
    if (selected()?.dataset.call === id) showCall(call, item);
  } catch (error) {
    say(error.message);
  }
}

function clear() {
  shown = null;
  queue.removeAttribute("aria-activedescendant");
  for (const id of ["listening", "hits-head", "words-head", "course-head", "open"]) find(id).hidden = true;
  for (const id of ["hits", "lines", "course", "sound", "subtitle", "whose"]) find(id).replaceChildren();
  find("title").textContent = t("都判完了");
  enableForm(false);
  audio.removeAttribute("src");
  load([], [], false);
}

function enableForm(open) {
  find("fields").disabled = !open;
  find("submit").disabled = !open;
}

function showCall(call, item) {
  shown = call;
  enableForm(true);
  const number = item.querySelector(".two").children[1].textContent;
  find("title").textContent = call.agent ? `${number} → ${people[call.agent] ?? call.agent}` : number;
  const length = call.answered_at && call.ended_at ? Date.parse(call.ended_at) - Date.parse(call.answered_at) : 0;
  const parts = [call.call_id, localTime(call.rang_at), clock(length), t`${word("ended_by", call.ended_by)}挂机`];
  find("subtitle").textContent = parts.join(" · ");
  find("whose").textContent = word("disposition", call.disposition);
  find("open").href = `/calls/${encodeURIComponent(call.call_id)}`;
  find("open").hidden = false;
  showSound(call);
  showHits(call);
  showLines(call);
  showCourse(call);
}

function showSound(call) {
  const has = call.recording !== null;
  if (has) audio.src = `/api/v1/calls/${encodeURIComponent(call.call_id)}/recording`;
  else audio.removeAttribute("src");
  find("listening").hidden = !has;
  const badge = tag(has ? t("录音已封存") : t("没有录音"), has ? "good" : "");
  badge.prepend(icon(has ? "lock" : "circle-off"));
  find("sound").replaceChildren(badge);
  load(call.segments, call.hits, has);
  find("position").textContent = "0:00";
  if (has) drawWaveform(call);
  else clearWaveform();
}

audio.addEventListener("error", () => {
  if (!shown || !audio.hasAttribute("src")) return;
  const badge = tag(t("录音文件不见了"), "passed");
  badge.prepend(icon("circle-off"));
  find("sound").replaceChildren(badge);
  find("listening").hidden = true;
  load(shown.segments, shown.hits, false);
});

function showHits(call) {
  find("hits-head").hidden = call.hits.length === 0;
  find("hits-count").textContent = call.hits.length || "";
  find("hits").replaceChildren(...call.hits.map((hit, index) => evidence(call, hit, index + 1)));
}

/** One hit: its sentence with what was heard marked, and why it counts. */
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
    tag(categoryName(hit.category), hue(hit.category)),
    make("span", { class: "why", title: hit.rule }, hit.why || hit.rule, hit.spotted ? t(" · 听辨") : ""),
  );
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

function showCourse(call) {
  const steps = [
    ...call.decisions.map((d) => stepOf(d.at, ["proposed", "confirmed"].includes(d.kind) ? "harassment" : "", word("decision", d.kind), told(d))),
    ...call.prompts.map((p) => stepOf(p.started_at, "prompt", word("prompt", p.name), sent(p))),
  ];
  if (call.ended_at) steps.push(stepOf(call.ended_at, "", t("结束"), t`${word("ended_by", call.ended_by)}挂机`));
  find("course-head").hidden = false;
  find("course").replaceChildren(...steps);
}

const told = (d) => {
  const who = d.actor === "system" ? t("系统") : (people[d.actor] ?? d.actor).split(" ")[0];
  return `${who}${d.prompt ? ` · ${word("prompt_short", d.prompt)}` : ""}${d.reason ? ` · ${categoryName(d.reason)}` : ""}`;
};
const sent = (p) => t`已送出 ${(p.sent_ms / 1000).toFixed(1)} / ${(p.file_ms / 1000).toFixed(1)} 秒`;

function stepOf(at, kind, name, text) {
  const time = make("time", { datetime: at }, localTime(at, "time"));
  return make("li", { class: kind }, make("b", {}, name), make("span", {}, text), time);
}

function moveBy(distance) {
  const all = items();
  const at = all.indexOf(selected());
  const next = all[Math.min(Math.max(at + distance, 0), all.length - 1)];
  if (next && next !== selected()) select(next);
}

async function submit() {
  if (!shown || find("submit").disabled) return;
  if (!form.reportValidity()) return;
  const body = Object.fromEntries(new FormData(form));
  body.reviewer = reviewer.value.trim();
  if (!body.reviewer) {
    say(t("请先在右上写审核人"));
    reviewer.focus();
    return;
  }
  enableForm(false);
  try {
    const { call_id: id } = shown;
    await ask("POST", `/calls/${encodeURIComponent(id)}/verdict`, body);
    say(t`已判为${word("verdict", body.verdict)}`);
    next(id);
  } catch (error) {
    enableForm(true);
    say(error.message);
  }
}

/** Take the judged call off the list and open the one below it, else the one above. */
function next(id) {
  const judged = items().find((item) => item.dataset.call === id);
  const following = judged?.nextElementSibling ?? judged?.previousElementSibling ?? null;
  judged?.remove();
  select(following);
  queue.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
queue.addEventListener("click", (event) => {
  const item = event.target.closest("[data-call]");
  if (item) select(item);
});

function choose(value) {
  if (find("fields").disabled) return;
  form.querySelector(`[name="verdict"][value="${value}"]`).checked = true;
  find("reason").focus();
}

const KEYS = {
  ArrowUp: () => moveBy(-1),
  ArrowDown: () => moveBy(1),
  1: () => choose("harassment"),
  2: () => choose("complaint"),
  3: () => choose("ordinary"),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    submit();
    return;
  }
  if (event.key === "Escape" && typing(event.target)) {
    queue.focus();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/** A call that was flagged in the meantime is told, never slipped under the reader's hand. */
const FLAGGED = ["harassment", "suspected", "silent", "complaint", "suggestion", "blocked"];
follow({
  end({ disposition }) {
    if (FLAGGED.includes(disposition)) find("changed").hidden = false;
  },
});

select(items()[0] ?? null);
queue.focus();
