// 安全暂停 at the desk: the band with its timer, the button, the reminder. Sends nothing.

import { clock, find, say, t } from "../base.js";
import { personName } from "./live-calling.js";

const PAUSABLE = ["talking", "held", "transferring", "consulting", "sending_on", "away", "offered"];

/** What the button does now: pause, unpause, or "" for nothing. */
export const pauseCommand = (call, person) => {
  if (!call?.answered_at || !PAUSABLE.includes(call.state)) return "";
  const joined = call.joined.some((one) => one.person === person);
  if (call.agent !== person && !joined) return "";
  return call.paused ? "unpause" : "pause";
};

export function enablePause(call, person, waiting) {
  const name = pauseCommand(call, person);
  const off = !name || waiting(call, name);
  for (const id of ["pause", "unpause"]) find(id).disabled = off;
  find("pause").setAttribute("aria-pressed", String(Boolean(call?.paused)));
  find("pause-word").textContent = call?.paused ? t("恢复录音") : t("安全暂停");
}

/** The band while it lasts; it turns loud when it lasts long. */
export function showPause(call, now) {
  const paused = call && call.state !== "ended" ? call.paused : null;
  find("paused").hidden = !paused;
  if (!paused) return;
  find("paused").classList.toggle("long", paused.reminded);
  write("paused-what", paused.reminded ? t("安全暂停中，还没有恢复录音：说完了请按恢复") : t("安全暂停中：不录音、不转写，监听也听不到"));
  write("paused-who", `${personName(paused.by)} · ${paused.why}`);
  find("paused-time").textContent = clock(Math.max(0, now - Date.parse(paused.since)));
}

/** Said once for each reminder: a screen reader reads it out. */
export function remind(call, event, person) {
  if (call?.agent === person && event.event === "PauseReminded") say(t`安全暂停已经 ${event.minutes} 分钟，说完了请恢复录音`);
}

function write(id, text) {
  if (find(id).textContent !== text) find(id).textContent = text;
}
