"""One of several recognition servers is killed under load, and comes back."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import sounds
from bench.drills.callers import Callers, Talker, callers
from bench.drills.outcome import Outcome
from bench.drills.serving import Serving, serving

WHAT = (
    "two recognition servers, one is killed while calls are heard: no call ends, the other hears "
    "on, people are told, what was lost is transcribed afterwards, and once it is back it is used"
)

TALK_SECONDS = 300.0
"""As long as people have to say something: somebody must speak when a server is back."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many calls, and for how long."""
    parser.add_argument("--calls", type=int, default=6, help="at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="that people talk after it")


class Hearing:
    """A recognition server in a process of its own."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """As the configuration names it."""
        return f"ws://127.0.0.1:{self.port}"

    async def up(self) -> None:
        """Returns once it listens."""
        self._process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "bench.drills.vosk_server", str(self.port)],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.port = int(await self._process.stdout.readline())

    async def down(self) -> None:
        """As if its machine lost power."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("recognition")
    one, other = Hearing(), Hearing()
    try:
        await asyncio.gather(one.up(), other.up())
        more = f'[recognition]\nremote = ["{one.url}", "{other.url}"]\n'
        with tempfile.TemporaryDirectory() as name:
            how = {"more": more, "seats": options.calls}
            async with serving(Path(name), **how) as service, callers() as people:
                await _held(service, people, one, other, options, outcome)
    finally:
        await asyncio.gather(one.down(), other.down())
    return outcome


async def _held(
    service: Serving,
    people: Callers,
    one: Hearing,
    other: Hearing,
    options: argparse.Namespace,
    outcome: Outcome,
) -> None:
    sound = sounds.triggers(2 * options.seconds + TALK_SECONDS)
    calls = [await people.ring(uri, sound) for uri in service.uris]
    for call in calls:
        await people.answered(call)
    await _hears(service, one)
    await _hears(service, other)
    await one.down()
    begun = time.monotonic()
    told = await service.until("/health", lambda health: _of(one, health["notices"]))
    outcome.figures |= {"calls": len(calls), "told_after_s": time.monotonic() - begun}
    outcome.figures["notice"] = told
    up = f'callcenter_recogniser_up{{server="{one.url}"}}'
    outcome.must((await service.metrics())[up] == 0, "the metric says that it is up")
    await asyncio.sleep(options.seconds)
    outcome.must(all(call.talks for call in calls), "a call did not go on")
    begun = time.monotonic()
    await one.up()
    await service.until("/health", lambda health: not _of(one, health["notices"]))
    outcome.figures["used_again_after_s"] = time.monotonic() - begun
    await _hears(service, one)
    kept = await _ended(service, calls)
    gaps = [gap for call in kept for gap in call["gaps"]]
    lost = sum(gap["end_ms"] - gap["start_ms"] for gap in gaps) / 1000
    outcome.figures |= {"gaps": len(gaps), "gaps_s": lost}
    outcome.figures["heard_s"] = sum(call["recording"]["seconds"] for call in kept)
    outcome.must(all(gap["filled"] for gap in gaps), "a gap was not transcribed")
    outcome.must(all(call["segments"] for call in kept), "a call has no words")


async def _hears(service: Serving, server: Hearing) -> None:
    """Wait until it listens to somebody. Raises TimeoutError."""
    name = f'callcenter_recogniser_streams{{server="{server.url}"}}'
    async with asyncio.timeout(120):
        while not (await service.metrics()).get(name):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def _ended(service: Serving, calls: list[Talker]) -> list[dict[str, Any]]:
    """They hang up; the calls as they are kept, once all of them is transcribed."""
    live = await service.get("/live")
    for call in calls:
        call.hang_up()
        await call.over()
    return [
        await service.until(
            f"/calls/{one['call_id']}",
            lambda kept: kept if kept["ended_at"] and kept["transcribed"] else None,
        )
        for one in live["calls"]
    ]


def _of(server: Hearing, notices: list[str]) -> str:
    return next((text for text in notices if server.url in text), "")
