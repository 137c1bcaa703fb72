"""The store is away for a while: calls go on, what happens is spooled, and nothing comes twice."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from bench import sounds
from bench.drills.callers import Callers, Talker, callers
from bench.drills.outcome import Outcome
from bench.drills.postgresql import Server, installed
from bench.drills.serving import DEAF, Serving, serving

WHAT = (
    "the store away (SQLite locked by another writer, PostgreSQL stopped): calls go on, nothing is "
    "lost, nothing comes twice, also where the service is killed meanwhile"
)
WAYS = ("back", "killed")
"""The store comes back, or the service is killed before that."""
KEPT = ("segment", "hit", "gap", "end")


def arguments(parser: argparse.ArgumentParser) -> None:
    """For how long, and which store."""
    parser.add_argument("--seconds", type=float, default=60.0, help="for which it is away")
    parser.add_argument("--calls", type=int, default=3)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    parser.add_argument("--deaf", action="store_true", help="without a recogniser")


class SqliteFile:
    """A store in a file, and another writer who keeps it."""

    url = ""
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "data" / "callcenter.db"
        self._holding: sqlite3.Connection | None = None

    def take_away(self) -> None:
        """Nobody else can write from here on."""
        self._holding = sqlite3.connect(self._file, isolation_level=None, timeout=30)
        self._holding.execute("BEGIN EXCLUSIVE")

    def bring_back(self) -> None:
        """Everybody can again."""
        if self._holding is not None:
            self._holding.rollback()
            self._holding.close()
            self._holding = None


@asynccontextmanager
async def _store(name: str, folder: Path) -> AsyncIterator[SqliteFile | Server]:
    if name == "sqlite":
        yield SqliteFile(folder)
        return
    server = await asyncio.to_thread(Server)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.close)


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("store away")
    names = ("sqlite", "postgresql") if options.store == "both" else (options.store,)
    for name in names:
        if name == "postgresql" and not installed():
            outcome.figures["postgresql"] = "not installed"
            continue
        for way in options.ways:
            with tempfile.TemporaryDirectory() as folder:
                async with _store(name, Path(folder)) as store:
                    more = DEAF if options.deaf else ""
                    how = {"store": store.url, "seats": options.calls, "more": more}
                    async with serving(Path(folder), **how) as service, callers() as people:
                        drill = _Drill(service, people, store, options, outcome)
                        await drill.hold(killed=way == "killed")
    return outcome


class _Drill:
    """Once over one store."""

    def __init__(
        self,
        service: Serving,
        people: Callers,
        store: SqliteFile | Server,
        options: argparse.Namespace,
        outcome: Outcome,
    ) -> None:
        self._service = service
        self._people = people
        self._store = store
        self._options = options
        self._outcome = outcome
        self._figures = outcome.figures
        self._name = store.name
        self._kept = False
        """Whether the person was told that their decision is kept."""

    async def hold(self, *, killed: bool) -> None:
        """Ring, take the store away, ring on, bring it back or kill the service first."""
        options, service = self._options, self._service
        judged = await self._judged_call()
        running = [await self._ring(n) for n in range(options.calls - 1)]
        async with service.events() as seen:
            self._store.take_away()
            gone = time.monotonic()
            running.append(await self._ring(options.calls - 1))  # one that comes meanwhile
            await self._decide(judged)
            await self._wait(gone + options.seconds / 2)
            running[0].hang_up()  # and one that ends
            await self._wait(gone + options.seconds)
            for call in running[1:]:
                self._must(call.talks, "a call did not go on")
            await self._notice()
            if killed:
                await self._kill(seen)
            self._store.bring_back()
            if killed:
                await service.start()
            else:
                await self._catch_up(running)
        await self._check(seen, judged, killed=killed)
        self._must("Traceback" not in service.log(), "the log has a traceback")
        await service.end()

    def _must(self, holds: object, otherwise: str) -> None:
        self._outcome.must(holds, f"{self._name}: {otherwise}")

    async def _ring(self, seat: int) -> Talker:
        sound = sounds.triggers(self._options.seconds + 20)
        call = await self._people.ring(self._service.uris[seat], sound)
        await self._people.answered(call)
        self._must(call.answered_at, "a call was not answered")
        return call

    async def _judged_call(self) -> str:
        """A call that is over, about which somebody will decide."""
        call = await self._ring(0)
        await asyncio.sleep(1.0)
        call.hang_up()
        found = await self._service.until(
            "/calls", lambda told: [one for one in told["calls"] if one["ended_at"]]
        )
        return str(found[0]["call_id"])

    async def _decide(self, call_id: str) -> None:
        """A verdict while nobody can write: the person is told in time."""
        begun = time.monotonic()
        body = {"verdict": "ordinary", "reason": "演练", "reviewer": "drill"}
        answer = await self._service.api.post(f"/api/v1/calls/{call_id}/verdict", json=body)
        self._figures[f"{self._name}_person_told_after_s"] = time.monotonic() - begun
        self._figures[f"{self._name}_person_told"] = f"{answer.status_code} {answer.text[:90]}"
        self._must(answer.status_code == 503, f"a decision got {answer.status_code}")
        self._kept = "已存在本机" in answer.text

    async def _notice(self) -> None:
        notices = (await self._service.get("/health"))["notices"]
        told = next((text for text in notices if "写不进" in text), "")
        self._must(told, "no notice on the pages")
        metrics = await self._service.metrics()
        self._figures[f"{self._name}_spooled_events"] = metrics["callcenter_ledger_spooled"]
        self._must(metrics["callcenter_ledger_spooled"], "nothing is spooled")
        self._figures[f"{self._name}_notice"] = told

    async def _kill(self, seen: list[tuple[str, dict[str, Any]]]) -> None:
        # What was told in the last second may be lost.
        await asyncio.sleep(0)
        before = len(seen)
        await asyncio.sleep(1.0)
        await self._service.end(signal.SIGKILL)
        del seen[before:]

    async def _catch_up(self, running: list[Talker]) -> None:
        back = time.monotonic()
        while (await self._service.metrics())["callcenter_ledger_waiting"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        self._figures[f"{self._name}_caught_up_after_s"] = time.monotonic() - back
        for call in running[1:]:
            call.hang_up()
        await self._service.until("/live", lambda told: not told["calls"])
        while (await self._service.metrics())["callcenter_ledger_waiting"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    async def _check(
        self, seen: list[tuple[str, dict[str, Any]]], judged: str, *, killed: bool
    ) -> None:
        """What was told on the live stream stands in the books, each once."""
        told = [(name, data) for name, data in seen if name in KEPT]
        ids = {data["call_id"] for _, data in told}
        kept = {call_id: await self._service.kept(call_id) for call_id in ids}
        for name, data in told:
            call = kept[data["call_id"]]
            self._must(call is not None, f"call {data['call_id']} is lost")
            if call is not None:
                self._must(_stands(call, name, data), f"a {name} is lost: {data}")
        for call in filter(None, kept.values()):
            for what in ("segments", "hits", "gaps"):
                known = [
                    (o["party"], o["start_ms"], o["end_ms"], o.get("rule")) for o in call[what]
                ]
                twice = [one for one, count in Counter(known).items() if count > 1]
                self._must(not twice, f"{what} came twice: {twice}")
        verdicts = ((await self._service.kept(judged)) or {})["verdicts"]
        # Where nothing can be read either, it is refused at once, and the person is told so.
        self._must(len(verdicts) == int(self._kept), f"it stands {len(verdicts)} times")
        way = "killed" if killed else "back"
        self._figures[f"{self._name}_{way}_events_checked"] = len(told)

    async def _wait(self, until: float) -> None:
        with suppress(httpx.HTTPError):
            await asyncio.sleep(max(0.0, until - time.monotonic()))


def _stands(call: dict[str, Any], name: str, data: dict[str, Any]) -> bool:
    if name == "end":
        return bool(call["ended_at"])
    one = data[name]
    fields = ("party", "start_ms", "end_ms", "text") if name == "segment" else ("start_ms", "party")
    wanted = tuple(one[field] for field in fields)
    return any(tuple(row[field] for field in fields) == wanted for row in call[f"{name}s"])
