// The number behind a call: its history, its block and case, and the evidence package.

import { ask, find, hue, localTime, make, refusal, say, tag, word, t } from "../base.js";

const people = JSON.parse(find("people").textContent);
const SVG = "http://www.w3.org/2000/svg";
const DAY_MS = 86400000;
const CHART = { wide: 168, high: 34, bar: 9, step: 12 };

const form = find("verdict");
let source = null;

export function clearSource() {
  source = null;
  find("source").hidden = true;
  if (find("package")) find("package").hidden = true;
}

/** What is kept of the number; `asking` where the page is about what an agent asks for. */
export function showSource(call, history, asking) {
  source = history;
  find("source").hidden = false;
  if (find("package")) find("package").hidden = false;
  const known = find("known");
  known.textContent = history.known_customer ? t("已知客户") : t("不是已知客户");
  known.className = history.known_customer ? "cc-tag complaint" : "cc-tag good";
  find("known-too").hidden = !history.known_customer;
  showStanding(call);
  showSums();
  find("days").replaceChildren(...bars(history.days));
  find("recent").replaceChildren(...history.recent.map(earlier));
  find("decisions").replaceChildren(...history.decisions.map(decision));
  showTerm(asking);
}

function showStanding(call) {
  const blocked = source.blocked_by !== "";
  const withheld = source.days.length === 0;
  find("blocked").hidden = !blocked && !withheld;
  find("block-choice").hidden = blocked || withheld;
  if (withheld) find("blocked").textContent = t("号码隐藏，不能拉黑；可以立案，等话单找回号码。");
  else if (blocked) find("blocked").textContent = source.blocked_until ? t`${source.blocked_by} 已拉黑，到 ${localTime(source.blocked_until, "short")}` : t`${source.blocked_by} 已拉黑，直到解除`;
  find("case-what").textContent = source.case_number ? t`并入案件 ${source.case_number}` : t("立案");
  const link = find("source-case");
  link.hidden = !source.case_number;
  link.href = `/cases/${encodeURIComponent(source.case_number)}`;
  link.textContent = source.case_number;
  if (find("package-what")) find("package-what").textContent = source.case_number ? t`案件 ${source.case_number} 的全部录音、转写、记录` : t("这一通的录音、转写、记录");
}

function showSums() {
  const { calls, harassment, attempts, night } = source;
  find("source-what").textContent = source.days.length ? t("近 14 天，同号") : t("号码隐藏，没有可比的来电");
  const rows = [t`${calls} 次来电 · ${harassment} 次骚扰`, t`夜间 22–6 时占 ${share(night, calls)}`, t`60 秒内重拨并作 1 次：${attempts} 次`];
  find("sums").replaceChildren(...(calls ? rows : []).map((text, at) => make(at ? "p" : "b", {}, text)));
}

const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}%` : "—");

function bars(days) {
  const most = Math.max(1, ...days.map((one) => one.calls));
  const drawn = days.flatMap((one, at) => [bar(at, one.calls, most, ""), bar(at, one.nuisance, most, "bad")]);
  const ends = days.length ? [label(0, "start", days[0].day), label(CHART.wide, "end", days.at(-1).day)] : [];
  return [...drawn.filter(Boolean), ...ends];
}

function draw(name, attributes, text = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

function bar(at, count, most, kind) {
  if (!count && kind) return null;
  const high = Math.max(1, Math.round((count / most) * CHART.high));
  return draw("rect", { x: at * CHART.step, y: CHART.high - high, width: CHART.bar, height: high, class: kind });
}

const label = (x, anchor, day) => draw("text", { x, y: 45, "text-anchor": anchor }, day.slice(5));

function earlier(one) {
  const outcome = one.verdict || one.disposition;
  const text = one.watched_by ? t("观察") : word(one.verdict ? "verdict" : "disposition", outcome);
  const link = make("a", { href: `/calls/${encodeURIComponent(one.call_id)}` }, localTime(one.rang_at, "short"));
  const agent = (people[one.agent] ?? one.agent).split(" ")[0] || "—";
  return make("tr", {}, make("td", {}, link), make("td", {}, agent), make("td", {}, outcome ? tag(text, hue(outcome)) : "—"));
}

function decision(one) {
  const by = one.actor === "system" ? t("系统") : (people[one.actor] ?? one.actor).split(" ")[0];
  const end = one.expires_at ? t` · 到 ${localTime(one.expires_at, "short")}` : "";
  return make("li", {}, make("time", {}, localTime(one.at, "short")), make("span", {}, `${word("block", one.kind)} · ${by}${end}`));
}

/* the block */

const chosen = (name) => form.elements[name].value;

function days() {
  const own = chosen("term") === "own";
  const given = Number(own ? find("own-days").value.trim() : chosen("term"));
  return Number.isInteger(given) && given >= 1 && given <= 3650 ? given : null;
}

/** Whether a block is wished for, and for how long is not yet said. */
export const termIsMissing = (asked) => (asked || chosen("block") === "yes") && !find("block-choice").hidden && days() === null;

/** The block as it is chosen, as the API wants it; null where there shall be none. */
export function blocking(asked = false) {
  if (!asked && (chosen("block") !== "yes" || find("block-choice").hidden)) return null;
  return { block_days: days(), ...(form.elements.known_customer.checked ? { known_customer: true } : {}) };
}

/** How long, until when, what the caller hears; and what the button will do. */
export function showTerm(asking) {
  const blocks = asking || chosen("block") === "yes";
  const own = blocks && chosen("term") === "own";
  find("term").hidden = !blocks;
  find("own-days").hidden = !own;
  for (const id of ["until", "hears"]) find(id).hidden = !blocks;
  find("known-too").hidden = !blocks || !source?.known_customer;
  const given = days();
  find("own-days").setAttribute("aria-invalid", String(own && given === null));
  find("until").textContent = given ? t`到 ${localTime(new Date(Date.now() + given * DAY_MS).toISOString()).slice(0, 16)} 自动解除` : t("写 1 到 3650 天");
  if (asking) find("submit-what").textContent = given ? t`拉黑 ${given} 天` : t("拉黑");
}

/* evidence */

/** The package of the number's case, else of this call. */
export async function exportEvidence(call, by) {
  if (!by) return;
  const button = find("export");
  if (button.disabled) return;
  button.disabled = true;
  const of = source?.case_number ? `cases/${encodeURIComponent(source.case_number)}` : `calls/${encodeURIComponent(call.call_id)}`;
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`/api/v1/${of}/export`, { method: "POST", headers, body: JSON.stringify({ by }) });
    if (!answer.ok) throw new Error(refusal(answer.status, (await answer.json()).detail));
    save(await answer.blob(), /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1]);
    say(t`证据包已导出，清单 SHA-256 ${answer.headers.get("X-Manifest-SHA256").slice(0, 16)}…`);
  } catch (error) {
    say(error.message);
  } finally {
    button.disabled = false;
  }
}

function save(content, name) {
  const link = make("a", { href: URL.createObjectURL(content), download: name ?? "evidence.zip" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DAY_MS / 1440);
}

find("own-days").addEventListener("input", () => showTerm(document.querySelector("main").dataset.show === "asked"));
