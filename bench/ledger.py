"""How fast the ledger writes: `python -m bench.ledger`.

The events of whole calls, with all that follows from them (work orders, promises …), into a new
SQLite file. The peer writes the same events in the same run, each in a transaction of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench import kept_calls
from callcenter.casework import consequences
from callcenter.core import events
from callcenter.core.records import Gap, Hit, Party, Quality, RecordingInfo, Segment
from callcenter.desk.ledger import Ledger
from callcenter.scripts.book import Book
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store

CALLS, ROUNDS = 300, 5
BLOCK_AFTER = 3
HARASSING = 20
"""One call in so many."""
GOOD = Quality(1000, 0, 0, 1.2, 20.0, 4.3)


def talks(number: int, said: Sequence[Segment]) -> Iterator[events.Event]:
    """A call of ten turns, from its first ring to its end."""
    return _call(number, said, [])


def rings(number: int, _said: Sequence[Segment]) -> Iterator[events.Event]:
    """A call that nobody listens to: set up, recorded and ended."""
    return _call(number, [], [Gap(party, 0, 500, "no model") for party in Party])


def _call(number: int, said: Sequence[Segment], gaps: Sequence[Gap]) -> Iterator[events.Event]:
    call, at = f"call-{number:06}", kept_calls.BEGIN + timedelta(seconds=number)
    bad = bool(said) and number % HARASSING == 0
    yield events.CallRang(call, at, f"139{number % 5000:08}", "95000", "main")
    yield events.CallAnswered(call, at, "1001")
    for one in said:
        at += timedelta(seconds=3)
        yield events.SegmentHeard(call, at, one)
    if bad:
        hit = Hit("insult-1", "insult", Party.CALLER, 600, 900, said[0].text)
        yield events.HitFound(call, at, hit)
    for gap in gaps:
        yield events.GapLeft(call, at, gap)
    yield events.QualityMeasured(call, at, "caller", "", GOOD)
    yield events.RecordingClosed(call, at, RecordingInfo(f"2026/01/01/{call}.wav", 30.0, "ab" * 32))
    yield events.CallEnded(call, at, "caller", "answered", "harassment" if bad else "ordinary")


def one_by_one(books: SqlBooks, told: Sequence[events.Event]) -> None:
    """The peer: a transaction an event."""
    for event in told:
        books.write(event)


def by_the_ledger(books: SqlBooks, told: Sequence[events.Event]) -> None:
    """As the desk does it."""

    async def work() -> None:
        ledger = Ledger(books, lambda event: None)
        for event in told:
            ledger.note(event)
        await ledger.close()

    asyncio.run(work())


def rate(
    write: Callable[[SqlBooks, Sequence[events.Event]], None], told: Sequence[events.Event]
) -> float:
    """Events a second of the wall clock."""
    group = Book().group
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Store(Path(folder) / "ledger.db")) as store,
    ):
        store.upgrade()
        books = SqlBooks(store, consequences.all_of(group, BLOCK_AFTER))
        begun = time.perf_counter()
        write(books, told)
        return len(told) / (time.perf_counter() - begun)


def main(words: Sequence[str] | None = None) -> None:
    """Prints a table; with --json also writes the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args(words)
    table = Table("calls", "who writes", "events/s", "least", "most")
    found: dict[str, dict[str, list[float]]] = {}
    for what, told in (("of ten turns", talks), ("without words", rings)):
        calls = enumerate(islice(kept_calls.calls(), options.calls))
        every = [event for number, said in calls for event in told(number, said)]
        rounds = [
            (rate(by_the_ledger, every), rate(one_by_one, every)) for _ in range(options.rounds)
        ]
        ours, peer = map(list, zip(*rounds, strict=True))
        found[what] = {"ledger": ours, "one by one": peer}
        for who, rates in found[what].items():
            table.add_row(
                what, who, f"{median(rates):.0f}", f"{min(rates):.0f}", f"{max(rates):.0f}"
            )
    Console(width=100).print(table)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
