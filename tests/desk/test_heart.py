"""Signs of life: who is dead, who buries them, and who must not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from callcenter.core import nodes as core
from callcenter.core.errors import StoreAway
from callcenter.core.events import CallEnded, Event
from callcenter.core.nodes import Node
from callcenter.desk.heart import Heart
from tests.fakes import NOON

ENDED = CallEnded("c1", NOON, "system", "interrupted", "")


class FakeNodes:
    """core.nodes.Nodes: says how long each was not seen."""

    def __init__(self) -> None:
        self.unseen = {"b": 0.5}
        self.buried: list[str] = []
        self.away = False

    def enter(self, node: Node) -> Sequence[Node]:
        return []

    def beat(self, node: Node) -> Sequence[Node]:
        if self.away:
            raise StoreAway("gone")
        return [node, *(Node(name, "", unseen) for name, unseen in self.unseen.items())]

    def bury(self, name: str) -> Sequence[Event]:
        self.buried.append(name)
        return [ENDED]

    def leave(self, name: str) -> None: ...


class Room:
    def __init__(self) -> None:
        self.nodes = FakeNodes()
        self.lost: list[str] = []
        self.told: list[tuple[str, Sequence[Event]]] = []
        me = Node("a", "http://a", 0.0)
        self.heart = Heart(
            self.nodes, lambda: me, self.lost.append, lambda *what: self.told.append(what)
        )


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has beaten once may bury."""
    monkeypatch.setattr(core, "BEAT_SECONDS", -core.DEAD_SECONDS)


async def test_a_dead_node_is_buried_once_by_who_beats_steadily(steady: None) -> None:
    room = Room()
    room.heart.begin([Node("b", "", 0.5)])
    await room.heart.once()
    assert (room.heart.is_alone, room.nodes.buried) == (False, [])
    room.nodes.unseen["b"] = core.DEAD_SECONDS + 1
    for _ in range(3):
        await room.heart.once()
    assert (room.lost, room.nodes.buried, room.told) == (["b"], ["b"], [("b", [ENDED])])
    assert room.heart.is_alone
    assert [node.name for node in room.heart.known] == ["a", "b"]
    room.nodes.unseen["b"] = 0.0
    await room.heart.once()
    room.nodes.unseen["b"] = core.DEAD_SECONDS
    await room.heart.once()
    assert room.nodes.buried == ["b", "b"], "it was back, and died again"


async def test_who_was_cut_off_themselves_buries_nobody() -> None:
    room = Room()
    room.heart.begin([Node("b", "", 0.5)])
    room.nodes.away = True
    with pytest.raises(StoreAway):
        await room.heart.once()
    room.nodes.away = False
    room.nodes.unseen["b"] = 60.0
    await room.heart.once()
    assert (room.lost, room.nodes.buried) == (["b"], [])
