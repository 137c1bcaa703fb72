// The live calls as this browser knows them: a snapshot, then one event after the other. No page.

/** Keeps every live call, and the last ended ones, by call_id. */
export class Board {
  calls = new Map();

  snapshot(live) {
    const known = this.calls;
    this.calls = new Map(live.calls.map((call) => [call.call_id, fromSnapshot(call, known)]));
    for (const call of known.values()) {
      if (this.calls.has(call.call_id)) continue;
      this.calls.set(call.call_id, { ...call, state: "ended", proposal: null, card: null });
    }
    this.forgetOldest();
  }

  /** Take one event of the stream; gives the call it changed, or null. */
  take(name, event) {
    if (event.event === "CallRang") this.calls.set(event.call_id, rang(event));
    const call = this.calls.get(event.call_id);
    if (!call || !changes[event.event]) return null;
    changes[event.event](call, event);
    if (event.event === "CallEnded") this.forgetOldest();
    return call;
  }

  live() {
    return [...this.calls.values()].filter((call) => call.state !== "ended");
  }

  forgetOldest() {
    const ended = [...this.calls.values()].filter((call) => call.state === "ended");
    for (const call of ended.slice(0, -4)) this.calls.delete(call.call_id);
  }
}

const rang = (event) => ({
  call_id: event.call_id,
  state: event.direction === "outbound" ? "dialling" : "ringing",
  direction: event.direction,
  caller_number: event.caller_number,
  callee_number: event.callee_number,
  rang_at: event.at,
  answered_at: null,
  agent: event.agent,
  held_at: null,
  transfer: null,
  joined: [],
  lead_called: null,
  pressed: "",
  segments: [],
  partials: [],
  hits: [],
  banned: [],
  card: null,
  promises: [],
  gaps: [],
  numbers: [],
  paused: null,
  rung: "none",
  steer_back: null,
  proposal: null,
  history: null,
  muted: false,
  ticked: [],
  work_order: "",
  confirmed: null,
  prompt: null,
  ended: null,
});

/** A call of the snapshot, with what only events told before the link broke. */
function fromSnapshot(call, known) {
  const before = known.get(call.call_id);
  const { gaps = [], numbers = [], confirmed = null, prompt = null, held_at = null } = before ?? {};
  const [hits, banned] = [false, true].map((own) => call.hits.filter((hit) => isBanned(hit) === own));
  return { ...call, hits, banned, gaps, numbers, confirmed, prompt, held_at, ended: null };
}

/** The number beyond the line: who called us, or whom we called. */
export const farNumber = (call) =>
  call.direction === "outbound" ? call.callee_number : call.caller_number;

/** An agent's own banned words flag nothing; they are kept apart. */
const isBanned = (hit) => hit.category === "banned";

const same = (one) => (other) => other.party === one.party && other.start_ms === one.start_ms;
const byTime = (a, b) => a.start_ms - b.start_ms;

function put(list, one) {
  const at = list.findIndex(same(one));
  if (at < 0) list.push(one);
  else list[at] = one;
  list.sort(byTime);
}

