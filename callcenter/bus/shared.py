"""The bus of one node among several: what is published here is heard on every node.

A local bus, and a carrier between the machines. Words that are still being said are gathered, so
that the carrier takes a few a second of each caller and not twenty.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from callcenter.bus.local import LocalBus
from callcenter.core import wire
from callcenter.core.events import CallEnded, Event, PartialHeard, SegmentHeard
from callcenter.core.nodes import Carrier
from callcenter.core.records import Party

log = logging.getLogger(__name__)
PARTIAL_SECONDS = 0.25
EVENT = "event"


class SharedBus(LocalBus):
    """core.ports.Bus over a local one and a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__()
        self._carrier = carrier
        self._partials: dict[tuple[str, str], PartialHeard] = {}
        self.published: Callable[[Event], None] = lambda event: None
        """Is told of each event that is told to the others."""
        self._on_event: Callable[[str, Event], None] = lambda node, event: None
        self._on_word: Callable[[str, str, str], None] = lambda node, kind, text: None

    def start(
        self,
        on_event: Callable[[str, Event], None],
        on_word: Callable[[str, str, str], None],
        again: Callable[[], None],
    ) -> None:
        """Begin to hear the other nodes: `on_event` takes a node's name and what happened there,
        before listeners are told; `on_word` the node, a kind and a text that `say` was given;
        `again` is called whenever something may have been missed."""
        self._on_event, self._on_word = on_event, on_word
        self._carrier.start(self._heard, again)

    def publish(self, event: Event) -> None:
        """Tell everybody, here and on the other nodes."""
        self.publish_here(event)
        self.published(event)
        if isinstance(event, PartialHeard):
            self._gather(event)
            return
        if isinstance(event, SegmentHeard):
            self._partials.pop((event.call_id, event.segment.party), None)
        elif isinstance(event, CallEnded):
            for party in Party:
                self._partials.pop((event.call_id, party), None)
        self.say(EVENT, wire.event_to_json(event))

    def say(self, kind: str, text: str = "") -> None:
        """A word between nodes that is no event."""
        self._carrier.send(f"{kind} {text}")

    def _gather(self, event: PartialHeard) -> None:
        if not self._partials:
            asyncio.get_running_loop().call_later(PARTIAL_SECONDS, self._say_partials)
        self._partials[event.call_id, event.segment.party] = event

    def _say_partials(self) -> None:
        partials, self._partials = self._partials, {}
        for event in partials.values():
            self.say(EVENT, wire.event_to_json(event))

    def _heard(self, node: str, text: str) -> None:
        kind, _, told = text.partition(" ")
        try:
            if kind == EVENT:
                event = wire.event_from_json(told)
                self._on_event(node, event)
                self.publish_here(event)
            else:
                self._on_word(node, kind, told)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("node %s told what is not understood here: %s: %s", node, kind, error)
