"""Events and snapshots as JSON between nodes: what goes in comes out, and garbage is refused."""

from __future__ import annotations

import json
from datetime import time, timedelta

import pytest

from callcenter.core import events as ev
from callcenter.core import wire
from callcenter.core.cards import Card, CardOffer, Situation
from callcenter.core.records import (
    CallerHistory,
    CustomerFile,
    Hit,
    Joined,
    Known,
    LiveCall,
    Party,
    Promise,
    Proposal,
    RecordingInfo,
    Segment,
    Transfer,
    Word,
)
from tests.fakes import NOON

SEGMENT = Segment(Party.CALLER, 0, 900, "你好|\n", (Word("你好", 0, 900, 0.5),))
CARD = Card("c", "卡", (Situation.ANGER,), ("一", "二"), "D11", 120, "")
LIVE = LiveCall(
    "c1",
    "talking",
    "138",
    "95000",
    NOON,
    NOON,
    "1001",
    segments=(SEGMENT,),
    hits=(Hit("r", "abuse", Party.CALLER, 0, 9, "x"),),
    card=CardOffer(CARD, "因为"),
    promises=(Promise("p", "refund", NOON, "退", 0, 1),),
    proposal=Proposal("abuse", "line_fault", "x"),
    history=CallerHistory(customer=CustomerFile("K1", "王", "key")),
    transfer=Transfer("1", "2", "n", True, False, NOON),
    joined=(Joined("王芳", "listen", NOON),),
    node="a",
)


@pytest.mark.parametrize(
    "event",
    [
        ev.CallRang("c1", NOON, "138", "95000", "main", node="a"),
        ev.SegmentHeard("c1", NOON, SEGMENT),
        ev.HistoryFound("c1", NOON, LIVE.history),
        ev.CardOffered("c1", NOON, CARD, "因为"),
        ev.BlockDecided("c1", NOON, "138", True, "王芳", "r", None),
        ev.BlockDecided("c1", NOON, "138", True, "王芳", "r", NOON + timedelta(days=1)),
        ev.RecordingClosed("c1", NOON, RecordingInfo("p", 1.5, "0" * 64)),
        ev.RecordStepped("c1", NOON, "complaint", "T1", "open", "王", "new", 1, {"a": [1, None]}),
        ev.EvidenceExported("c1", NOON, "王", ("c1", "c2"), "0" * 64),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_comes_back_as_it_was(event: ev.Event) -> None:
    assert wire.event_from_json(wire.event_to_json(event)) == event


def test_a_live_call_comes_back_as_it_was() -> None:
    assert wire.from_json(LiveCall, wire.to_json(LIVE)) == LIVE
    known = Known(LIVE.history, time(12, 30))
    assert wire.from_json(Known, wire.to_json(known)) == known


def test_every_kind_of_event_can_be_read() -> None:
    kinds = wire._kinds().values()
    assert {ev.CallRang, ev.AgentChanged, ev.VoiceChanged, ev.RecordStepped} < set(kinds)
    for kind in kinds:
        assert wire._reader(kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"event":"Event","call_id":"c","at":"2026-01-01T00:00:00+00:00"}',
        '{"event":"CallRang","call_id":"c"}',
        '{"event":"CallEnded","call_id":1,"at":"x","ended_by":"a","call_result":"b"}',
        '{"event":"SegmentHeard","call_id":"c","at":"2026-01-01T00:00:00+00:00","segment":7}',
        json.dumps({"event": "CallAnswered", "call_id": "c", "at": 7, "agent": "1"}),
    ],
)
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (of many kinds)
        wire.event_from_json(text)


def test_what_a_newer_version_adds_is_passed_over() -> None:
    told = json.loads(wire.event_to_json(ev.CallAnswered("c", NOON, "1001")))
    told["mood"] = "good"
    assert wire.event_from_json(json.dumps(told)) == ev.CallAnswered("c", NOON, "1001")
