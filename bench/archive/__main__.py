"""How a full store answers: `python -m bench.archive`.

A SQLite file with 100,000 calls, 1,000,000 segments and 50,000 customers: lists, pages and searches
through the web app in process, who is calling, the report of a month, how fast the ledger writes
into it, and how long a table of 200,000 more customers takes. `--scale 0.01` is a quick look.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select

from bench import kept_calls
from bench.archive import asking
from bench.archive.asking import Asked
from bench.archive.filling import Size, fill
from bench.ledger import BLOCK_AFTER, by_the_ledger, talks
from callcenter.casework import consequences
from callcenter.desk.steady import steady
from callcenter.scripts.book import Book
from callcenter.store.base import Base
from callcenter.store.books import SqlBooks
from callcenter.store.customer_tables import Customer
from callcenter.store.sql import Store
from callcenter.store.tables import Call

TIMES, REPORTS, ROUNDS = 100, 5, 5
LEDGER_CALLS, LEDGER_PER_SECOND = 300, 2000
IMPORTED = 200_000
TIMED = ("p50_ms", "p95_ms", "cpu_p95_ms", "limit_ms")
HEADINGS = "客户名称,电话,地址,备注"


def main(words: Sequence[str] | None = None) -> None:
    """Prints a table; with --json also writes the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.archive", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of the size above")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each is asked")
    parser.add_argument("--imported", type=int, help="customers in the table that is imported")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="the store; filled where absent")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args(words)
    whole = Size()
    size = Size(
        calls=max(1, round(whole.calls * options.scale)),
        customers=max(1, round(whole.customers * options.scale)),
        documents=max(1, round(whole.documents * options.scale)),
    )
    with tempfile.TemporaryDirectory() as folder:
        file = options.keep or Path(folder) / "archive.db"
        imported = options.imported or round(IMPORTED * options.scale)
        found = measured(file, size, options.times, imported)
    Console(width=100).print(shown(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


def measured(file: Path, size: Size, times: int, imported: int) -> dict[str, Any]:
    """Every figure, by its name."""
    new = not file.exists()
    found: dict[str, Any] = {"calls": size.calls, "customers": size.customers}
    with closing(Store(file)) as store:
        store.upgrade()
        if new:
            found["fill_seconds"] = filled(store, size)
        found["megabytes"] = file.stat().st_size / 1e6
        chance = random.Random(7)  # noqa: S311
        with steady():
            answers = asyncio.run(answered(store, size, times, chance))
            answers.append(asking.screen_pops(store, size, times * 10, chance))
        found["answers"] = {one.what: one.figures() for one in answers}
        books = SqlBooks(store, consequences.all_of(Book().group, BLOCK_AFTER))
        found["ledger_per_second"] = median(
            written(books, _count(store, Call), min(LEDGER_CALLS, size.calls))
            for _ in range(ROUNDS)
        )
        first = _count(store, Customer)
        found["import_seconds"] = asyncio.run(imported_in(store, books, first, imported))
        found["imported"] = imported
    return found


def filled(store: Store, size: Size) -> float:
    """Seconds."""
    begun = time.perf_counter()
    with Progress(transient=True) as bar:
        task = bar.add_task("filling", total=size.steps)
        fill(store, size, lambda done: bar.advance(task, done))
    return time.perf_counter() - begun


async def answered(store: Store, size: Size, times: int, chance: random.Random) -> list[Asked]:
    """Every list, page and search, one question after the other."""
    with store.session() as session:
        ids = session.scalars(select(Call.call_id).order_by(Call.call_id)).all()
    with tempfile.TemporaryDirectory() as folder:
        client, ledger = asking.client_over(store, SqlBooks(store), Path(folder))
        async with client:
            found = []
            for what, limit, path in asking.paths(size, ids, chance):
                tries = REPORTS if limit > asking.ANSWER_MS else times

                async def question(path: asking.Paths = path) -> None:
                    (await client.get(path())).raise_for_status()

                found.append(await asking.ask(Asked(what, limit), tries, question))
        await ledger.close()
    return found


def written(books: SqlBooks, first: int, number: int) -> float:
    """Events a second into the full store, as the desk writes them; `first` numbers the calls."""
    calls = enumerate(islice(kept_calls.calls(), number), first)
    told = [event for number, said in calls for event in talks(number, said)]
    with steady():
        begun = time.perf_counter()
        by_the_ledger(books, told)
        return len(told) / (time.perf_counter() - begun)


async def imported_in(store: Store, books: SqlBooks, first: int, number: int) -> float:
    """Seconds for a table of so many customers through the API; `first` numbers them."""
    ones = range(first, first + number)
    rows = (f"进口客户{one},{139_0000_0000 + one},人民路{one % 400}号," for one in ones)
    table = "\n".join((HEADINGS, *rows))
    with tempfile.TemporaryDirectory() as folder:
        client, ledger = asking.client_over(store, books, Path(folder))
        async with client:
            begun = time.perf_counter()
            seconds = await _import(client, table, number)
        await ledger.close()
    return seconds - begun


async def _import(client: httpx.AsyncClient, table: str, number: int) -> float:
    body = {"by": "李主管", "content": b64encode(table.encode()).decode(), "atomic": True}
    answer = await client.post("/api/v1/customers/import", json=body)
    answer.raise_for_status()
    assert answer.json()["written"] == number, answer.json()
    return time.perf_counter()


def _count(store: Store, table: type[Base]) -> int:
    with store.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def shown(found: dict[str, Any]) -> Table:
    """Answers first, then what is written."""
    table = Table("what", "p50", "p95", "CPU p95", "may take", "", title=f"{found['calls']} calls")
    for what, took in found["answers"].items():
        good = took["p95_ms"] <= took["limit_ms"]
        times = [f"{took[name]:.1f} ms" for name in TIMED]
        table.add_row(what, *times, "" if good else "too slow")
    rate = found["ledger_per_second"]
    slow = "" if rate >= LEDGER_PER_SECOND else "too slow"
    table.add_row("ledger", f"{rate:.0f} events/s", "", "", f"≥ {LEDGER_PER_SECOND}", slow)
    table.add_row(f"import of {found['imported']}", f"{found['import_seconds']:.1f} s")
    table.add_row("size", f"{found['megabytes']:.0f} MB")
    if "fill_seconds" in found:
        table.add_row("filling", f"{found['fill_seconds']:.1f} s")
    return table


if __name__ == "__main__":
    main()
