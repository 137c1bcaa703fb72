"""Where the agents of this desk stand: what people wish and what happens in calls → AgentChanged.

Touches the event loop's clock for the end of wrap-ups alone; the table is core/presence.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from callcenter.core import events as ev
from callcenter.core.errors import NotNow
from callcenter.core.people import SYSTEM
from callcenter.core.presence import BUSY, STOPPED, WISHES, AgentState, Cue, Presence, step
from callcenter.core.records import Agent
from callcenter.desk.parts import Parts

Moved = Sequence[tuple[str, Cue]]


def _nobody(event: ev.Event) -> Moved:
    return ()


MOVED: Mapping[type[ev.Event], Callable[[Any], Moved]] = {
    ev.CallRang: lambda e: [(e.agent, Cue.TALK)],
    ev.CallAnswered: lambda e: [(e.agent, Cue.TALK)],
    ev.SupervisorJoined: lambda e: [(e.person, Cue.TALK)],
    ev.SupervisorLeft: lambda e: [(e.person, Cue.LEAVE)],
    ev.TransferStarted: lambda e: [] if e.outside else [(e.to, Cue.RING)],
    ev.TransferConsulted: lambda e: [(e.to, Cue.TALK)],
    ev.TransferReturned: lambda e: [(e.to, Cue.LEAVE)],
    ev.TransferDone: lambda e: [(e.agent, Cue.LEAVE), (e.to, Cue.TALK)],
}
"""Whom what happens in a call moves, besides its end; "" is nobody, as a number outside is."""


class Attendance:
    """Everybody of the roster counts as ready until something else is known of them.

    So a house that never signs in takes calls from the first minute on, and one that signs in has
    its agents stand where they stood before a restart (see casework/staff/attendance.py).
    """

    def __init__(
        self,
        agents: Iterable[Agent],
        parts: Parts,
        freed: Callable[[str], None] = lambda agent: None,
    ) -> None:
        """`freed` is told of an agent who has just become ready."""
        self._parts = parts
        self._freed = freed
        self._standing = {a.number: Presence(a.number, parts.now()) for a in agents}
        self._wrap_ups: dict[str, asyncio.TimerHandle] = {}
        self._closed = False
        self._leaving = False
        """Nobody is wrapped up here any more: they are ready for the other nodes' calls."""
        self.others_go_on: Callable[[], bool] = lambda: False
        """Whether the house stays open when this desk closes: other nodes have the same agents."""

    def all(self) -> Sequence[Presence]:
        """Everybody, in the order of the configuration."""
        return tuple(self._standing.values())

    def is_ready(self, agent: str) -> bool:
        """Whether calls are offered to this agent."""
        standing = self._standing.get(agent)
        return standing is not None and standing.state is AgentState.READY

    def check_ready(self, agent: str) -> None:
        """Raises NotNow where no call is to be offered to this agent."""
        if not self.is_ready(agent):
            standing = self._standing[agent]
            why = f" ({standing.reason})" if standing.reason else ""
            raise NotNow(f"agent {agent} is {standing.state}{why}; expected one who is ready")

    def wish(self, agent: str, state: str, by: str, reason: str = "") -> None:
        """`by` wishes it for an agent of the roster. Raises NotNow."""
        if state not in WISHES:
            raise NotNow(f"there is no state {state!r} to wish; expected: {', '.join(WISHES)}")
        self._cue(agent, Cue(state), by, reason)

    def heard_of(self, event: ev.Event) -> None:
        """What the ledger says of an agent: where they stood (for the start), recovery breaks; and
        how their telephone stands."""
        match event:
            case ev.AgentChanged() if event.agent in self._standing:
                state, what = AgentState(event.state), (event.reason, event.by)
                self._unwind(event.agent)
                stands = Presence(event.agent, event.at, state, *what, event.call_id)
                self._standing[event.agent] = stands
                if state is AgentState.READY:
                    self._freed(event.agent)
            case ev.RecoveryBreakTaken():
                self._cue(event.agent, Cue.RECOVER, event.agent)
            case ev.RecoveryBreakEnded():
                self._cue(event.agent, Cue.RECOVERED, event.agent)
            case ev.VoiceChanged(kind="phone"):
                self._phone(event)

    def tell(self, event: ev.Event) -> None:
        """Something happened in a call: everybody is told, and its agents stand otherwise."""
        self._parts.tell(event)
        self._take(event)

    def close(self) -> None:
        """The service ends: everybody is signed out by the system, and nothing changes any more."""
        self._leaving = self.others_go_on()
        if self._leaving:
            for agent in tuple(self._wrap_ups):
                self._cue(agent, Cue.TIME_UP)
            return
        for timer in self._wrap_ups.values():
            timer.cancel()
        at = self._parts.now()
        for agent, standing in self._standing.items():
            if standing.state is not AgentState.OFFLINE:
                told = (agent, AgentState.OFFLINE.value, STOPPED, SYSTEM)
                self._parts.tell(ev.AgentChanged("", at, *told))
        self._closed = True

    def _take(self, event: ev.Event) -> None:
        if isinstance(event, ev.CallEnded):
            for agent in self._standing:
                self._out(agent, event.call_id)
        for agent, cue in MOVED.get(type(event), _nobody)(event):
            if cue is Cue.LEAVE:
                self._out(agent, event.call_id)
            else:
                self._cue(agent, cue, call_id=event.call_id)

    def _out(self, agent: str, call_id: str) -> None:
        """They have left this call, or it rings at them no more."""
        standing = self._standing.get(agent)
        if standing is not None and standing.state in BUSY and standing.call_id == call_id:
            rings = standing.state is AgentState.RINGING
            self._cue(agent, Cue.RING_OUT if rings else Cue.LEAVE)

    def _phone(self, event: ev.VoiceChanged) -> None:
        """Their own telephone rings, for a call that they want; a transfer's ringing goes on."""
        standing = self._standing.get(event.agent)
        if event.state == "ringing":
            self._cue(event.agent, Cue.RING)
        elif event.state == "idle" and standing is not None and not standing.call_id:
            self._cue(event.agent, Cue.RING_OUT)

    def _cue(
        self, agent: str, cue: Cue, by: str = SYSTEM, reason: str = "", call_id: str = ""
    ) -> None:
        before = self._standing.get(agent)
        if before is None or self._closed:
            return
        at = self._parts.now()
        after = step(before, cue, at, by, reason, call_id)
        wraps = self._parts.after_call_seconds and not self._leaving
        if after.state is AgentState.WRAP_UP and not wraps:
            after = step(after, Cue.TIME_UP, at)
        self._standing[agent] = after
        if after == replace(before, then=after.then, then_reason=after.then_reason):
            return
        self._wind(agent, after)
        told = (after.agent, after.state.value, after.reason, after.by)
        self._parts.tell(ev.AgentChanged(after.call_id, at, *told))
        # Whose telephone was not picked up is not rung again at once, and again.
        if after.state is AgentState.READY and before.state is not AgentState.RINGING:
            self._freed(agent)

    def _wind(self, agent: str, standing: Presence) -> None:
        """A wrap-up ends by itself; whatever else begins ends it."""
        self._unwind(agent)
        if standing.state is AgentState.WRAP_UP:
            loop = asyncio.get_running_loop()
            ends = loop.call_later(self._parts.after_call_seconds, self._cue, agent, Cue.TIME_UP)
            self._wrap_ups[agent] = ends

    def _unwind(self, agent: str) -> None:
        timer = self._wrap_ups.pop(agent, None)
        if timer is not None:
            timer.cancel()
