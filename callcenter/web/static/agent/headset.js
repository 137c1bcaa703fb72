// The headset is chosen and tried: how loud its microphone is, and two seconds played back. What a browser hears for
// this stays in the browser.

import { ask, find, localTime, make, t } from "../base.js";
import { choose, chosen, microphone, toLoudspeaker, whyNot } from "./devices.js";

const person = find("agent");
const dialog = find("headset");
const ear = find("headset-ear");
const TAKE_MS = 2000;
const LOOK_MS = 100;
const ASK_MS = 250;
const HEARD_DB = -40; // what a voice comes to at its loudest, and a quiet room does not
const SILENCE_DB = -60;

let kind = "none";
let sound = null; // { stream, context, analyser }: the browser's microphone while the dialog is open
let timer = null;
let trying = false;

const path = () => `/agents/${encodeURIComponent(person.value)}/voice`;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Open the dialog for the sound that this agent has; for a telephone there is nothing to choose. */
export async function openHeadset() {
  if (dialog.open || find("headset-open").hidden) return;
  const voice = await ask("GET", path()).catch((error) => ({ kind: "", detail: error.message }));
  if (dialog.open) return;
  kind = voice.kind;
  find("headset-browser").hidden = kind !== "browser";
  find("headset-local").hidden = kind !== "headset";
  find("headset-loudspeaker").closest(".cc-field").hidden = !("setSinkId" in HTMLMediaElement.prototype);
  tell("");
  wrong(kind ? "" : voice.detail);
  showLevel(SILENCE_DB);
  dialog.showModal();
  if (kind === "browser") await listen();
  if (kind === "headset") {
    showLocal(voice);
    timer = setInterval(() => ask("GET", path()).then(showLocal).catch(() => {}), ASK_MS);
  }
}

function tell(text) {
  find("headset-said").textContent = text;
}

function wrong(text) {
  find("headset-wrong").textContent = text;
  find("headset-wrong").hidden = !text;
}

function showLevel(db) {
  const meter = find("headset-level");
  const loud = Math.round(Math.max(meter.min, db));
  meter.value = loud;
  meter.textContent = `${loud} dB`;
  find("headset-db").textContent = loud > meter.min ? `${loud} dB` : t("没有声音");
}

/* the headset at this machine: the service hears */

function showLocal({ device, state, detail, microphone: level }) {
  find("headset-device").textContent = device || t("系统默认的设备");
  find("headset-now").textContent = state === "idle" ? t("平时不打开，接电话或测试时才打开") : detail;
  showLevel(level.rms);
  if (state === "idle" && !trying) find("headset-db").textContent = "—";
}

async function tryLocal() {
  tell(t("请说话：录两秒，再放给您听"));
  const { detail, microphone: level } = await ask("POST", `${path()}/echo`, {});
  verdict(level.peak, detail);
}

/* the headset at this browser */

/** Take the chosen microphone, as loud as it is, and list what there is to choose from. */
async function listen() {
  hush();
  wrong("");
  try {
    const stream = await microphone();
    if (!dialog.open) return stop(stream);
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 4096 });
    context.createMediaStreamSource(stream).connect(analyser);
    sound = { stream, context, analyser };
    timer = setInterval(measure, LOOK_MS);
  } catch (error) {
    wrong(whyNot(error));
  }
  return list();
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function hush() {
  clearInterval(timer);
  if (!sound) return;
  stop(sound.stream);
  sound.context.close();
  sound = null;
}

function measure() {
  const samples = new Float32Array(sound.analyser.fftSize);
  sound.analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
  showLevel(10 * Math.log10(power + 1e-10));
}

async function list() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  fill(find("headset-microphone"), all.filter((one) => one.kind === "audioinput"), chosen().audioinput);
  fill(find("headset-loudspeaker"), all.filter((one) => one.kind === "audiooutput"), chosen().audiooutput);
}

function fill(select, devices, wanted) {
  const named = devices.filter((one) => one.deviceId && one.deviceId !== "default");
  const options = named.map((one, at) => make("option", { value: one.deviceId }, one.label || t`设备 ${at + 1}`));
  select.replaceChildren(make("option", { value: "" }, t("系统默认的设备")), ...options);
  select.value = named.some((one) => one.deviceId === wanted) ? wanted : "";
}

async function tryBrowser() {
  if (!sound) await listen();
  if (!sound) return;
  const { stream, context } = sound;
  await context.resume();
  tell(t("请说话：正在录两秒"));
  const taken = await take(stream);
  if (sound?.stream !== stream) return; // the dialog was closed
  tell(t("正在放给您听"));
  const heard = await context.decodeAudioData(await taken.arrayBuffer());
  await play(context, heard);
  verdict(peak(heard), stream.getAudioTracks()[0].label);
}

async function take(stream) {
  const recorder = new MediaRecorder(stream);
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const over = new Promise((done) => recorder.addEventListener("stop", done));
  recorder.start();
  await pause(TAKE_MS);
  if (recorder.state !== "inactive") recorder.stop();
  await over;
  return new Blob(parts);
}

/** How loud the loudest moment was, in dBFS. */
function peak(buffer) {
  const highest = buffer.getChannelData(0).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  return 20 * Math.log10(highest + 1e-5);
}

/** By an element, as calls are: it sounds in the chosen loudspeaker. */
async function play(context, buffer) {
  const source = context.createBufferSource();
  const out = context.createMediaStreamDestination();
  source.buffer = buffer;
  source.connect(out);
  ear.srcObject = out.stream;
  await toLoudspeaker(ear);
  source.start();
  await ear.play();
  await pause(buffer.duration * 1000);
  ear.srcObject = null;
}

/* both */

function verdict(db, device) {
  if (db < HEARD_DB) return tell(t`没有听到声音（${device}）：请看耳麦的静音键，或换一个麦克风，再试一次`);
  choose("passed", new Date().toISOString());
  showPassed();
  return tell(t`听到您说话了（${device}）。刚才放的声音您也听得清，耳麦就可以用`);
}

function busy(on) {
  trying = on;
  for (const name of ["echo", "microphone", "loudspeaker"]) find(`headset-${name}`).disabled = on;
}

async function echo() {
  if (trying) return;
  busy(true);
  wrong("");
  try {
    await (kind === "browser" ? tryBrowser() : tryLocal());
  } catch (error) {
    tell("");
    if (dialog.open) wrong(error.message);
  } finally {
    busy(false);
  }
}

function showPassed() {
  const { passed } = chosen();
  const today = passed && new Date(passed).toDateString() === new Date().toDateString();
  find("headset-passed").textContent = today ? t`自检 ${localTime(passed, "minute")} 通过` : t("今天还没有自检");
}

for (const [id, what] of [["headset-microphone", "audioinput"], ["headset-loudspeaker", "audiooutput"]]) {
  find(id).addEventListener("change", async ({ target }) => {
    choose(what, target.value);
    if (what === "audioinput") await listen();
    await toLoudspeaker(find("ear"));
    tell(what === "audioinput" ? t("记住了：下次启用耳麦时用这个麦克风") : t("记住了：现在就用这个扬声器"));
  });
}
find("headset-open").addEventListener("click", openHeadset);
find("headset-echo").addEventListener("click", echo);
find("headset-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  hush();
  ear.srcObject = null;
});
navigator.mediaDevices?.addEventListener("devicechange", () => dialog.open && kind === "browser" && list());
showPassed();
