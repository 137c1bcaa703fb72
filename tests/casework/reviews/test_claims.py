"""Two people never judge the same call: a claim is somebody's until it is put back or lapses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from callcenter.casework.reviews import claims
from callcenter.casework.reviews import queue as reviews
from callcenter.casework.steps import Actor
from callcenter.core.errors import NoSuchCall, NotNow, NumberTaken, Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import AGENT, QA, SUPERVISOR, People
from tests.casework.conftest import Day, after

PEOPLE = People({"陈静": {SUPERVISOR}, "高翔": {SUPERVISOR}, "郑岚": {QA}, "林晓雯": {AGENT}})
QUARTER = claims.LASTS.total_seconds()


def made(
    day: Day, action: str, by: str = "陈静", at: float = 100, call: str = "c1", **fields: Any
) -> RecordStepped:
    given: Mapping[str, Any] = fields
    with day.store.session() as session:
        return claims.act(session, call, action, given, Actor(by, after(at), PEOPLE))


def act(day: Day, action: str, by: str = "陈静", at: float = 100, **fields: Any) -> None:
    day.books.write(made(day, action, by, at, **fields))


def standing(day: Day, at: float) -> tuple[str, str, str] | None:
    with day.store.session() as session:
        found = claims.standing(session, ["c1", "c2"], after(at)).get("c1")
    return found and (found.state, found.person, found.note)


@pytest.fixture
def flagged(day: Day) -> Day:
    day.ring("c1", at=0)
    day.end("c1", at=60, disposition="harassment")
    return day


def test_a_claim_holds_for_a_quarter_of_an_hour(flagged: Day) -> None:
    act(flagged, "claim")
    assert standing(flagged, 101) == ("claimed", "陈静", "")
    with pytest.raises(NotNow, match=r"claimed by 陈静 at 12:01:40 UTC; .* 12:16:40 UTC"):
        made(flagged, "claim", "高翔", at=100 + QUARTER - 1)
    assert standing(flagged, 100 + QUARTER) is None
    act(flagged, "claim", "高翔", at=100 + QUARTER)
    assert standing(flagged, 101 + QUARTER) == ("claimed", "高翔", "")
    with pytest.raises(NotNow, match="claimed by 高翔"):
        made(flagged, "put_back", at=102 + QUARTER)


def test_who_claims_again_holds_it_longer(flagged: Day) -> None:
    act(flagged, "claim")
    act(flagged, "claim", at=700)
    assert standing(flagged, 100 + QUARTER) == ("claimed", "陈静", "")


def test_two_at_once_are_told_apart_by_the_books(flagged: Day) -> None:
    first, second = made(flagged, "claim"), made(flagged, "claim", "高翔")
    flagged.books.write(first)
    with pytest.raises(NumberTaken):
        flagged.books.write(second)
    assert standing(flagged, 101) == ("claimed", "陈静", "")


def test_what_is_put_back_anybody_may_claim(flagged: Day) -> None:
    act(flagged, "claim")
    act(flagged, "put_back", at=110)
    assert standing(flagged, 111) is None
    act(flagged, "claim", "郑岚", at=112)
    assert standing(flagged, 113) == ("claimed", "郑岚", "")


def test_what_is_watched_waits_for_no_verdict(flagged: Day) -> None:
    act(flagged, "claim")
    act(flagged, "observe", at=110, note=" 再来一次再判 ")
    assert standing(flagged, 10**6) == ("observed", "陈静", "再来一次再判")
    with flagged.store.session() as session:
        assert reviews.queue(session) == []
        assert claims.observed(session, 10) == ["c1"]
    act(flagged, "claim", "高翔", at=200)
    with flagged.store.session() as session:
        assert [call.call_id for call in reviews.queue(session)] == ["c1"]
        assert claims.claimed(session, after(201), 10) == ["c1"]


@pytest.mark.parametrize(
    ("action", "by", "fields", "error", "told"),
    [
        ("put_back", "陈静", {}, NotNow, "possible: claim"),
        ("observe", "陈静", {"note": "看"}, NotNow, "possible: claim"),
        ("claim", "林晓雯", {}, Refused, "may not do this"),
        ("claim", " ", {}, Refused, "a named person"),
        ("claim", "system", {}, Refused, "a named person"),
    ],
)
def test_a_first_step_that_is_none(
    flagged: Day, action: str, by: str, fields: dict[str, str], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        made(flagged, action, by, **fields)


def test_to_watch_needs_a_word(flagged: Day) -> None:
    act(flagged, "claim")
    with pytest.raises(Refused, match="observe needs: note"):
        made(flagged, "observe", at=110, note="  ")


def test_a_lapsed_claim_puts_nothing_back(flagged: Day) -> None:
    act(flagged, "claim")
    with pytest.raises(NotNow, match="not claimed by 高翔"):
        made(flagged, "put_back", "高翔", at=100 + QUARTER)


def test_only_a_call_that_is_over(day: Day) -> None:
    day.ring("c1", at=0)
    with pytest.raises(Refused, match="not over"):
        made(day, "claim")
    with pytest.raises(NoSuchCall):
        made(day, "claim", call="c9")


def test_nobody_judges_what_another_has_claimed(flagged: Day) -> None:
    act(flagged, "claim")
    with flagged.store.session() as session:
        with pytest.raises(NotNow, match="claimed by 陈静"):
            reviews.verdict(session, "c1", "ordinary", "没事", "高翔", after(101))
        assert reviews.verdict(session, "c1", "ordinary", "没事", " 陈静 ", after(101))
        assert reviews.verdict(session, "c1", "ordinary", "没事", "高翔", after(100 + QUARTER))
