"""What goes is removed when it is time, one batch after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import pytest

from callcenter.core.errors import Refused, StoreError
from callcenter.core.events import Cleared, Event, RecordStepped
from callcenter.core.keeping import Batch
from callcenter.desk import janitor
from callcenter.desk.janitor import Janitor

NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AT = time(3, 30)


class FakeKeeper:
    """core.keeping.Keeper: two batches a time, as long as some are left."""

    def __init__(self, left: int = 0, wishes: Sequence[str] = ()) -> None:
        self.left, self.wishes = left, list(wishes)
        self.problem: Exception | None = None

    def overdue(self) -> Sequence[Batch]:
        taken, self.left = min(2, self.left), max(0, self.left - 2)
        return [Batch("call", (f"c{n}",), "sound", "ordinary") for n in range(taken)]

    def approved(self) -> Sequence[str]:
        return list(self.wishes)

    def of_erasure(self, number: str) -> Sequence[Batch]:
        if number == "held":
            raise Refused("this cannot be erased now: a hold stands on it")
        return [Batch("call", ("c1",), "record", number)]

    def clear(self, batch: Batch) -> Event:
        if self.problem:
            raise self.problem
        what = (batch.kind, batch.numbers, batch.part, batch.why, "system")
        return Cleared("", NIGHT, *what)

    def finish(self, number: str) -> Event:
        self.wishes.remove(number)
        what = ("erasure", number, "erase", "system", "done", 2, {})
        return RecordStepped("", NIGHT, *what)


class House:
    def __init__(self, keeper: FakeKeeper, at: time | None = AT) -> None:
        self.now = NIGHT
        self.written: list[Event] = []
        self.janitor = Janitor(keeper, self.write, lambda: self.now, at, UTC)

    async def write(self, event: Event) -> None:
        self.written.append(event)


@pytest.fixture(autouse=True)
def no_breath(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(janitor, "BREATH_SECONDS", 0)


async def test_what_is_overdue_goes_once_a_day_when_it_is_time() -> None:
    keeper = FakeKeeper(left=5)
    house = House(keeper)
    assert await house.janitor.once() == 0, "it is not half past three"
    house.now += timedelta(minutes=31)
    assert await house.janitor.once() == 5, "all of it"
    keeper.left = 1
    assert await house.janitor.once() == 0, "the day's work is done"
    house.now += timedelta(days=1)
    assert await house.janitor.once() == 1


async def test_nothing_goes_by_itself_unless_the_house_wants_it() -> None:
    house = House(FakeKeeper(left=5), at=None)
    house.now += timedelta(hours=5)
    assert await house.janitor.once() == 0


async def test_a_wish_is_carried_out_at_once_and_a_held_one_waits() -> None:
    keeper = FakeKeeper(wishes=["held", "ER-1"])
    house = House(keeper, at=None)
    assert await house.janitor.once() == 1
    assert [type(one).__name__ for one in house.written] == ["Cleared", "RecordStepped"]
    assert keeper.wishes == ["held"]


async def test_what_cannot_be_removed_is_tried_again() -> None:
    keeper = FakeKeeper(left=1, wishes=["ER-1"])
    house = House(keeper)
    house.now += timedelta(hours=1)
    keeper.problem = StoreError("recordings/c1.wav: cannot be removed: Permission denied")
    assert await house.janitor.once() == 0
    keeper.problem, keeper.left = None, 1
    assert await house.janitor.once() == 2
    assert keeper.wishes == []
