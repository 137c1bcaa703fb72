// The review queue: claim a call, hear why it is flagged, judge it, block its number, go on.

import { ask, find, localTime, rememberPerson, say, showPane, tag, typing, word, t } from "../base.js";
import { bind } from "../keys.js";
import { follow } from "../link.js";
import { listen } from "../call/player.js";
import { clearCall, showCall } from "./evidence.js";
import { blocking, clearSource, exportEvidence, showSource, showTerm, termIsMissing } from "./source.js";

const LASTS_MS = 15 * 60000; // a claim, as casework/reviews/claims.py has it
const AGAIN_MS = 20000;

const queue = find("queue");
const form = find("verdict");
const reviewer = find("reviewer");
const { show } = document.querySelector("main").dataset;
const leads = "leads" in document.querySelector("main").dataset;
const drafts = new Map(); // what was begun and not sent, by call_id

let shown = null; // the call whose evidence is on the screen
let busy = false;

rememberPerson(reviewer, "callcenter.reviewer");
listen();

const items = () => [...queue.querySelectorAll("[data-call]")];
const selected = () => queue.querySelector('[aria-selected="true"]');
const itemOf = (id) => items().find((one) => one.dataset.call === id);
const who = () => reviewer.value.trim();

/* who has claimed what */

/** Who holds the call now; "" where nobody does. */
const holder = ({ dataset }) => (dataset.by && Date.parse(dataset.until) > Date.now() ? dataset.by : "");
const others = (item) => holder(item) !== "" && holder(item) !== who();

function showHolder(item) {
  const by = holder(item);
  const place = item.querySelector(".held");
  if (by) {
    const mine = by === who();
    const text = mine ? t("我已认领") : t`${by}认领`;
    const mark = tag(text, mine ? "agent" : "");
    mark.dataset.held = "yes";
    place.replaceChildren(mark);
  } else place.querySelector("[data-held]")?.remove();
  if (item === selected()) showMine(item);
}

function showMine(item) {
  const by = item ? holder(item) : "";
  const mine = by !== "" && by === who();
  find("claim").disabled = !item || by !== "";
  find("put-back").disabled = !mine;
  const since = by ? localTime(new Date(Date.parse(item.dataset.until) - LASTS_MS).toISOString(), "minute") : "";
  const seen = by ? t`${by} ${since} 认领，您可以看` : "";
  find("whose").textContent = mine ? t`您 ${since} 认领` : seen;
  enableForm(Boolean(shown) && !others(item));
}

function hold(item, person, until) {
  item.dataset.by = person;
  item.dataset.until = until ?? "";
  showHolder(item);
}

/** Take a step in the review of the chosen call; true where it was taken. */
async function act(action, note = "") {
  const item = selected();
  if (!item) return false;
  const body = { action, ...(who() ? { by: who() } : {}), ...(note ? { note } : {}) };
  try {
    const now = await ask("POST", `/reviews/${encodeURIComponent(item.dataset.call)}/actions`, body);
    hold(item, now.state === "claimed" ? now.changed_by : "", now.claimed_until);
    return true;
  } catch (error) {
    say(error.message);
    if (error.status === 409) await catchUp();
    return false;
  }
}

function claim() {
  if (!who()) return askName();
  if (!find("claim").disabled) act("claim");
}

let claiming = false;

/** Judging is claiming, too: nobody has to think of it. */
async function claimQuietly() {
  const item = selected();
  if (show === "asked" || !item || !who() || holder(item) !== "" || busy || claiming) return;
  claiming = true;
  await act("claim");
  claiming = false;
}

function askName() {
  say(t("请先在右上写审核人"));
  reviewer.focus();
}

async function putBack() {
  if (find("put-back").disabled || !(await act("put_back"))) return;
  drafts.delete(shown.call_id);
  clearForm();
}

async function observe() {
  const note = find("reason").value.trim();
  if (find("observe").disabled) return;
  if (!note) return wrong(t("写一句要观察什么"));
  if (!who()) return askName();
  const item = selected();
  if (holder(item) === "" && !(await act("claim"))) return;
  if (!(await act("observe", note))) return;
  say(t("已存为观察"));
  next(item.dataset.call);
}

/* the queue */

function select(item) {
  keepDraft();
  for (const other of items()) other.setAttribute("aria-selected", String(other === item));
  showCount();
  clearForm();
  shown = null;
  showMine(item);
  if (!item) return clear();
  queue.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
  open(item);
}

