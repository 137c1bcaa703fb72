// The replay of one call: transcript with marks, waveform, transport.

import { ask, clock, find, make, t, word } from "../base.js";
import { showIntegrity } from "../call/integrity.js";
import { listen, load } from "../call/player.js";
import { mix } from "../call/mix.js";
import { writeText } from "../call/transcript.js";
import { drawWaveform } from "../call/waveform.js";
import { numberButton } from "../number.js";

const call = JSON.parse(find("call").textContent);

const AT_ONCE = 60; // lines whose words are cut before anything else; the rest as time allows
const lines = [...document.querySelectorAll("#lines li")];

/** Of a long call the page brings the beginning as data; of the rest the lines say enough until it follows. */
const fromLine = (line) => ({
  party: line.querySelector("b").className,
  start_ms: Number(line.dataset.start),
  end_ms: Number(line.dataset.end),
  text: line.querySelector(".text").textContent,
  live: !("filled" in line.dataset),
  words: [],
});
if (call.words_follow) call.segments.push(...lines.slice(call.segments.length).map(fromLine));

function cutWords(from, to, alone = false) {
  for (const line of lines.slice(from, to)) {
    writeText(line.querySelector(".text"), call.segments[Number(line.dataset.index)], call.hits);
  }
  if (alone) return;
  if (to < lines.length) setTimeout(() => cutWords(to, to + AT_ONCE));
  else showGaps();
}

const BOTH = ["disk", "pause"];

/** Missing sound stands in the text where it is missing. */
function showGaps() {
  for (const gap of call.gaps) {
    if (BOTH.includes(gap.reason) && gap.party !== "caller") continue; // both are silent: said once
    const seconds = ((gap.end_ms - gap.start_ms) / 1000).toFixed(1);
    const text = gap.reason === "pause" ? t`安全暂停 ${seconds} 秒：没有录音和转写` : gap.reason === "disk" ? t`录音缺失 ${seconds} 秒：磁盘写不进` : gap.filled ? t`缺口 ${seconds} 秒，已补转写` : t`缺口 ${seconds} 秒`;
    const told = make("p", {}, make("i", {}), text);
    const row = make("li", { class: "gap" }, make("time", {}, clock(gap.start_ms)), make("b", { class: gap.party }, word("party", gap.party)), told);
    const after = lines.find((line) => Number(line.dataset.start) >= gap.start_ms);
    if (after) after.before(row);
    else find("lines")?.append(row);
  }
}

if (find("audio")) {
  listen();
  load(call.segments, call.hits, true, call.recording.seconds);
  mix();
  drawWaveform(call).then(async ({ talk_share: share }) => {
    showShare(share);
    showIntegrity(find("integrity"), call);
    await wordsThatFollow(); // what can wait lets the waveform go first
    cutWords(AT_ONCE, 2 * AT_ONCE);
  });
  cutWords(0, AT_ONCE, true);
} else wordsThatFollow().then(() => cutWords(0, AT_ONCE));

async function wordsThatFollow() {
  if (!call.words_follow) return;
  const whole = await ask("GET", `/calls/${encodeURIComponent(call.call_id)}/segments`).catch(() => []);
  for (const [at, segment] of whole.entries()) Object.assign(call.segments[at], segment);
}

/** How much the agent spoke, and the other party. */
function showShare(share) {
  if (share === null) return;
  const node = find("talk-share");
  node.textContent = t`说听比 ${Math.round(share)} : ${100 - Math.round(share)}`;
  node.title = t("座席说话与听话的时间");
  node.hidden = false;
}

numberButton();
