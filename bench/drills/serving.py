"""`callcenter serve` in a process of its own, as an operator starts it: to be asked, and ended."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

CONFIG = """{top}
[store]
url = "{store}"
[web]
port = 0
{seats}
[desk]
silence_seconds = 600
drain_seconds = {drain_seconds}
{more}
"""
SEAT = """[[line]]
name = "line{0}"
port = 0
max_calls = 200
auto_answer = "{0}"
[[agent]]
number = "{0}"
name = "座席{0}"
voice = "none"
"""
DEAF = """[recognition]
model = "none"
"""
"""For `more`: without a recogniser it starts at once."""
START_SECONDS = 600.0
PATIENCE_SECONDS = 120.0


class Serving:
    """The service in `folder`; `start` again after it has ended."""

    def __init__(
        self,
        folder: Path,
        *,
        store: str = "",
        top: str = "",
        more: str = "",
        seats: int = 1,
        drain_seconds: int = 0,
    ) -> None:
        """`top` and `more` are lines for the configuration: keys before its tables, and tables.
        Each of the `seats` is an agent with a line whose calls they answer at once."""
        self.folder = folder
        self.file = folder / "callcenter.toml"
        folder.mkdir(parents=True, exist_ok=True)
        self._seats = [str(1001 + number) for number in range(seats)]
        how = {"seats": "".join(map(SEAT.format, self._seats)), "drain_seconds": drain_seconds}
        self.file.write_text(CONFIG.format(top=top, more=more, store=store, **how), "utf-8")
        self.process: asyncio.subprocess.Process | None = None
        self.web = ""
        self.uris: list[str] = []
        """Where the lines are rung."""
        self.said: list[str] = []
        """What it printed."""
        self.started_s = 0.0
        """How long it took to start."""
        self._token = ""
        self._reading: asyncio.Task[None] | None = None
        self._api: httpx.AsyncClient | None = None

    # Beginning and end ---------------------------------------------------------------------

    async def start(self) -> None:
        """Returns once it has said where it is. Raises RuntimeError."""
        begun = time.monotonic()
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-u", "-m", "callcenter", "serve", "--config", str(self.file)],
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            )
        self.said.clear()
        self._reading = asyncio.create_task(self._read(self.process))
        self.web = await self._told(r"(http://\S+)")
        lines = [await self._told(rf"sip:(\S+)  line{seat}") for seat in self._seats]
        self.uris = [f"sip:95000@{line}" for line in lines]
        self.started_s = time.monotonic() - begun
        self._token = self._token or await self._new_token()
        headers = {"Authorization": f"Bearer {self._token}"}
        self._api = httpx.AsyncClient(
            base_url=self.web, headers=headers, trust_env=False, timeout=60.0
        )

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait; its exit status."""
        assert self.process is not None
        if self._api is not None:
            await self._api.aclose()
            self._api = None
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)
        status = await self.process.wait()
        if self._reading is not None:
            await self._reading
        return status

    # Questions -----------------------------------------------------------------------------

    @property
    def uri(self) -> str:
        """Where the first line is rung."""
        return self.uris[0]

    @property
    def api(self) -> httpx.AsyncClient:
        """A client that is let in."""
        assert self._api is not None
        return self._api

    async def get(self, path: str) -> Any:
        """What the API answers. Raises httpx.HTTPError."""
        answer = await self.api.get(f"/api/v1{path}")
        return answer.raise_for_status().json()

    async def kept(self, call_id: str) -> dict[str, Any] | None:
        """The call as the store has it."""
        answer = await self.api.get(f"/api/v1/calls/{call_id}")
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    async def until(
        self, path: str, find: Callable[[Any], Any], seconds: float = PATIENCE_SECONDS
    ) -> Any:
        """What `find` makes of the API's answer, once it is something. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                if found := find(await self.get(path)):
                    return found
                await asyncio.sleep(0.1)

    def log(self) -> str:
        """Everything that it has logged."""
        return (self.folder / "log").read_text("utf-8")

    def recorded(self) -> set[str]:
        """The calls whose recordings are in the folder."""
        return {file.stem for file in self.folder.glob("recordings/*/*/*/*.wav")}

    async def metrics(self) -> dict[str, float]:
        """The gauges and counters, by their names with their labels."""
        text = (await self.api.get("/metrics")).raise_for_status().text
        lines = (line.rpartition(" ") for line in text.splitlines() if line[:1] != "#")
        return {name: float(value) for name, _, value in lines}

    @asynccontextmanager
    async def events(self) -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
        """The event stream as it comes: its names and data, the newest last."""
        seen: list[tuple[str, dict[str, Any]]] = []
        first = asyncio.Event()
        reading = asyncio.create_task(self._hear(seen, first))
        try:
            await first.wait()
            yield seen
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    # Inside --------------------------------------------------------------------------------

    async def _hear(self, seen: list[tuple[str, dict[str, Any]]], first: asyncio.Event) -> None:
        name = ""
        async with self.api.stream("GET", "/api/v1/events", timeout=None) as answer:
            async for line in answer.aiter_lines():
                kind, _, text = line.partition(": ")
                if kind == "event":
                    name = text
                elif kind == "data":
                    seen.append((name, json.loads(text)))
                    first.set()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.said.append(line.decode("utf-8", "replace"))

    async def _told(self, pattern: str) -> str:
        assert self._reading is not None
        async with asyncio.timeout(START_SECONDS):
            while True:
                if found := re.search(pattern, "".join(self.said)):
                    return found[1]
                if self._reading.done():
                    raise RuntimeError(f"the service did not start:\n{self.log()[-2000:]}")
                await asyncio.sleep(0.05)

    async def _new_token(self) -> str:
        making = await asyncio.create_subprocess_exec(
            *[sys.executable, "-m", "callcenter", "logins", "token", "drill"],
            *["--config", str(self.file), "--role", "supervisor", "--role", "agent"],
            "--for-others",
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await making.communicate()
        if making.returncode:
            raise RuntimeError("no token could be made")
        return told.decode().strip()


@asynccontextmanager
async def serving(folder: Path, **how: Any) -> AsyncIterator[Serving]:
    """A service that runs; it is ended on the way out, however that is."""
    service = Serving(folder, **how)
    try:
        await service.start()
        yield service
    finally:
        if service.process is not None and service.process.returncode is None:
            await service.end(signal.SIGKILL)