const changes = {
  CallRang: () => {},
  HistoryFound(call, event) {
    call.history = event.history;
  },
  CallAnswered(call, event) {
    call.answered_at = event.at;
    call.agent = event.agent;
    call.state = event.agent ? "talking" : "analysis";
  },
  PartialHeard(call, { segment }) {
    call.partials = call.partials.filter((p) => p.party !== segment.party);
    const said = call.segments.some((s) => s.party === segment.party && s.end_ms > segment.start_ms);
    if (segment.final) put(call.segments, segment); // its digits may yet be a part of a number
    else if (!said) call.partials.push(segment);
  },
  SegmentHeard(call, { segment }) {
    call.partials = call.partials.filter((p) => p.party !== segment.party || p.start_ms >= segment.end_ms);
    put(call.segments, segment);
  },
  GapLeft(call, { gap }) {
    put(call.gaps, gap);
  },
  NumberHeard(call, { number }) {
    if (!call.numbers.includes(number)) call.numbers.push(number);
  },
  PauseStarted(call, { agent: by, why, at: since }) {
    call.paused = { by, why, since, reminded: false };
  },
  PauseReminded(call) {
    if (call.paused) call.paused.reminded = true;
  },
  PauseEnded(call, { start_ms, end_ms }) {
    call.paused = null;
    put(call.gaps, { party: "caller", start_ms, end_ms, reason: "pause" });
  },
  HitFound(call, { hit }) {
    const found = isBanned(hit) ? call.banned : call.hits;
    const told = found.some((h) => h.rule === hit.rule && h.start_ms === hit.start_ms);
    if (!told) found.push(hit);
  },
  SteerBackOffered(call, event) {
    call.steer_back = { reason: event.reason, say: event.say, evidence: event.evidence };
    call.steered = true;
    call.card = null;
  },
  CardOffered(call, event) {
    call.card = { card: event.card, because: event.because };
    call.steer_back = null;
  },
  PromiseHeard(call, { promise }) {
    const told = call.promises.some((one) => one.promise_id === promise.promise_id);
    if (!told) call.promises.push(promise);
  },
  PromiseDecided(call, event) {
    const status = event.accepted ? "accepted" : "dismissed";
    call.promises = call.promises.map((one) =>
      one.promise_id === event.promise_id ? { ...one, status, due_at: event.due_at } : one,
    );
  },
  TerminationProposed(call, event) {
    call.card = null;
    call.proposal = { reason: event.reason, prompt: event.prompt, evidence: event.evidence };
  },
  ProposalWithdrawn(call) {
    call.proposal = null;
  },
  ProposalDismissed(call) {
    call.proposal = null;
    call.steer_back = null;
  },
  MicrophoneMuted(call, event) {
    call.muted = event.muted;
  },
  CallHeld(call, event) {
    call.state = "held";
    call.held_at = event.at;
  },
  CallResumed(call) {
    call.state = "talking";
  },
  AgentAway(call, event) {
    call.state = event.state === "back" ? "talking" : event.state;
    if (event.state === "away") call.held_at = event.at;
  },
  DigitsPressed(call, event) {
    call.pressed += event.digits;
  },
  TransferStarted(call, event) {
    const { agent: by, to, notes, attended, outside, at } = event;
    call.before = call.transfer;
    call.transfer = { by, to, notes, attended, outside, asked_at: at };
    call.state = outside ? "sending_on" : "transferring";
  },
  TransferConsulted(call) {
    call.state = "consulting";
  },
  TransferDone(call, event) {
    if (event.outside) return; // the end follows
    call.state = "talking";
    call.agent = event.to;
    call.muted = false;
    call.lead_called = null;
  },
  TransferReturned(call, event) {
    call.state = event.why === "left" ? "held" : "talking";
    call.transfer = call.before ?? null;
  },
  LeadCalled(call, { agent: by, at, reason }) {
    call.lead_called = { by, at, reason };
  },
  SupervisorJoined(call, event) {
    call.lead_called = null;
    call.joined = call.joined.filter((one) => one.person !== event.person);
    call.joined.push({ person: event.person, mode: event.mode, since: event.at });
  },
  SupervisorLeft(call, event) {
    call.joined = call.joined.filter((one) => one.person !== event.person);
  },
  Ticked(call, event) {
    if (!call.ticked.includes(event.what)) call.ticked.push(event.what);
  },
  TerminationConfirmed(call, event) {
    const { proposal } = call;
    call.confirmed = { agent: event.agent, prompt: event.prompt, at: event.at, proposal };
    call.proposal = null;
    call.state = event.prompt;
  },
  TerminationUndone(call) {
    call.proposal = call.confirmed?.proposal ?? null;
    call.confirmed = null;
    call.prompt = null;
    call.state = "talking";
  },
  PromptStarted(call, event) {
    call.prompt = { name: event.name, file_ms: event.file_ms, at: event.at };
    call.state = event.name in { line_fault: 1, analysis: 1 } ? event.name : call.state;
  },
  PromptEnded(call, event) {
    if (call.prompt) call.prompt.sent_ms = event.sent_ms;
  },
  CallEnded(call, event) {
    call.state = "ended";
    call.proposal = null;
    call.partials = [];
    const { ended_by: by, disposition, call_result: result, at } = event;
    call.ended = { by, disposition, result, at };
  },
  WorkOrderLinked(call, event) {
    call.work_order = event.number;
    call.work_order_type = event.type;
    call.work_order_by = event.linked_by;
  },
};
