"""Three real nodes behind a real Kamailio, and the same calls through the simulation.

Both get the same arrivals and lengths. Compared are the share of calls that found no room, how the
others were shared out, and how many stood at once at most; then a node is killed.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.drills.node import HOSTS
from bench.drills.nodes import free_port, kamailio
from bench.sizing.dispatcher import Arrival, House, Simulation, poisson
from bench.sizing.erlang import erlang_b
from bench.telephone.callers import Callers, CallMade

SEED = 8
PATIENCE_S = 10.0
LATE_S = 0.5


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried: `each` calls a node, a load in erlang, calls of `talk_s` on average."""

    each: int = 6
    load: float = 15.0
    talk_s: float = 4.0
    seconds: float = 60.0
    dies_at: float = 0.0
    """When the first node is killed; 0: never."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure as measured, as simulated, and by formula where there is one."""

    what: str
    measured: float
    simulated: float
    formula: float | None = None


def arrivals_of(case: Case) -> list[Arrival]:
    """The same for both."""
    dice = random.Random(SEED)  # noqa: S311 (a simulation)
    rate = case.load / case.talk_s
    return list(poisson(dice, rate, case.seconds, case.talk_s, 0))


def simulated(case: Case, arrivals: Sequence[Arrival]) -> Simulation:
    """The calls through the simulation."""
    dies = (case.dies_at, 0) if case.dies_at else None
    simulation = Simulation(House([case.each] * len(HOSTS), dies=dies, ask_s=0.01))
    simulation.run(arrivals)
    return simulation


async def measured(case: Case, arrivals: Sequence[Arrival]) -> tuple[list[CallMade], int]:
    """The calls as they went, and how many stood at once at most. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as stack:
            places = [(host, free_port(host)) for host in HOSTS.values()]
            nodes = [
                _started(node, *place, case.each) for node, place in zip(HOSTS, places, strict=True)
            ]
            for node in nodes:
                stack.push_async_callback(asyncio.to_thread, _stop, node)
            for node in nodes:
                assert node.stdout is not None
                said = await asyncio.to_thread(node.stdout.readline)
                if said.strip() != "ready":
                    raise RuntimeError(f"a node does not begin: {said!r}")
            at = await stack.enter_async_context(kamailio(Path(name), places))
            await asyncio.sleep(2.0)  # Kamailio has asked every node by then
            return await _run(case, arrivals, at, nodes[0])


def _started(node: str, host: str, port: int, calls: int) -> subprocess.Popen[str]:
    words = [node, host, str(port), str(calls)]
    command = [sys.executable, "-m", "bench.sizing.small_node", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603


def _stop(node: subprocess.Popen[str]) -> None:
    if node.poll() is None:
        assert node.stdin is not None
        node.stdin.close()
        try:
            node.wait(30)
        except subprocess.TimeoutExpired:
            node.kill()


async def _run(
    case: Case, arrivals: Sequence[Arrival], at: tuple[str, int], first: subprocess.Popen[str]
) -> tuple[list[CallMade], int]:
    callers = Callers(at, "95000")
    begun, made, most = time.monotonic(), [], 0
    tasks: set[asyncio.Task[None]] = set()
    killing = asyncio.create_task(_kill(first, case.dies_at))
    try:
        for comes, talks, _ in arrivals:
            await asyncio.sleep(max(0.0, begun + comes - time.monotonic()))
            call = callers.call()
            made.append(callers.calls[call])
            tasks.add(asyncio.create_task(_talk(callers, call, talks)))
            most = max(most, len(callers.standing))
        await killing
        await asyncio.gather(*tasks)
        return made, most
    finally:
        killing.cancel()
        callers.close()


async def _kill(node: subprocess.Popen[str], after: float) -> None:
    if after:
        await asyncio.sleep(after)
        node.kill()


async def _talk(callers: Callers, call: str, talks: float) -> None:
    made = callers.calls[call]
    await callers.decided(made, PATIENCE_S)
    if made.answered_at:
        await asyncio.sleep(talks)
    callers.hang_up(call)


def compared(
    case: Case, made: Sequence[CallMade], most: int, simulation: Simulation
) -> list[Compared]:
    """Side by side."""
    out = simulation.out
    answered = [one for one in made if one.answered_at]
    waits = [one.answered_at - one.invited_at for one in answered]
    room = 100 * (1 - len(answered) / max(1, len(made)))
    formula = None if case.dies_at else 100 * erlang_b(case.each * len(HOSTS), case.load)
    late = sum(wait > LATE_S for wait in waits)
    return [
        Compared("calls", len(made), out.offered),
        Compared("found no room, %", room, 100 * out.share(out.blocked), formula),
        Compared("at once at most", most, out.standing_most),
        Compared("answered later than 0.5 s", late, out.late),
        Compared("slowest answer, s", max(waits, default=0.0), out.slowest_s),
    ]


async def compare(case: Case) -> list[Compared]:
    """Run it for real and simulate it. Raises RuntimeError where a piece is missing."""
    arrivals = arrivals_of(case)
    made, most = await measured(case, arrivals)
    return compared(case, made, most, simulated(case, arrivals))
