// How loud each party of a recording is played, and who is heard alone: left is the caller, right
// the agent. Nothing is rerouted until somebody asks for it.

import { find } from "../base.js";

const PARTIES = ["caller", "agent"];
const SOON_S = 0.02; // a change without a click

let wires = null; // by party: {own, other}, the gains to its own ear and to the other

const solo = (party) => find(`solo-${party}`);
const volume = (party) => find(`volume-${party}`);

function wire() {
  const context = new AudioContext();
  const split = context.createChannelSplitter(2);
  const join = context.createChannelMerger(2);
  context.createMediaElementSource(find("audio")).connect(split);
  join.connect(context.destination);
  wires = Object.fromEntries(PARTIES.map((party, at) => [party, ears(context, split, join, at)]));
  find("audio").addEventListener("play", () => context.resume());
  context.resume();
}

function ears(context, split, join, at) {
  const [own, other] = [at, 1 - at].map((ear) => {
    const gain = context.createGain();
    split.connect(gain, at);
    gain.connect(join, 0, ear);
    return gain;
  });
  return { own, other };
}

const isAlone = (party) => solo(party).getAttribute("aria-pressed") === "true";

/** One ear each; who is heard alone is heard in both. */
function apply() {
  if (!wires) wire();
  const alone = PARTIES.find(isAlone);
  for (const party of PARTIES) {
    const loud = !alone || alone === party ? Number(volume(party).value) / 100 : 0;
    const { own, other } = wires[party];
    own.gain.setTargetAtTime(loud, own.context.currentTime, SOON_S);
    other.gain.setTargetAtTime(alone === party ? loud : 0, own.context.currentTime, SOON_S);
    find("audio").dataset[party] = String(loud);
  }
}

/** Ready the page once. */
export function mix() {
  for (const party of PARTIES) {
    solo(party).addEventListener("click", () => {
      const on = !isAlone(party);
      for (const one of PARTIES) solo(one).setAttribute("aria-pressed", String(on && one === party));
      apply();
    });
    volume(party).addEventListener("input", () => {
      volume(party).setAttribute("aria-valuetext", `${volume(party).value}%`);
      apply();
    });
  }
}
