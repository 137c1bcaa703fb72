"""Kept calls as they were heard, with the newest verdict of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.casework.reviews import labels
from callcenter.casework.reviews.labels import LabelledCall, count, labelled
from callcenter.core import events as ev
from callcenter.core.records import CallerHistory, Hit, Noticed, Party, Segment
from callcenter.store.sql import Store
from tests.casework.kept import CALLER, MINUTE, NOON, Kept, said

HOUR = timedelta(hours=1)


@pytest.fixture
def kept(store: Store) -> Kept:
    return Kept(store)


def ids(kept: Kept, **wish: object) -> list[str]:
    return [call.call_id for call in labelled(kept.store, **wish)]  # type: ignore[arg-type]


def only(kept: Kept, call_id: str) -> LabelledCall:
    (found,) = [call for call in labelled(kept.store) if call.call_id == call_id]
    return found


def test_the_newest_verdict_is_the_label(kept: Kept) -> None:
    kept.call("judged", "你好", verdict="harassment")
    kept.judge("judged", "complaint", NOON + HOUR)
    kept.call("unjudged", "你好")
    assert {call.call_id: call.verdict for call in labelled(kept.store)} == {
        "judged": "complaint",
        "unjudged": "",
    }


def test_what_was_said_comes_in_order_with_its_words(kept: Kept) -> None:
    late, early = said("再见", 20_000), said("您好", 400, Party.AGENT)
    kept.call("c", late, early, Segment(Party.CALLER, 3000, 3000, ""))
    heard = only(kept, "c").heard
    assert heard.segments == (early, Segment(Party.CALLER, 3000, 3000, ""), late)
    assert heard.end_ms == 60_000


def test_newest_first_as_many_as_are_wanted(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "PAGE_CALLS", 2)
    for n in range(5):
        kept.call(f"c{n}", "你好", at=NOON + n // 2 * HOUR)
    assert ids(kept) == ["c4", "c3", "c2", "c1", "c0"]
    assert ids(kept, limit=3) == ["c4", "c3", "c2"]
    assert ids(kept, limit=4) == ["c4", "c3", "c2", "c1"]
    assert ids(kept, since=NOON + HOUR) == ["c4", "c3", "c2"]
    assert ids(kept, since=NOON + 9 * HOUR) == []
    assert (count(kept.store), count(kept.store, NOON + HOUR), count(kept.store, limit=2)) == (
        5, 3, 2,
    )  # fmt: skip


def test_only_calls_that_were_answered_and_are_over(kept: Kept) -> None:
    kept.books.write(ev.CallRang("rang", NOON, CALLER, "95000", "main"))
    kept.books.write(ev.CallEnded("rang", NOON + MINUTE, "caller", "abandoned", ""))
    kept.begin("runs", NOON)
    kept.call("over")
    assert ids(kept) == ["over"]
    assert count(kept.store) == 1


def test_h5_what_was_known_before_is_what_was_known_then(kept: Kept) -> None:
    kept.call("old", at=NOON - 30 * HOUR, verdict="harassment")
    kept.call("first", at=NOON - 2 * HOUR, number="+86 138 0000 0001")
    kept.call("again", at=NOON - 2 * HOUR + timedelta(seconds=30))
    kept.call("asked", at=NOON, verdict="complaint")
    kept.call("later", at=NOON + HOUR)
    known = {call.call_id: call.heard.known for call in labelled(kept.store)}
    assert known["old"].history == CallerHistory()
    assert known["asked"].history == CallerHistory(
        calls_24h=2, attempts=1, last_verdict="harassment"
    )
    assert known["asked"].local_time == NOON.astimezone().time()
    assert known["later"].history == CallerHistory(
        calls_24h=3, attempts=2, last_verdict="complaint", known_customer=True
    )


def test_of_a_withheld_number_nothing_is_known(kept: Kept) -> None:
    kept.call("one", number="anonymous", at=NOON - HOUR, verdict="harassment")
    kept.call("two", number="anonymous")
    known = only(kept, "two").heard.known
    assert (known.withheld, known.history) == (True, CallerHistory())


def test_h7_what_the_agent_ticked_is_there(kept: Kept) -> None:
    kept.begin("c", NOON)
    kept.books.write(ev.Ticked("c", NOON + timedelta(seconds=12), "1001", "laughter"))
    kept.books.write(ev.CallEnded("c", NOON + MINUTE, "caller", "answered", ""))
    (tick,) = only(kept, "c").heard.noticed
    assert tick == Noticed("laughter", Party.CALLER, 12_000, 12_000)


def test_hits_are_counted_by_rule_from_a_day_on(kept: Kept) -> None:
    for call_id, at in (("old", NOON - 48 * HOUR), ("new", NOON)):
        kept.call(call_id, "滚蛋", at=at)
        for start in (0, 900):
            hit = Hit("insult", "insult", Party.CALLER, start, start + 400, "滚蛋")
            kept.books.write(ev.HitFound(call_id, at, hit))
    with kept.store.session() as session:
        assert labels.hits_of_rules(session, NOON - HOUR) == {"insult": 2}
        assert labels.hits_of_rules(session, NOON - 72 * HOUR) == {"insult": 4}
