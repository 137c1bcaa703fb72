// The replay of one call: transcript with marks, lanes, transport.

import { categoryName, clock, find, hue, make, word } from "./base.js";
import { listen, load, move, onPosition, playFrom } from "./player.js";
import { writeText } from "./transcript.js";

const call = JSON.parse(find("call").textContent);
const lanes = find("lanes");
const length = call.recording ? call.recording.seconds * 1000 : 0;

const share = (ms) => `${(100 * Math.min(Math.max(ms / length, 0), 1)).toFixed(3)}%`;

for (const line of document.querySelectorAll("#lines li")) {
  const segment = call.segments[Number(line.dataset.index)];
  writeText(line.querySelector(".text"), segment, call.hits);
}

if (find("audio")) {
  listen();
  load(call.segments, call.hits, true);
}
if (lanes && length > 0) drawLanes();

const number = find("number");
find("show-number").addEventListener("click", (event) => {
  const shown = number.textContent === number.dataset.whole;
  number.textContent = shown ? number.dataset.masked : number.dataset.whole;
  event.currentTarget.setAttribute("aria-pressed", String(!shown));
});

/** A block on a lane; positions are set as style properties, which the content policy allows. */
function block(lane, kind, start, end, text = "") {
  const node = make("div", { class: kind, title: text }, kind === "prompt-here" ? text : "");
  node.style.left = share(start);
  node.style.width = share(end - start);
  find(lane).append(node);
  return node;
}

function drawLanes() {
  for (const s of call.segments) block(`lane-${s.party}`, "said-here", s.start_ms, s.end_ms);
  for (const g of call.gaps) block(`lane-${g.party}`, "gap-here", g.start_ms, g.end_ms, "缺口");
  for (const p of call.prompts) {
    const start = Date.parse(p.started_at) - Date.parse(call.answered_at);
    block("lane-agent", "prompt-here", start, start + p.sent_ms, word("prompt_short", p.name));
  }
  call.hits.forEach(drawMark);
  const needles = ["lane-caller", "lane-agent"].map((lane) => {
    const needle = make("div", { class: "needle" });
    find(lane).append(needle);
    return needle;
  });
  const seek = find("seek");
  seek.max = String(Math.round(length));
  seek.addEventListener("input", () => move(Number(seek.value)));
  onPosition((ms) => {
    for (const needle of needles) needle.style.left = share(ms);
    seek.value = String(ms);
    seek.setAttribute("aria-valuetext", clock(ms));
  });
  for (const lane of ["lane-caller", "lane-agent"]) {
    find(lane).addEventListener("click", (event) => {
      const box = find(lane).getBoundingClientRect();
      move(((event.clientX - box.left) / box.width) * length);
    });
  }
}

function drawMark(hit, index) {
  const text = `${clock(hit.start_ms)} ${categoryName(hit.category)}：${hit.text}`;
  const mark = make("button", { class: hue(hit.category), title: text, "aria-label": text }, String(index + 1));
  mark.style.left = share(hit.start_ms);
  mark.addEventListener("click", () => playFrom(hit.start_ms));
  find("lane-marks").append(mark);
}
