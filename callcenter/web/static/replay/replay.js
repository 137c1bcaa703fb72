// The replay of one call: transcript with marks, waveform, transport.

import { find, t } from "../base.js";
import { listen, load } from "../call/player.js";
import { writeText } from "../call/transcript.js";
import { drawWaveform } from "../call/waveform.js";

const call = JSON.parse(find("call").textContent);

for (const line of document.querySelectorAll("#lines li")) {
  const segment = call.segments[Number(line.dataset.index)];
  writeText(line.querySelector(".text"), segment, call.hits);
}

if (find("audio")) {
  listen();
  load(call.segments, call.hits, true);
  drawWaveform(call).then(({ talk_share: share }) => showShare(share));
}

/** How much the agent spoke, and the other party. */
function showShare(share) {
  if (share === null) return;
  const node = find("talk-share");
  node.textContent = t`说听比 ${Math.round(share)} : ${100 - Math.round(share)}`;
  node.title = t("座席说话与听话的时间");
  node.hidden = false;
}

const number = find("number");
find("show-number").addEventListener("click", (event) => {
  const shown = number.textContent === number.dataset.whole;
  number.textContent = shown ? number.dataset.masked : number.dataset.whole;
  event.currentTarget.setAttribute("aria-pressed", String(!shown));
});