function showCount() {
  const left = items().length;
  const count = find("count");
  if (count) count.textContent = left || "";
  find("queue-empty").hidden = left > 0;
}

async function open(item) {
  const id = encodeURIComponent(item.dataset.call);
  clearSource();
  try {
    const [call, source] = await Promise.all([ask("GET", `/calls/${id}`), ask("GET", `/reviews/${id}/source`)]);
    if (selected() !== item) return;
    shown = call;
    showCall(call, item, source);
    showSource(call, source, show === "asked");
    takeDraft(call.call_id);
    showMine(item);
  } catch (error) {
    say(error.message);
  }
}

function clear() {
  queue.removeAttribute("aria-activedescendant");
  clearCall();
  clearSource();
  find("title").textContent = show === "waiting" ? t("都判完了") : t("选一通电话");
}

function moveBy(distance) {
  const all = items();
  const at = all.indexOf(selected());
  const to = all[Math.min(Math.max(at + distance, 0), all.length - 1)];
  if (to && to !== selected()) select(to);
}

/** Take the judged call off the list and open the one below it, else the one above. */
function next(id) {
  drafts.delete(id);
  const judged = itemOf(id);
  const following = judged?.nextElementSibling ?? judged?.previousElementSibling ?? null;
  clearForm();
  judged?.remove();
  select(following);
  queue.focus();
}

/* the decision */

function enableForm(open) {
  find("fields").disabled = !open;
  find("submit").disabled = !open || busy;
  find("observe").disabled = !open || show === "asked";
  find("refuse").disabled = !open;
}

function clearForm() {
  form.reset();
  wrong("");
  showBlocking();
}

const verdictOf = () => form.elements.verdict.value;

function keepDraft() {
  if (!shown) return;
  const draft = { reason: find("reason").value, verdict: verdictOf() };
  if (draft.reason || draft.verdict) drafts.set(shown.call_id, draft);
}

function takeDraft(id) {
  const draft = drafts.get(id);
  if (!draft) return;
  find("reason").value = draft.reason;
  if (draft.verdict) form.elements.verdict.value = draft.verdict;
  showBlocking();
}

function wrong(text) {
  find("reason-wrong").textContent = text;
  find("reason-wrong").hidden = !text;
  find("reason").setAttribute("aria-invalid", String(Boolean(text)));
  if (text) find("reason").focus();
}

/** A block goes with harassment only, and is a lead's. */
function showBlocking() {
  find("blocking").hidden = !leads || (show !== "asked" && verdictOf() !== "harassment");
  showTerm(show === "asked");
}

async function submit() {
  if (!shown || find("submit").disabled) return;
  if (!find("reason").value.trim()) return wrong(t("写一句理由"));
  if (!who()) return askName();
  if (!find("blocking").hidden && termIsMissing(show === "asked")) return askTerm();
  if (show === "asked") return decide(true);
  if (!verdictOf()) return say(t("先选骚扰、投诉或普通"));
  const body = { verdict: verdictOf(), reason: find("reason").value, reviewer: who(), ...beyond() };
  await send(`/calls/${encodeURIComponent(shown.call_id)}/verdict`, body, told(body));
}

const askTerm = () => (say(t("写 1 到 3650 天")), find("own-days").focus());

/** The block and the case that go with the verdict. */
function beyond() {
  if (find("blocking").hidden) return {};
  const block = blocking();
  return { ...(block ?? {}), ...(form.elements.to_case.checked ? { to_case: true } : {}) };
}

const told = (body) =>
  body.block_days ? t`已判为${word("verdict", body.verdict)}，拉黑 ${body.block_days} 天` : t`已判为${word("verdict", body.verdict)}`;

/** What an agent asked for, or the desk proposed. */
async function decide(approved) {
  if (!find("reason").value.trim()) return wrong(t("写一句理由"));
  if (!who()) return askName();
  const { proposal } = selected().dataset;
  const { block_days: days, known_customer: known } = blocking(true);
  const body = { supervisor: who(), approved, reason: find("reason").value, known_customer: known ?? false, ...(approved ? { days } : {}) };
  await send(`/blocks/proposals/${proposal}/decision`, body, approved ? t`已拉黑 ${days} 天` : t("已决定不拉黑"));
}

