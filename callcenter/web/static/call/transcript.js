// Cuts a segment's text into words with times and marks what was hit. Text only, never markup.

import { hue, make, categoryName, t } from "../base.js";

const UNSURE = 0.6; // below this the recogniser guessed: the word is dotted

/** Where each word stands in the text: {from, to, word}. */
function placed(segment) {
  const places = [];
  let from = 0;
  for (const word of segment.words) {
    const at = word.word ? segment.text.indexOf(word.word, from) : -1;
    if (at < 0) continue;
    from = at + word.word.length;
    places.push({ from: at, to: from, word });
  }
  return places;
}

/** Where a hit stands in the text: by its words, else by the time of its first and last word. */
function range(segment, hit, places) {
  const inTime = places.filter((p) => p.word.start_ms < hit.end_ms && p.word.end_ms > hit.start_ms);
  const hint = inTime.length ? Math.max(0, inTime[0].from - 2) : 0;
  let at = hit.text ? segment.text.indexOf(hit.text, hint) : -1;
  if (at < 0 && hit.text) at = segment.text.indexOf(hit.text);
  if (at >= 0) return { from: at, to: at + hit.text.length, hit };
  if (!inTime.length) return null;
  return { from: inTime[0].from, to: inTime.at(-1).to, hit };
}

export const hitsIn = (segment, hits) =>
  hits.filter(
    (h) => h.party === segment.party && h.start_ms < segment.end_ms && h.end_ms > segment.start_ms,
  );

/** Fill `node` with the segment's text: words as spans with their time, hits as marks. */
export function writeText(node, segment, hits) {
  const places = placed(segment);
  const ranges = hitsIn(segment, hits).map((h) => range(segment, h, places)).filter(Boolean);
  const cuts = new Set([0, segment.text.length]);
  for (const { from, to } of [...places, ...ranges]) cuts.add(from).add(to);
  const edges = [...cuts].sort((a, b) => a - b);
  const covers = (from) => (r) => r.from <= from && from < r.to;
  node.replaceChildren();
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const place = places.find(covers(edges[i]));
    const marked = ranges.find(covers(edges[i]));
    append(node, piece(segment.text.slice(edges[i], edges[i + 1]), place), marked);
  }
  for (const digits of segment.numbers ?? [])
    node.append(make("span", { class: "cc-number", title: t("读出的号码") }, digits));
}

const LONG = 150; // characters: about four lines
const FAR = 70; // a hit later than this is not in the first lines
const SENTENCE = /[。？！?!；;]/;

/** Fold a long text to four lines, with the sentence of its first hit in them; the button that unfolds it, or null. */
export function fold(node, text) {
  if (text.length <= LONG) return null;
  const mark = node.querySelector("mark");
  if (mark) hideBefore(node, startOf(node, mark));
  node.classList.add("folded");
  const words = [t`展开 ${text.length} 字`, t("收起")];
  const button = make("button", { type: "button", class: "unfold", "aria-expanded": "false" }, words[0]);
  button.addEventListener("click", () => {
    const folded = node.classList.toggle("folded");
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = words[folded ? 0 : 1];
  });
  return button;
}

/** Where the sentence begins in which this mark stands. */
function startOf(node, mark) {
  const range = new Range();
  range.setStart(node, 0);
  range.setEndBefore(mark);
  const before = range.toString();
  return [...before].findLastIndex((char) => SENTENCE.test(char)) + 1;
}

/** What comes before this character is seen only where the text is unfolded. */
function hideBefore(node, until) {
  if (until < FAR) return;
  const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode() && seen + texts.currentNode.length < until) seen += texts.currentNode.length;
  const range = new Range();
  range.setStart(node, 0);
  range.setEnd(texts.currentNode, until - seen);
  const before = make("span", { class: "before" }, range.extractContents());
  node.prepend(before, make("span", { class: "dots" }, "…"));
}

function piece(text, place) {
  if (!place) return document.createTextNode(text);
  const { start_ms: start, end_ms: end, confidence } = place.word;
  const unsure = confidence < UNSURE;
  const kind = unsure ? "word unsure" : "word";
  const title = unsure ? t`识别把握 ${confidence.toFixed(2)}` : undefined;
  return make("span", { class: kind, "data-start": start, "data-end": end, title }, text);
}

function append(node, child, marked) {
  if (!marked) {
    node.append(child);
    return;
  }
  const last = node.lastChild;
  if (last?.nodeName === "MARK" && last.hit === marked.hit) {
    last.append(child);
    return;
  }
  const { category } = marked.hit;
  const mark = make("mark", { class: hue(category), title: categoryName(category) }, child);
  mark.hit = marked.hit;
  node.append(mark);
}
