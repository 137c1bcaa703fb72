"""Does the work besides calls: looks what is due, does it piece by piece; sees ports only.

Each kind of work is done one piece at a time, and none waits for another kind. What fails is
tried again after longer and longer pauses; nothing that fails ends anything else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from callcenter.core.errors import ArchiveAway, CallcenterError, ModelMissing, StoreAway
from callcenter.core.jobs import PROBLEM_LENGTH, Failure, Failures, Task

log = logging.getLogger(__name__)
AWAY = (StoreAway, ArchiveAway, ModelMissing)
"""With these no other piece of the same kind would go better now."""
LONGEST_SECONDS = 300.0
"""Between two looks while something is away."""


class Jobs(Collector):
    """The tasks of this process; `now` gives UTC."""

    def __init__(
        self,
        tasks: Sequence[Task],
        failures: Failures,
        now: Callable[[], datetime],
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        """`leads`: whether this node does what one does for all."""
        self._tasks, self._failures, self._now, self._leads = tasks, failures, now, leads
        self._failed: dict[tuple[str, str], Failure] = {}
        self._waiting = dict.fromkeys([task.name for task in tasks], 0)
        self._done = dict(self._waiting)
        self._tries_failed = dict(self._waiting)

    async def run(self) -> None:
        """Do what is due, again and again, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for task in self._tasks:
                group.create_task(self._keep(task))

    async def once(self, task: Task) -> int:
        """Do everything of this kind that is due now; how many pieces.

        Raises CallcenterError where nothing can be done now.
        """
        keys = await asyncio.to_thread(task.due)
        self._waiting[task.name] = len(keys)
        await self._forget_settled(task, keys)
        return sum([await self._do(task, key) for key in keys if not self._rests(task, key)])

    def notices(self) -> list[str]:
        """What people at the desk should know, one sentence each."""
        return [told for task in self._tasks if (told := task.notice())]

    def collect(self) -> Iterator[Metric]:
        """Asked at every scrape."""
        waiting = GaugeMetricFamily(
            "callcenter_jobs_waiting", "Pieces of work that were due", labels=["task"]
        )
        failing = GaugeMetricFamily(
            "callcenter_jobs_failing", "Pieces of work that failed last", labels=["task"]
        )
        tried = CounterMetricFamily(
            "callcenter_jobs", "Pieces of work that were tried", labels=["task", "outcome"]
        )
        for name in self._waiting:
            waiting.add_metric([name], self._waiting[name])
            failing.add_metric([name], sum(task == name for task, _ in self._failed))
            tried.add_metric([name, "done"], self._done[name])
            tried.add_metric([name, "failed"], self._tries_failed[name])
        yield from (waiting, failing, tried)

    async def _keep(self, task: Task) -> None:
        away = 0
        while True:
            try:
                if task.everywhere or self._leads():
                    await self.once(task)
                away = 0
            except CallcenterError as error:
                if not away:
                    log.error("%s: nothing can be done now: %s", task.name, error)
                away += 1
            except Exception:
                log.exception("%s: looking what is due failed", task.name)
                away += 1
            waits = task.seconds * 2.0 ** min(away, 20)
            await asyncio.sleep(min(waits, max(LONGEST_SECONDS, task.seconds)))

    def _rests(self, task: Task, key: str) -> bool:
        failed = self._failed.get((task.name, key))
        return failed is not None and self._now() < failed.next_at

    async def _do(self, task: Task, key: str) -> bool:
        try:
            await task.do(key)
        except AWAY:
            raise
        except CallcenterError as error:
            await self._failed_now(task, key, str(error))
            return False
        except Exception as error:
            log.exception("%s %s failed", task.name, key)
            await self._failed_now(task, key, f"{type(error).__name__}: {error}")
            return False
        self._done[task.name] += 1
        await self._forget(task, key)
        return True

    async def _failed_now(self, task: Task, key: str, problem: str) -> None:
        before = self._failed.get((task.name, key))
        told = " ".join(problem.split())[:PROBLEM_LENGTH]
        failure = Failure(task.name, key, before.tries + 1 if before else 1, self._now(), told)
        if before is None:
            log.warning("%s %s: %s", task.name, key, told)
        self._failed[task.name, key] = failure
        self._tries_failed[task.name] += 1
        await asyncio.to_thread(self._failures.note, failure)

    async def _forget_settled(self, task: Task, keys: Sequence[str]) -> None:
        """What failed and is no longer due was settled elsewhere."""
        known = [key for name, key in self._failed if name == task.name]
        for key in set(known) - set(keys):
            await self._forget(task, key)

    async def _forget(self, task: Task, key: str) -> None:
        if self._failed.pop((task.name, key), None) is not None:
            await asyncio.to_thread(self._failures.forget, task.name, key)
