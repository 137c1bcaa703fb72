"""Told to stop: no new calls, those that run end as their people end them, then it leaves."""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench import sounds
from bench.drills.callers import Callers, Talker, asked, callers
from bench.drills.outcome import Outcome
from bench.drills.serving import DEAF, Serving, serving
from callcenter.store.calls import list_calls
from callcenter.store.sql import Store

WHAT = (
    "SIGTERM with calls running: 503 to INVITE and OPTIONS, the calls end as their people end "
    "them, then it leaves with status 0; a second signal ends everything at once"
)
WAYS = ("in peace", "hurried")


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many, and how long."""
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="until the last one hangs up")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("drain")
    for way in options.ways:
        with tempfile.TemporaryDirectory() as folder:
            how = {"drain_seconds": 120, "seats": options.calls, "more": DEAF}
            async with serving(Path(folder), **how) as service, callers() as people:
                hurried = way == "hurried"
                await _once(service, people, options, outcome, hurried=hurried)
                outcome.must("Traceback" not in service.log(), "the log has a traceback")
    return outcome


async def _once(
    service: Serving,
    people: Callers,
    options: argparse.Namespace,
    outcome: Outcome,
    *,
    hurried: bool,
) -> None:
    sound = sounds.triggers(2 * options.seconds)
    running = [await people.ring(uri, sound) for uri in service.uris]
    for call in running:
        await people.answered(call)
    outcome.must(await asked(service.uri) == 200, "OPTIONS before: no 200")
    assert service.process is not None
    begun = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    while await asked(service.uri) != 503:
        outcome.must(time.monotonic() - begun < 10, "OPTIONS meanwhile: no 503")
    outcome.figures["turns_away_after_s"] = time.monotonic() - begun
    late = await people.ring(service.uri)
    await people.answered(late)
    outcome.must(late.refused is not None and late.refused.code == 503, "INVITE: no 503")
    notices = (await service.get("/health"))["notices"]
    outcome.must(any("正在停机" in text for text in notices), "no notice on the pages")
    if hurried:
        service.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        outcome.must(await service.end(0) == 0, "the status after two signals is not 0")
        outcome.figures["leaves_after_second_signal_s"] = time.monotonic() - told
        return
    await _hang_up(running, options.seconds, outcome)
    last = time.monotonic()
    outcome.must(await service.end(0) == 0, "the status is not 0")
    outcome.figures["leaves_after_last_call_s"] = time.monotonic() - last
    outcome.must(any("停机" in text for text in service.said), "nobody was told what it waits for")
    results = _kept(service.folder)
    outcome.must(results == ["answered"] * options.calls, f"the calls are kept as {results}")
    outcome.figures["calls_that_ended_in_peace"] = len(results)


def _kept(folder: Path) -> list[str]:
    """How the calls ended, by the store."""
    with closing(Store(folder / "data" / "callcenter.db")) as store, store.session() as session:
        return [call.call_result for call in list_calls(session)]


async def _hang_up(running: list[Talker], seconds: float, outcome: Outcome) -> None:
    """One after the other."""
    for call in running:
        await asyncio.sleep(seconds / len(running))
        outcome.must(not call.ended_at, "a call was ended before its caller ended it")
        call.hang_up()
