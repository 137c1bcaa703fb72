"""How fast a long call opens for QA: `python -m bench.replay`.

A recording of 60 minutes with 1,500 segments, and one of a minute beside it in the same run, opened
in Chromium so many times each, anew each time: the first paint with text, the waveform drawn, the
first sound, in ms from the click. The recordings are measured as the service does when they are
closed; the first opening, by a server that has answered nobody yet, stands apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import shutil
import socket
import tempfile
import wave
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from bench import kept_calls
from callcenter.bus.local import LocalBus
from callcenter.core import events as ev
from callcenter.core.records import SAMPLE_RATE, Agent, Hit, RecordingInfo
from callcenter.store import outline
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.web.app import create_app

CALLS = {"60 min": 3600, "1 min": 60}
EVERY_S = 2.4
"""A segment comes so often: 1,500 in an hour."""
HIT_EVERY = 50
TIMES = 10
LIMIT_MS = 1000.0
"""The figure of issue 7: a 60-minute call opens in so long."""
READY_S = 30
MEASURED = ("paint", "waveform", "sound")
WATCH = """
window.seen = {};
const note = (name) => { window.seen[name] ??= performance.now(); };
new PerformanceObserver((list) => {
  if (list.getEntriesByName("first-contentful-paint").length) note("paint");
}).observe({ type: "paint", buffered: true });
addEventListener("DOMContentLoaded", () => {
  const [lanes, audio] = ["wave", "audio"].map((id) => document.getElementById(id));
  const shown = () => requestAnimationFrame(() => note("waveform"));
  const drawn = () => lanes.hasAttribute("aria-busy") || shown();
  new MutationObserver(drawn).observe(lanes, { attributeFilter: ["aria-busy"] });
  drawn();
  audio.addEventListener("timeupdate", () => audio.currentTime > 0 && note("sound"));
  audio.play();
});
setInterval(() => {
  if (["paint", "waveform", "sound"].every((name) => name in window.seen)) {
    document.documentElement.dataset.seen = JSON.stringify(window.seen);
  }
}, 50);
"""


def main(words: Sequence[str] | None = None) -> None:
    """Prints a table; with --json also writes the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="how often each is opened")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        figures = {}
        for name in CALLS:
            with served(Path(folder)) as url:
                figures[name] = opened(f"{url}/calls/{call_id(name)}", options.times)
    Console().print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def call_id(name: str) -> str:
    """The id of one of the calls."""
    return f"bench-{CALLS[name]}"


def fill(folder: Path) -> None:
    """Both calls, with their recordings."""
    with closing(Store(f"sqlite:///{folder / 'calls.db'}")) as store:
        store.upgrade()
        books = SqlBooks(store)
        for name, seconds in CALLS.items():
            info = record(folder / "recordings", f"{call_id(name)}.wav", seconds)
            outline.kept(folder / "recordings" / info.path)
            for event in lived(call_id(name), seconds, info):
                books.write(event)


def record(folder: Path, name: str, seconds: int) -> RecordingInfo:
    """A stereo recording: bursts of noise in turn, as two people who speak."""
    folder.mkdir(exist_ok=True)
    noise, file = np.random.default_rng(7), folder / name
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        for second in range(seconds):
            sound = noise.integers(-3000, 3000, (SAMPLE_RATE, 2), np.int16)
            sound[:, second // 3 % 2] = 0
            out.writeframes(sound.tobytes())
    with file.open("rb") as made:
        return RecordingInfo(name, float(seconds), hashlib.file_digest(made, "sha256").hexdigest())


def lived(call: str, seconds: int, info: RecordingInfo) -> Iterator[ev.Event]:
    """A call of so many seconds, written down whole."""
    began = datetime.now(UTC) - timedelta(hours=2)
    yield ev.CallRang(call, began, "13800006127", "4008200001", "bench")
    yield ev.CallAnswered(call, began, "6018")
    lines = (one for talk in kept_calls.calls() for one in talk)
    for number, line in enumerate(islice(cycle(lines), round(seconds / EVERY_S))):
        said = kept_calls.segment(line.text, line.party, round(number * EVERY_S * 1000))
        yield ev.SegmentHeard(call, began, said)
        if number % HIT_EVERY == 0:
            found = Hit("bench", "insult", said.party, said.start_ms, said.end_ms, said.text[:4])
            yield ev.HitFound(call, began, found)
    ended = began + timedelta(seconds=seconds)
    yield ev.CallEnded(call, ended, "caller", "answered", "ordinary")
    yield ev.RecordingClosed(call, ended, info)


class Idle:
    """core.ports.Desk as far as a kept call's page asks: nobody is here."""

    def agents(self) -> Sequence[Agent]:
        """None."""
        return ()

    async def record(self, event: ev.Event) -> None:
        """Nothing is written while it is measured."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The web app in a process of its own, with nothing kept ready; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    ready = multiprocessing.get_context("fork").Event()
    serving = multiprocessing.get_context("fork").Process(
        target=serve, args=(folder, listener, ready)
    )
    serving.start()
    if not ready.wait(READY_S):
        raise SystemExit("the web app did not start")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        serving.terminate()
        serving.join()
        listener.close()


def serve(folder: Path, listener: socket.socket, ready: Event) -> None:
    """Serves until it is ended."""
    store = Store(f"sqlite:///{folder / 'calls.db'}")
    app = create_app(
        desk=Idle(),  # type: ignore[arg-type]
        store=store,
        bus=LocalBus(),
        recordings=folder / "recordings",
        allowed_hosts=["127.0.0.1"],
        now=lambda: datetime.now(UTC),
    )
    ready.set()
    config = uvicorn.Config(app, log_level="error", ws="none", lifespan="off")
    uvicorn.Server(config).run([listener])


def opened(url: str, times: int) -> dict[str, Any]:
    """What one page takes: at first, and as a rule."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        rounds = [once(browser, url) for _ in range(times + 1)]
        browser.close()
    first, *rest = rounds
    usual = {name: median(one[name] for one in rest) for name in MEASURED}
    return {"first_ms": first, "median_ms": usual, "worst_ms": max(one["waveform"] for one in rest)}


def once(browser: Browser, url: str) -> dict[str, float]:
    """One opening, in a browser that knows nothing of the page."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.locator("html[data-seen]").wait_for(state="attached", timeout=60_000)
    seen: dict[str, float] = json.loads(page.locator("html").get_attribute("data-seen") or "{}")
    context.close()
    return seen


def table(figures: dict[str, dict[str, Any]]) -> Table:
    """Rows of calls, columns of what is waited for."""
    made = Table(title="ms from the click; limit 1,000")
    for heading in ("call", "opening", "first paint", "waveform", "first sound"):
        made.add_column(heading, justify="left" if heading in ("call", "opening") else "right")
    for name, found in figures.items():
        for opening, key in (("first", "first_ms"), ("median", "median_ms")):
            made.add_row(name, opening, *(f"{found[key][one]:.0f}" for one in MEASURED))
    return made


if __name__ == "__main__":
    main()
