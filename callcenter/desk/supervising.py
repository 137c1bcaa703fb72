"""The supervisors in one call: who, how and since when → events. Moves no sound itself."""

from __future__ import annotations

from callcenter.core.errors import NotNow
from callcenter.core.events import LeadCalled, SupervisorJoined, SupervisorLeft
from callcenter.core.lead import LeadCall
from callcenter.core.ports import Leg
from callcenter.core.records import Joined
from callcenter.desk.mixing import Conference
from callcenter.desk.parts import Parts

MODES = ("listen", "whisper", "barge")


class Supervision:
    """Who of the supervisors is in the call."""

    def __init__(self, call_id: str, parts: Parts) -> None:
        self.conference = Conference()
        self.joined: tuple[Joined, ...] = ()
        self.called: LeadCall | None = None
        """That the agent asks for one, until one comes."""
        self._call_id = call_id
        self._parts = parts

    def join(self, person: str, mode: str, leg: Leg | None = None) -> None:
        """`person` joins with this sound, or changes how; `mode` is one of MODES."""
        seat = {
            "listen": self.conference.listen,
            "whisper": self.conference.whisper,
            "barge": self.conference.barge,
        }[mode]
        seat(person, leg)
        at = self._parts.now()
        self.joined = (*self._others(person), Joined(person, mode, at))
        self.called = None
        self._parts.tell(SupervisorJoined(self._call_id, at, person, mode))

    def call(self, agent: str, reason: str) -> None:
        """`agent` asks for a supervisor; nothing new where one was asked for already."""
        if self.called is None:
            self.called = LeadCall(agent, self._parts.now(), reason)
            self._parts.tell(LeadCalled(self._call_id, self.called.at, agent, reason))

    def leave(self, person: str) -> None:
        """`person` hears the call no longer. Raises NotNow where they are not in it."""
        if person not in self.conference:
            raise NotNow(f"{person} is not in call {self._call_id}")
        self.conference.leave(person)
        self.joined = self._others(person)
        self._parts.tell(SupervisorLeft(self._call_id, self._parts.now(), person))

    def close(self) -> None:
        """The call is over: everybody leaves."""
        for person in self.conference.people:
            self.leave(person)

    def _others(self, person: str) -> tuple[Joined, ...]:
        return tuple(each for each in self.joined if each.person != person)
