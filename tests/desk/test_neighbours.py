"""What a node knows of the calls of others, and what it tells of its own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from callcenter.core import events as ev
from callcenter.core import wire
from callcenter.core.records import LiveCall, Party, Segment, Word
from callcenter.desk.neighbours import CALL, CALLS, WHOLE, Neighbours, Told
from tests.fakes import NOON
from tests.waiting import until

SAID = Segment(Party.CALLER, 0, 900, "你好", (Word("你好", 0, 900),))
SAYING = replace(SAID, text="你", final=False)
TALKS = LiveCall("c1", "talking", "138", "95000", NOON, NOON, "1001", node="a")


@pytest.fixture
def others() -> Neighbours:
    made = Neighbours()
    made.take_event("a", ev.CallRang("c1", NOON, "138", "95000", "main", node="a"))
    return made


def test_a_call_rings_is_heard_and_ends(others: Neighbours) -> None:
    (rings,) = others.live()
    assert (rings.state, rings.node, rings.line) == ("ringing", "a", "main")
    assert (others.node_of("c1"), others.node_of("c2")) == ("a", "")
    others.take_event("a", ev.PartialHeard("c1", NOON, SAYING))
    assert others.live()[0].partials == (SAYING,)
    others.take_event("a", ev.SegmentHeard("c1", NOON, SAID))
    others.take_event("a", ev.SegmentHeard("unknown", NOON, SAID))
    others.take_word("a", CALL, wire.to_json(TALKS))
    (talks,) = others.live()
    assert (talks.state, talks.agent, talks.segments, talks.partials) == (
        *("talking", "1001"),
        *((SAID,), ()),
    )
    others.take_event("b", ev.CallEnded("c1", NOON, "system", "interrupted", ""))
    assert others.live() == [], "whoever closes a dead node's calls tells of their end"


def test_what_was_lost_on_the_way_is_put_right(others: Neighbours) -> None:
    others.take_word("a", WHOLE, wire.to_json(replace(TALKS, segments=(SAID,))))
    assert others.live()[0].segments == (SAID,)
    others.take_word("a", CALLS, json.dumps(["c2"]))
    assert others.live() == []
    others.take_word("a", CALL, wire.to_json(TALKS))
    others.forget("a")
    assert others.live() == []


@pytest.mark.parametrize("text", ["", "{}", "7", '{"call_id": 1}'])
def test_garbage_is_refused(others: Neighbours, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (of several kinds)
        others.take_word("a", CALL, text)
    assert len(others.live()) == 1


async def test_what_happens_in_a_call_is_told_a_moment_later_and_without_words() -> None:
    told: list[tuple[str, str]] = []
    mine = [replace(TALKS, segments=(SAID,))]
    here = Told(lambda: mine, lambda *word: told.append(word))
    for event in (ev.CallAnswered("c1", NOON, "1001"), ev.CallHeld("c1", NOON, "1001")):
        here.note(event)
    here.note(ev.AgentChanged("", NOON, "1001", "ready", "", "1001"))
    await until(lambda: told)
    assert [kind for kind, _ in told] == [CALL], "twice in a moment is told once"
    assert wire.from_json(LiveCall, told[0][1]) == TALKS
    here.tell_all()
    (spoken,) = wire.from_json(LiveCall, told[-1][1]).segments
    assert (spoken.text, spoken.words) == ("你好", ())
