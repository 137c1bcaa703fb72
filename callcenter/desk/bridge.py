"""The sound of one call, 20 ms at a time: who hears whom, recorded and listened to. No clock.

The caller hears a prompt where one plays, else the hold tone where they wait, else the agent and
who barges in. The agent hears the caller, or whom they consult; nobody while a prompt plays.
Recorded are the caller, and what the caller was given to hear.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.ports import Leg, Recording
from callcenter.core.records import FRAME_SAMPLES, WIDE_SILENCE, Frame
from callcenter.desk.announcement import Announcement
from callcenter.desk.hearing import Hearing
from callcenter.desk.mixing import Conference, mix
from callcenter.desk.tones import Loop, hold_tone, ringing_tone

DRAIN_FRAMES = 10
"""At most 200 ms are taken from a leg whose caller has hung up."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place in a call: an agent's number, "" for the caller, and their sound."""

    who: str
    leg: Leg


class Bridge:
    """The legs of one call."""

    def __init__(
        self, caller: Leg, agent: Seat | None, conference: Conference, hearing: Hearing
    ) -> None:
        self.caller = caller
        self.agent = agent
        self.target: Seat | None = None
        """Whom the agent consults while the caller waits."""
        self.announcement: Announcement | None = None
        self.muted = False
        self.paused = False
        """Nothing of it is recorded, listened to or heard by supervisors (安全暂停)."""
        self.ticks = 0
        """How many frames have been moved: since dialling, or since answer."""
        self.away = 0
        """For how many frames the agent's sound has neither come nor been taken."""
        self._conference = conference
        self._hearing = hearing
        self._recording: Recording | None = None
        self._hold: Loop | None = None
        self._ringing = Loop(ringing_tone())

    def record(self, recording: Recording) -> None:
        """The call is answered: from here on everything counts."""
        self._recording = recording
        self.ticks = 0

    def start_hold(self) -> None:
        """The caller waits: the tone begins at once."""
        self._hold = Loop(hold_tone())

    def stop_hold(self) -> None:
        """The caller has waited."""
        self._hold = None

    def give_to_target(self) -> Seat | None:
        """The target takes the agent's place; the agent's seat is given back."""
        seat, self.agent, self.target = self.agent, self.target, None
        self.muted, self.away = False, 0
        return seat

    def vacate_agent(self) -> Seat | None:
        """Microphone and ear off: the agent is free at once (H10, H16)."""
        seat, self.agent = self.agent, None
        return seat

    def vacate_target(self) -> Seat | None:
        """Whom the agent consulted, or was to, is in the call no longer."""
        seat, self.target = self.target, None
        return seat

    def vacate(self) -> tuple[Seat | None, ...]:
        """Everybody's seat: the call is over."""
        return self.vacate_target(), self.vacate_agent(), Seat("", self.caller)

    def ring(self) -> None:
        """20 ms before the callee picks up: the agent hears early media, else a ringing tone."""
        start = self.ticks * FRAME_SAMPLES
        self.ticks += 1
        early, tone = self.caller.receive(start), self._ringing.next(start)
        if self.agent is not None:
            self.agent.leg.receive(start)
            self.agent.leg.send(tone if early.lost else early)

    def move(self, hurried: bool = False) -> Frame:
        """20 ms of an answered call; what the caller said. While `hurried`, a prompt waits."""
        start = self.ticks * FRAME_SAMPLES
        self.ticks += 1
        caller, said = self.caller.receive(start), self._agent_says(start)
        talking = self.announcement is None and self._hold is None
        spoken = house = said if talking else self._house(start, hurried)
        supervisors: list[Frame] = []
        if self._conference:
            barged = self._conference.barges(start)
            supervisors = [*self._conference.whispers(start), *barged.values()]
            spoken = mix(house, *barged.values()) if talking else house
            self._conference.hear(Frame(start) if self.paused else mix(caller, house), barged)
        gone = self.caller.send(spoken)
        self._keep(caller, spoken, spoken if talking else Frame(start))
        if self.announcement is None:
            self._to_agents(caller, said, supervisors)
        elif not hurried:
            self.announcement.left(gone)
        return caller

    def drain(self) -> None:
        """The caller's last words may still wait in the leg when the hang-up comes: keep them."""
        for _ in range(DRAIN_FRAMES if self._recording is not None else 0):
            start = self.ticks * FRAME_SAMPLES
            caller = self.caller.receive(start)
            if caller.lost:
                return
            self.ticks += 1
            self._keep(caller, Frame(start), Frame(start))

    def _keep(self, caller: Frame, spoken: Frame, by_agent: Frame) -> None:
        """Record what was heard; listen to what people said."""
        if self.paused:
            caller = Frame(caller.start, wide=WIDE_SILENCE if caller.wide else b"")
            spoken = by_agent = Frame(caller.start)
        if self._recording is not None:
            self._recording.write(caller, spoken)
        self._hearing.hear(caller, by_agent)

    def _agent_says(self, start: int) -> Frame:
        """What a muted microphone hears is let go."""
        said = Frame(start) if self.agent is None else self.agent.leg.receive(start)
        self.away = self.away + 1 if said.lost else 0
        return Frame(start) if self.muted else said

    def _house(self, start: int, hurried: bool) -> Frame:
        """What the caller hears in place of the agent."""
        playing = self._hold if self.announcement is None else self.announcement
        waits = hurried and self.announcement is not None
        return Frame(start) if waits or playing is None else playing.next(start)

    def _to_agents(self, caller: Frame, said: Frame, supervisors: list[Frame]) -> None:
        heard = caller
        if self.target is not None:
            heard = self.target.leg.receive(caller.start)
            self.target.leg.send(said)
        if supervisors:
            heard = mix(heard, *supervisors)
        if self.agent is not None and self.agent.leg.send(heard):
            self.away = 0
