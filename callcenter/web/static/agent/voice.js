// The agent's sound: how it stands, how loud it is, and the headset at this browser (WebRTC).

import { ask, find, make, t } from "../base.js";
import { microphone, toLoudspeaker, whyNot } from "./devices.js";

const person = find("agent");
const ear = find("ear");
const NAMES = { headset: t("耳麦"), browser: t("浏览器耳麦"), phone: t("话机") };
const STATES = { idle: t("待用"), ringing: t("正在响铃"), connected: t("已接通"), lost: t("断开") };
const LOST = {
  headset: t("您的耳麦断开了，对方听不到您；接好后声音自动恢复，通话不会中断"),
  browser: t("您的浏览器耳麦断开了，对方听不到您；正在重新接通，通话不会中断"),
};
const GATHER_MS = 2000;

let link = null; // { peer, stream }: this page is the agent's headset
let joining = false;
let trouble = "";
let voice = { kind: "none", state: "idle" };

const path = () => `/agents/${encodeURIComponent(person.value)}/voice`;
const here = () => link?.peer?.connectionState === "connected";
const gone = () => link && !joining && ["disconnected", "failed", "closed"].includes(link.peer.connectionState);

/** Ask how the sound stands; comes back each second while the agent has one. */
async function look() {
  const whom = person.value;
  try {
    voice = whom ? await ask("GET", path()) : { kind: "none", state: "idle" };
  } catch {
    return;
  }
  if (whom !== person.value) return;
  if (gone() && voice.state !== "connected") join();
  show();
}

function show() {
  const { kind, state } = voice;
  find("voice").hidden = kind === "none";
  find("headset-open").hidden = !["browser", "headset"].includes(kind);
  const good = kind === "browser" ? here() : state === "connected";
  const dot = make("span", { class: good ? "cc-dot good" : "cc-dot" });
  find("voice-what").replaceChildren(dot, `${NAMES[kind] ?? ""}${words(kind, state)}`);
  find("voice-connect").hidden = kind !== "browser" || Boolean(link);
  for (const way of ["microphone", "ear"]) {
    const meter = find(`voice-${way}`);
    meter.hidden = state !== "connected" || !voice[way];
    if (!meter.hidden) meter.value = Math.max(meter.min, voice[way].rms);
  }
  const text = trouble || (state === "lost" ? LOST[kind] : "") || (kind === "phone" && state === "idle" ? voice.detail : "");
  find("voice-trouble").hidden = !text;
  find("voice-trouble").textContent = text;
}

function words(kind, state) {
  if (kind !== "browser") return STATES[state];
  if (here()) return t("已接通");
  if (link) return t("断开，正在重新接通");
  return state === "connected" ? t("在另一个页面") : t("未接通");
}

/** The person clicks: ask for the microphone, then join. */
async function connect() {
  trouble = "";
  try {
    const stream = await microphone();
    stream.getAudioTracks()[0].addEventListener("ended", () => leave(t("麦克风被拔掉了，请接好后再按“启用耳麦”")));
    link = { peer: null, stream };
  } catch (error) {
    trouble = whyNot(error);
    show();
    return;
  }
  await join();
  show();
}

/** Offer this page's microphone and take the sound of the calls. */
async function join() {
  joining = true;
  link.peer?.close();
  const peer = new RTCPeerConnection();
  link.peer = peer;
  peer.addTrack(link.stream.getAudioTracks()[0], link.stream);
  peer.addEventListener("track", (event) => {
    ear.srcObject = new MediaStream([event.track]);
    toLoudspeaker(ear);
  });
  peer.addEventListener("connectionstatechange", show);
  try {
    await peer.setLocalDescription();
    await gathered(peer);
    const { sdp } = await ask("POST", path(), { sdp: peer.localDescription.sdp });
    await peer.setRemoteDescription({ type: "answer", sdp });
    trouble = "";
  } catch (error) {
    peer.close();
    if (error.status) leave(error.message);
  } finally {
    joining = false;
  }
}

/** Wait until the offer names this computer's addresses. */
function gathered(peer) {
  return new Promise((done) => {
    const look = () => peer.iceGatheringState === "complete" && done();
    peer.addEventListener("icegatheringstatechange", look);
    setTimeout(done, GATHER_MS);
    look();
  });
}

function leave(why = "") {
  link?.peer?.close();
  for (const track of link?.stream.getTracks() ?? []) track.stop();
  link = null;
  ear.srcObject = null;
  trouble = why;
  show();
}

find("voice-connect").addEventListener("click", connect);
person.addEventListener("change", () => {
  leave();
  look();
});
window.addEventListener("pagehide", () => leave());
setInterval(() => voice.kind !== "none" && look(), 1000);
look();
