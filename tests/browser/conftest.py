"""A real browser on the real pages: the app on a loopback port, over a fake desk and a real store.

Skipped, with the reason, where Playwright or Chromium is missing.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from ctypes.util import find_library
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from callcenter.bus.local import LocalBus
from callcenter.casework.staff.doors import Doors
from callcenter.core.ports import Voice
from callcenter.scripts.book import PACKS, Book
from callcenter.store.sql import Store
from callcenter.trials import ChildTrials
from callcenter.web.app import create_app
from tests.fakes import FakeSeal
from tests.web.conftest import HOUSE
from tests.web.fakes import FakeDesk, complaint, harassment, sound

WAIT_SECONDS = 15.0
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--autoplay-policy=no-user-gesture-required",
)


def chromium() -> str | None:
    """The browser of the system, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


class Serving:
    """The app in a thread of its own, with the desk on that thread's loop."""

    def __init__(self, folder: Path, locked: bool = False) -> None:
        """`locked`: who comes in logs in first."""
        self.recordings = folder / "recordings"
        self.store = Store(f"sqlite:///{folder / 'calls.db'}")
        self.store.upgrade()
        self.desk = FakeDesk(self.store, LocalBus())
        self.doors = Doors(self.store, lambda: datetime.now(UTC), FakeSeal()) if locked else None
        self.packs = Path(shutil.copytree(PACKS, folder / "packs"))
        self.trials = ChildTrials(Book(self.packs), self.packs, folder / "calls.db")
        self.voices: dict[str, Voice] = {}
        self.errors: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server = uvicorn.Server(self._config())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="web")

    def _config(self) -> uvicorn.Config:
        app = create_app(
            desk=self.desk,
            store=self.store,
            bus=self.desk.bus,
            recordings=self.recordings,
            allowed_hosts=["127.0.0.1"],
            now=lambda: datetime.now(UTC),
            rules=self.trials,
            voices=self.voices,
            house=HOUSE,
            doors=self.doors,
        )
        quick: dict[str, Any] = {"ws": "none", "lifespan": "off", "timeout_graceful_shutdown": 1}
        return uvicorn.Config(app, log_level="error", **quick)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve([self._listener]))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def start(self) -> None:
        self._thread.start()

    def note(self, kind: str, text: str) -> None:
        """Keep what the browser complains about."""
        if kind == "error":
            self.errors.append(text)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(WAIT_SECONDS)
        self._listener.close()
        self.store.close()

    def do(self, work: Callable[[], Any]) -> Any:
        """Run this on the desk's loop and wait for it."""

        async def there() -> Any:
            made = work()
            return await made if isinstance(made, Coroutine) else made

        waiting: Future[Any] = asyncio.run_coroutine_threadsafe(there(), self._loop)
        return waiting.result(WAIT_SECONDS)

    def keep_calls(self) -> None:
        """Two flagged calls, the newer one with a recording."""
        now = datetime.now(UTC)
        complaint(self.desk, "kept-k", now - timedelta(minutes=20))
        info = sound(self.recordings, "2026/kept-h.wav")
        sealed = hashlib.sha256((self.recordings / info.path).read_bytes()).hexdigest()
        info = replace(info, sha256=sealed)
        harassment(self.desk, "kept-h", now - timedelta(minutes=10), info)


def until(page: Any, expression: str) -> None:
    """Wait until this is true on the page; asked from outside, where no policy forbids to ask."""
    end = time.monotonic() + WAIT_SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(20)


@pytest.fixture
def serving(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Serving]:
    """Open to everybody; parametrized with True, behind a login."""
    running = Serving(tmp_path, locked=getattr(request, "param", False))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    path = chromium()
    if path is None:
        pytest.skip("there is no chromium; install it with: apt install chromium")
    if find_library("atomic") is None:
        pytest.skip("the browser driver wants libatomic; install it with: apt install libatomic1")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, serving: Serving) -> Iterator[Any]:
    """A page at the app; the test fails on any console error, policy violation or exception."""
    context = browser.new_context(
        base_url=serving.url,
        viewport={"width": 1366, "height": 768},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    shown = context.new_page()
    shown.set_default_timeout(WAIT_SECONDS * 1000)
    shown.on("pageerror", lambda error: serving.errors.append(str(error)))
    shown.on("console", lambda said: serving.note(said.type, said.text))
    yield shown
    context.close()
    assert serving.errors == []
