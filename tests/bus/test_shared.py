"""The shared bus over carriers in memory: what is told on one node is heard on the other."""

from __future__ import annotations

from collections.abc import Callable

from callcenter.bus.shared import SharedBus
from callcenter.core.events import CallAnswered, CallEnded, Event, PartialHeard, SegmentHeard
from callcenter.core.records import Party, Segment
from tests.fakes import NOON
from tests.waiting import until


class Wire:
    """core.nodes.Carrier between the nodes of one list, at once."""

    leads = False

    def __init__(self, name: str, nodes: list[Wire]) -> None:
        self._name, self._nodes = name, nodes
        nodes.append(self)
        self.sent: list[str] = []

    def start(self, heard: Callable[[str, str], None], again: Callable[[], None]) -> None:
        self.heard, self.again = heard, again

    def send(self, text: str) -> None:
        self.sent.append(text)
        for one in self._nodes:
            if one is not self:
                one.heard(self._name, text)

    async def close(self) -> None:
        """Nothing waits."""


class Node:
    """A bus, and what it heard from others."""

    def __init__(self, name: str, nodes: list[Wire]) -> None:
        self.wire = Wire(name, nodes)
        self.bus = SharedBus(self.wire)
        self.events: list[tuple[str, Event]] = []
        self.words: list[tuple[str, str, str]] = []
        self.bus.start(
            lambda node, event: self.events.append((node, event)),
            lambda *word: self.words.append(word),
            lambda: None,
        )


def said(text: str, *, final: bool) -> Segment:
    return Segment(Party.CALLER, 0, 500, text, final=final)


async def test_an_event_is_heard_here_and_there() -> None:
    nodes: list[Wire] = []
    a, b = Node("a", nodes), Node("b", nodes)
    here, there = a.bus.subscribe(), b.bus.subscribe()
    event = CallAnswered("c1", NOON, "1001")
    a.bus.publish(event)
    assert await anext(here) == await anext(there) == event
    assert b.events == [("a", event)]
    assert a.events == []
    a.bus.publish_here(event)
    assert len(b.events) == 1


async def test_words_that_are_still_being_said_are_gathered_and_end_with_the_sentence() -> None:
    nodes: list[Wire] = []
    a, b = Node("a", nodes), Node("b", nodes)
    for text in ("你", "你好", "你好吗"):
        a.bus.publish(PartialHeard("c1", NOON, said(text, final=False)))
        a.bus.publish(PartialHeard("c2", NOON, said(text, final=False)))
    a.bus.publish(PartialHeard("c3", NOON, said("再见", final=False)))
    a.bus.publish(CallEnded("c3", NOON, "caller", "answered", "ordinary"))
    a.bus.publish(SegmentHeard("c2", NOON, said("你好吗？", final=True)))
    await until(lambda: len(b.events) > 2)
    ended, *heard = [event for _, event in b.events]
    assert ended.call_id == "c3"
    assert [(e.call_id, e.segment.text) for e in heard] == [
        ("c2", "你好吗？"),
        ("c1", "你好吗"),
    ]


async def test_words_between_nodes_and_garbage() -> None:
    nodes: list[Wire] = []
    a, b = Node("a", nodes), Node("b", nodes)
    a.bus.say("hello")
    a.bus.say("calls", '["c1"]')
    assert b.words == [("a", "hello", ""), ("a", "calls", '["c1"]')]
    for text in ("", "event", "event {}", "event [", "nonsense \0"):
        b.wire.heard("x", text)
    assert b.events == []
