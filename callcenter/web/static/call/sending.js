// Sends what a person decides about a call, at the desk or the wall. Draws nothing.

import { ask, say, t, word } from "../base.js";

const busy = new Set(); // "call_id command values" that is on its way

export const waiting = (call, command) => [...busy].some((key) => `${key} `.startsWith(`${call?.call_id} ${command} `));

/** Whether anything that was decided about this call is on its way. */
export const underWay = (call) => [...busy].some((key) => key.startsWith(`${call.call_id} `));

/** One request at a time of each kind; true when it was carried out, else the person is told why. */
async function once(key, send) {
  if (busy.has(key)) return false;
  busy.add(key);
  try {
    await send();
    return true;
  } catch (error) {
    say(error.message);
    return false;
  } finally {
    busy.delete(key);
  }
}

/** A command about this call; `changed` hears when it is on its way and when it is not. */
export async function command(call, name, person, more, changed) {
  if (!call) return false;
  if (!person) {
    say(t("没有送达：请先选您是谁"));
    return false;
  }
  // What differs may follow at once: the microphone is opened again before its closing is answered.
  const key = [call.call_id, name, ...Object.values(more)].join(" ");
  const sent = once(key, async () => {
    changed();
    await ask("POST", `/calls/${encodeURIComponent(call.call_id)}/${name}`, { ...more, agent: person });
    say("");
  });
  return sent.finally(changed);
}

/** Call a number; the call's id, "" where it was not taken. */
export async function dial(number, person) {
  let made = "";
  await once("dial", async () => {
    made = (await ask("POST", "/calls", { number, agent: person })).call_id;
    say("");
  });
  return made;
}

/** Take the recovery break, or come back from it. */
export const rest = (person, which) =>
  once("rest", () => ask("POST", `/agents/${encodeURIComponent(person)}/${which}`, {}));

export const decidePromise = ({ id, act, more }, person) =>
  once(`promise ${id}`, async () => {
    await ask("POST", `/promises/${encodeURIComponent(id)}/${act}`, { ...more, agent: person });
    say(act === "accept" ? t("已列为回访") : "");
  });

/** Hang the call on another work order, or on a new one where `number` is null. */
export const relink = (call, number, person) =>
  once(`relink ${call.call_id}`, async () => {
    const order = await ask("PUT", `/calls/${encodeURIComponent(call.call_id)}/work-order`, { number, agent: person });
    say(t`已关联 ${order.number}（${word("type", order.type)}）`);
  });
