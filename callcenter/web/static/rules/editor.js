// The editor of rule packs: open one, check it as one types, put it in force. Nothing typed is lost.

import { ask, find, me, rememberPerson, say, showPane, t } from "../base.js";

const CHECK_MS = 500;
const IN_FORCE_MS = 2000; // until the service has taken up what was adopted
const PLACE = "callcenter.rules";

const text = find("text");
const name = find("name");
const adopt = find("adopt"); // not there where the packs are not changed in place
const sheet = find("adopting");
const person = find("person");

const packs = new Map(); // as they were opened, by name: the text and its SHA-256
let aside = null; // what was being written when another pack was opened
let latest = 0; // the last question whether the draft is right
let waiting;

if (person) rememberPerson(person, "callcenter.person");

const here = () => ({ name: name.value.trim(), text: text.value });
const pathOf = (file) => `/rules/${encodeURIComponent(file)}`;
const isChanged = (draft) => draft.text.trim() !== "" && draft.text !== packs.get(draft.name)?.toml;

/** What the check says, at the field; the rules where nothing is wrong. */
function tell(said, { line = 0, wrong = false, stale = false, ready = false } = {}) {
  find("checked").textContent = said;
  text.setAttribute("aria-invalid", String(wrong));
  find("line").hidden = !line;
  find("line").textContent = t`第 ${line} 行`;
  find("line").dataset.line = line;
  find("now").hidden = !stale;
  if (adopt) adopt.disabled = !ready;
}

function keep() {
  const draft = here();
  if (isChanged(draft)) sessionStorage.setItem(PLACE, JSON.stringify({ ...draft, pack: packs.get(draft.name) }));
  else sessionStorage.removeItem(PLACE);
  find("back").hidden = !aside;
}

function show(draft) {
  text.value = draft.text;
  name.value = draft.name;
  keep();
  check();
}

/** Put another text in the place of this one, which can be had back. */
function replaceBy(draft) {
  if (isChanged(here())) aside = here();
  show(draft);
}

async function check() {
  clearTimeout(waiting);
  const mine = ++latest;
  const draft = here();
  if (!draft.text.trim()) return tell("");
  if (!name.checkValidity()) return tell(t("文件名：字母、数字、- 或 _，再加 .toml"), { wrong: true });
  try {
    const found = await ask("POST", "/rules/check", draft);
    if (mine !== latest) return;
    if (found.error) tell(found.error, { line: found.line, wrong: true });
    else tell(t`${found.rules} 条规则，没有错`, { ready: isChanged(draft) });
  } catch (error) {
    if (mine === latest) tell(error.message, { wrong: error.status === 422 });
  }
}

function changed() {
  latest += 1; // what is still being asked is of yesterday
  clearTimeout(waiting);
  if (adopt) adopt.disabled = true;
  keep();
  waiting = setTimeout(check, CHECK_MS);
}

async function open(file) {
  try {
    const pack = await ask("GET", pathOf(file));
    const before = here();
    if (isChanged(before)) aside = before;
    packs.set(pack.name, pack);
    show({ name: pack.name, text: pack.toml });
    showPane(1);
    text.focus();
    text.setSelectionRange(0, 0);
    text.scrollTop = 0;
  } catch (error) {
    say(error.message);
  }
}

/** Lead to a line: what comes into the focus is scrolled into view. */
function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.blur();
  text.setSelectionRange(start, start);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
}

function refuse(said) {
  find("refused").textContent = said;
  find("refused").hidden = !said;
}

async function take() {
  const draft = here();
  const by = me.name || !person ? {} : { by: person.value.trim() };
  if (by.by === "") {
    refuse(t("请先写上经办人"));
    return person.focus();
  }
  find("take").disabled = true;
  try {
    const seen = packs.get(draft.name)?.sha256 ?? "";
    const pack = await ask("PUT", pathOf(draft.name), { text: draft.text, seen, ...by });
    packs.set(pack.name, pack);
    keep();
    sheet.close();
    check();
    say(t`已采用 ${pack.name}，下一通电话起有效`);
    setTimeout(freshen, IN_FORCE_MS);
  } catch (error) {
    if (error.status !== 409) return refuse(error.message);
    sheet.close();
    tell(t`${error.message}。您写的还在。`, { wrong: true, stale: true });
  } finally {
    find("take").disabled = false;
  }
}

/** What the service says of the rules in force by now. */
async function freshen() {
  const answer = await fetch("/rules").catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["count", "problems", "in-force"]) find(id).replaceChildren(...page.getElementById(id).childNodes);
}

text.addEventListener("input", changed);
name.addEventListener("input", changed);
find("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) replaceBy({ name: file.name, text: await file.text() });
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-open]");
  if (button) open(button.dataset.open);
});
find("now").addEventListener("click", () => open(here().name));
find("line").addEventListener("click", (event) => goTo(Number(event.currentTarget.dataset.line)));
find("back").addEventListener("click", () => {
  const before = aside;
  aside = here();
  show(before);
});
adopt?.addEventListener("click", () => {
  refuse("");
  find("adopting-what").textContent = packs.has(here().name)
    ? t`${here().name} 换成现在这一份：${find("checked").textContent}。`
    : t`新的一份 ${here().name}：${find("checked").textContent}。`;
  sheet.showModal();
});
find("not-yet").addEventListener("click", () => sheet.close());
sheet.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!find("take").disabled) take();
});

const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
if (kept) {
  if (kept.pack) packs.set(kept.name, kept.pack);
  show(kept);
}
