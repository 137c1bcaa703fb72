from __future__ import annotations

from datetime import UTC

import pytest

from callcenter.casework.reports.day import MOST_HOTLINES, Day, day
from callcenter.core.events import AgentChanged, CallEnded, CallRang
from callcenter.store.sql import Store
from tests.casework.conftest import GROUPS, NOON, after
from tests.casework.reports.test_service import House, house

__all__ = ["house"]
pytestmark = pytest.mark.both_databases


def today(store: Store) -> Day:
    with store.session() as session:
        return day(session, after(7200), UTC, lambda category: GROUPS.get(category, ""))


def test_r2_a_day_without_calls(house: House, store: Store) -> None:
    none = today(store)
    assert none.whole.counted.offered == none.whole.abandoned == 0
    assert not none.quarters
    assert not none.hotlines
    assert not none.harassed


def test_r2_calls_by_quarter_of_an_hour_and_who_gave_up(house: House, store: Store) -> None:
    house.call(10)
    house.call(899, waits=None)
    house.call(900, waits=25)
    house.call(950, waits=0, result="blocked")
    house.call(-13 * 3600)
    found = today(store)
    counts = [(at, part.counted.offered, part.abandoned) for at, part in found.quarters]
    assert counts == [(NOON, 2, 1), (after(900), 1, 0)]
    assert (found.whole.counted.soon, found.whole.abandoned) == (1, 1)


def test_r5_wrap_up_counts_with_the_calls_of_the_day(house: House, store: Store) -> None:
    call_id = house.call(0)
    for at, state, of in ((65, "wrap_up", call_id), (95, "ready", "")):
        house.books.write(AgentChanged(of, after(at), "8001", state, "", "8001"))
    house.books.write(AgentChanged("", after(200), "8001", "wrap_up", "", "8001"))
    house.books.write(AgentChanged("", after(300), "8001", "ready", "", "8001"))
    assert today(store).wrapped.total_seconds() == 30


def test_r2_the_busiest_hotlines_first_and_not_without_end(house: House, store: Store) -> None:
    for n in range(MOST_HOTLINES + 2):
        for k in range(1 + (n == 7)):
            call_id = f"h{n}-{k}"
            house.books.write(
                CallRang(call_id, after(n), "13800000001", f"400{n:07d}", "front"),
                CallEnded(call_id, after(n + 30), "caller", "abandoned", ""),
            )
    found = today(store).hotlines
    assert len(found) == MOST_HOTLINES
    assert (found[0][0], found[0][1].abandoned) == ("4000000007", 2)
