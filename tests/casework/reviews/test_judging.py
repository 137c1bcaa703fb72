"""A verdict with its block and its case, and what a reviewer is shown of the number."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from callcenter.casework.harassment import blocks
from callcenter.casework.reviews import judging, source
from callcenter.casework.reviews import queue as reviews
from callcenter.casework.reviews.judging import Judgement
from callcenter.casework.reviews.source import SourceHistory
from callcenter.core.errors import NotNow, Refused
from callcenter.core.events import BlockDecided, CaseActionTaken, CaseOpened, VerdictGiven
from callcenter.store import calls
from tests.casework.conftest import NOON, Day, after

NUMBER = "13800000001"
HOUR = 3600


def judged(day: Day, call: str = "c1", verdict: str = "harassment", **more: Any) -> list[Any]:
    wish = Judgement(verdict, "引导后仍低俗提问", "陈静", **more)
    with day.store.session() as session:
        return judging.facts(session, call, wish, after(9 * HOUR))


def history(day: Day, call: str = "c1", at: float = 9 * HOUR) -> SourceHistory:
    with day.store.session() as session:
        return source.history(session, calls.get_call(session, call), after(at), UTC)


@pytest.fixture
def flagged(day: Day) -> Day:
    for n, hour in enumerate((-40, -14, 0)):
        day.ring(f"c{n}", at=hour * HOUR, number=NUMBER)
        day.end(f"c{n}", at=hour * HOUR + 60, disposition="harassment")
    day.ring("hidden", at=HOUR, number="anonymous")
    day.end("hidden", at=HOUR + 60, disposition="harassment")
    return day


def test_verdict_case_and_block_go_together(flagged: Day) -> None:
    verdict, case, block = judged(flagged, block_days=7, to_case=True)
    assert isinstance(verdict, VerdictGiven)
    assert isinstance(case, CaseOpened)
    assert (case.calls, case.caller_number) == (("c1",), NUMBER)
    ends = after(9 * HOUR) + timedelta(days=7)
    assert isinstance(block, BlockDecided)
    assert (block.call_id, block.expires_at, block.supervisor) == ("c1", ends, "陈静")
    for fact in (verdict, case, block):
        flagged.books.write(fact)
    _, joined = judged(flagged, "c2", to_case=True)
    assert isinstance(joined, CaseActionTaken)
    assert (joined.case_number, joined.action, joined.calls) == (
        case.case_number, "add_calls", ("c2",),
    )  # fmt: skip
    with pytest.raises(NotNow, match="blocked already"):
        judged(flagged, "c2", block_days=30)


@pytest.mark.parametrize(
    ("call", "verdict", "more", "told"),
    [
        ("c1", "ordinary", {"block_days": 30}, "verdict harassment only"),
        ("c1", "complaint", {"to_case": True}, "verdict harassment only"),
        ("c1", "harassment", {"block_days": 0}, "1 to 3650 days"),
        ("hidden", "harassment", {"block_days": 30}, "withheld number cannot be blocked"),
    ],
)
def test_what_does_not_go_together(
    flagged: Day, call: str, verdict: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        judged(flagged, call, verdict, **more)


def test_h4_a_known_customer_is_blocked_by_an_explicit_word_only(flagged: Day) -> None:
    flagged.take("well", at=-99 * HOUR, number=NUMBER)
    flagged.end("well", at=-98 * HOUR, disposition="ordinary")
    flagged.books.write(VerdictGiven("well", after(-97 * HOUR), "ordinary", "买过冰箱", "陈静"))
    with pytest.raises(Refused, match="known_customer = true"):
        judged(flagged, block_days=30)
    assert len(judged(flagged, block_days=30, known_customer=True)) == 2
    assert history(flagged).known_customer


def test_an_agents_wish_is_settled_by_the_block(flagged: Day) -> None:
    with flagged.store.session() as session:
        wish = blocks.ask(session, "c1", by="林晓雯", reason="今天第 3 次", at=after(70))
    flagged.books.write(wish)
    with flagged.store.session() as session:
        (row,) = blocks.proposals(session)
        assert (row.actor, row.reason, row.attempts) == ("林晓雯", "今天第 3 次", 3)
        with pytest.raises(NotNow, match="waits for a supervisor already"):
            blocks.ask(session, "c2", by="周涛", reason="又来了", at=after(80))
        with pytest.raises(Refused, match="named person"):
            blocks.ask(session, "c2", by=" ", reason="又来了", at=after(80))
    waiting = history(flagged).proposal
    assert waiting is not None
    assert waiting.call_id == "c1"
    for fact in judged(flagged, "c2", block_days=30):
        flagged.books.write(fact)
    found = history(flagged)
    assert found.proposal is None
    assert found.block is not None
    assert [row.kind for row in found.decisions] == ["approved", "proposed"]


def test_the_history_of_a_number(flagged: Day) -> None:
    flagged.books.write(VerdictGiven("c0", after(70), "harassment", "骂人", "陈静"))
    found = history(flagged)
    assert (found.calls, found.harassment, found.attempts, found.night) == (3, 3, 3, 1)
    assert len(found.days) == source.DAYS
    assert [one.calls for one in found.days[-3:]] == [1, 1, 1]
    assert found.days[-1].day == NOON.date()
    assert [(one.call_id, one.verdict) for one in found.recent] == [
        ("c2", ""),
        ("c0", "harassment"),
    ]
    assert history(flagged, at=20 * 24 * HOUR).calls == 0


def test_a_withheld_number_has_no_history(flagged: Day) -> None:
    assert history(flagged, "hidden") == SourceHistory()


def test_how_often_people_say_what_the_system_said(flagged: Day) -> None:
    for call, verdict in (("c0", "harassment"), ("c1", "ordinary"), ("c1", "harassment")):
        flagged.books.write(VerdictGiven(call, after(70), verdict, "听过", "陈静"))
    flagged.books.write(VerdictGiven("c2", after(71), "ordinary", "听过", "陈静"))
    with flagged.store.session() as session:
        assert reviews.agreement(session, NOON) == (3, 2)
        assert reviews.agreement(session, after(71)) == (1, 0)
        assert [call.call_id for call in reviews.judged(session, NOON)] == ["c2", "c1", "c0"]
