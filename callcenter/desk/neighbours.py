"""The live calls of the other nodes, as they tell of them, and how we tell of ours.

Each node says how a call of its own stands a moment after something happened in it, everything
again every few seconds, and whole, with what was said, where another has just come. What was said
meanwhile comes as events. So what is lost on the way is put right by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from callcenter.core import wire
from callcenter.core.events import (
    CallEnded,
    CallRang,
    Event,
    PartialHeard,
    SegmentHeard,
)
from callcenter.core.records import LiveCall, Segment

CALL, WHOLE, CALLS, HELLO = "call", "whole", "calls", "hello"
"""The words: how a call stands, the same with what was said, which calls there are, tell me all."""
SOON_SECONDS = 0.1
AGAIN_SECONDS = 5.0
Say = Callable[[str, str], None]


class Neighbours:
    """What the other nodes have told of their calls."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, LiveCall]] = {}

    def live(self) -> list[LiveCall]:
        """Every call of the other nodes."""
        return [call for calls in self._calls.values() for call in calls.values()]

    def node_of(self, call_id: str) -> str:
        """Where this call runs; "" where on no other node."""
        return next((node for node, calls in self._calls.items() if call_id in calls), "")

    def forget(self, node: str) -> None:
        """It is dead, or has ended."""
        self._calls.pop(node, None)

    def take_event(self, node: str, event: Event) -> None:
        """Something happened there."""
        match event:
            case CallRang():
                self._keep(node, _ringing(node, event))
            case CallEnded():
                # Whoever closes the calls of a dead node tells of their end, too.
                for calls in self._calls.values():
                    calls.pop(event.call_id, None)
            case PartialHeard() | SegmentHeard():
                call = self._calls.get(node, {}).get(event.call_id)
                if call is not None:
                    self._keep(node, _said(call, event.segment))

    def take_word(self, node: str, kind: str, text: str) -> None:
        """How one of its calls stands, or which there are. Raises ValueError."""
        if kind in (CALL, WHOLE):
            self._stands(node, wire.from_json(LiveCall, text), whole=kind == WHOLE)
        elif kind == CALLS:
            known = set(json.loads(text))
            kept = self._calls.get(node, {})
            self._calls[node] = {i: call for i, call in kept.items() if i in known}

    def _stands(self, node: str, call: LiveCall, *, whole: bool) -> None:
        before = self._calls.get(node, {}).get(call.call_id)
        if before is not None and not whole:
            call = replace(call, segments=before.segments, partials=before.partials)
        self._keep(node, call)

    def _keep(self, node: str, call: LiveCall) -> None:
        self._calls.setdefault(node, {})[call.call_id] = call


class Told:
    """Tells the other nodes of our own calls."""

    def __init__(self, own: Callable[[], Sequence[LiveCall]], say: Say) -> None:
        self._own = own
        self._say = say
        self._changed: set[str] = set()

    def note(self, event: Event) -> None:
        """Something happened here; what became of the call is told in a moment."""
        if not event.call_id or isinstance(event, PartialHeard):
            return
        if not self._changed:
            asyncio.get_running_loop().call_later(SOON_SECONDS, self._tell_changed)
        self._changed.add(event.call_id)

    async def run(self) -> None:
        """Say again and again how everything stands, until cancelled."""
        while True:
            calls = self._own()
            self._say(CALLS, json.dumps([call.call_id for call in calls]))
            for call in calls:
                self._say(CALL, wire.to_json(_short(call)))
            await asyncio.sleep(AGAIN_SECONDS)

    def tell_all(self) -> None:
        """Somebody has come who knows nothing."""
        for call in self._own():
            self._say(WHOLE, wire.to_json(_without_words(call)))

    def _tell_changed(self) -> None:
        changed, self._changed = self._changed, set()
        for call in self._own():
            if call.call_id in changed:
                self._say(CALL, wire.to_json(_short(call)))


def _ringing(node: str, event: CallRang) -> LiveCall:
    out = event.direction == "outbound"
    state, numbers = "dialling" if out else "ringing", (event.caller_number, event.callee_number)
    call = LiveCall(event.call_id, state, *numbers, event.at, agent=event.agent)
    return replace(call, direction=event.direction, line=event.line, node=node)


def _said(call: LiveCall, segment: Segment) -> LiveCall:
    others = tuple(one for one in call.partials if one.party is not segment.party)
    if segment.final:
        return replace(call, segments=(*call.segments, segment), partials=others)
    return replace(call, partials=(*others, segment))


def _short(call: LiveCall) -> LiveCall:
    return replace(call, segments=(), partials=())


def _without_words(call: LiveCall) -> LiveCall:
    """What was said, without each word's place in the sound: the store has those."""
    return replace(call, segments=tuple(replace(one, words=()) for one in call.segments))
