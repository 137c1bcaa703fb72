// The evaluation of the call on this page: fetched, stepped as it was seen, told to who shows it.

import { ask, find, me, rememberPerson, say, t } from "../base.js";

export const judges = find("scores").dataset.judges === "yes";
export const ready = find("scores").dataset.ready === "yes";
const call = JSON.parse(find("call").textContent);
const id = encodeURIComponent(call.call_id);

/** What is known: `list` of this call's evaluations, the one that is `shown`, its coaching. */
export const known = { list: [], shown: null, forms: [], coaching: [] };
const listeners = [];

/** Hear of every change. */
export const onEvaluation = (listener) => listeners.push(listener);

const judge = find("judge");
if (judge) rememberPerson(judge, "callcenter.reviewer");

/** Whose name stands under a step; null, with a word to the person, where there is none. */
function signature() {
  if (me.name) return {};
  const by = judge?.value.trim() ?? "";
  if (by) return { by };
  say(t("请先在右上写质检员"));
  judge?.focus();
  return null;
}

/** Who sits here, as steps are signed. */
export const myName = () => me.name || (judge?.value.trim() ?? "");

/** Whether the state, and who sits here, allow this step. */
export function mayJudge(action) {
  const { shown } = known;
  if (!judges || !shown?.possible.includes(action)) return false;
  const second = shown.state === "appealed" && ["fill", "excuse", "review"].includes(action);
  return !(second && [shown.evaluator, shown.opened_by].includes(myName()));
}

function show(evaluation) {
  known.shown = evaluation;
  const at = known.list.findIndex((one) => one.number === evaluation.number);
  if (at < 0) known.list.unshift(evaluation);
  else known.list[at] = evaluation;
  for (const listener of listeners) listener();
}

/** Fetch this evaluation and what coaching came of it. */
export async function openEvaluation(number) {
  const [evaluation, coaching] = await Promise.all([
    ask("GET", `/evaluations/${encodeURIComponent(number)}`),
    ask("GET", `/coaching?evaluation=${encodeURIComponent(number)}`),
  ]);
  known.coaching = coaching;
  show(evaluation);
}

/** Fetch what there is of this call. */
export async function load() {
  try {
    const found = await ask("GET", `/evaluations?call_id=${id}`);
    known.list = found.filter((one) => one.state !== "dropped");
    if (known.list.length) return await openEvaluation(known.list[0].number);
    if (judges && ready) await loadForms();
  } catch (error) {
    say(error.message);
  }
  for (const listener of listeners) listener();
}

async function loadForms() {
  const states = ["in_use", "revised"].map((state) => ask("GET", `/scorecards?state=${state}`));
  known.forms = (await Promise.all(states)).flat();
}

let last = Promise.resolve();

/** One after the other: each step is taken from the version that the one before it left. */
function inTurn(work) {
  last = last.then(work, work);
  return last;
}

async function signed(path, body) {
  const by = signature();
  return by && ask("POST", path, { ...body, ...by });
}

/** Do this with a signature; false, with a word to the person, where it was refused. */
const attempt = (work) =>
  inTurn(async () => {
    try {
      return Boolean(await work());
    } catch (error) {
      say(error.message);
      return false;
    }
  });

/** Take a step in the evaluation; false where it was not taken. */
export const step = (action, fields = {}) =>
  inTurn(async () => {
    const { number, version } = known.shown;
    try {
      const made = await signed(`/evaluations/${number}/actions`, { action, version, ...fields });
      if (made) show(made);
      return Boolean(made);
    } catch (error) {
      if (error.status !== 409 || !(await changedMeanwhile(number, version))) say(error.message);
      return false;
    }
  });

/** Whether somebody else was quicker: then theirs is shown, and what was typed here stays. */
async function changedMeanwhile(number, version) {
  await openEvaluation(number).catch(() => {});
  const { shown } = known;
  if (shown.version === version) return false;
  say(t`${shown.changed_by} 刚才改过这份评分，已换成最新的；您写的还在，请看一眼再提交`);
  return true;
}

/** Begin to judge the call by this scorecard. */
export const begin = (scorecard) =>
  attempt(async () => {
    const made = await signed("/evaluations", { call_id: call.call_id, scorecard });
    if (made) show(made);
    return made;
  });

/** Take the shipped scorecard over and put it to use. */
export const adopt = () =>
  attempt(async () => {
    const draft = await signed("/scorecards", { template: "standard" });
    if (!draft) return null;
    const { number, version } = draft;
    const used = await signed(`/scorecards/${number}/actions`, { action: "use", version });
    known.forms = [used];
    for (const listener of listeners) listener();
    return used;
  });

/** Make a coaching of this comment. */
export const coach = (comment) =>
  attempt(async () => {
    const made = await signed("/coaching", { evaluation: known.shown.number, comment: comment.id });
    if (made) known.coaching = [...known.coaching, made];
    for (const listener of listeners) listener();
    return made;
  });
