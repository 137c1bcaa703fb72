"""Tells a program elsewhere what happens here, parcel by parcel; sees ports only.

One courier a target, so that none waits for another's. What is about one call goes in order, what
is about several at the same time, AT_ONCE at most. While a target is away one parcel at a time is
tried, after longer and longer waits; nothing else of the service waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from callcenter.core.errors import CallcenterError, NotSent, TurnedDown
from callcenter.core.webhooks import Hook, Outcome, Parcel, Parcels, Standing

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
"""How often parcels that wait are looked for."""
COUNT_SECONDS = 15.0
"""How often it is counted what waits."""
AT_ONCE = 8
MOST = 100
"""Parcels that are taken from the store together."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0
"""Between two tries of a target that is away."""
STORE_AWAY_SECONDS = 5.0
WORRY_SECONDS = 60.0
"""A target that is away for longer is told on the pages."""


class Courier:
    """For one target; `now` gives UTC. Runs on the event loop, asks the store in a thread."""

    def __init__(
        self, name: str, parcels: Parcels, hook: Hook, now: Callable[[], datetime]
    ) -> None:
        self.name = name
        self.sent = self.failed = self.given_up = 0
        self.away_since: datetime | None = None
        self.standing = Standing()
        self._parcels = parcels
        self._hook = hook
        self._now = now
        self._failures = 0
        self._counted = float("-inf")

    async def run(self) -> None:
        """Look again and again, until cancelled; it may be run again then."""
        try:
            while True:
                wait = await self._round()
                await asyncio.sleep(wait)
        finally:
            self._hook.close()
            self._failures, self.away_since, self.standing = 0, None, Standing()

    async def _round(self) -> float:
        """How many seconds to wait for the next."""
        try:
            taken = await self.once()
            await self._count()
        except CallcenterError as error:
            log.error("webhook %s: nothing can be told now: %s", self.name, error)
            return STORE_AWAY_SECONDS
        return self._wait(taken)

    async def once(self) -> int:
        """Try what waits now; how many parcels were taken up."""
        most = 1 if self._failures else MOST
        parcels = await asyncio.to_thread(self._parcels.take, most)
        if not parcels:
            return 0
        outcomes: list[Outcome] = []
        try:
            await self._carry_all(parcels, outcomes)
        finally:
            told = {outcome.parcel.id for outcome in outcomes}
            left = [Outcome(one, tried=False) for one in parcels if one.id not in told]
            lost = await asyncio.to_thread(self._parcels.settle, [*outcomes, *left])
            self._lost(lost)
        self._judge(outcomes)
        return len(parcels)

    def problem(self) -> str:
        """What people should know: away for long, or parcels given up; "" where all is well."""
        found = []
        if self.away_since and (self._now() - self.away_since).total_seconds() > WORRY_SECONDS:
            since = f"{self.away_since.astimezone():%m-%d %H:%M}"
            found.append(f"自 {since} 起推送不出去，{self.standing.waiting} 条在等待，会自动重发")
        if self.standing.given_up:
            again = f"callcenter webhooks retry {self.name}"
            found.append(f"{self.standing.given_up} 条多日推送不成已放弃，可用 {again} 重发")
        return f"Webhook {self.name}：{'；'.join(found)}" if found else ""

    async def _carry_all(self, parcels: Sequence[Parcel], outcomes: list[Outcome]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        in_order = sorted(parcels, key=lambda one: (one.subject, one.id))
        async with asyncio.TaskGroup() as tasks:
            for _, same in groupby(in_order, key=lambda one: one.subject):
                tasks.create_task(self._carry(list(same), gate, outcomes))

    async def _carry(
        self, parcels: Sequence[Parcel], gate: asyncio.Semaphore, outcomes: list[Outcome]
    ) -> None:
        """What has one subject, in order, up to the first that is not taken."""
        async with gate:
            for parcel in parcels:
                outcomes.append(await self._post(parcel))
                if outcomes[-1].problem:
                    return

    async def _post(self, parcel: Parcel) -> Outcome:
        try:
            await self._hook.post(parcel.key, parcel.body)
        except NotSent as error:
            self.failed += 1
            return Outcome(parcel, str(error), isinstance(error, TurnedDown))
        self.sent += 1
        return Outcome(parcel)

    def _judge(self, outcomes: Sequence[Outcome]) -> None:
        """The target is away where nothing of a round reached it."""
        problem = outcomes[0].problem
        if any(one.refused or not one.problem for one in outcomes):
            self._failures, self.away_since = 0, None
        else:
            self._failures += 1
            self.away_since = self.away_since or self._now()
        if problem and self._failures < 2:
            log.warning("webhook %s: %s", self.name, problem)

    async def _count(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self._counted < COUNT_SECONDS:
            return
        self._counted = loop.time()
        self._lost(await asyncio.to_thread(self._parcels.tidy))
        self.standing = await asyncio.to_thread(self._parcels.standing)

    def _lost(self, parcels: int) -> None:
        if parcels:
            self.given_up += parcels
            log.error("webhook %s: %d parcels were given up", self.name, parcels)

    def _wait(self, taken: int) -> float:
        if self._failures:
            waits = FIRST_WAIT_SECONDS * 2.0 ** min(self._failures - 1, 20)
            return min(waits, LONGEST_WAIT_SECONDS)
        return 0.0 if taken else LOOK_SECONDS


class Couriers(Collector):
    """All of them, for the notices and for /metrics."""

    def __init__(self, couriers: Sequence[Courier]) -> None:
        self._couriers = tuple(couriers)

    def __iter__(self) -> Iterator[Courier]:
        return iter(self._couriers)

    def notices(self) -> list[str]:
        """One sentence for each target that is not well."""
        return [told for one in self._couriers if (told := one.problem())]

    def collect(self) -> Iterator[Metric]:
        """Asked at every scrape."""
        waiting = GaugeMetricFamily(
            "callcenter_webhook_waiting", "Facts that a target is yet to be told", labels=["target"]
        )
        away = GaugeMetricFamily(
            "callcenter_webhook_away", "1 while a target cannot be reached", labels=["target"]
        )
        parcels = CounterMetricFamily(
            "callcenter_webhook_tries", "Tries to tell a target", labels=["target", "outcome"]
        )
        for one in self._couriers:
            waiting.add_metric([one.name], one.standing.waiting)
            away.add_metric([one.name], one.away_since is not None)
            for outcome in ("sent", "failed", "given_up"):
                parcels.add_metric([one.name, outcome], getattr(one, outcome))
        yield from (waiting, away, parcels)
