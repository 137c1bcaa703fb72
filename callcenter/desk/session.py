"""One live call: moves its sound, listens to it, obeys the table in core.call. Sees ports only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from callcenter.core import events
from callcenter.core.call import Action, Input, State, step
from callcenter.core.errors import CallcenterError, NotNow
from callcenter.core.ports import Ear, Leg, LineCall, Recogniser, Recorder, Recording, Scripts
from callcenter.core.records import (
    FRAME_SAMPLES,
    Frame,
    Gap,
    LiveCall,
    Party,
    Proposal,
    Segment,
)
from callcenter.desk.announcement import Announcement
from callcenter.desk.policy import Watch, disposition

log = logging.getLogger(__name__)

DRAIN_FRAMES = 10
"""At most 200 ms are taken from a leg whose caller has hung up."""
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
        self._watch = Watch(parts.silence_ms)
        self._listener = parts.scripts.listener()
        self._groups: set[str] = set()
        self._terminated = False
        self._transcribed = True
        self._finishing: asyncio.Task[None] | None = None
        self._live = LiveCall(
            call_id,
            self.state.value,
            line_call.caller_number,
            line_call.callee_number,
            parts.now(),
        )
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
        self._tell(events.TerminationConfirmed(self.call_id, self._parts.now(), agent, prompt))
        self.apply(confirm)

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
        return replace(self._live, lag_ms=lag_ms)

    def work_order(self, number: str) -> None:
        """The ledger has linked this work order."""
        self._live = replace(self._live, work_order=number)

    # The table's actions -------------------------------------------------------------------

    def _do(self, action: Action) -> None:
        match action:
            case Action.RING:
                self._tell_ring()
            case Action.ANSWER:
                self._answer()
            case Action.CUT_MICROPHONE:
                self._release_agent()
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
        self._tell(
            events.CallRang(
                self.call_id, live.rang_at, live.caller_number, live.callee_number, self._line
            )
        )

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
            self._tell_prompt_ended(announcement)

    def _tell_prompt_ended(self, announcement: Announcement) -> None:
        prompt = announcement.prompt
        self._tell(
            events.PromptEnded(
                self.call_id, self._parts.now(), prompt.name, prompt.file_ms, announcement.sent_ms
            )
        )

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
        if self._agent_leg is not None:
            self._agent_leg.send(caller)
            self._propose(self._watch.frame(caller))
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
        """The prompt where one plays, else the agent."""
        if self._announcement is not None:
            return self._announcement.next(start)
        said = self._agent_leg.receive(start) if self._agent_leg is not None else Frame(start)
        return Frame(start) if self._live.muted else said

    def _listen(self, caller: Frame, spoken: Frame) -> None:
        """Each ear hears its party; the agent's hears silence once the microphone is cut."""
        self._ears[Party.CALLER].hear(caller)
        if Party.AGENT in self._ears:
            by_agent = spoken if self._announcement is None else Frame(spoken.start)
            self._ears[Party.AGENT].hear(by_agent)

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
        for hit in self._listener.heard(segment):
            group = self._parts.scripts.group(hit.category)
            self._groups.add(group)
            self._live = replace(self._live, hits=(*self._live.hits, hit))
            self._tell(events.HitFound(self.call_id, self._parts.now(), hit))
            if self.state is State.TALKING:
                self._propose(self._watch.hit(hit, group))

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

    def _propose(self, proposal: Proposal | None) -> None:
        if proposal is None:
            return
        self._live = replace(self._live, proposal=proposal)
        self._tell(
            events.TerminationProposed(
                self.call_id,
                self._parts.now(),
                proposal.reason,
                proposal.prompt,
                proposal.evidence,
            )
        )

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
            result = "abandoned" if ended_by == "caller" else "rejected"
            return events.CallEnded(self.call_id, at, ended_by, result, result)
        if not self.agent:
            return events.CallEnded(
                self.call_id, at, ended_by, "blocked", "blocked", self._transcribed
            )
        what = disposition(self._groups, self._watch.proposal, self._terminated)
        return events.CallEnded(self.call_id, at, ended_by, "answered", what, self._transcribed)

    def _tell(self, event: events.Event) -> None:
        self._parts.tell(event)
