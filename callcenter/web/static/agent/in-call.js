// Finds words in what was said in this call: every place lit, Enter goes to the next one.

import { find } from "../base.js";
import { move, player } from "../call/player.js";

const input = find("in-call");
const count = find("in-call-count");

let places = []; // a Range each
let now = -1;

function search() {
  const wanted = input.value.trim().toLowerCase();
  const lines = wanted ? [...document.querySelectorAll("#lines .text")] : [];
  places = lines.flatMap((line) => placesIn(line, wanted));
  now = -1;
  light();
}

function placesIn(line, wanted) {
  const text = line.textContent.toLowerCase();
  const found = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    found.push(rangeOf(line, at, at + wanted.length));
  }
  return found;
}

/** The words stand in elements of their own: the range goes over as many as it takes. */
function rangeOf(line, from, to) {
  const range = new Range();
  const texts = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const { currentNode: text } = texts;
    if (from >= seen && from < seen + text.length) range.setStart(text, from - seen);
    if (to > seen && to <= seen + text.length) range.setEnd(text, to - seen);
    seen += text.length;
  }
  return range;
}

function light() {
  const { highlights } = CSS; // an older browser goes there without lighting
  highlights?.set("found", new Highlight(...places));
  highlights?.set("found-now", new Highlight(...places.slice(now, now + 1).filter(() => now >= 0)));
  count.textContent = input.value.trim() ? `${now + 1} / ${places.length}` : "";
}

function go(direction) {
  if (!places.length) return;
  now = now < 0 && direction < 0 ? places.length - 1 : (now + direction + places.length) % places.length;
  light();
  const start = places[now].startContainer.parentElement;
  start.closest("li").scrollIntoView({ block: "nearest" });
  if (player.ready) move(Number(start.closest("[data-start]").dataset.start));
}

input?.addEventListener("input", search);
input?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape") {
    input.value = "";
    search();
    input.blur();
  }
});
