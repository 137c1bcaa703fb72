from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from callcenter.core.errors import NotSent, StoreAway, TurnedDown
from callcenter.core.webhooks import Outcome, Parcel, Standing
from callcenter.desk import courier as rhythm
from callcenter.desk.courier import AT_ONCE, Courier, Couriers
from tests.fakes import NOON
from tests.waiting import until


class Pile:
    """Parcels in memory; keeps what became of them."""

    def __init__(self, *subjects: str) -> None:
        self.waiting = [Parcel(n, f"k{n}", s, b"{}") for n, s in enumerate(subjects)]
        self.settled: list[Outcome] = []
        self.asked: list[int] = []
        self.given_up = 0
        self.away = False
        self.stands = Standing()

    def take(self, most: int) -> Sequence[Parcel]:
        if self.away:
            raise StoreAway("locked")
        self.asked.append(most)
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def settle(self, outcomes: Sequence[Outcome]) -> int:
        self.settled += outcomes
        back = [one.parcel for one in outcomes if one.problem or not one.tried]
        self.waiting = sorted([*back, *self.waiting], key=lambda one: one.id)
        return 0

    def standing(self) -> Standing:
        return self.stands

    def tidy(self) -> int:
        return self.given_up


class Way:
    """Notes what is posted; `says` may raise."""

    def __init__(self, says: Callable[[str], None] = lambda _: None) -> None:
        self.says = says
        self.posted: list[str] = []
        self.most = self.now = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def post(self, key: str, body: bytes) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.gate.wait()
            self.posted.append(key)
            self.says(key)
        finally:
            self.now -= 1

    def close(self) -> None:
        self.closed = True


def away(_: str) -> None:
    raise NotSent("cannot be reached")


def refuses(*keys: str) -> Callable[[str], None]:
    def says(key: str) -> None:
        if key in keys:
            raise TurnedDown("answered 400")

    return says


def courier(pile: Pile, way: Way) -> Courier:
    return Courier("crm", pile, way, lambda: NOON)


async def test_what_is_about_one_call_goes_in_order_and_others_beside_it() -> None:
    pile, way = Pile("a", "b", "a", "b", "a"), Way()
    assert await courier(pile, way).once() == 5
    for keys in (["k0", "k2", "k4"], ["k1", "k3"]):
        assert [key for key in way.posted if key in keys] == keys
    assert [one.problem for one in pile.settled] == [""] * 5


async def test_a_refused_one_holds_up_its_own_call_only() -> None:
    pile, way = Pile("a", "b", "a"), Way(refuses("k0"))
    one = courier(pile, way)
    await one.once()
    assert sorted(way.posted) == ["k0", "k1"]
    by_id = {outcome.parcel.id: outcome for outcome in pile.settled}
    assert (by_id[0].problem, by_id[0].refused) == ("answered 400", True)
    assert (by_id[2].tried, by_id[1].problem) == (False, "")
    assert (one.sent, one.failed, one.away_since) == (1, 1, None)


async def test_no_more_than_so_many_at_once() -> None:
    pile, way = Pile(*map(str, range(20))), Way()
    way.gate.clear()
    task = asyncio.create_task(courier(pile, way).once())
    await until(lambda: way.now == AT_ONCE)
    way.gate.set()
    assert await task == 20
    assert way.most == AT_ONCE


async def test_who_is_away_gets_one_at_a_time_after_longer_waits_until_back() -> None:
    pile, way = Pile(*"abcdefghij"), Way(away)
    one = courier(pile, way)
    waits = [await one._round() for _ in range(9)]
    assert pile.asked == [rhythm.MOST, *[1] * 8]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert one.away_since == NOON
    way.says = lambda _: None
    assert [await one._round() for _ in range(3)] == [0, 0, rhythm.LOOK_SECONDS]
    assert (one.sent, one.away_since, pile.waiting) == (10, None, [])


async def test_it_runs_until_it_is_cancelled_and_gives_back_what_it_holds() -> None:
    pile, way = Pile("a", "b"), Way()
    way.gate.clear()
    task = asyncio.create_task(courier(pile, way).run())
    await until(lambda: way.now == 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert way.closed
    assert [one.tried for one in pile.settled] == [False, False]


async def test_a_store_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rhythm, "STORE_AWAY_SECONDS", 0.0)
    pile, way = Pile("a"), Way()
    pile.away = True
    task = asyncio.create_task(courier(pile, way).run())
    pile.away = False
    await until(lambda: way.posted)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_people_and_scrapers_are_told() -> None:
    pile, way = Pile("a"), Way(away)
    times = iter([NOON, NOON + timedelta(seconds=61), NOON + timedelta(seconds=61)])
    one = Courier("crm", pile, way, lambda: next(times))
    all_of_them = Couriers([one])
    assert all_of_them.notices() == []
    pile.stands, pile.given_up = Standing(waiting=7, given_up=2), 2
    await one._round()
    (told,) = all_of_them.notices()
    assert told.startswith("Webhook crm：自 ")
    assert "7 条在等待" in told
    assert "2 条多日推送不成已放弃" in told
    registry = CollectorRegistry()
    registry.register(all_of_them)
    text = generate_latest(registry).decode()
    assert 'callcenter_webhook_waiting{target="crm"} 7.0' in text
    assert 'callcenter_webhook_away{target="crm"} 1.0' in text
    assert 'callcenter_webhook_tries_total{outcome="given_up",target="crm"} 2.0' in text
    assert list(all_of_them) == [one]
