"""`python -m bench.telephone`: calls held without recognition, against pyVoIP; and their set-up.

Every side answers real SIP and sends real RTP on loopback; ours is the whole service and records
both parties. The callers run in this process. About five minutes; `--calls`, `--seconds` for less.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.telephone.callers import Callers, CallMade, callers

RING_RATE = 25.0
"""Calls a second while a side is filled."""
SETTLED_S = 2.0
"""After the last answer, before anything is measured."""
TALKS_S = 0.5
"""How long each call of a set-up round lasts."""


@dataclass(frozen=True, slots=True)
class Held:
    """Calls that stood at once for a while."""

    side: str
    calls: int
    failed: int
    cpu: float
    """Per cent of one core, of the side's process with all its threads."""
    rate: tuple[float, float, float]
    """Packets a second that a caller got: the least, the median, the most."""
    gap_p99_ms: float
    kb_a_call: float


@dataclass(frozen=True, slots=True)
class SetUp:
    """Calls that came at a rate, talked for half a second and hung up."""

    rate: float
    calls: int
    refused: int
    """Turned away with 503."""
    failed: int
    """Taken and lost, or never answered at all."""
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """CPU time of the side's process for a call, with all that is done for it."""


class Side:
    """A process that is called."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.address = ("127.0.0.1", port)

    def cpu_s(self) -> float:
        """CPU seconds so far, of all threads."""
        fields = (
            Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kb(self) -> float:
        """Resident memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1000


def _started(words: Sequence[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.telephone.sides", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603


@asynccontextmanager
async def side(*words: str) -> AsyncIterator[Side]:
    """Run it while inside; it leaves when its standard input ends. Raises RuntimeError."""
    with _started(words) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            # In a thread: a side may want to register with the callers of this process first.
            port = (await asyncio.to_thread(process.stdout.readline)).strip()
            if not port.isdecimal():
                raise RuntimeError(f"{words[0]}: expected a port, got {port!r}")
            yield Side(process, int(port))
        finally:
            process.stdin.close()
            try:
                await asyncio.to_thread(process.wait, 30)
            except subprocess.TimeoutExpired:
                process.kill()


async def fill(ringing: Callers, calls: int) -> None:
    """Ring so many times, and talk to those who answer meanwhile."""
    before = len(ringing.calls)
    for _ in range(calls):
        ringing.call()
        await ringing.talk(1 / RING_RATE)
    for made in list(ringing.calls.values())[before:]:
        await ringing.decided(made, 20.0)


async def held(name: str, calls: int, seconds: float) -> Held:
    """So many calls at once, measured for so long once they stand."""
    async with callers(("127.0.0.1", 0), "95000") as ringing:
        words = [name] if name == "ours" else [name, str(ringing.address[1])]
        async with side(*words) as called:
            ringing.to = called.address
            empty = called.kb()
            await fill(ringing, calls)
            await ringing.talk(SETTLED_S)
            cpu, begun = called.cpu_s(), time.monotonic()
            await ringing.talk(seconds)
            ended = time.monotonic()
            cpu = (called.cpu_s() - cpu) / (ended - begun) * 100
            grown = (called.kb() - empty) / calls
            found = _held(name, list(ringing.calls.values()), begun, ended, cpu, grown)
            await ringing.hang_up_all()
            return found


def _held(
    name: str, made: Sequence[CallMade], begun: float, ended: float, cpu: float, kb: float
) -> Held:
    rates, gaps, failed = [], [], 0
    for call in made:
        came = [at for at in call.came if begun <= at <= ended]
        if call.failed or len(came) < 2:
            failed += 1
            continue
        rates.append((len(came) - 1) / (came[-1] - came[0]))
        gaps += [(b - a) * 1000 for a, b in pairwise(came)]
    spread = (min(rates), median(rates), max(rates)) if rates else (0.0, 0.0, 0.0)
    return Held(name, len(made), failed, cpu, spread, _percentile(gaps, 0.99), kb)


async def set_up(rate: float, seconds: float) -> SetUp:
    """Calls to our side at this rate."""
    async with callers(("127.0.0.1", 0), "95000") as ringing, side("ours") as called:
        ringing.to = called.address
        await asyncio.sleep(1.0)
        cpu, begun, ending = called.cpu_s(), time.monotonic(), []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(begun + number / rate - time.monotonic(), 0))
            ending.append(asyncio.create_task(_a_short_call(ringing)))
        await asyncio.gather(*ending)
        await asyncio.sleep(SETTLED_S)
        made, cpu = ringing.calls.values(), called.cpu_s() - cpu
        waits = [(m.answered_at - m.invited_at) * 1000 for m in made if m.answered_at]
        refused = sum(m.refused for m in made)
        failed = sum(bool(m.failed) or not m.answered_at for m in made) - refused
        middle, slowest = _percentile(waits, 0.5), _percentile(waits, 0.99)
        return SetUp(
            rate, len(made), refused, failed, middle, slowest, cpu * 1000 / max(1, len(made))
        )


async def _a_short_call(ringing: Callers) -> None:
    call = ringing.call()
    made = ringing.calls[call]
    await ringing.decided(made, 10.0)
    await asyncio.sleep(TALKS_S if made.to is not None else 0)
    ringing.hang_up(call)


def _percentile(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)] if ranked else float("nan")


def show(console: Console, held_calls: Sequence[Held], set_ups: Sequence[SetUp]) -> None:
    """Two tables."""
    table = Table("side", "calls", "failed", "% of a core", "packets/s", "gap p99 ms", "kB a call")
    for one in held_calls:
        least, middle, most = one.rate
        table.add_row(
            one.side, f"{one.calls}", f"{one.failed}", f"{one.cpu:.1f}",
            f"{middle:.2f} ({least:.2f} to {most:.2f})", f"{one.gap_p99_ms:.1f}",
            f"{one.kb_a_call:.0f}",
        )  # fmt: skip
    console.print(table)
    heads = ("calls a second", "calls", "refused", "failed", "INVITE to 200, p50 ms", "p99 ms")
    table = Table(*heads, "CPU ms a call")
    for each in set_ups:
        table.add_row(
            f"{each.rate:.0f}", f"{each.calls}", f"{each.refused}", f"{each.failed}",
            f"{each.p50_ms:.1f}", f"{each.p99_ms:.1f}", f"{each.cpu_ms:.1f}",
        )  # fmt: skip
    console.print(table)


def main(words: Sequence[str] | None = None) -> None:
    """Prints the tables; with --json also writes the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.telephone", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="*", default=[50, 200, 400], metavar="N")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each measurement")
    parser.add_argument("--peer-calls", type=int, default=50, help="calls to pyVoIP; 0: leave out")
    parser.add_argument("--rates", type=float, nargs="*", default=[10, 100], metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args(words)
    console = Console(width=None if Console().is_terminal else 120)
    wanted = [("pyvoip", options.peer_calls)] if options.peer_calls else []
    wanted += [("ours", calls) for calls in options.calls]
    found = [asyncio.run(held(name, calls, options.seconds)) for name, calls in wanted]
    set_ups = [asyncio.run(set_up(rate, options.seconds)) for rate in options.rates]
    show(console, found, set_ups)
    if options.json:
        figures = {"held": [asdict(h) for h in found], "set_up": [asdict(s) for s in set_ups]}
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
