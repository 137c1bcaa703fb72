// What every page's script needs: words, elements, times, requests, who is at the desk.

import { t } from "./texts.js";

export const words = JSON.parse(document.getElementById("words").textContent);

export { t };

export const find = (id) => document.getElementById(id);

/** The word for a name; the name itself where there is none. */
export const word = (kind, name) => words[kind][name] ?? name;

/** harassment, complaint, suggestion, or "" for a category that has no name here. */
export const groupOf = (category) => words.category[category]?.[0] ?? "";

/** The colour class of a category, disposition or verdict; "" for none. */
export const hue = (name) => {
  const group = words.hue[name] ?? groupOf(name);
  return ["harassment", "complaint", "prompt"].includes(group) ? group : "";
};

/** A category as people read it: 骚扰 · 辱骂. */
export function categoryName(category) {
  const [group, label] = words.category[category] ?? ["", category];
  return group && words.group[group] !== label ? `${words.group[group]} · ${label}` : label;
}

/** An element with attributes; children are elements or text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/vendor/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export const tag = (text, kind = "") => make("span", { class: `cc-tag ${kind}`.trim() }, text);

/** Milliseconds as minutes and seconds: 1:02. */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const SHAPES = [
  /^(?:\+86)?(1[\d*]{2})([\d*]{4})(\d{4})$/,
  /^(0(?:10|2\d))([\d*]{4})(\d{4})$/,
  /^(0[3-9]\d{2})([\d*]{3,4})(\d{4})$/,
  /^([48]00)(\d{3})(\d{4})$/,
];

/** A number in groups, as core.numbers does: 138 0000 0001, or 138 •••• 0001 where it came masked. */
export function grouped(number) {
  if (["", "anonymous", "unknown"].includes(number)) return t("号码隐藏");
  for (const shape of SHAPES) {
    const found = shape.exec(number);
    if (found) return found.slice(1).join(" ").replaceAll("*", "•");
  }
  return number;
}

export const two = (value) => String(value).padStart(2, "0");

/** A moment in the reader's own time: time, minute, short or day (month, day, time), or full. */
export function localTime(iso, style) {
  const at = new Date(iso);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  if (style === "time") return time;
  if (style === "minute") return time.slice(0, 5);
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  if (style === "short") return `${day} ${time.slice(0, 5)}`;
  return style === "day" ? `${day} ${time}` : `${at.getFullYear()}-${day} ${time}`;
}

export function localiseTimes(root = document) {
  for (const node of root.querySelectorAll("time[datetime]:not([title])")) {
    node.title = node.textContent;
    node.textContent = localTime(node.dateTime, node.dataset.style);
  }
}

/** What to tell the person when a request is refused. */
export function refusal(status, detail) {
  if (status === 401) return t("登录已过期，写的内容都在；再按一次就能登录");
  const known = { 404: t("已不在"), 409: t("此刻不能这样做"), 422: t("没有接受"), 503: t("缺少组件") };
  return `${known[status] ?? t("没有送达")}：${detail}`;
}

/** Ask the API; gives the JSON, or throws an Error whose text can be shown.
 *
 * Where the login has ended meanwhile, it is renewed in place and what was asked is asked again.
 */
export async function ask(method, path, body) {
  const request = { method, headers: {} };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers["Content-Type"] = "application/json";
  }
  let answer = await sent(path, request);
  if (isShutOut(answer) && (await comeIn(method === "GET"))) answer = await sent(path, request);
  const said = await answer.json().catch(() => ({ detail: answer.statusText }));
  if (!answer.ok) {
    const error = new Error(refusal(answer.status, said.detail));
    throw Object.assign(error, { status: answer.status, detail: said.detail });
  }
  return said;
}

async function sent(path, request) {
  try {
    return await fetch(`/api/v1${path}`, request);
  } catch {
    throw new Error(t("没有送达：服务没有应答，请再按一次"));
  }
}

/** The gate's own refusal; a wrong password is another one. */
const isShutOut = (answer) => answer.status === 401 && answer.headers.has("WWW-Authenticate");

let declined = false; // who said "later" is asked again by what they do, not by what the page does

/** Ask for the password in place; whether the person is let in again. */
async function comeIn(unasked) {
  if (unasked && declined) return false;
  if (!me.name) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
    return false;
  }
  const { renew } = await import("./renew.js");
  declined = !(await renew());
  return !declined;
}

