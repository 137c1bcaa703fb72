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

function cutWords(from, to, alone = false) {
  for (const line of lines.slice(from, to)) {
    writeText(line.querySelector(".text"), call.segments[Number(line.dataset.index)], call.hits);
  }
  if (alone) return;
  if (to < lines.length) setTimeout(() => cutWords(to, to + AT_ONCE));
  else showGaps();
}

/** Missing sound stands in the text where it is missing. */
function showGaps() {
  for (const gap of call.gaps) {
    const seconds = ((gap.end_ms - gap.start_ms) / 1000).toFixed(1);
    const told = make("p", {}, make("i", {}), gap.filled ? t`缺口 ${seconds} 秒，已补转写` : t`缺口 ${seconds} 秒`);
    const row = make("li", { class: "gap" }, make("time", {}, clock(gap.start_ms)), make("b", { class: gap.party }, word("party", gap.party)), told);
    const after = lines.find((line) => Number(line.dataset.start) >= gap.start_ms);
    if (after) after.before(row);
    else find("lines")?.append(row);
  }
}

if (find("audio")) {
  listen();
  load(call.segments, call.hits, true);
  mix();
  drawWaveform(call).then(async ({ talk_share: share }) => {
    showShare(share);
    showIntegrity(find("integrity"), call);
    await wordsThatFollow(); // what can wait lets the waveform go first
    cutWords(AT_ONCE, 2 * AT_ONCE);
  });
  cutWords(0, AT_ONCE, true);
} else wordsThatFollow().then(() => cutWords(0, AT_ONCE));

/** Of a long call the page brings the words of its beginning only. */
async function wordsThatFollow() {
  if (!call.words_follow) return;
  const whole = await ask("GET", `/calls/${encodeURIComponent(call.call_id)}/segments`).catch(() => []);
  for (const [at, segment] of whole.entries()) call.segments[at].words = segment.words;
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
