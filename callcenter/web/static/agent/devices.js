// Which microphone and loudspeaker this person uses in this browser; kept here only.

import { me, t } from "../base.js";

const KEPT = `callcenter.headset.${me.name}`;
const CLEARED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** { audioinput, audiooutput: the devices' ids; passed: when the test last went well }. */
export const chosen = () => JSON.parse(localStorage.getItem(KEPT) ?? "{}");

export function choose(what, value) {
  localStorage.setItem(KEPT, JSON.stringify({ ...chosen(), [what]: value }));
}

/** The sound of the chosen microphone; of the browser's own where that one is not there. */
export async function microphone() {
  if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
  const id = chosen().audioinput;
  return navigator.mediaDevices.getUserMedia({ audio: id ? { ...CLEARED, deviceId: { ideal: id } } : CLEARED });
}

/** Let this element sound in the chosen loudspeaker, where the browser can choose. */
export async function toLoudspeaker(element) {
  if (!element.setSinkId) return;
  await element.setSinkId(chosen().audiooutput ?? "").catch(() => element.setSinkId("").catch(() => {}));
}

/** What to do where the microphone was not given. */
export function whyNot({ name }) {
  if (name === "SecurityError") return t("浏览器只在 https 或本机地址下允许使用麦克风");
  if (name === "NotAllowedError") return t("麦克风被拒绝：请在地址栏允许本页使用麦克风，再按一次");
  if (name === "NotReadableError") return t("麦克风正被别的程序占用：请关掉那个程序，再按一次");
  return t("找不到可用的麦克风：请接好耳麦，再按一次");
}
