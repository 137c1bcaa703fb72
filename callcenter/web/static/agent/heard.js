// What was heard in a call, as the fields of its work order; the agent may change each. Reads the call only.

import { categoryName, clock, groupOf, word, t } from "../base.js";
import { farNumber } from "../call/board.js";
import { hitsIn } from "../call/transcript.js";
import { personName } from "./live-calling.js";

const NOBODY = ["", "anonymous", "unknown"];
const QUOTES = 6;
const LONGEST = 80; // characters of one quotation
const TELLING = 4; // characters: "喂" and "你好" say nothing

/** What this call says of each field; "" where it says nothing. */
export function heard(call) {
  const number = farNumber(call);
  const ended = call.confirmed;
  return {
    happened_at: call.answered_at ?? call.rang_at,
    phone: NOBODY.includes(number) ? "" : number,
    concerned: call.history?.customer?.name ?? "",
    place: "",
    content: [...quotes(call), ...asides(call)].join("\n"),
    solution: ended ? t`${personName(ended.agent)} 确认终止，播放${word("prompt_short", ended.prompt)} 后挂断` : "",
    outcome: ended ? "wrap_up_closed" : "wrap_up",
  };
}

/** The sentences in which something was hit; where nothing was, the first that say something. */
function quotes(call) {
  const said = call.segments.filter((one) => one.party === "caller" && one.final !== false);
  const marked = said.map((one) => [one, hitsIn(one, call.hits).filter((hit) => groupOf(hit.category))]).filter(([, hits]) => hits.length);
  if (marked.length) {
    return marked.slice(0, QUOTES).map(([one, hits]) => {
      const names = [...new Set(hits.map((hit) => categoryName(hit.category)))].join(t("、"));
      return t`${clock(one.start_ms)} “${cut(one.text, hits[0].text)}”（${names}）`;
    });
  }
  const telling = said.filter((one) => one.text.length > TELLING).slice(0, 2);
  return telling.map((one) => t`${clock(one.start_ms)} “${cut(one.text)}”`);
}

function asides(call) {
  const ticked = call.ticked.map((what) => categoryName(what)).join(t("、"));
  const read = call.segments.filter((one) => one.party === "caller").flatMap((one) => one.numbers ?? []);
  const numbers = [...(call.numbers ?? []), ...read]; // telephone numbers are told to this desk alone
  return [
    ticked && t`背景里听到：${ticked}`,
    numbers.length && t`读出的号码：${[...new Set(numbers)].slice(0, 4).join(t("、"))}`,
  ].filter(Boolean);
}

/** A quotation of bearable length, with these words in it. */
function cut(text, words = "") {
  const from = Math.max(0, Math.min(text.indexOf(words) - LONGEST / 2, text.length - LONGEST));
  const piece = text.slice(from, from + LONGEST);
  return `${from > 0 ? "…" : ""}${piece}${from + LONGEST < text.length ? "…" : ""}`;
}
