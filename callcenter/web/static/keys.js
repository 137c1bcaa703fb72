// The keys of a desk, as a table. Each can be put on another key, by person and in this browser only.

import { find, make, me, t, typing } from "./base.js";

const KEPT = `callcenter.keys.${me.name}`;
/** Keys that never reach the page, or that nobody wants to lose. */
const BROWSERS = {
  "Alt D": t("到地址栏"), "Ctrl L": t("到地址栏"), F6: t("到地址栏"), "Ctrl W": t("关标签页"), "Ctrl F4": t("关标签页"),
  "Alt F4": t("关窗口"), "Ctrl T": t("开标签页"), "Ctrl N": t("开窗口"), "Ctrl Tab": t("换标签页"), F5: t("刷新"),
  "Ctrl R": t("刷新"), F11: t("全屏"), F12: t("开发者工具"), "Alt ArrowLeft": t("后退"), "Alt ArrowRight": t("前进"),
};
const EVERYWHERE = { "/": t("搜索"), "?": t("全部快捷键"), "Ctrl Enter": t("提交"), "Ctrl C": t("复制"), "Ctrl V": t("粘贴"), "Ctrl X": t("剪切"), "Ctrl A": t("全选"), "Ctrl Z": t("撤销输入") };
const SHOWN = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Enter: "↵", Space: t("空格") };
/** What the arrows walk through by themselves. */
const WALKED = "[role=tab], [type=radio], [type=range], [role=menu]";
const MODIFIERS = ["Control", "Alt", "Shift", "Meta", "AltGraph"];

const rooms = new Map(); // name: { title, types, actions: Map(name: action) }
let moved = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
let waiting = null; // { room, name }: the action that the next key is for

/** The key and what is held with it: "Ctrl F8", "Alt N", "K". */
export function chordOf(event) {
  const held = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : ""].filter(Boolean);
  const name = nameOf(event, held.length > 0);
  if (event.shiftKey && !(name.length === 1 && /[^A-Z0-9]/.test(name))) held.push("Shift");
  return [...held, name].join(" ");
}

/** With Ctrl or Alt, and for F1 to F12, the place on the keyboard counts: an input method changes the letter. */
function nameOf({ code, key }, held) {
  if (/^F\d+$/.test(code)) return code;
  if (held && /^(Key|Digit).$/.test(code)) return code.at(-1);
  if (key === " ") return "Space";
  if (key === "Escape") return "Esc";
  return key.length === 1 ? key.toUpperCase() : key;
}

export const shown = (chord) => chord.split(" ").map((one) => SHOWN[one] ?? one).join(" ");

/** On which key this action is now. */
export const keyOf = (room, name) => moved[`${room}.${name}`] ?? rooms.get(room)?.actions.get(name)?.key ?? "";

/** Make these keys act.
 *
 * `types`: here people type all day, so keys act inside text fields too and each needs Ctrl, Alt or is a function key.
 * An action is { key, what, act, when, fixed, repeats }: `what` is its line on the sheet ("" for none), `when` whether
 * it acts now, `fixed` that it stays on its key, `shown` what the sheet says instead of the key.
 */
export function bind(room, title, actions, types = false) {
  rooms.set(room, { title, types, actions: new Map(Object.entries(actions)) });
  draw(room);
}

function actionOn(chord) {
  for (const [room, { types, actions }] of rooms) {
    for (const [name, action] of actions) {
      if (keyOf(room, name) === chord && (!action.when || action.when())) return { types, action };
    }
  }
  return null;
}

function press(event) {
  if (waiting) return catchKey(event);
  const chord = chordOf(event);
  const found = actionOn(chord);
  if (!found) return undefined;
  if (!found.types && (typing(event.target) || event.isComposing || document.querySelector("dialog[open]"))) return undefined;
  if (["Space", "Enter"].includes(chord) && event.target.closest?.("button, a, label, summary, [role=tab]")) return undefined;
  if (!found.types && chord.startsWith("Arrow") && event.target.closest?.(WALKED)) return undefined;
  event.preventDefault();
  if (!event.repeat || found.action.repeats) found.action.act();
  return undefined;
}

