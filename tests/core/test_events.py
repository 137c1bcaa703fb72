"""Events as JSON."""

import json

from callcenter.core.events import BillLineMatched, SegmentHeard, as_dict
from callcenter.core.records import Party, Segment, Word
from tests.fakes import NOON


def test_an_event_becomes_plain_json_with_its_kind():
    segment = Segment(Party.CALLER, 100, 900, "您好", (Word("您好", 100, 900, 0.5),))
    told = json.loads(json.dumps(as_dict(SegmentHeard("c1", NOON, segment))))
    assert told["event"] == "SegmentHeard"
    assert told["at"] == "2026-11-22T12:00:00+00:00"
    assert told["segment"]["party"] == "caller"
    assert told["segment"]["words"] == [
        {"word": "您好", "start_ms": 100, "end_ms": 900, "confidence": 0.5}
    ]


def test_every_moment_of_an_event_is_told_as_iso_8601():
    line = BillLineMatched("c1", NOON, "13800000001", "", NOON, 30, "ab" * 32, 2, "陈静")
    told = json.loads(json.dumps(as_dict(line)))
    assert told["at"] == told["started_at"] == "2026-11-22T12:00:00+00:00"
