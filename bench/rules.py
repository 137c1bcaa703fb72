"""What the rules cost, a segment at a time and over a whole store: `python -m bench.rules`.

CPU time of one thread, on calls of bench.kept_calls: as a recogniser tells them, partial results
growing by a word and then the final one. The peer is a plain keyword list, asked the same texts in
the same moment. The back-test is the command itself, in a process of its own, on one core.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import kept_calls
from bench.judgement.keywords import Keywords
from bench.judgement.metrics import percentile
from bench.recognition import machine
from callcenter.core.records import Segment
from callcenter.scripts.book import PACKS, Book
from callcenter.scripts.judge import Judge

CALLS = 400
"""Live calls in a round."""
ROUNDS = 5
SEGMENTS = 100_000
FEW = 2_000
"""Segments of a small store: what the command takes in memory without many."""
LOOK_SECONDS = 0.05
DRAFT = """group = "harassment"
[[rule]]
name = "draft"
category = "insult"
phrases = ["快递小哥", "师傅上门"]
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU ms of one kind of work: medians over the rounds of each round's percentiles."""

    what: str
    p50: float
    p95: float
    p99: float
    ratio: float
    """Its p50 by that of the keyword list."""


@dataclass(frozen=True, slots=True)
class Run:
    """One back-test by the command, start of Python included."""

    what: str
    segments: int
    seconds: float
    cpu_seconds: float
    segments_a_second: float
    peak_mb: float


def costs(rounds: int, calls: int) -> list[Cost]:
    """Every kind of work, on the same calls."""
    book, judge, keywords = Book(), Judge.open(), Keywords()
    if judge is None:
        raise SystemExit("bench.rules: the judge's model is missing: callcenter/scripts/judge.npz")
    heard = list(islice(kept_calls.calls(), calls))
    found: dict[str, list[list[float]]] = {}
    for _ in range(rounds):
        for what, times in one_round(book, judge, keywords, heard).items():
            found.setdefault(what, []).append(times)
    plain = _median(found["keyword list"], 0.5)
    return [
        Cost(
            what,
            _median(each, 0.5),
            _median(each, 0.95),
            _median(each, 0.99),
            _median(each, 0.5) / plain,
        )
        for what, each in found.items()
    ]


def _median(rounds: list[list[float]], share: float) -> float:
    return statistics.median(percentile(times, share) for times in rounds)


def one_round(
    book: Book, judge: Judge, keywords: Keywords, calls: list[list[Segment]]
) -> dict[str, list[float]]:
    """CPU ms of each piece of work in turn."""
    found: dict[str, list[float]] = {
        name: []
        for name in (
            "keyword list",
            "rules: a partial result",
            "rules: a final segment",
            "rules: all of a segment",
            "rules and judge: a final segment",
        )
    }
    for said in calls:
        listener = book.listener()
        for one in said:
            found["keyword list"].append(cpu_ms(keywords.label, one.text))
            partial = [cpu_ms(listener.heard, each) for each in partials(one)]
            final = cpu_ms(listener.heard, one)
            judged = cpu_ms(judge.score, one.text)
            found["rules: a partial result"] += partial
            found["rules: a final segment"].append(final)
            found["rules: all of a segment"].append(sum(partial) + final)
            found["rules and judge: a final segment"].append(final + judged)
    return found


def partials(segment: Segment) -> list[Segment]:
    """What is told of a segment while it is being said: every word more."""
    words = segment.words
    return [
        replace(
            segment,
            words=words[:n],
            text="".join(word.word for word in words[:n]),
            end_ms=words[n - 1].end_ms,
            final=False,
        )
        for n in range(1, len(words))
    ]


def cpu_ms(work: Callable[[Any], object], on: object) -> float:
    """CPU time of this thread: what else the machine does hardly counts."""
    begun = time.thread_time_ns()
    work(on)
    return (time.thread_time_ns() - begun) / 1e6


def back_tests(segments: int) -> list[Run]:
    """The command over a small store and over a large one, without and with a draft."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        draft = folder / "draft.toml"
        draft.write_text(DRAFT, "utf-8")
        few, many = _service(folder / "few", min(FEW, segments)), _service(folder / "m", segments)
        return [
            run("few segments", few, min(FEW, segments)),
            run("the rules in force", many, segments),
            run("… and a draft", many, segments, "--pack", str(draft)),
        ]


def _service(folder: Path, segments: int) -> Path:
    folder.mkdir()
    kept_calls.fill(folder / "data" / "callcenter.db", segments)
    config = folder / "callcenter.toml"
    config.write_text(f"[scripts]\npacks = {json.dumps(str(PACKS))}\n", "utf-8")
    return config


def run(what: str, config: Path, segments: int, *more: str) -> Run:
    """Once, on one core where the system lets us choose."""
    command = [sys.executable, "-m", "callcenter", "rules", "backtest", "--config", str(config)]
    begun = time.perf_counter()
    child = subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL)  # noqa: S603
    used, peak_mb = _waited(child)
    seconds = time.perf_counter() - begun
    if child.returncode:
        raise SystemExit(f"bench.rules: the back-test ended with {child.returncode}")
    cpu = used.ru_utime + used.ru_stime
    return Run(what, segments, seconds, cpu, segments / seconds, peak_mb)


def _waited(child: subprocess.Popen[bytes]) -> tuple[resource.struct_rusage, float]:
    """What it used, and the most memory in MB: what wait4 says of that may be the parent's."""
    peak, end = 0.0, os.pidfd_open(child.pid)
    try:
        while not select.select([end], [], [], LOOK_SECONDS)[0]:
            peak = max(peak, _peak_mb(child.pid))
    finally:
        os.close(end)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used, peak


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def cost_table(found: list[Cost]) -> Table:
    """Rows by kind of work."""
    table = Table("work", title="CPU ms")
    for column in ("p50", "p95", "p99", "÷ keyword list"):
        table.add_column(column, justify="right")
    for one in found:
        times = (f"{each:.3f}" for each in (one.p50, one.p95, one.p99))
        table.add_row(
            one.what, *times, f"{one.ratio:.0f}×" if one.ratio > 9 else f"{one.ratio:.1f}×"
        )
    return table


def run_table(found: list[Run]) -> Table:
    """Rows by back-test."""
    table = Table("back-test", title="callcenter rules backtest, one core, start included")
    for column in ("segments", "seconds", "CPU s", "segments/s", "peak MB"):
        table.add_column(column, justify="right")
    for one in found:
        row = (one.segments, one.seconds, one.cpu_seconds, one.segments_a_second, one.peak_mb)
        table.add_row(one.what, *(f"{each:,.0f}" for each in row))
    return table


@contextmanager
def one_core() -> Iterator[None]:
    """Where the system lets us choose."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, and write JSON where asked."""
    ask = argparse.ArgumentParser(prog="python -m bench.rules")
    ask.add_argument("--rounds", type=int, default=ROUNDS)
    ask.add_argument("--calls", type=int, default=CALLS, help="live calls in a round")
    ask.add_argument("--segments", type=int, default=SEGMENTS, help="of the store that is tested")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to FILE")
    options = ask.parse_args(words)
    console = Console()
    before = machine()
    console.print(" ".join(f"{key} {value}" for key, value in before.items()), highlight=False)
    with one_core():
        live = costs(options.rounds, options.calls)
        console.print(cost_table(live))
        tried = back_tests(options.segments)
    console.print(run_table(tried))
    if options.json:
        record = {
            "machine": before,
            "costs": [asdict(one) for one in live],
            "back_tests": [asdict(one) for one in tried],
        }
        options.json.write_text(json.dumps(record, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