// Before anything in the page: function keys work from inside a field and while an input method composes.
window.addEventListener("keydown", press, { capture: true });

function catchKey(event) {
  event.preventDefault();
  event.stopPropagation();
  if (MODIFIERS.includes(event.key) || event.repeat) return;
  const { room, name } = waiting;
  const chord = chordOf(event);
  waiting = null;
  const problem = chord === "Esc" ? "" : refused(room, name, chord);
  if (!problem && chord !== "Esc") move(room, name, chord);
  draw(room);
  tell(room, problem);
  document.querySelector(`[data-move="${room}.${name}"]`)?.focus();
}

/** Why this key cannot be taken; "" where it can. */
export function refused(room, name, chord) {
  if (BROWSERS[chord]) return t`${shown(chord)} 是浏览器的键（${BROWSERS[chord]}），请换一个`;
  if (EVERYWHERE[chord]) return t`${shown(chord)} 到处都是“${EVERYWHERE[chord]}”，请换一个`;
  const { types, actions } = rooms.get(room);
  if (types && !/^(Ctrl|Alt) |^(Shift )?F\d+$/.test(chord)) return t("这里要打字：请用功能键，或 Alt、Ctrl 加一个键");
  const other = [...actions].find(([one]) => one !== name && keyOf(room, one) === chord);
  return other ? t`${shown(chord)} 已用于“${other[1].what}”，请换一个` : "";
}

function move(room, name, chord) {
  const place = `${room}.${name}`;
  if (rooms.get(room).actions.get(name).key === chord) delete moved[place];
  else moved[place] = chord;
  localStorage.setItem(KEPT, JSON.stringify(moved));
}

function back(room) {
  moved = Object.fromEntries(Object.entries(moved).filter(([place]) => !place.startsWith(`${room}.`)));
  localStorage.setItem(KEPT, JSON.stringify(moved));
  draw(room);
}

/** The room's part of the sheet, and every key that the page shows on its buttons. */
function draw(room) {
  for (const node of document.querySelectorAll(`kbd[data-key^="${room}."]`)) {
    node.textContent = shown(keyOf(room, node.dataset.key.split(".")[1]));
  }
  const sheet = find("keys-sheet");
  const before = sheet.querySelector(`[data-room="${room}"]`);
  const section = make("section", { "data-room": room }, make("h3", {}, rooms.get(room).title));
  section.append(...[...rooms.get(room).actions].filter(([, action]) => action.what).map(([name, action]) => row(room, name, action)));
  section.append(foot(room));
  if (before) before.replaceWith(section);
  else sheet.querySelector("header").after(section);
}

function row(room, name, action) {
  const place = `${room}.${name}`;
  const waits = waiting?.room === room && waiting.name === name;
  const key = waits ? make("span", { class: "cc-small" }, t("请按新的键")) : make("kbd", {}, action.shown ?? shown(keyOf(room, name)));
  const change = action.fixed ? null : make("button", { type: "button", class: "btn btn-sm", "data-move": place, "aria-label": t`改“${action.what}”的键` }, t("改"));
  change?.addEventListener("click", () => {
    waiting = { room, name };
    draw(room);
  });
  return make("p", {}, make("span", {}, action.what), make("span", {}, key, " ", change));
}

function foot(room) {
  const changed = Object.keys(moved).some((place) => place.startsWith(`${room}.`));
  const said = make("span", { role: "status", class: "cc-wrong" });
  const all = make("button", { type: "button", class: "btn btn-sm", hidden: changed ? false : "" }, t("恢复原来的键"));
  all.addEventListener("click", () => back(room));
  return make("div", { class: "changed" }, said, make("span", { class: "cc-space" }), all);
}

function tell(room, problem) {
  find("keys-sheet").querySelector(`[data-room="${room}"] [role=status]`).textContent = problem;
}

find("keys-sheet").addEventListener("close", () => {
  if (!waiting) return;
  const { room } = waiting;
  waiting = null;
  draw(room);
});
