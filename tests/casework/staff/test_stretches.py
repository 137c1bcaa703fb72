from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.staff.stretches import Stretch, joined, length, within, without

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


@st.composite
def stretches(draw: st.DrawFn) -> list[Stretch]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8))
    return [(at(a), at(b)) for a, b in pairs]


def minutes(found: list[Stretch]) -> set[int]:
    """Which minutes lie in them."""
    return {n for n in range(61) for since, until in found if since <= at(n) < until}


@given(stretches(), stretches())
def test_they_are_sets_of_minutes(one: list[Stretch], other: list[Stretch]) -> None:
    assert minutes(list(joined(one))) == minutes(one)
    assert minutes(list(within(one, other))) == minutes(one) & minutes(other)
    assert minutes(list(without(one, other))) == minutes(one) - minutes(other)
    assert length(one) == timedelta(minutes=len(minutes(one)))
