"""Which calls a visitor may know of: asked for by a call's id, and told of in the event stream.

Asks the desk for the calls that run, the store for those that were kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from callcenter.core import events as ev
from callcenter.core.ports import Desk
from callcenter.core.records import LiveCall
from callcenter.core.visitor import Scope, Visitor
from callcenter.store import scoped
from callcenter.store.sql import Store

BY_CALL = (("api", "v1", "calls"), ("api", "v1", "withheld"), ("api", "v1", "reviews"), ("calls",))
"""What is asked for by a call's id, which comes after these pieces of the path."""
MOST = 2000
"""Calls whose agents a reader of the stream remembers; then the oldest is forgotten."""
FOR_ALL = (
    ev.AgentChanged,
    ev.VoiceChanged,
    ev.SeatUnattended,
    ev.RecoveryBreakOffered,
    ev.RecoveryBreakTaken,
    ev.RecoveryBreakEnded,
)
"""Told of agents, not of what was said in a call."""


def call_of(path: str) -> str:
    """The id of the call that this path is about; "" where it is about none."""
    pieces = tuple(path.strip("/").split("/"))
    for before in BY_CALL:
        if len(pieces) > len(before) and pieces[: len(before)] == before:
            return pieces[len(before)]
    return ""


def agents_of(call: LiveCall) -> set[str]:
    """Who has this call, is asked to take it, or has given it on; nobody while it rings."""
    passed = (call.transfer.by, call.transfer.to) if call.transfer else ()
    return {call.agent, *passed} - {""}


def seen(calls: Iterable[LiveCall], scope: Scope) -> list[LiveCall]:
    """Those of the calls that run which are in this scope."""
    return [c for c in calls if scope.covers(agents_of(c), c.line, c.callee_number)]


class Reach:
    """Whether a call is within what somebody may know of."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk = desk
        self._store = store

    async def covers(self, scope: Scope, call_id: str) -> bool:
        """On the event loop. True for an unknown call: who asks is told that there is none."""
        if scope.is_all:
            return True
        live = [call for call in self._desk.live() if call.call_id == call_id]
        if live:
            return bool(seen(live, scope))
        return await run_in_threadpool(self._kept, scope, call_id)

    def _kept(self, scope: Scope, call_id: str) -> bool:
        with self._store.session() as session:
            return scoped.covers(session, scope, call_id)


@dataclass(slots=True)
class _Place:
    line: str
    hotline: str
    agents: set[str] = field(default_factory=set)
    told: bool = False


class Audience:
    """What one reader of the event stream is told; fed with every event, in order."""

    def __init__(self, visitor: Visitor, calls: Sequence[LiveCall]) -> None:
        self._visitor = visitor
        self._scope = visitor.scope
        self._places: OrderedDict[str, _Place] = OrderedDict()
        for call in calls:
            agents = agents_of(call)
            covered = self._scope.covers(agents, call.line, call.callee_number)
            self._keep(call.call_id, _Place(call.line, call.callee_number, agents, covered))

    def hears(self, event: ev.Event) -> bool:
        """Whether to tell; who saw a call ring is told that another took it, and of its end."""
        if isinstance(event, ev.Accessed | ev.Cleared):
            return False
        if isinstance(event, ev.DialRefused):
            return self._scope.covers({event.agent}, event.line, "")
        if isinstance(event, ev.NumberHeard):
            return self.has(event) or not self._visitor.name
        before = self._covers(event)
        self._follow(event)
        place = self._places.get(event.call_id)
        if not event.call_id or isinstance(event, FOR_ALL) or self._scope.is_all:
            return True
        if place is None:
            return False
        told = before or self._covers(event) or (place.told and isinstance(event, ev.CallEnded))
        place.told = place.told or told
        return told

    def has(self, event: ev.Event) -> bool:
        """Whether the event is about a call that is the reader's, or rings for them."""
        place = self._places.get(event.call_id)
        if place is None:
            return False
        rings = not place.agents and bool(self._visitor.agent)
        return rings or any(map(self._visitor.is_called, place.agents))

    def _covers(self, event: ev.Event) -> bool:
        place = self._places.get(event.call_id)
        return place is not None and self._scope.covers(place.agents, place.line, place.hotline)

    def _follow(self, event: ev.Event) -> None:
        if isinstance(event, ev.CallRang):
            place = _Place(event.line, event.callee_number, {event.agent} - {""})
            self._keep(event.call_id, place)
        place_now = self._places.get(event.call_id)
        if place_now is None:
            return
        if isinstance(event, ev.CallAnswered):
            place_now.agents |= {event.agent} - {""}
        elif isinstance(event, ev.TransferStarted) and not event.outside:
            place_now.agents.add(event.to)

    def _keep(self, call_id: str, place: _Place) -> None:
        self._places[call_id] = place
        if len(self._places) > MOST:
            self._places.popitem(last=False)
