"""Many calls at once, again and again: nothing grows, nothing fails, nothing is left."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from bench.drills.listeners import addresses
from bench.drills.outcome import Outcome
from bench.drills.serving import DEAF, Serving, serving
from bench.drills.terminations import settled
from bench.drills.vitals import vitals
from bench.telephone.callers import Callers
from callcenter.core.records import FRAME_MS

WHAT = (
    "waves of calls, every line filled again as soon as its call is over: memory flat, open files "
    "and sockets as before, no call fails, every one is kept, nothing is left in the desk"
)
SHORTEST_S = 3.0
WAVE_S = 60.0
"""So long the lines are filled; a call lasts until then at most."""
RING_RATE = 25.0
"""Calls a second at the beginning of a wave."""
AGAIN_S = 2.0
LOOK_S = 2.0
WRITTEN_S = 30.0
GROWS = 1.05
ENOUGH_LOOKS = 30
"""From so many looks on, after the first wave, it is told whether memory grows."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many, and for how long."""
    parser.add_argument("--calls", type=int, default=100, help="at once")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)


class Soak:
    """The calls of one drill."""

    def __init__(self, service: Serving, people: Callers, outcome: Outcome, seed: int) -> None:
        self.service, self.people, self.outcome = service, people, outcome
        self.made = self.turned_away = 0
        """Turned away: by 503, as a machine does that is busy; they ring again."""
        self.call_seconds = 0.0
        self.rss: list[float] = []
        """In MB, since the first wave."""
        self.shares: list[float] = []
        """Of the packets that a call's far end should have been sent, what came."""
        self._chance = random.Random(seed)  # noqa: S311
        self._addresses = addresses(service.uris)

    async def wave(self, seconds: float) -> None:
        """Every line is filled for so long; the desk is empty afterwards."""
        until = time.monotonic() + seconds
        await asyncio.gather(*(self._line(seat, until) for seat in range(len(self._addresses))))
        await self.service.until("/live", lambda live: not live["calls"])

    async def watch(self) -> None:
        """Look at its memory for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            assert self.service.process is not None
            self.rss.append(vitals(self.service.process.pid).rss_mb)

    async def _line(self, seat: int, until: float) -> None:
        await asyncio.sleep(seat / RING_RATE)
        while (left := until - time.monotonic()) > SHORTEST_S:
            await self._one(seat, self._chance.uniform(SHORTEST_S, left))

    async def _one(self, seat: int, seconds: float) -> None:
        self.people.to = self._addresses[seat]
        call = self.people.call()
        made = self.people.calls[call]
        await self.people.decided(made, 30.0)
        if made.refused:
            self.turned_away += 1
            await asyncio.sleep(AGAIN_S)
            return
        self.made += 1
        if made.to is None:
            self.outcome.wrong.append(f"a call of line {seat}: {made.failed}")
            await asyncio.sleep(1.0)
            return
        await asyncio.sleep(seconds)
        lasted = time.monotonic() - made.answered_at
        if made.failed:
            self.outcome.wrong.append(f"a call of line {seat}: {made.failed}")
        else:
            self.people.hang_up(call)
        self.call_seconds += lasted
        self.shares.append(len(made.came) * FRAME_MS / 1000 / lasted)
        made.came.clear()


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("soak")
    with tempfile.TemporaryDirectory() as folder:
        how = {"seats": options.calls, "more": DEAF}
        async with serving(Path(folder), **how) as service:
            people = Callers(("127.0.0.1", 0), "95000")
            talking = asyncio.create_task(people.talk(1e6))
            soak = Soak(service, people, outcome, options.seed)
            try:
                await _held(soak, options.minutes * 60)
            finally:
                talking.cancel()
                await asyncio.gather(talking, return_exceptions=True)
                people.close()
            outcome.must("Traceback" not in service.log(), "the log has a traceback")
    return outcome


async def _held(soak: Soak, seconds: float) -> None:
    service, outcome, begun = soak.service, soak.outcome, time.monotonic()
    wave = min(WAVE_S, seconds / 2)
    await soak.wave(wave)
    before, waves = await settled(service, None), 1
    watching = asyncio.create_task(soak.watch())
    while time.monotonic() - begun < seconds - 1:
        await soak.wave(min(wave, max(2 * SHORTEST_S, seconds - (time.monotonic() - begun))))
        waves += 1
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    after = await settled(service, before)
    outcome.figures |= {"calls": soak.made, "waves": waves, "at_once": len(service.uris)}
    outcome.figures["rung_again_after_503"] = soak.turned_away
    outcome.figures["call_minutes"] = soak.call_seconds / 60
    outcome.figures["working_days_of_8_h"] = soak.call_seconds / 3600 / 8
    if soak.shares:
        outcome.figures["packets_that_came_least_share"] = min(soak.shares)
        outcome.figures["packets_that_came_median_share"] = median(soak.shares)
    _memory(soak.rss, outcome)
    for name, one in {"first_wave": before, "end": after}.items():
        files = f"{one.files}, of them {one.sockets} sockets"
        outcome.figures |= {f"after_{name}_rss_mb": one.rss_mb, f"after_{name}_files": files}
    outcome.must(after.sockets <= before.sockets, "sockets are left open")
    outcome.must(after.files <= before.files, "files are left open")
    await _kept(soak)
    outcome.figures |= {"seconds": time.monotonic() - begun, "load": str(os.getloadavg())}


def _memory(rss: list[float], outcome: Outcome) -> None:
    if len(rss) < ENOUGH_LOOKS:
        outcome.figures["memory"] = "not told: too short"
        return
    third = len(rss) // 3
    thirds = [median(part) for part in (rss[:third], rss[third:-third], rss[-third:])]
    outcome.figures["rss_mb_of_thirds"] = ", ".join(f"{value:.1f}" for value in thirds)
    outcome.figures["rss_grew_per_cent"] = (thirds[2] / thirds[0] - 1) * 100
    outcome.must(thirds[2] <= GROWS * thirds[0], f"memory grows: {thirds}")


def _all_over(page: dict[str, Any]) -> bool:
    """The ledger has written the ends; those of earlier waves, long ago."""
    return all(call["ended_at"] for call in page["calls"])


async def _kept(soak: Soak) -> None:
    """Every call is kept as one that was answered, and ended by its caller, with its recording."""
    service, outcome = soak.service, soak.outcome
    with suppress(TimeoutError):
        await service.until("/calls?limit=200", _all_over, WRITTEN_S)
    calls: list[dict[str, Any]] = []
    before = ""
    while page := (await service.get(f"/calls?limit=200{before}"))["calls"]:
        calls += page
        before = f"&before={page[-1]['call_id']}"
    ways = Counter((call["call_result"], call["ended_by"]) for call in calls)
    outcome.must(ways == {("answered", "caller"): soak.made}, f"the calls are kept as {ways}")
    lacking = {call["call_id"] for call in calls} ^ service.recorded()
    outcome.must(not lacking, f"{len(lacking)} calls have no recording, or it no call")
