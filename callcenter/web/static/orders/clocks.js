// What is left to each time that was promised, said anew each half minute.

import { t } from "../base.js";

const EACH_MS = 30000;

/** A length in its two largest units, as deadlines.py says it. */
export function spell(ms) {
  const minutes = Math.floor(ms / 60000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days) return t`${days} 天 ${hours} 时`;
  return hours ? t`${hours} 时 ${minutes % 60} 分` : t`${minutes} 分`;
}

export function tellTimes(root = document) {
  const now = Date.now();
  for (const pill of root.querySelectorAll("[data-due]")) {
    const left = Date.parse(pill.dataset.due) - now;
    pill.classList.toggle("passed", left < 0);
    pill.querySelector("span").textContent = left < 0 ? t`超时 ${spell(-left)}` : t`还有 ${spell(left)}`;
  }
}

setInterval(tellTimes, EACH_MS);
