"""kill -9 in the middle of calls: what is there at the next start."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench import sounds
from bench.drills.callers import Callers, Talker, callers
from bench.drills.outcome import Outcome
from bench.drills.serving import Serving, serving
from callcenter.asr.vosk_engine import VoskEngine
from callcenter.audio.wav import read_wav
from callcenter.core.errors import SoundFileError
from callcenter.core.records import Party
from callcenter.demo.measure import character_error_rate

WHAT = (
    "kill -9 at random moments of calls: recordings whole but for the last second, words and hits "
    "kept, calls closed as interrupted, what nobody heard back-filled"
)
LOOK_SECONDS = 0.1


def arguments(parser: argparse.ArgumentParser) -> None:
    """How often, and what of."""
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--calls", type=int, default=2, help="that run at once")
    parser.add_argument("--longest", type=float, default=12.0, help="seconds until it is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="each kill as it is done")


@dataclass
class Cut:
    """A call that was cut off, as it was seen from outside."""

    call: Talker
    call_id: str = ""
    seconds: float = 0.0
    """From its answer to the kill."""
    said: dict[str, float] = field(default_factory=dict)
    """Finished words that were seen in it, and how long before the kill."""
    hits: dict[str, float] = field(default_factory=dict)


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome, chance = Outcome("kill"), random.Random(options.seed)  # noqa: S311
    lost: list[float] = []
    counts = dict.fromkeys(("calls", "segments", "hits", "filled_gaps"), 0)
    starts: list[float] = []
    engine = VoskEngine()
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder), seats=options.calls) as service, callers() as people:
            for _ in range(options.moments):
                after = chance.uniform(0.0, options.longest)
                cuts = await _cut_off(service, people, options.calls, after)
                await service.start()
                starts.append(service.started_s)
                lost += [await _look(service, engine, cut, outcome, counts) for cut in cuts]
                if options.show:
                    pairs = zip(cuts, lost[-len(cuts) :], strict=True)
                    told = ", ".join(f"{cut.seconds:.2f} s: -{gone:.2f} s" for cut, gone in pairs)
                    print(f"killed after {told}; wrong: {outcome.wrong}", flush=True)  # noqa: T201
            known = await _all_known(service)
            outcome.must(service.recorded() <= known, "a recording is not indexed")
            outcome.must("Traceback" not in service.log(), "the log has a traceback")
            await service.end()
    engine.close()
    outcome.figures |= {"kills": options.moments, **counts}
    if lost:
        outcome.figures |= {"sound_lost_median_s": median(lost), "sound_lost_most_s": max(lost)}
    outcome.figures["start_median_s"] = median(starts)
    return outcome


async def _cut_off(service: Serving, people: Callers, count: int, after: float) -> list[Cut]:
    """Ring one after the other, talk, watch what is shown, and kill the service `after` so many
    seconds."""
    sound, begun = sounds.triggers(after + 2), time.monotonic()
    seen: list[tuple[float, dict[str, Any]]] = []
    watching = asyncio.create_task(_watch(service, seen))
    cuts = []
    for number in range(count):
        await asyncio.sleep(begun + after * number / count - time.monotonic())
        cuts.append(Cut(await people.ring(service.uris[number], sound)))
    await asyncio.sleep(begun + after - time.monotonic())
    assert service.process is not None
    service.process.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await service.end(signal.SIGKILL)
    for cut in cuts:
        cut.seconds = killed - cut.call.answered_at if cut.call.answered_at else 0.0
        cut.call.hang_up()
        for at, live in seen:
            if live["caller_number"] == cut.call.number:
                _note(cut, live, killed - at)
    return cuts


async def _watch(service: Serving, seen: list[tuple[float, dict[str, Any]]]) -> None:
    while True:
        with suppress(httpx.HTTPError):
            seen += [(time.monotonic(), one) for one in (await service.get("/live"))["calls"]]
        await asyncio.sleep(LOOK_SECONDS)


def _note(cut: Cut, live: dict[str, Any], before: float) -> None:
    cut.call_id = live["call_id"]
    for name, kept in (("segments", cut.said), ("hits", cut.hits)):
        for one in live[name]:
            kept.setdefault(f"{one['party']} {one['start_ms']} {one['text']}", before)


async def _look(
    service: Serving, engine: VoskEngine, cut: Cut, outcome: Outcome, counts: dict[str, int]
) -> float:
    """What the next start made of it; the seconds of sound that are missing."""
    call = await _found(service, cut)
    if call is None:
        who = f"{cut.call.number}, {cut.seconds:.1f} s after the answer"
        outcome.must(cut.seconds < 1.0, f"a call is not known: {who}")
        return 0.0
    name = f"call {call['call_id']}"
    counts["calls"] += 1
    counts["segments"] += len(call["segments"])
    counts["hits"] += len(call["hits"])
    counts["filled_gaps"] += sum(gap["filled"] for gap in call["gaps"])
    outcome.must(call["call_result"] == "interrupted", f"{name}: {call['call_result']}")
    outcome.must(call["transcribed"], f"{name}: its gaps were not filled")
    for what, seen in (("segments", cut.said), ("hits", cut.hits)):
        kept = [f"{one['party']} {one['start_ms']} {one['text']}" for one in call[what]]
        gone = [text for text, before in seen.items() if before > 1.0 and text not in kept]
        outcome.must(not gone, f"{name}: {what} are missing: {gone}")
        named = [f"{one.get('rule')} {text}" for one, text in zip(call[what], kept, strict=True)]
        outcome.must(len(named) == len(set(named)), f"{name}: {what} came twice: {named}")
    _words(service, engine, call, outcome)
    return _missing(service, cut, call, outcome)


def _missing(service: Serving, cut: Cut, call: dict[str, Any], outcome: Outcome) -> float:
    name, recording = f"call {call['call_id']}", call["recording"]
    missing = cut.seconds - (recording["seconds"] if recording else 0.0)
    outcome.must(missing <= 1.0, f"{name}: {missing:.2f} s of {cut.seconds:.2f} s are missing")
    return max(missing, 0.0)


def _words(service: Serving, engine: VoskEngine, call: dict[str, Any], outcome: Outcome) -> None:
    """What the caller said by the kept words, and by the recording heard as a whole."""
    recording = call["recording"]
    if not recording or not recording["seconds"]:
        return
    try:
        sound = read_wav(service.folder / "recordings" / recording["path"]).channels[0]
    except SoundFileError as error:
        outcome.wrong.append(f"call {call['call_id']}: {error}")
        return
    whole = "".join(one.text for one in engine.transcribe(Party.CALLER, sound))
    told = [one for one in call["segments"] if one["party"] == "caller"]
    kept = "".join(one["text"] for one in sorted(told, key=lambda one: one["start_ms"]))
    if whole:
        outcome.figures["characters"] = outcome.figures.get("characters", 0) + len(whole)
        wrong = round(character_error_rate(whole, kept) * len(whole))
        outcome.figures["characters_apart"] = outcome.figures.get("characters_apart", 0) + wrong


async def _found(service: Serving, cut: Cut) -> dict[str, Any] | None:
    """The call, once what waited is transcribed."""
    path = f"/calls?caller_number={cut.call.number}"
    listed = (await service.get(path))["calls"]
    call_id = cut.call_id or (listed[0]["call_id"] if listed else "")
    if not call_id:
        return None
    try:
        found = await service.until(
            f"/calls/{call_id}", lambda c: c if c["transcribed"] or not c["recording"] else None
        )
    except (TimeoutError, httpx.HTTPStatusError):
        return await service.kept(call_id)
    return dict(found)


async def _all_known(service: Serving) -> set[str]:
    known: set[str] = set()
    before = ""
    while page := (await service.get(f"/calls?limit=200{before}"))["calls"]:
        known |= {call["call_id"] for call in page}
        before = f"&before={page[-1]['call_id']}"
    return known
