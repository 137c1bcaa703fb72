"""From the end of a trigger phrase on the wire to its hit, in real time: `python -m bench.latency`.

So many callers at once speak phrases that the rules look for, frame by frame, to one engine with
one worker, everything on one core. Where a phrase ends is taken from the final transcript of the
same sound.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import sounds
from callcenter.asr import VoskEngine
from callcenter.core.records import FRAME_MS, Frame, Gap, Hit, Party, Segment
from callcenter.scripts.book import PACKS, Book

STAGGER = 7
"""Frames between the beginnings of two calls, so that their phrases do not end together."""


@dataclass
class Caller:
    """One call: what is told of it, and when."""

    hits: list[tuple[Hit, float]] = field(default_factory=list)
    partials: list[float] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


async def callers(engine: VoskEngine, book: Book, sound: bytes, calls: int) -> list[Caller]:
    """All calls in real time; times in ms since each one's first sample was on the wire."""
    loop = asyncio.get_running_loop()
    frames, begun = list(sounds.frames(sound)), loop.time()
    everyone = [Caller() for _ in range(calls)]
    ears = []
    for number, caller in enumerate(everyone):
        listener, start = book.listener(), begun + number * STAGGER * FRAME_MS / 1000

        def tell(said: Segment, caller=caller, listener=listener, start=start) -> None:  # type: ignore[no-untyped-def]
            now = (loop.time() - start) * 1000
            caller.hits += [(hit, now) for hit in listener.heard(said)]
            if not said.final and not said.settled:  # which says nothing new
                caller.partials.append(now - said.end_ms)

        ears.append(engine.open(Party.CALLER, tell, caller.gaps.append))
    for tick in range(len(frames) + STAGGER * calls):
        for number, ear in enumerate(ears):
            for frame in _at(frames, tick - number * STAGGER):
                ear.hear(frame)
        await asyncio.sleep(begun + (tick + 2) * FRAME_MS / 1000 - loop.time())
    for ear in ears:
        await ear.close()
    return everyone


def _at(frames: list[Frame], tick: int) -> Iterator[Frame]:
    if 0 <= tick < len(frames):
        yield frames[tick]


def delays(truth: list[Hit], caller: Caller) -> list[float]:
    """For each phrase that was told, ms from its end to the telling."""
    return [
        now - real.end_ms
        for real in truth
        for hit, now in caller.hits
        if hit.rule == real.rule and hit.start_ms < real.end_ms and real.start_ms < hit.end_ms
    ]


def percentile(values: list[float], share: float) -> float:
    """NaN where there are none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def free_share(seconds: float = 0.5) -> float:
    """How much of its core this process gets; below 0.9 it is shared, and times say little."""
    begun, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        pass
    return (time.process_time() - used) / seconds


def measure(model: str, calls: int, seconds: float) -> dict[str, float]:
    """What happened to so many calls."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    share = free_share()
    engine, book, sound = VoskEngine(model, workers=1), Book(PACKS), sounds.triggers(seconds)
    listener = book.listener()
    truth = [h for s in engine.transcribe(Party.CALLER, sound) for h in listener.heard(s)]
    begun, used = time.perf_counter(), time.process_time()
    everyone = asyncio.run(callers(engine, book, sound, calls))
    wall, used = time.perf_counter() - begun, time.process_time() - used
    engine.close()
    late = [delay for caller in everyone for delay in delays(truth, caller)]
    partials = [lag for caller in everyone for lag in caller.partials]
    return {
        "calls": calls,
        "phrases": len(truth) * calls,
        "told": len(late),
        "other_hits": sum(len(caller.hits) for caller in everyone) - len(late),
        "hit_p50_ms": percentile(late, 0.5),
        "hit_p95_ms": percentile(late, 0.95),
        "partial_p50_ms": percentile(partials, 0.5),
        "partial_p95_ms": percentile(partials, 0.95),
        "core_share": share,
        "core_used": used / wall,
        "gaps": sum(len(caller.gaps) for caller in everyone),
    }


def main(words: list[str]) -> None:
    """MODEL CALLS SECONDS: one JSON object."""
    model, calls, seconds = words
    sys.stdout.write(json.dumps(measure(model, int(calls), float(seconds))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
