// What somebody typed into a work order and has not sent: kept by its number until it is, in this tab only.

import { two } from "../base.js";

const PLACE = "callcenter.order.";

/** {field: {value, base}}: what was typed, and what the books said when it was begun. */
export function kept(number) {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE + number)) ?? {};
  } catch {
    return {};
  }
}

export function keep(number, typed) {
  if (!number) return;
  if (Object.keys(typed).length) sessionStorage.setItem(PLACE + number, JSON.stringify(typed));
  else sessionStorage.removeItem(PLACE + number);
}

/** The numbers of all that something is kept of, the newest last. */
export const unsent = () =>
  Object.keys(sessionStorage).filter((name) => name.startsWith(PLACE)).map((name) => name.slice(PLACE.length)).sort();

/** A moment as an input for it wants it, in the reader's own time; "" for none. */
export function forInput(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** When a promise is due, from its preset; null for none. */
export function dueAt(preset, free, now) {
  const at = new Date(now);
  if (preset === "30m") return new Date(now + 30 * 60_000);
  if (preset === "2h") return new Date(now + 120 * 60_000);
  if (preset === "tomorrow") return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1, 10);
  return preset === "free" && free ? new Date(free) : null;
}
