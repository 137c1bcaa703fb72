"""What is compared, each measured in a child process of its own: `python -m bench.sides SIDE …`.

`plain` is the loop of a vosk-server: one recogniser a leg, everything that arrives is decoded, an
answer to every message. `ears` is callcenter's engine, fed as the desk feeds it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import sounds
from callcenter.asr import VoskEngine
from callcenter.core.records import SAMPLE_RATE, Party

CALLS = {
    "both speak all the time": sounds.continuous,
    "they take turns": sounds.turns,
    "half of it nobody speaks": sounds.half_silent,
}
MESSAGE_MS = {"plain-200": 200, "plain-100": 100}
AT_ONCE = 4
"""Calls at a time: a core has many, whose memory gets in each other's way."""
QUIET = -2
"""Vosk's log level without its warnings of words that the end of a sound cuts."""
Measure = Callable[[sounds.TwoWay], float]


class Inline(Executor):
    """Works at once where it is asked to: each leg decodes when it would live, none waits."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Done when this returns."""
        done: Future[Any] = Future()
        done.set_result(work(*args, **kwargs))
        return done


def plain(shared: Any, call: sounds.TwoWay, message_ms: int) -> float:
    """CPU seconds for AT_ONCE such calls; this process must not have chosen kernels."""
    import vosk

    size = message_ms * SAMPLE_RATE // 1000 * 2
    legs = [sound for one in sounds.staggered(call, AT_ONCE) for sound in (one.caller, one.agent)]
    begun = time.process_time()
    recognisers = [vosk.KaldiRecognizer(shared, SAMPLE_RATE) for _ in legs]
    for recogniser in recognisers:
        recogniser.SetWords(True)
    for at in range(0, len(call.caller), size):
        for recogniser, sound in zip(recognisers, legs, strict=True):
            _answer(recogniser, sound[at : at + size])
    for recogniser in recognisers:
        recogniser.FinalResult()
    return time.process_time() - begun


def _answer(leg: Any, message: bytes) -> str:
    return str(leg.Result() if leg.AcceptWaveform(message) else leg.PartialResult())


async def ears(engine: VoskEngine, call: sounds.TwoWay) -> float:
    """CPU seconds for AT_ONCE such calls."""
    calls = sounds.staggered(call, AT_ONCE)
    legs = [list(sounds.frames(sound)) for one in calls for sound in (one.caller, one.agent)]
    begun = time.process_time()
    open_ears = [
        engine.open(party, lambda _: None, lambda _: None) for _ in calls for party in Party
    ]
    for number, tick in enumerate(zip(*legs, strict=True)):
        for ear, frame in zip(open_ears, tick, strict=True):
            ear.hear(frame)
        if number % 10 == 0:
            await asyncio.sleep(0)  # the loop tells what was heard; the desk has it running anyway
    for ear in open_ears:
        await ear.close()
    return time.process_time() - begun


def memory(model: str, recognisers: int, seconds: float) -> float:
    """MB that a recogniser holds after so many seconds of speech."""
    import vosk

    vosk.SetLogLevel(-1)
    shared, sound = vosk.Model(model), sounds.continuous(seconds).caller
    kept = [vosk.KaldiRecognizer(shared, SAMPLE_RATE)]
    kept[0].AcceptWaveform(sound[:16000])
    before = _resident_mb()
    for _ in range(recognisers):
        kept.append(vosk.KaldiRecognizer(shared, SAMPLE_RATE))
        for at in range(0, len(sound), 3200):
            _answer(kept[-1], sound[at : at + 3200])
    return (_resident_mb() - before) / recognisers


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


def answer_costs(side: str, model: str) -> None:
    """For each `[KIND, SECONDS]` on standard input: CPU seconds a second of such a call.

    Decoded in a thread, as a vosk-server and the engine both do: there the C library keeps its
    memory otherwise than in a program's first thread.
    """
    measure = _ears(model) if side == "ears" else _plain(model, MESSAGE_MS[side])
    with ThreadPoolExecutor(1) as worker:
        for line in sys.stdin:
            kind, seconds = json.loads(line)
            call = CALLS[kind](seconds)
            _say(worker.submit(measure, call).result() / call.seconds / AT_ONCE)


def _plain(model: str, message_ms: int) -> Measure:
    import vosk

    vosk.SetLogLevel(QUIET)
    shared = vosk.Model(model)
    return lambda call: plain(shared, call, message_ms)


def _ears(model: str) -> Measure:
    engine = VoskEngine(model)
    import vosk

    vosk.SetLogLevel(QUIET)
    engine.pool.shutdown()
    engine.pool = Inline()  # type: ignore[assignment]

    def measure(call: sounds.TwoWay) -> float:
        engine.forget_rested()
        asyncio.run(ears(engine, _before(call)))
        return asyncio.run(ears(engine, call))

    return measure


def _before(call: sounds.TwoWay) -> sounds.TwoWay:
    """The call before, half as long: to each recogniser, other words than it will hear."""
    size = len(call.caller) // 2
    return sounds.TwoWay(call.agent[:size], call.caller[:size])


def _say(answer: float) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    """`costs SIDE MODEL` or `memory MODEL COUNT SECONDS`: JSON numbers."""
    what, *rest = words
    if what == "costs":
        answer_costs(*rest)
    else:
        model, count, seconds = rest
        _say(memory(model, int(count), float(seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])