/** Who is logged in: name, agent, roles; an empty name where nobody needs to be. */
export const me = JSON.parse(find("me").textContent);
const LEADS = ["supervisor", "manager"];

/** Nobody but who is logged in stands at this desk. */
function onlyMe(input, name) {
  if (input.tagName === "SELECT") {
    const own = [...input.options].find((one) => one.value === name) ?? make("option", { value: name }, me.name);
    own.toggleAttribute("data-joins", me.roles.some((role) => LEADS.includes(role)));
    input.replaceChildren(own);
  }
  input.value = name;
  input.disabled = true;
}

/** Keep who is at this desk between visits, in this browser only; where nobody logs in. */
export function rememberPerson(input, key) {
  if (me.name) return onlyMe(input, key === "callcenter.agent" ? me.agent || me.name : me.name);
  const kept = localStorage.getItem(key);
  const offered = input.tagName !== "SELECT" || [...input.options].some((o) => o.value === kept);
  if (kept !== null && offered) input.value = kept;
  input.addEventListener("change", () => localStorage.setItem(key, input.value.trim()));
}

/** Who signs, as the field says; "" after telling that the name is `missing`. */
export function signed(input, missing) {
  const name = input.value.trim();
  if (!name) {
    say(missing);
    input.focus();
  }
  return name;
}

let clearing;

/** One sentence on the result of one's own action. */
export function say(text) {
  const line = find("said");
  line.textContent = text;
  line.hidden = !text;
  clearTimeout(clearing);
  if (text) clearing = setTimeout(() => say(""), 8000);
}

/** Whether keys belong to a text field now. */
export const typing = (target) =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type));

find("log-out")?.addEventListener("click", async () => {
  await sent("/logout", { method: "POST" }).catch(() => {});
  location.assign("/login");
});
localiseTimes();

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/** What scrolls and holds nothing that takes the focus is itself reached by Tab. */
function openScrolls() {
  for (const node of document.querySelectorAll(".cc-scroll:not([tabindex])")) {
    if (!node.querySelector(FOCUSABLE)) node.tabIndex = 0;
  }
}
openScrolls();

// htmx: what it brings is localised too; a login page is never put into the middle of another.
document.addEventListener("htmx:load", (event) => localiseTimes(event.detail.elt));
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname !== "/login") return;
  event.detail.shouldSwap = false;
  comeIn(true);
});

/* Below 1200 px not all panes fit: one key each to come to them (desk.css). */

const panes = document.querySelector("main > .cc-panes:not([data-whole])");

/** Show this pane, counted from 0, where not all of them fit. */
export function showPane(at) {
  if (!panes) return;
  panes.dataset.pane = String(at);
  for (const [i, button] of [...document.querySelectorAll("#switch button")].entries()) {
    button.setAttribute("aria-pressed", String(i === at));
  }
}

const nameOf = (pane) => pane.querySelector("h2")?.firstChild.textContent.trim() || pane.getAttribute("aria-label");

const ALL_BUT_ONE_PX = 900; // from here on one pane alone is hidden

function switchPanes() {
  const all = [...panes.children].filter((one) => one.matches(".cc-pane"));
  if (all.length < 2 || all.length !== panes.children.length) return;
  const names = all.map((one) => one.getAttribute("aria-label") ?? nameOf(one));
  const buttons = names.map((name, at) => {
    const button = make("button", { type: "button", "aria-pressed": "false" }, name);
    button.addEventListener("click", () => showPane(at));
    return button;
  });
  const bar = make("nav", { class: "cc-switch", id: "switch", "aria-label": t("看哪一栏"), "data-panes": all.length }, ...buttons);
  document.querySelector(".cc-strip").append(bar);
  showPane(all.length > 2 && innerWidth >= ALL_BUT_ONE_PX ? 1 : 0);
}

if (panes) switchPanes();

const sheet = find("keys-sheet");
find("keys-open").addEventListener("click", () => sheet.showModal());
find("language").addEventListener("click", (event) => {
  const { language } = event.currentTarget.dataset;
  document.cookie = `language=${language}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const act = { "/": () => find("search")?.focus(), "?": () => sheet.showModal() }[event.key];
  if (!act || sheet.open) return;
  event.preventDefault();
  act();
});
