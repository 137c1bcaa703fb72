"""`callcenter rules backtest`: rules over the calls that were kept, against people's verdicts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from callcenter import trials
from callcenter.casework.reviews.backtest import as_dict
from callcenter.commands.backtest_report import show
from callcenter.commands.kept import open_kept
from callcenter.config import load
from callcenter.core.errors import ConfigError, PackError
from callcenter.core.trials import Draft


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; see the command line."""

    pack: Path | None = None
    since: date | None = None
    limit: int | None = None
    json: Path | None = None
    rules_only: bool = False


def backtest(file: Path, asked: Options) -> int:
    """Try the rules in force, and the draft in `asked.pack`, on the kept calls; 0.

    Days are this machine's. The figures go to standard output and, as JSON, to `asked.json`. Raises
    ConfigError, PackError, StoreError; nothing is written to the store.
    """
    config = load(file)
    _check_writable(asked.json)
    since = _midnight(asked.since)
    wish = trials.Wish(_draft(asked.pack), since, asked.limit, asked.rules_only)
    with closing(open_kept(config)) as store, _bar() as progress:
        outcome = trials.try_rules(store, trials.packs_of(config), wish, progress)
    named = asked.pack.name if asked.pack else ""
    if asked.json is not None:
        _write(asked.json, {"draft_file": named, "since": _iso(since), **as_dict(outcome)})
    show(outcome, named)
    return 0


def _draft(pack: Path | None) -> Draft | None:
    if pack is None:
        return None
    try:
        return Draft(pack.name, pack.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{pack}: cannot be read: {error}") from None


def _midnight(day: date | None) -> datetime | None:
    """When a day begins where this machine stands."""
    return None if day is None else datetime.combine(day, time.min).astimezone()


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _check_writable(out: Path | None) -> None:
    """Before the work, not after it."""
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise ConfigError(f"--json {out}: expected a file in a folder that is there")


def _write(out: Path, told: dict[str, Any]) -> None:
    try:
        out.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"--json {out}: {error.strerror}") from None


@contextmanager
def _bar() -> Iterator[trials.Progress]:
    """A bar over the calls where a person watches, else nothing."""
    console = Console(stderr=True)
    watched = console.is_terminal and sys.stdout.isatty()
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not watched, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
