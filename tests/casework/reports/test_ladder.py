"""What each rung achieved, when and whence harassment came."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from callcenter.casework.reports.ladder import (
    LadderReport,
    RungEffect,
    Source,
    report,
    used_in,
)
from callcenter.casework.reports.periods import on_the_wall
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    PromptStarted,
    SteerBackOffered,
    TerminationUndone,
)
from callcenter.store import calls
from callcenter.store.books import SqlBooks
from callcenter.store.calls import Counted
from callcenter.store.sql import Store
from tests.casework.conftest import after

pytestmark = pytest.mark.both_databases

HOUR = 3600.0
ONE, TWO = "13800000001", "13900000002"
CHINA = timezone(timedelta(hours=8))


def call(
    store: Store, call_id: str, at: float, number: str = ONE, prompt: str = "", agent: str = "8001"
) -> SqlBooks:
    """A call; with a prompt it was harassment, without an agent its number was blocked."""
    books = SqlBooks(store)
    books.write(CallRang(call_id, after(at), number, "4008000000", "front"))
    books.write(CallAnswered(call_id, after(at + 2), agent))
    if prompt:
        books.write(PromptStarted(call_id, after(at + 10), prompt, 6000))
    what = "blocked" if not agent else "harassment" if prompt else "ordinary"
    books.write(CallEnded(call_id, after(at + 20), "system", "answered", what))
    return books


def found(store: Store, at: float) -> LadderReport:
    with store.session() as session:
        return report(session, after(at), 30, CHINA)


def rung(store: Store, name: str, at: float = 72 * HOUR) -> RungEffect:
    return next(each for each in found(store, at).rungs if each.rung == name)


def test_h12_a_caller_who_rings_again_within_24_hours_has_not_given_up(store: Store) -> None:
    call(store, "c1", 0, prompt="line_fault")
    call(store, "c2", 23 * HOUR, prompt="line_fault")
    call(store, "c3", 48 * HOUR)
    assert rung(store, "line_fault") == RungEffect("line_fault", 2, 1, 1, 0, 0)


def test_h12_the_last_24_hours_are_open_and_withheld_numbers_tell_nothing(store: Store) -> None:
    call(store, "c1", 0, prompt="analysis")
    call(store, "c2", 0, "anonymous", prompt="analysis")
    call(store, "c3", 60, "anonymous")
    assert rung(store, "analysis", 20 * HOUR) == RungEffect("analysis", 2, 0, 0, 1, 1)
    assert rung(store, "analysis", 25 * HOUR) == RungEffect("analysis", 2, 1, 0, 0, 1)


def test_h12_cards_and_blocks_are_rungs_too_and_what_was_undone_is_none(store: Store) -> None:
    books = call(store, "c1", 0)
    books.write(SteerBackOffered("c1", after(5), "sexual", "请问您要办理什么业务？", "真好听"))
    call(store, "c2", 0, TWO, prompt="analysis", agent="")
    undone = call(store, "c3", 100, "13700000003", prompt="line_fault")
    undone.write(TerminationUndone("c3", after(111), "8001"))
    assert rung(store, "steer_back") == RungEffect("steer_back", 1, 1, 0, 0, 0)
    assert rung(store, "block") == RungEffect("block", 1, 1, 0, 0, 0)
    assert rung(store, "line_fault").used == rung(store, "analysis").used == 0


def test_h6_harassment_by_the_hour_of_the_house(store: Store) -> None:
    call(store, "c1", 0, prompt="line_fault")
    call(store, "c2", HOUR, TWO, prompt="analysis", agent="")
    call(store, "c3", 2 * HOUR, TWO)
    hours = found(store, 3 * HOUR).hours
    assert (len(hours), sum(hours), hours[20], hours[21]) == (24, 2, 1, 1)


def test_h17_sources_are_counted_by_attempts_the_worst_first(store: Store) -> None:
    call(store, "c1", 0, TWO, prompt="line_fault")
    call(store, "c2", 100, "+86 138 0000 0001", prompt="line_fault")
    call(store, "c3", 130, prompt="line_fault")
    call(store, "c4", 400, prompt="analysis", agent="")
    call(store, "c5", 500, "", prompt="line_fault")
    told = found(store, HOUR)
    assert told.sources == (
        Source(ONE, 3, 2, 2, 1, 1, after(400)),
        Source(TWO, 1, 1, 1, 0, 0, after(0)),
    )
    assert told.withheld_calls == 1


def test_an_empty_house(store: Store) -> None:
    told = found(store, 0)
    assert {effect.used for effect in told.rungs} == {0}
    assert (sum(told.hours), told.sources, told.withheld_calls) == (0, (), 0)


def test_h12_a_figure_of_a_rung_leads_to_the_calls_it_counts(store: Store) -> None:
    call(store, "c1", 0, prompt="line_fault")
    call(store, "c2", 23 * HOUR, prompt="line_fault")
    call(store, "c3", 0, "anonymous", prompt="line_fault")
    call(store, "c4", 70 * HOUR, TWO, prompt="line_fault")
    call(store, "c5", 10 * 24 * HOUR, TWO, prompt="line_fault")
    told = {"": {"c1", "c2", "c3", "c4"}, "gave_up": {"c2"}, "came_back": {"c1"}}
    told |= {"withheld": {"c3"}, "open": {"c4"}}
    with store.session() as session:
        for end, calls in told.items():
            asked = (after(0), after(72 * HOUR), "line_fault", end, after(72 * HOUR))
            assert set(used_in(session, *asked)) == calls, end
        assert used_in(session, after(0), after(72 * HOUR), "block", "", after(72 * HOUR)) == []


def test_h6_by_weekday_and_hour_of_the_house(store: Store) -> None:
    call(store, "c1", 0, prompt="line_fault")
    call(store, "c2", 24 * HOUR, TWO, prompt="analysis", agent="")
    told = found(store, 48 * HOUR)
    assert (told.heat[1][20], told.heat[2][20], sum(map(sum, told.heat))) == (1, 1, 2)
    assert (told.attempts, told.top) == ((1, 1), 2)


def test_h6_the_calls_of_an_hour_or_a_weekday_are_listed_and_counted(store: Store) -> None:
    call(store, "c1", 0, prompt="line_fault")
    call(store, "c2", HOUR, TWO, prompt="analysis", agent="")
    call(store, "c3", 24 * HOUR, prompt="line_fault")
    since, until = after(-HOUR), after(72 * HOUR)
    with store.session() as session:
        for hour, weekday, found in ((20, None, "c3 c1"), (None, 1, "c2 c1"), (20, 2, "c3")):
            spans = on_the_wall(since, until, hour, weekday, CHINA)
            asked = {"rang": (since, until), "counted": Counted(nuisance=True, spans=spans)}
            listed = calls.list_calls(session, **asked)
            assert " ".join(one.call_id for one in listed) == found
            assert calls.count_calls(session, **asked) == len(listed)
        assert calls.count_calls(session, counted=Counted(spans=())) == 0
        assert calls.count_calls(session, counted=Counted(among=("c1", "c9"))) == 1
