"""Harassing calls, one ending after the other: every caller hears every word of every prompt."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.drills.listeners import Heard, Listeners, addresses, listeners
from bench.drills.outcome import Outcome
from bench.drills.serving import DEAF, Serving, serving
from bench.drills.vitals import Vitals, vitals
from bench.telephone.callers import CallMade
from callcenter.core.records import Prompt
from callcenter.scripts.book import Book

WHAT = (
    "endings confirmed by the agent, one after the other on every line: each sample of each prompt "
    "at the far end, BYE only after the last packet, the call closed and kept; nothing left open"
)
PROMPTS = ("line_fault", "analysis")
FIGURES = (
    "prompts_file_ms",
    "prompts_sent_ms",
    "prompts_heard_ms",
    "packets_lost",
    "packets_after_bye",
)
TALK_SECONDS = (0.2, 1.5)
AGAIN_SECONDS = 2.0
AFTER_BYE_SECONDS = 0.2
"""In which a packet would be seen that was sent too late."""
SETTLE_SECONDS = 30.0
PATIENCE_SECONDS = 120.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many."""
    parser.add_argument("--count", type=int, default=1000, help="calls that are ended")
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--prompts", nargs="*", choices=PROMPTS, default=PROMPTS)
    parser.add_argument("--seed", type=int, default=1)


class Endings:
    """The calls of one drill."""

    def __init__(
        self, service: Serving, people: Listeners, outcome: Outcome, options: argparse.Namespace
    ) -> None:
        self.service, self.people, self.outcome = service, people, outcome
        self.done = self.turned_away = 0
        self.sums = dict.fromkeys(FIGURES, 0)
        self.margins: list[float] = []
        """From a prompt's last packet to the BYE, in milliseconds."""
        self._chance = random.Random(options.seed)  # noqa: S311
        book = Book()
        self._prompts = [book.prompt(name) for name in options.prompts]
        self._addresses = addresses(service.uris)

    async def on_line(self, seat: int, count: int) -> None:
        """So many calls, one after the other, for this agent."""
        for number in range(count):
            made, heard = await self._taken(seat)
            prompt = self._prompts[(seat + number) % len(self._prompts)]
            try:
                await self._one(made, heard, str(1001 + seat), prompt)
            except TimeoutError:
                what = made.failed or "it did not end, or was not kept, in time"
                self.outcome.wrong.append(f"a call of line {seat}: {what}")
            self.people.forget(made)

    async def _taken(self, seat: int) -> tuple[CallMade, Heard]:
        """A call, rung again where a machine that is busy turned it away (503)."""
        while True:
            made, heard = self.people.ring(self._addresses[seat])
            await self.people.decided(made, 60.0)
            if not made.refused:
                return made, heard
            self.turned_away += 1
            self.people.forget(made)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _one(self, made: CallMade, heard: Heard, agent: str, prompt: Prompt) -> None:
        if made.to is None:
            raise TimeoutError
        call_id = await self.service.until("/live", lambda live: _talking(live, agent))
        await asyncio.sleep(self._chance.uniform(*TALK_SECONDS))
        wish = {"prompt": prompt.name, "agent": agent}
        answer = await self.service.api.post(f"/api/v1/calls/{call_id}/terminate", json=wish)
        answer.raise_for_status()
        await asyncio.wait_for(heard.over.wait(), PATIENCE_SECONDS)
        await asyncio.sleep(AFTER_BYE_SECONDS)
        self.people.fetch(made)
        self._look(call_id, heard, prompt, await _closed(self.service, call_id))
        self.done += 1

    def _look(
        self, call_id: str, heard: Heard, prompt: Prompt, kept: dict[str, Any] | None
    ) -> None:
        must, call = self.outcome.must, f"call {call_id}"
        heard_ms, last = heard.of_prompt(prompt)
        self.margins.append((heard.over_at - last) * 1000)
        whole = f"of {prompt.file_ms} ms"
        must(heard_ms == prompt.file_ms, f"{call}: {heard_ms} {whole} were heard")
        must(not heard.lost, f"{call}: {heard.lost} times the packets' numbers have a gap")
        must(not heard.after_over, f"{call}: {heard.after_over} packets came after the BYE")
        told: list[tuple[str, int, int]] = []
        if kept is not None:
            told = [(one["name"], one["sent_ms"], one["file_ms"]) for one in kept["prompts"]]
            ways = (kept["ended_by"], kept["call_result"])
            must(ways == ("system", "answered"), f"{call}: is kept as {ways}")
            must(kept["recording"], f"{call}: has no recording")
        right = [(prompt.name, prompt.file_ms, prompt.file_ms)]
        must(told == right, f"{call}: its prompts are kept as {told}")
        sent_ms = sum(sent for _, sent, _ in told)
        found = (prompt.file_ms, sent_ms, heard_ms, heard.lost, heard.after_over)
        for name, value in zip(FIGURES, found, strict=True):
            self.sums[name] += value


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome, seats = Outcome("terminations"), min(options.at_once, options.count)
    with tempfile.TemporaryDirectory() as folder:
        how = {"seats": seats, "more": DEAF}
        async with serving(Path(folder), **how) as service, listeners() as people:
            await _held(service, people, options, outcome)
            outcome.must("Traceback" not in service.log(), "the log has a traceback")
    return outcome


