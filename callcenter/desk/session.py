"""One live call: moves its sound, listens to it, obeys the table in core.call. Sees ports only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.core import events, promises
from callcenter.core.call import Action, Input, State, step
from callcenter.core.cards import CardOffer
from callcenter.core.errors import CallcenterError, NotNow
from callcenter.core.numbers import is_withheld
from callcenter.core.ports import Ear, Leg, LineCall, Recogniser, Recorder, Recording, Scripts
from callcenter.core.records import (
    FRAME_MS,
    FRAME_SAMPLES,
    CallerHistory,
    Frame,
    Gap,
    Hit,
    Known,
    LiveCall,
    Noticed,
    Party,
    Proposal,
    Segment,
    SteerBack,
)
from callcenter.desk.announcement import Announcement
from callcenter.desk.assist import Assist
from callcenter.desk.measures import Measures
from callcenter.desk.policy import PROMPT_A_TRIES, SILENT, Watch, disposition

log = logging.getLogger(__name__)

DRAIN_FRAMES = 10
"""At most 200 ms are taken from a leg whose caller has hung up."""
UNDO_FRAMES = 100
"""Two seconds in which a confirmation can be undone; then the agent is gone from the call."""
CONFIRMS = {"line_fault": Input.CONFIRM_LINE_FAULT, "analysis": Input.CONFIRM_ANALYSIS}
DONE = {"line_fault": Input.LINE_FAULT_DONE, "analysis": Input.ANALYSIS_DONE}


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session is made with."""

    recorder: Recorder
    recogniser: Recogniser
    scripts: Scripts
    tell: Callable[[events.Event], None]
    now: Callable[[], datetime]
    silence_ms: int
    prompt_a_tries: int = PROMPT_A_TRIES