async function send(path, body, done) {
  const { call_id: id } = shown;
  busy = true;
  enableForm(false);
  try {
    await ask("POST", path, body);
    say(done);
    busy = false;
    next(id);
  } catch (error) {
    busy = false;
    say(error.message);
    if (error.status === 409) await catchUp();
    showMine(selected());
  }
}

function choose(value) {
  if (find("fields").disabled || show === "asked") return;
  form.elements.verdict.value = value;
  showBlocking();
  claimQuietly();
  find("reason").focus();
}

/* keys, buttons */

bind("review", t("审核"), {
  up: { key: "ArrowUp", what: t("上一条"), act: () => moveBy(-1), repeats: true },
  down: { key: "ArrowDown", what: t("下一条"), act: () => moveBy(1), repeats: true },
  claim: { key: "C", what: t("认领"), act: claim },
  put_back: { key: "U", what: t("放回"), act: putBack },
  harassment: { key: "1", what: t("判为骚扰"), act: () => choose("harassment") },
  complaint: { key: "2", what: t("判为投诉"), act: () => choose("complaint") },
  ordinary: { key: "3", what: t("判为普通"), act: () => choose("ordinary") },
  export: { key: "E", what: t("导出证据包"), act: () => shown && find("export") && exportEvidence(shown, who() || askName()) },
  submit: { key: "Ctrl Enter", what: t("提交"), act: () => {}, when: () => false, fixed: true }, // below: from a field, too
});

document.addEventListener("keydown", (event) => {
  if (find("keys-sheet").open) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape" && typing(event.target)) queue.focus();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form.addEventListener("change", (event) => {
  if (event.target.name === "verdict") claimQuietly();
  showBlocking();
});
find("reason").addEventListener("input", () => {
  wrong("");
  claimQuietly();
});
queue.addEventListener("click", (event) => {
  const item = event.target.closest("[data-call]");
  if (!item) return;
  if (item !== selected()) select(item);
  showPane(1);
});
find("claim").addEventListener("click", claim);
find("put-back").addEventListener("click", putBack);
find("observe").addEventListener("click", observe);
find("refuse").addEventListener("click", () => decide(false));
find("export")?.addEventListener("click", () => shown && exportEvidence(shown, who() || askName()));
reviewer.addEventListener("input", () => items().forEach(showHolder));

/* what others do meanwhile */

/** Somebody else judged it: it goes, unless it is being read. */
function judged({ call_id: id, reviewer: by, verdict }) {
  const item = itemOf(id);
  if (!item || busy || by === who() || show === "judged") return;
  if (item === selected()) say(t`${by} 刚判为${word("verdict", verdict)}`);
  else item.remove();
  showCount();
}

function stepped({ kind, number, state, person, at }) {
  const item = kind === "review" && itemOf(number);
  if (!item) return;
  const until = new Date(Date.parse(at) + LASTS_MS).toISOString();
  hold(item, state === "claimed" ? person : "", until);
}

/** After a break of the link, or where another was quicker: the list as it is now. */
async function catchUp() {
  const text = await fetch(location.href).then((answer) => answer.text()).catch(() => "");
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("queue");
  if (!fresh) return;
  const now = new Map([...fresh.querySelectorAll("[data-call]")].map((one) => [one.dataset.call, one.dataset]));
  for (const item of items()) {
    const known = now.get(item.dataset.call);
    now.delete(item.dataset.call);
    if (known) hold(item, known.by ?? "", known.until);
    else if (item !== selected()) item.remove();
  }
  if (now.size) find("changed").hidden = false;
  showCount();
}

/** A call that was flagged in the meantime is told, never slipped under the reader's hand. */
const FLAGGED = ["harassment", "suspected", "silent", "complaint", "suggestion", "blocked"];
let first = true;
follow({
  snapshot() {
    if (!first) catchUp();
    first = false;
  },
  end({ disposition }) {
    if (show === "waiting" && FLAGGED.includes(disposition)) find("changed").hidden = false;
  },
  verdict: judged,
  record: stepped,
});
setInterval(() => items().forEach(showHolder), AGAIN_MS);

if (show === "asked") {
  for (const id of ["verdicts", "observe", "block", "case-choice"]) find(id).hidden = true;
  find("refuse").hidden = false;
  find("deciding").textContent = t("拉黑审批");
}
items().forEach(showHolder);
select(items()[0] ?? null);
queue.focus();
