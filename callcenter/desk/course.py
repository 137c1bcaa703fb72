"""A call's course: obeys the table in core.call, moves the sound, tells the end."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import replace
from datetime import datetime

from callcenter.core import events
from callcenter.core.call import PLAYING, Action, Input, State, step
from callcenter.core.errors import CallcenterError, NotTaken
from callcenter.core.people import SYSTEM
from callcenter.core.ports import LineCall, Recording
from callcenter.core.records import FRAME_MS, CallerHistory, LiveCall, Party
from callcenter.desk import absence
from callcenter.desk.announcement import Announcement
from callcenter.desk.bridge import Bridge, Seat
from callcenter.desk.dialling import PATIENCE_FRAMES
from callcenter.desk.hearing import Hearing
from callcenter.desk.parts import Parts
from callcenter.desk.pausing import Pausing
from callcenter.desk.supervising import Supervision
from callcenter.desk.transfers import Transfers

log = logging.getLogger(__name__)

UNDO_FRAMES = 100
"""Two seconds in which a confirmation can be undone; then the agent is gone from the call."""
KEYS_FRAMES = 5
"""Ten times a second it is looked whether the far end pressed keys."""
MOST_PRESSED = 256
"""Keys of the far end that are told in one call; a machine may press on for hours."""
ADVISED = (State.TALKING, State.HELD)
"""An agent is there who can act on a proposal."""
DONE = {"line_fault": Input.LINE_FAULT_DONE, "analysis": Input.ANALYSIS_DONE}
ENDED_BY = {
    Action.CLOSE_BY_CALLER: "caller",
    Action.CLOSE_BY_AGENT: "agent",
    Action.CLOSE_BY_SYSTEM: "system",
}


class Course:
    """What the table asks of one call, and what its sound brings about."""

    def __init__(self, line: str, line_call: LineCall, live: LiveCall, parts: Parts) -> None:
        self.call_id = live.call_id
        self.line = line
        self.state = State.SCREENING
        self.closed = asyncio.Event()
        self.agent = ""
        self.supervision = Supervision(self.call_id, parts)
        self._line_call = line_call
        self._live = live
        self._parts = parts
        self._seat: Seat | None = None
        """The agent's, until there is a bridge."""
        self._bridge: Bridge | None = None
        self._recording: Recording | None = None
        self._transfers = Transfers(self.call_id, parts)
        self._hearing = Hearing(live, parts)
        self._pausing = Pausing(self.call_id, parts)
        self._connected_at = -math.inf
        """By the loop's clock, in seconds."""
        self._confirmed_at = 0
        self._not_taken = NotTaken.CANCELLED
        self._finishing: asyncio.Task[None] | None = None
        line_call.on_hang_up = lambda: self.apply(Input.CALLER_HANGS_UP)

    def apply(self, what: Input) -> None:
        """One step of the table, and what it asks for. Raises NotNow."""
        self.state, actions = step(self.state, what)
        self._hearing.advising = self.state in ADVISED
        for action in actions:
            self._do(action)

    # The table's actions -------------------------------------------------------------------

    def _do(self, action: Action) -> None:
        match action:
            case Action.RING:
                self._tell_ring()
            case Action.ANSWER:
                self._answer()
            case Action.CONNECT if self._bridge is not None:
                self._begin(self._bridge)
            case Action.REJECT:
                self._line_call.reject()
            case Action.HANG_UP:
                self._line_call.hang_up()
            case Action.CLOSE_BY_CALLER | Action.CLOSE_BY_AGENT | Action.CLOSE_BY_SYSTEM:
                self._close(ENDED_BY[action])
            case _ if self._bridge is not None:
                self._do_with_sound(action, self._bridge)

    def _do_with_sound(self, action: Action, bridge: Bridge) -> None:
        match action:
            case Action.CUT_MICROPHONE:
                self._confirmed_at = bridge.ticks
            case Action.PLAY_LINE_FAULT:
                self._play("line_fault", bridge)
            case Action.PLAY_ANALYSIS:
                self._play("analysis", bridge)
            case Action.STOP_PROMPT:
                self._stop_prompt(bridge)  # with it the microphone opens again
            case _:
                self._do_with_waiting(action, bridge)

    def _do_with_waiting(self, action: Action, bridge: Bridge) -> None:
        match action:
            case Action.START_HOLD:
                bridge.start_hold()
            case Action.STOP_HOLD:
                bridge.stop_hold()
            case Action.GIVE_TO_TARGET:
                self._give_to_target(bridge)
            case Action.FORGET_TARGET:
                self._let_go(bridge.vacate_target())

    def _tell_ring(self) -> None:
        live = self._live
        numbers = (live.caller_number, live.callee_number)
        how = (self.line, live.direction, self.agent, live.node)
        self._tell(events.CallRang(self.call_id, live.rang_at, *numbers, *how))
        if live.history != CallerHistory():
            self._tell(events.HistoryFound(self.call_id, live.rang_at, live.history))

    def _answer(self) -> None:
        try:
            caller = self._line_call.answer()
        except CallcenterError:
            self.apply(Input.SHUT_DOWN)
            raise
        self._bridge = Bridge(caller, self._seat, self.supervision.conference, self._hearing)
        self._begin(self._bridge)

    def _begin(self, bridge: Bridge) -> None:
        """They are connected: offsets count from here."""
        at, self._connected_at = self._parts.now(), asyncio.get_running_loop().time()
        self._recording = self._parts.recorder.open(self.call_id, at)
        bridge.record(self._recording)
        heard = (Party.CALLER, Party.AGENT) if self.agent else (Party.CALLER,)
        self._hearing.open(heard, self._recording.hide)
        self._live = replace(self._live, answered_at=at, agent=self.agent)
        self._tell(events.CallAnswered(self.call_id, at, self.agent))

    def _play(self, name: str, bridge: Bridge) -> None:
        prompt = self._parts.scripts.prompt(name)
        bridge.announcement = Announcement(prompt)
        self._line_call.drop_digits()
        self._tell(events.PromptStarted(self.call_id, self._parts.now(), name, prompt.file_ms))

    def _stop_prompt(self, bridge: Bridge) -> None:
        announcement, bridge.announcement = bridge.announcement, None
        if announcement is not None:
            prompt, at = announcement.prompt, self._parts.now()
            played = (prompt.name, prompt.file_ms, announcement.sent_ms)
            self._tell(events.PromptEnded(self.call_id, at, *played))

    def _give_to_target(self, bridge: Bridge) -> None:
        """The call is the target's; the agent who had it is free."""
        before = self.agent
        self._let_go(bridge.give_to_target())
        self.agent = bridge.agent.who if bridge.agent is not None else before
        self._live = replace(self._live, agent=self.agent)
        self._transfers.done(before)

    def _come_back(self, what: Input, why: str) -> None:
        """A transfer fails: the call is its agent's again. Raises NotNow."""
        step(self.state, what)
        self._transfers.returned(why)
        self.apply(what)

    def _let_go(self, seat: Seat | None) -> None:
        """Tell how the sound of this seat came, and close it."""
        if seat is None:
            return
        quality = seat.leg.quality()
        if quality is not None:
            party = Party.AGENT if seat.who else Party.CALLER
            what = (party.value, seat.who, quality)
            self._tell(events.QualityMeasured(self.call_id, self._parts.now(), *what))
        seat.leg.close()

    # The sound -----------------------------------------------------------------------------

    def tick(self, place: float = math.inf, hurried: bool = False) -> None:
        """Move 20 ms of sound: hear both, record both, send to both.

        `place` is the tick's by the loop's clock: one that is made up for a time before they were
        connected is not of this call, or its recording would be longer than the call. A prompt
        waits through `hurried` ones, so that the caller hears every word of it.
        """
        bridge = self._bridge
        if bridge is None or self.state is State.ENDED or place < self._connected_at:
            return
        if self.state is State.DIALLING:
            self._ring(bridge)
            return
        caller = bridge.move(hurried)
        if bridge.ticks % KEYS_FRAMES == 0:
            self._hear_keys()
            self._pausing.tick(self.agent, bridge.ticks)
        if bridge.away or self.state is not State.TALKING:
            self._watch_agent(bridge)
        if self.state is State.TALKING and self._hearing.in_doubt:
            self._hearing.watch_silence(caller)
        elif self.state in PLAYING:
            self._play_on(bridge)
        elif self.state is State.TRANSFERRING and self._transfers.is_due(bridge.ticks):
            self._come_back(Input.TARGET_FAILS, "no_answer")

    def _set_paused(self, why: str, by: str) -> None:
        """Pause for this reason, or go on, where `why` is ""."""
        bridge = self._bridge
        if bridge is None or bridge.paused == bool(why):
            return
        bridge.paused = bool(why)
        self._hearing.pause(bridge.paused)
        if why:
            self._pausing.start(by, why, bridge.ticks)
        else:
            self._pausing.end(by, bridge.ticks)

    def _watch_agent(self, bridge: Bridge) -> None:
        what = absence.what_follows(self.state, bridge.away)
        if what is not None:
            self.apply(what)
            how = absence.SHOWN[self.state]
            self._tell(events.AgentAway(self.call_id, self._parts.now(), self.agent, how))

    def _hear_keys(self) -> None:
        pressed = self._line_call.pressed()
        if not pressed or self._pausing.current is not None:
            return
        ticks = self._bridge.ticks if self._bridge is not None else 0
        pressed = self._hearing.redactor.keys(Party.CALLER, pressed, ticks * FRAME_MS)
        before = self._live.pressed
        pressed = pressed[: MOST_PRESSED - len(before)]
        if pressed:
            self._live = replace(self._live, pressed=before + pressed)
            self._tell(events.DigitsPressed(self.call_id, self._parts.now(), pressed))

    def _ring(self, bridge: Bridge) -> None:
        bridge.ring()
        if bridge.ticks >= PATIENCE_FRAMES:
            self._not_taken = NotTaken.NO_ANSWER
            self.apply(Input.CALLEE_IS_SILENT)

    def _play_on(self, bridge: Bridge) -> None:
        """The agent leaves after two seconds; the prompt's end ends the call."""
        if bridge.ticks - self._confirmed_at >= UNDO_FRAMES:
            self._let_go(bridge.vacate_agent())
        announcement = bridge.announcement
        if announcement is not None and announcement.over:
            self._stop_prompt(bridge)
            self.apply(DONE[announcement.prompt.name])

    # The end -------------------------------------------------------------------------------

    def _close(self, ended_by: str) -> None:
        if ended_by == "caller" and self._bridge is not None:
            self._bridge.drain()
        self._hear_keys()
        self._set_paused("", by=SYSTEM)
        self._finishing = asyncio.get_running_loop().create_task(self._finish(ended_by))

    async def _finish(self, ended_by: str) -> None:
        """Flush what was heard, close the sound file, tell the end: last words come before it."""
        ended_at = self._parts.now()
        try:
            self._let_everybody_go()
            await self._hearing.close()
            if self._recording is not None:
                info = await self._recording.close()
                for start_ms, end_ms in self._recording.lost:
                    lost = (self._parts.now(), start_ms, end_ms)
                    self._tell(events.SoundLost(self.call_id, *lost))
                self._tell(events.RecordingClosed(self.call_id, self._parts.now(), info))
        except Exception:
            log.exception("call %s: could not be closed cleanly", self.call_id)
        finally:
            self._tell(self._ended(ended_at, ended_by))
            self.closed.set()

    def _let_everybody_go(self) -> None:
        self.supervision.close()
        seats = [self._seat] if self._bridge is None else self._bridge.vacate()
        for seat in seats:
            self._let_go(seat)

    def _ended(self, at: datetime, ended_by: str) -> events.CallEnded:
        if self._live.answered_at is not None:
            result = "answered" if self.agent else "blocked"
            what = self._hearing.disposition() if self.agent else result
        elif self._live.direction == "outbound":
            result, what = self._not_taken.value, ""
        else:
            result = what = "abandoned" if ended_by == "caller" else "rejected"
        transcribed = self._hearing.transcribed
        return events.CallEnded(self.call_id, at, ended_by, result, what, transcribed)

    def _tell(self, event: events.Event) -> None:
        self._parts.tell(event)