class Session:
    """A call from its first ring to its closed recording. Lives on the event loop."""

    def __init__(self, call_id: str, line: str, line_call: LineCall, parts: Parts) -> None:
        self.call_id = call_id
        self.state = State.SCREENING
        self.closed = asyncio.Event()
        self.agent = ""
        self._line = line
        self._line_call = line_call
        self._parts = parts
        self._caller: Leg | None = None
        self._agent_leg: Leg | None = None
        self._recording: Recording | None = None
        self._ears: dict[Party, Ear] = {}
        self._announcement: Announcement | None = None
        self._ticks = 0
        self._confirmed_at = 0
        self._watch = Watch(parts.silence_ms, parts.prompt_a_tries)
        self._measures = Measures()
        self._assist = Assist(parts.scripts.cards(), lambda: self._watch.proposal is not None)
        self._groups: set[str] = set()
        self._terminated = False
        self._transcribed = True
        self._finishing: asyncio.Task[None] | None = None
        numbers = (line_call.caller_number, line_call.callee_number)
        self._live = LiveCall(call_id, self.state.value, *numbers, parts.now())
        self._listener = parts.scripts.listener(self._beforehand(None))
        line_call.on_hang_up = lambda: self.apply(Input.CALLER_HANGS_UP)

    # What people and the wire do -----------------------------------------------------------

    def answer(self, agent: str, leg: Leg) -> None:
        """The agent picks up, with this sound. Raises NotNow."""
        step(self.state, Input.AGENT_ANSWERS)
        self.agent, self._agent_leg = agent, leg
        self.apply(Input.AGENT_ANSWERS)

    def terminate(self, prompt: str, agent: str) -> None:
        """`agent` confirms: play the prompt to its end, then hang up. Raises NotNow."""
        confirm = CONFIRMS[prompt]
        step(self.state, confirm)
        self._terminated = True
        self._watch.confirm(prompt)
        self._tell(events.TerminationConfirmed(self.call_id, self._parts.now(), agent, prompt))
        self.apply(confirm)

    def undo(self, agent: str) -> None:
        """`agent` takes the confirmation back while the agent is still there. Raises NotNow."""
        step(self.state, Input.UNDO)
        if self._agent_leg is None:
            raise NotNow("too late to undo: the agent has left the call; possible within 2 s")
        self._terminated = False
        self._watch.undo()
        self._tell(events.TerminationUndone(self.call_id, self._parts.now(), agent))
        self.apply(Input.UNDO)

    def dismiss(self, agent: str) -> None:
        """`agent` says that it is no harassment: the proposal is taken back. Raises NotNow."""
        if self.state is not State.TALKING or not self._watch.dismiss():
            raise NotNow(f"the call is {self.state.value}: there is no proposal to dismiss")
        self._live = replace(self._live, proposal=None)
        self._tell(events.ProposalDismissed(self.call_id, self._parts.now(), agent))

    def settle(self) -> None:
        """The agent goes on to another call: what was confirmed here stands."""
        if self.state is not State.TALKING:
            self._release_agent()

    def known(self, history: CallerHistory) -> None:
        """What is kept of the caller's number; to be told before it rings."""
        self._watch.known(history)
        self._live = replace(self._live, history=history)
        self._listener = self._parts.scripts.listener(self._beforehand(history))

    def _beforehand(self, history: CallerHistory | None) -> Known:
        at = self._live.rang_at.astimezone().time()
        return Known(history, at, is_withheld(self._live.caller_number))

    def tick_box(self, what: str, agent: str) -> None:
        """`agent` hears this behind the caller, one of TICKS (H7). Raises NotNow."""
        if self.state is not State.TALKING:
            raise NotNow(f"the call is {self.state.value}: there is no caller to listen to")
        if what not in self._live.ticked:
            self._live = replace(self._live, ticked=(*self._live.ticked, what))
            self._tell(events.Ticked(self.call_id, self._parts.now(), agent, what))
            at_ms = self._ticks * FRAME_MS
            self._found(self._listener.noticed(Noticed(what, Party.CALLER, at_ms, at_ms)))

    def mute(self, muted: bool, agent: str) -> None:
        """Switch the agent's microphone off, or on again; the ear stays open. Raises NotNow."""
        if self.state is not State.TALKING:
            raise NotNow(f"the call is {self.state.value}: there is no open microphone to mute")
        self._live = replace(self._live, muted=muted)
        self._tell(events.MicrophoneMuted(self.call_id, self._parts.now(), agent, muted))

    def apply(self, what: Input) -> None:
        """One step of the table, and what it asks for. Raises NotNow."""
        self.state, actions = step(self.state, what)
        self._live = replace(self._live, state=self.state.value)
        for action in actions:
            self._do(action)

    def snapshot(self) -> LiveCall:
        """The call as the pages show it."""
        lag_ms = max((ear.lag_ms for ear in self._ears.values()), default=0)
        return replace(self._live, lag_ms=lag_ms, rung=self._watch.rung.value)

    def work_order(self, number: str) -> None:
        """The ledger has linked this work order."""
        self._live = replace(self._live, work_order=number)

    def promised(self, event: events.PromiseHeard | events.PromiseDecided) -> None:
        """The ledger has heard a promise of the agent's, or somebody decided about it."""
        self._live = replace(self._live, promises=promises.after(self._live.promises, event))

    # The table's actions -------------------------------------------------------------------

    def _do(self, action: Action) -> None:
        match action:
            case Action.RING:
                self._tell_ring()
            case Action.ANSWER:
                self._answer()
            case Action.CUT_MICROPHONE:
                self._confirmed_at = self._ticks
            case Action.OPEN_MICROPHONE:
                pass  # it follows from the state: see _to_caller
            case Action.PLAY_LINE_FAULT:
                self._play("line_fault")
            case Action.PLAY_ANALYSIS:
                self._play("analysis")
            case Action.STOP_PROMPT:
                self._stop_prompt()
            case _:
                self._do_last(action)

    def _do_last(self, action: Action) -> None:
        match action:
            case Action.REJECT:
                self._line_call.reject()
            case Action.HANG_UP:
                self._line_call.hang_up()
            case Action.CLOSE_BY_CALLER:
                self._drain()
                self._close("caller")
            case Action.CLOSE_BY_AGENT:
                self._close("agent")
            case _:
                self._close("system")

    def _tell_ring(self) -> None:
        live = self._live
        numbers = (live.caller_number, live.callee_number)
        self._tell(events.CallRang(self.call_id, live.rang_at, *numbers, self._line))
        if live.history != CallerHistory():
            self._tell(events.HistoryFound(self.call_id, live.rang_at, live.history))

    def _answer(self) -> None:
        at = self._parts.now()
        try:
            self._caller = self._line_call.answer()
        except CallcenterError:
            self.apply(Input.SHUT_DOWN)
            raise
        self._recording = self._parts.recorder.open(self.call_id, at)
        self._transcribed = self._parts.recogniser.ready
        parties = (Party.CALLER, Party.AGENT) if self.agent else (Party.CALLER,)
        self._ears = {
            party: self._parts.recogniser.open(party, self._on_segment, self._on_gap)
            for party in parties
        }
        self._live = replace(self._live, answered_at=at, agent=self.agent)
        self._tell(events.CallAnswered(self.call_id, at, self.agent))

    def _play(self, name: str) -> None:
        prompt = self._parts.scripts.prompt(name)
        self._announcement = Announcement(prompt)
        self._tell(events.PromptStarted(self.call_id, self._parts.now(), name, prompt.file_ms))

    def _release_agent(self) -> None:
        """Microphone and ear off: the agent is free at once (H10, H16)."""
        leg, self._agent_leg = self._agent_leg, None
        if leg is not None:
            leg.close()

    def _stop_prompt(self) -> None:
        announcement, self._announcement = self._announcement, None
        if announcement is not None:
            prompt, at = announcement.prompt, self._parts.now()
            played = (prompt.name, prompt.file_ms, announcement.sent_ms)
            self._tell(events.PromptEnded(self.call_id, at, *played))

    # The sound -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Move 20 ms of sound: hear both, record both, send to both."""
        if self._caller is None or self._recording is None or self.state is State.ENDED:
            return
        start = self._ticks * FRAME_SAMPLES
        self._ticks += 1
        caller = self._caller.receive(start)
        spoken = self._to_caller(start)
        gone = self._caller.send(spoken)
        self._recording.write(caller, spoken)
        self._listen(caller, spoken)
        if self.state is State.TALKING and self._agent_leg is not None:
            self._agent_leg.send(caller)
            self._offer(self._watch.frame(caller))
        elif self._ticks - self._confirmed_at >= UNDO_FRAMES:
            self._release_agent()
        self._count_prompt(gone)

    def _drain(self) -> None:
        """The caller's last words may still wait in the leg when the hang-up comes: keep them."""
        if self._caller is None or self._recording is None:
            return
        for _ in range(DRAIN_FRAMES):
            start = self._ticks * FRAME_SAMPLES
            caller = self._caller.receive(start)
            if caller.lost:
                return
            self._ticks += 1
            self._recording.write(caller, Frame(start))
            self._listen(caller, Frame(start))

    def _to_caller(self, start: int) -> Frame:
        """The prompt where one plays, else the agent; what a cut microphone hears is let go."""
        said = self._agent_leg.receive(start) if self._agent_leg is not None else Frame(start)
        if self._announcement is not None:
            return self._announcement.next(start)
        return Frame(start) if self._live.muted else said

    def _listen(self, caller: Frame, spoken: Frame) -> None:
        """Each ear hears its party; the agent's hears silence once the microphone is cut."""
        by_agent = spoken if self._announcement is None else Frame(spoken.start)
        self._ears[Party.CALLER].hear(caller)
        if Party.AGENT in self._ears:
            self._ears[Party.AGENT].hear(by_agent)
        for notice in self._measures.hear(caller, by_agent):
            self._found(self._listener.noticed(notice))
            self._offer(self._assist.noticed(notice))

    def _count_prompt(self, gone: bool) -> None:
        announcement = self._announcement
        if announcement is None:
            return
        announcement.left(gone)
        if announcement.over:
            self._stop_prompt()
            self.apply(DONE[announcement.prompt.name])

    # What was heard ------------------------------------------------------------------------

    def _on_segment(self, segment: Segment) -> None:
        heard = events.SegmentHeard if segment.final else events.PartialHeard
        self._tell(heard(self.call_id, self._parts.now(), segment))
        self._remember(segment)
        if segment.party is Party.CALLER and self._watch.words_heard():
            self._live = replace(self._live, proposal=None)
            self._tell(events.ProposalWithdrawn(self.call_id, self._parts.now()))
        self._found(self._listener.heard(segment))
        self._offer(self._assist.heard(segment))

    def _found(self, hits: Sequence[Hit]) -> None:
        for hit in hits:
            group = self._parts.scripts.group(hit.category)
            if hit.category != SILENT:
                self._groups.add(group)
            self._live = replace(self._live, hits=(*self._live.hits, hit))
            self._tell(events.HitFound(self.call_id, self._parts.now(), hit))
            if self.state is State.TALKING:
                self._offer(self._watch.hit(hit, group))
                self._offer(self._assist.hit(hit, group))

    def _remember(self, segment: Segment) -> None:
        others = tuple(s for s in self._live.partials if s.party is not segment.party)
        if segment.final:
            said = (*self._live.segments, segment)
            self._live = replace(self._live, segments=said, partials=others)
        else:
            self._live = replace(self._live, partials=(*others, segment))

    def _on_gap(self, gap: Gap) -> None:
        self._transcribed = False
        self._tell(events.GapLeft(self.call_id, self._parts.now(), gap))

    def _offer(self, offer: Proposal | SteerBack | CardOffer | None) -> None:
        """Put a card or a proposal before the agent."""
        at = self._parts.now()
        match offer:
            case SteerBack(reason, say, evidence):
                card = self._assist.steered_back(self._ticks * FRAME_MS)
                say = "".join(card.say) if card else say
                self._live = replace(self._live, steer_back=replace(offer, say=say), card=None)
                self._tell(events.SteerBackOffered(self.call_id, at, reason, say, evidence))
            case CardOffer(shown, because) if self.state is State.TALKING:
                self._live = replace(self._live, steer_back=None, card=offer)
                self._tell(events.CardOffered(self.call_id, at, shown, because))
            case Proposal(reason, prompt, evidence):
                self._live = replace(self._live, steer_back=None, card=None, proposal=offer)
                self._tell(events.TerminationProposed(self.call_id, at, reason, prompt, evidence))

    # The end -------------------------------------------------------------------------------

    def _close(self, ended_by: str) -> None:
        self._finishing = asyncio.get_running_loop().create_task(self._finish(ended_by))

    async def _finish(self, ended_by: str) -> None:
        """Flush what was heard, close the sound file, tell the end: last words come before it."""
        ended_at = self._parts.now()
        try:
            self._release_agent()
            if self._caller is not None:
                self._caller.close()
            for ear in self._ears.values():
                await ear.close()
            self._found(self._listener.closed(self._ticks * FRAME_MS))
            if self._recording is not None:
                info = await self._recording.close()
                self._tell(events.RecordingClosed(self.call_id, self._parts.now(), info))
        except Exception:
            log.exception("call %s: could not be closed cleanly", self.call_id)
        finally:
            self._tell(self._ended(ended_at, ended_by))
            self.closed.set()

    def _ended(self, at: datetime, ended_by: str) -> events.CallEnded:
        if self._live.answered_at is None:
            result = what = "abandoned" if ended_by == "caller" else "rejected"
        elif not self.agent:
            result = what = "blocked"
        else:
            result = "answered"
            what = disposition(self._groups, self._watch.proposal, self._terminated)
        return events.CallEnded(self.call_id, at, ended_by, result, what, self._transcribed)

    def _tell(self, event: events.Event) -> None:
        self._parts.tell(event)
