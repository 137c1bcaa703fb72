"""A node of three is killed under load, behind Kamailio.

Three nodes, each the whole service in a process of its own over one PostgreSQL server, with agents
who answer at once; Kamailio with deploy/kamailio in front; callers at a steady rate. One node is
killed (SIGKILL). Told is for how long new calls failed, how calls were shared out, when the dead
node's calls were closed, and what of its recordings was salvaged when it came back. Needs kamailio
and postgresql.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench.drills.node import HOSTS
from bench.drills.outcome import Outcome
from bench.telephone.callers import Callers, CallMade
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from tests import postgresql
from tests.calls.kamailio import KAMAILIO

DEPLOY = Path(__file__).parents[2] / "deploy" / "kamailio" / "kamailio.cfg"
MODULES = ":".join(
    f"/usr/{lib}/kamailio/modules/" for lib in ("lib/x86_64-linux-gnu", "lib", "lib64")
)
WHAT = (
    "three nodes behind Kamailio, calls at a steady rate, one node is killed: for how long new "
    "calls fail, and what becomes of the calls and recordings that it had"
)
MOST_FAILING_S = 2.0
PATIENCE_S = 8.0
"""A caller who is not answered by then has failed."""
BACK_S = 3.0
"""Of calls once the node is back."""
ANSWERS_S = 60.0
"""So long a node may take to begin, and a dead one's calls to be closed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the drill found; times in seconds."""

    calls: int
    failed: int
    failing_seconds: float
    """The longest time through which new calls failed."""
    slowest_answer: float
    slowest_before: float
    """The same before the node was killed."""
    shared_before: dict[str, int]
    """Calls of each node, of those that began before the kill."""
    shared_after: dict[str, int]
    shared_when_back: dict[str, int]
    """The same of those after it, and once the node was back."""
    cut_off: int
    """Calls that were going on at the node that was killed."""
    closed_after: float
    """From the kill until another node had closed them."""
    salvaged: int
    """Recordings of these that were whole again once the node was back."""


class NodeProcess:
    """One node; it can be killed and started again."""

    def __init__(self, name: str, url: str, folder: Path, hasty: bool) -> None:
        self.name = name
        self.address = (HOSTS[name], free_port(HOSTS[name]))
        self._words = [name, str(self.address[1]), url, str(folder / name), "3" if hasty else "10"]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns once it takes calls; blocking. Raises RuntimeError."""
        command = [sys.executable, "-m", "bench.drills.node", *self._words]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603
        assert self._process.stdout is not None
        if (said := self._process.stdout.readline().strip()) != "ready":
            raise RuntimeError(f"node {self.name} does not begin: {said!r}")

    def kill(self) -> None:
        """As by kill -9."""
        assert self._process is not None
        self._process.kill()
        self._leave()

    def stop(self) -> None:
        """In good order; blocking."""
        if self._process is not None and self._process.poll() is None:
            self._leave()

    def _leave(self) -> None:
        assert self._process is not None
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(ANSWERS_S)


@asynccontextmanager
async def kamailio(
    folder: Path, nodes: Sequence[tuple[str, int]]
) -> AsyncIterator[tuple[str, int]]:
    """The proxy with our configuration in front of these addresses, while inside; its own."""
    if KAMAILIO is None:
        raise RuntimeError("kamailio is not installed (apt install kamailio)")
    at = ("127.0.0.1", free_port("127.0.0.1"))
    lines = ["1 sip:{}:{} 8\n".format(*node) for node in nodes]
    listed = folder / "dispatcher.list"
    listed.write_text("".join([*lines, "2 sip:127.0.0.1:5060 0\n"]), "ascii")
    defined = {
        "LISTEN": f"udp:{at[0]}:{at[1]}",
        "DESTINATIONS": f'"{listed}"',
        "MODULES": f'"{MODULES}"',
        "CONTROL": f'"unix:{folder}/ctl"',
    }
    words = [word for name, value in defined.items() for word in ("-A", f"{name}={value}")]
    command = [KAMAILIO, "-f", str(DEPLOY), "-DD", "-E", "-m", "32", "-M", "8", *words]
    command += ["-Y", str(folder), "-w", str(folder)]
    with (folder / "kamailio.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        yield at
    finally:
        process.terminate()
        await process.wait()


class Stream:
    """Calls at a steady rate, each answered, held for a while and hung up."""

    def __init__(self, callers: Callers, rate: float, seconds: float) -> None:
        """`rate` in calls a second, each of which lasts for `seconds`."""
        self.made: list[CallMade] = []
        self._callers = callers
        self._rate = rate
        self._seconds = seconds
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, seconds: float) -> None:
        """Ring for so long."""
        begun = time.monotonic()
        for number in range(round(seconds * self._rate)):
            await asyncio.sleep(max(0, begun + number / self._rate - time.monotonic()))
            call = self._callers.call()
            self.made.append(self._callers.calls[call])
            task = asyncio.create_task(self._hold(call))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def ended(self) -> None:
        """Every call has been answered and hung up, or has failed."""
        await asyncio.gather(*self._running)

    async def _hold(self, call: str) -> None:
        made = self._callers.calls[call]
        await self._callers.decided(made, PATIENCE_S)
        if made.answered_at:
            await asyncio.sleep(self._seconds)
        self._callers.hang_up(call)


def failing_seconds(made: Sequence[CallMade], rate: float) -> float:
    """The longest time through which every new call failed: from the first such one to the first
    after it that was answered."""
    longest = 0.0
    first: float | None = None
    for call in made:
        if call.answered_at:
            if first is not None:
                longest = max(longest, call.invited_at - first)
            first = None
        elif first is None:
            first = call.invited_at
    return max(longest, made[-1].invited_at + 1 / rate - first if first is not None else 0.0)


def _slowest(made: Sequence[CallMade]) -> float:
    return max((one.answered_at - one.invited_at for one in made if one.answered_at), default=0.0)


class Books:
    """What stands in the common store."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)

    def shared(self, first: int, until: int) -> dict[str, int]:
        """Calls of each node, from this one until before that, as they rang."""
        some = select(Call.node).order_by(Call.rang_at).offset(first).limit(until - first)
        later = some.subquery()
        asked = select(later.c.node, func.count()).group_by(later.c.node)
        with self._store.session() as session:
            return {row[0]: row[1] for row in session.execute(asked)}

    def open(self, node: str) -> list[str]:
        """The calls of this node that have no end."""
        asked = select(Call.call_id).where(Call.node == node, Call.ended_at.is_(None))
        with self._store.session() as session:
            return list(session.scalars(asked))

    def recorded(self, ids: Sequence[str]) -> int:
        """How many of these calls have their recording, or none to have."""
        with self._store.session() as session:
            found = session.scalars(select(Call).where(Call.call_id.in_(ids))).all()
            return sum(one.recording is not None or one.answered_at is None for one in found)

    def close(self) -> None:
        """Let go of it."""
        self._store.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """How the drill goes; times in seconds."""

    rate: float = 10.0
    """Calls a second, before and after the kill."""
    before: float = 10.0
    after: float = 30.0
    talk: float = 3.0
    """So long a call lasts."""
    hasty: bool = False
    """A node is dead for the others after 3 s, not after 10."""
    nodes: tuple[str, ...] = tuple(HOSTS)
    comes_back: bool = True
    """The node that was killed is started again, and salvages its recordings."""