async def _held(
    service: Serving, people: Listeners, options: argparse.Namespace, outcome: Outcome
) -> None:
    begun, seats = time.monotonic(), len(service.uris)
    endings = Endings(service, people, outcome, options)
    shares = [options.count // seats + (n < options.count % seats) for n in range(seats)]
    empty = _of(service)
    # One call on each line first: what is opened once, such as the store, is open then.
    await asyncio.gather(*(endings.on_line(seat, 1) for seat in range(seats)))
    before = await settled(service, None)
    await asyncio.gather(*(endings.on_line(seat, n - 1) for seat, n in enumerate(shares)))
    after = await settled(service, before)
    outcome.figures |= {"calls_ended": endings.done, "at_once": seats}
    outcome.figures["rung_again_after_503"] = endings.turned_away
    outcome.figures |= endings.sums
    if endings.margins:
        outcome.figures["last_word_before_bye_least_ms"] = min(endings.margins)
    stages = {"empty": empty, "after_the_first_wave": before, "at_the_end": after}
    for name, one in stages.items():
        outcome.figures[f"{name}_rss_mb"] = one.rss_mb
        outcome.figures[f"{name}_open_files"] = f"{one.files}, of them {one.sockets} sockets"
    outcome.figures |= {"seconds": time.monotonic() - begun, "load": str(os.getloadavg())}
    outcome.must(endings.done == options.count, f"{endings.done} of {options.count} calls ended")
    outcome.must(after.sockets <= before.sockets, "sockets are left open")
    outcome.must(after.files <= before.files, "files are left open")
    outcome.must(not (await service.get("/live"))["calls"], "a call is left in the desk")


async def settled(service: Serving, before: Vitals | None) -> Vitals:
    """What the service holds once it holds no more files than before, or after half a minute;
    where there is no before, once it holds no fewer for a second."""
    until, found = time.monotonic() + SETTLE_SECONDS, _of(service)
    while time.monotonic() < until:
        if before is not None and found.files <= before.files:
            break
        await asyncio.sleep(1.0)
        last, found = found, _of(service)
        if before is None and found.files >= last.files:
            break
    return found


def _of(service: Serving) -> Vitals:
    assert service.process is not None
    return vitals(service.process.pid)


def _talking(live: dict[str, Any], agent: str) -> str:
    of_agent = (c for c in live["calls"] if c["agent"] == agent and c["state"] == "talking")
    return next((call["call_id"] for call in of_agent), "")


async def _closed(service: Serving, call_id: str) -> dict[str, Any] | None:
    """The call as it is kept, once it is closed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            kept = await service.kept(call_id)
            if kept is not None and kept["ended_at"]:
                return kept
            await asyncio.sleep(0.1)
