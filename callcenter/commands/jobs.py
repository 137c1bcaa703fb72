"""`callcenter jobs`: what work besides calls waits in the store, and what of it fails."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.table import Table

from callcenter.app import now
from callcenter.casework.backlog import StoredBacklog
from callcenter.chores import tasks_of
from callcenter.commands.kept import open_kept
from callcenter.config import Config, load
from callcenter.core.errors import CallcenterError
from callcenter.core.events import Event
from callcenter.core.jobs import Failure, Task
from callcenter.core.ports import Recogniser
from callcenter.core.records import Agent
from callcenter.desk.backfill import Backfill
from callcenter.outfit import open_book, recordings_of
from callcenter.store.failures import StoredFailures
from callcenter.store.sql import Store

SHOWN = 3
"""Keys of each task that are told."""


def jobs(file: Path) -> int:
    """1 where a piece of work fails again and again. Raises ConfigError, PackError, StoreError."""
    config = load(file)
    with closing(open_kept(config)) as store:
        failing = StoredFailures(store).standing(now())
        table = Table("task", "waiting", "next", box=None)
        for task in _tasks(config, store):
            table.add_row(task.name, *_waiting(task))
        console = Console()
        console.print(table)
        for failure in failing:
            console.print(_told(failure), highlight=False, markup=False, soft_wrap=True)
    return 1 if failing else 0


def _waiting(task: Task) -> tuple[str, str]:
    """How many pieces, and the first of them."""
    try:
        keys = task.due()
    except CallcenterError as error:
        return "?", str(error)
    more = ", …" if len(keys) > SHOWN else ""
    return str(len(keys)), ", ".join(keys[:SHOWN]) + more


def _told(failure: Failure) -> str:
    when = f"{failure.next_at.astimezone():%m-%d %H:%M:%S}"
    tries = f"failed {failure.tries} times" if failure.tries > 1 else "failed once"
    return f"✗ {failure.task} {failure.key}: {tries}, next try {when}: {failure.problem}"


def _tasks(config: Config, store: Store) -> list[Task]:
    """As the service has them; nothing is done by them here."""
    scripts, backlog = open_book(config), StoredBacklog(store, recordings_of(config))
    backfill = Backfill(cast(Recogniser, _Ready()), scripts, backlog, _keep, now)
    agents = [Agent(agent.number, agent.name) for agent in config.agent]
    return tasks_of(config, store, scripts, _write, lambda: agents, now, backfill)


def _keep(event: Event) -> None:
    raise RuntimeError("a list of what waits writes nothing")


async def _write(event: Event) -> None:
    raise RuntimeError("a list of what waits writes nothing")


class _Ready:
    """Stands for one that could hear what waits."""

    def try_load(self) -> bool:
        """It is."""
        return True
