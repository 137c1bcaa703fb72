"""`callcenter seed`: a demo company's month, lived day by day through the books."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import func, select

from callcenter.app import now
from callcenter.casework import consequences
from callcenter.commands.seed import parts, sound
from callcenter.commands.seed.company import Company, House
from callcenter.config import Config, load
from callcenter.core.errors import NotNow, Refused
from callcenter.core.ports import Scripts
from callcenter.core.records import Agent
from callcenter.outfit import open_book
from callcenter.scripts.phrases import read_phrases
from callcenter.scripts.scorecards import read_scorecards
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call

Tell = Callable[[int, int], None]
"""Told how many days are lived, and of how many."""


def seed(file: Path, number: int, *, into_existing: bool) -> int:
    """Fill the store of this configuration; 0. Raises Refused where calls are there, StoreError."""
    config = load(file)
    with closing(Store(config.database)) as store:
        store.upgrade()
        _check_empty(store, into_existing)
        with _bar() as progress:
            task = progress.add_task("一个月", total=None)

            def tell(done: int, of: int) -> None:
                progress.update(task, completed=done, total=of)

            recorded = live(config, store, open_book(config), number, now(), tell)
        with store.session() as session:
            made = session.scalar(select(func.count()).select_from(Call))
    print(f"{made} calls in {store.where}, {recorded} of them with sound; all of it is invented")
    return 0


def live(
    config: Config,
    store: Store,
    scripts: Scripts,
    number: int,
    end: datetime,
    tell: Tell,
    days: int = parts.DAYS,
) -> int:
    """So many days up to `end`; how many calls have sound. A number always lives the same days."""
    agents = [Agent(one.number, one.name) for one in config.agent]
    desk, hours = config.desk, config.hours.clock()
    card = next(iter(read_scorecards().values())).as_dict()
    limits = (desk.prompt_a_tries, desk.compensation * 100)
    house = House(agents, hours, desk.supervisors, *limits, read_phrases(), card)
    books = SqlBooks(store, consequences.all_of(scripts.group, desk.block_after))
    company = Company(books, scripts, house, Random(number))  # noqa: S311 — nothing is secret
    first = hours.day_end(end, -days)
    parts.plan(company, first, days)
    for lived in range(days):
        with store.session(write=True) as session:
            company.begin(session)
            for at, deed in company.agenda.until(min(end, hours.day_end(first, lived))):
                _happens(company, at, deed)
        tell(lived + 1, days)
    with store.session(write=True) as session:
        company.begin(session)
        company.now = end - timedelta(hours=1)
        return sound.with_sound(company, Path(config.recordings))


def _happens(company: Company, at: datetime, deed: Callable[[datetime], None]) -> None:
    """What the state of a record no longer allows when its time comes is left undone."""
    try:
        company.happens(at, deed)
    except NotNow:
        company.passed_over += 1


def _check_empty(store: Store, into_existing: bool) -> None:
    with store.session() as session:
        found = session.scalar(select(Call.call_id).limit(1))
    if found is not None and not into_existing:
        raise Refused(
            f"{store.where} has calls already; expected --into-existing, or another store"
        )


def _bar() -> Progress:
    """A bar over the days where a person watches, else nothing."""
    console = Console(stderr=True)
    watched = console.is_terminal and sys.stdout.isatty()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, disable=not watched, transient=True)
