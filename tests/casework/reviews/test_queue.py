from __future__ import annotations

import pytest

from callcenter.casework.reviews import queue as reviews
from callcenter.core.errors import NoSuchCall, Refused
from callcenter.core.events import BlockDecided, CallEnded, VerdictGiven
from callcenter.store.tables import Call
from tests.casework.conftest import Day, after


@pytest.mark.parametrize("word", reviews.VERDICTS)
def test_a_verdict_is_a_fact_for_the_ledger(day: Day, word: str) -> None:
    day.ring("c1", at=0)
    day.end("c1", at=60)
    with day.store.session() as session:
        fact = reviews.verdict(session, "c1", word, " 骂人 ", " 李主管 ", after(99))
    assert fact == VerdictGiven("c1", after(99), word, "骂人", "李主管")
    day.books.write(fact)
    (kept,) = day.call("c1").verdicts
    assert (kept.verdict, kept.reason, kept.reviewer, kept.at) == (
        word, "骂人", "李主管", after(99),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "reason", "reviewer", "told"),
    [
        ("guilty", "骂人", "李主管", "'guilty'; expected harassment, complaint, ordinary"),
        ("", "骂人", "李主管", "expected harassment"),
        ("ordinary", "", "李主管", "a reason of 1 to 500 characters"),
        ("ordinary", " \n", "李主管", "a reason of 1 to 500 characters"),
        ("ordinary", "长" * 501, "李主管", "a reason of 1 to 500 characters"),
        ("ordinary", "没事", " ", "the reviewer's name"),
    ],
)
def test_a_verdict_that_breaks_a_rule_is_refused(
    day: Day, word: str, reason: str, reviewer: str, told: str
) -> None:
    day.ring("c1", at=0)
    day.end("c1", at=60)
    with day.store.session() as session, pytest.raises(Refused, match=told):
        reviews.verdict(session, "c1", word, reason, reviewer, after(99))


def test_the_longest_reason_is_kept_whole(day: Day) -> None:
    day.ring("c1", at=0)
    day.end("c1", at=60)
    with day.store.session() as session:
        fact = reviews.verdict(session, "c1", "ordinary", "长" * 500, "李主管", after(99))
    assert len(fact.reason) == 500


def test_a_call_that_is_not_there_cannot_be_judged(day: Day) -> None:
    with day.store.session() as session, pytest.raises(NoSuchCall, match="c9"):
        reviews.verdict(session, "c9", "ordinary", "没事", "李主管", after(99))


def test_a_call_that_still_runs_cannot_be_judged(day: Day) -> None:
    day.take("c1", at=0)
    with day.store.session() as session, pytest.raises(Refused, match="is not over"):
        reviews.verdict(session, "c1", "ordinary", "没事", "李主管", after(99))


def test_the_queue_holds_flagged_calls_without_a_verdict(day: Day) -> None:
    for n, name in enumerate(["old", "judged", "plain", "new", "running"]):
        day.take(name, at=n * 10, number="")
        if name != "plain":
            day.hit(name, "insult")
        if name != "running":
            day.end(name, at=500)
    day.judge("judged")
    with day.store.session() as session:
        assert [call.call_id for call in reviews.queue(session)] == ["new", "old"]
        assert [call.call_id for call in reviews.queue(session, limit=1)] == ["new"]
        assert [call.call_id for call in reviews.queue(session, before="new")] == ["old"]


def test_a_blocked_caller_is_quoted_with_why_they_are_blocked(day: Day) -> None:
    day.books.write(
        BlockDecided("", after(-99), "13800000001", True, "李主管", "半夜骚扰三次", after(10**6))
    )
    for call_id, result in (("c1", "blocked"), ("c2", "answered")):
        day.ring(call_id, at=0)
        day.books.write(CallEnded(call_id, after(9), "system", result, result))
    with day.store.session() as session:
        found = [session.get_one(Call, call_id) for call_id in ("c1", "c2")]
        assert reviews.why_blocked(session, found) == {"c1": "半夜骚扰三次"}