async def drill(plan: Plan) -> Found:
    """Ring before and after the first node is killed."""
    with tempfile.TemporaryDirectory() as name, postgresql.running() as server:
        folder = Path(name)
        with server.lent() as url:
            nodes = [NodeProcess(node, url, folder, plan.hasty) for node in plan.nodes]
            books = Books(url)
            try:
                await asyncio.gather(*(asyncio.to_thread(node.start) for node in nodes))
                async with kamailio(folder, [node.address for node in nodes]) as at:
                    return await _drilled(nodes, books, at, plan)
            finally:
                await asyncio.gather(*(asyncio.to_thread(node.stop) for node in nodes))
                books.close()


async def _drilled(
    nodes: Sequence[NodeProcess], books: Books, at: tuple[str, int], plan: Plan
) -> Found:
    callers = Callers(at, "95000")
    try:
        stream = Stream(callers, plan.rate, plan.talk)
        await asyncio.sleep(1.5)  # Kamailio has asked every node by then
        await stream.run(plan.before)
        first = len(stream.made)
        nodes[0].kill()
        killed = time.monotonic()
        ringing = asyncio.create_task(stream.run(plan.after))
        cut = await asyncio.to_thread(books.open, nodes[0].name)
        closed = await _closed(books, nodes[0].name, killed)
        await ringing
        await stream.ended()
        until_back = len(stream.made)
        if plan.comes_back:
            await asyncio.to_thread(nodes[0].start)
            await asyncio.sleep(2.5)  # Kamailio has asked it again by then
            await stream.run(BACK_S)
            await stream.ended()
        return Found(
            calls=len(stream.made),
            failed=sum(not one.answered_at for one in stream.made),
            failing_seconds=failing_seconds(stream.made, plan.rate),
            slowest_answer=_slowest(stream.made[first:]),
            slowest_before=_slowest(stream.made[:first]),
            shared_before=books.shared(0, first),
            shared_after=books.shared(first, until_back),
            shared_when_back=books.shared(until_back, len(stream.made)),
            cut_off=len(cut),
            closed_after=closed,
            salvaged=books.recorded(cut),
        )
    finally:
        callers.close()


async def _closed(books: Books, node: str, since: float) -> float:
    while time.monotonic() - since < ANSWERS_S:
        if not await asyncio.to_thread(books.open, node):
            return time.monotonic() - since
        await asyncio.sleep(0.05)  # between two looks
    raise RuntimeError(f"nobody has closed the calls of node {node}")


def free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def arguments(parser: argparse.ArgumentParser) -> None:
    """How many, and how long."""
    parser.add_argument("--rate", type=float, default=10.0, help="calls a second")
    parser.add_argument("--before", type=float, default=10.0, help="seconds before the kill")
    parser.add_argument("--after", type=float, default=30.0, help="seconds after it")
    parser.add_argument("--talk", type=float, default=3.0, help="seconds that a call lasts")
    parser.add_argument("--hasty", action="store_true", help="dead after 3 s, not after 10")


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    plan = Plan(options.rate, options.before, options.after, options.talk, options.hasty)
    found = await drill(plan)
    outcome = Outcome("nodes", asdict(found))
    most = MOST_FAILING_S
    outcome.must(found.failing_seconds <= most, f"new calls failed for more than {most} s")
    outcome.must(len(found.shared_before) == len(HOSTS), "not every node had calls")
    outcome.must("a" not in found.shared_after, "calls went to the node that was dead")
    outcome.must("a" in found.shared_when_back, "no calls went to the node that was back")
    outcome.must(found.salvaged == found.cut_off, "a recording of the dead node is missing")
    return outcome
