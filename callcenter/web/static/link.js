// The page's event stream: comes back by itself, and says so while it is broken.

import { find, t } from "./base.js";

const AGAIN_MS = 2000;

let stream = null;
let brokenSince = null;
let heard = () => {};

/** Follow the live events: `takes` says by name what is done with each; `told` hears true or false. */
export function follow(takes, told = () => {}) {
  heard = told;
  open(takes);
  find("broken-again").addEventListener("click", () => open(takes));
  window.addEventListener("pagehide", () => stream.close(), { once: true });
}

function open(takes) {
  stream?.close();
  const mine = new EventSource("/api/v1/events");
  stream = mine;
  mine.addEventListener("snapshot", () => show(null));
  for (const [name, take] of Object.entries(takes)) {
    mine.addEventListener(name, (message) => take(JSON.parse(message.data), name));
  }
  mine.addEventListener("error", () => {
    show(brokenSince ?? Date.now());
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => stream === mine && open(takes), AGAIN_MS);
  });
}

function show(since) {
  brokenSince = since;
  const broken = since !== null;
  find("broken").hidden = !broken;
  if (broken) {
    const seconds = Math.round((Date.now() - since) / 1000);
    find("broken-what").textContent = t`实时连接已断开 ${seconds} 秒，正在重连；按键和提交仍可用`;
  }
  heard(!broken);
}

setInterval(() => brokenSince !== null && show(brokenSince), 1000);
