"""Joins rules and kept calls for a back-test, here or, for the pages, in a process of its own.

`python -m callcenter.trials` is that process: Python that works for a minute would hold up the
calls of the service it runs in. It reads a job (JSON) and writes its progress and the outcome.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from callcenter.casework.reviews import labels
from callcenter.casework.reviews.backtest import Outcome, as_dict, back_test
from callcenter.config import Config
from callcenter.core.errors import CallcenterError, TrialFailed
from callcenter.core.trials import Draft, RuleInForce
from callcenter.scripts import book, trial
from callcenter.scripts.book import Book, read_packs
from callcenter.scripts.judge import Judge
from callcenter.scripts.shelf import Shelf
from callcenter.scripts.trial import Score, Trial, as_listed, read_draft
from callcenter.store.sql import Store

NICENESS = 10
"""The calls of the service come first."""
TELL_SECONDS = 0.25
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of the outcome, which is one line."""

Progress = Callable[[int, int], None]
"""Told how many calls are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A draft, or the rules in force alone; on calls from `since` on, the last `limit` of them."""

    draft: Draft | None = None
    since: datetime | None = None
    limit: int | None = None
    rules_only: bool = False
    """Do not ask the statistical judge, as `callcenter match --rules-only`."""


def packs_of(config: Config) -> Path:
    """The folder of the packs that the configuration names, else the bundled ones."""
    return Path(config.scripts.packs) if config.scripts.packs else book.PACKS


def try_rules(store: Store, packs: Path, wish: Wish, progress: Progress) -> Outcome:
    """Back-test the rules in force, and the draft. Raises PackError, StoreError."""
    score = None if wish.rules_only else _judge()
    in_force = Trial(read_packs(packs), score)
    draft = Trial(read_draft(wish.draft, packs), score) if wish.draft else None
    of = labels.count(store, wish.since, wish.limit)
    calls = labels.labelled(store, wish.since, wish.limit)
    return back_test(calls, in_force, draft, lambda done: progress(done, of))


def _judge() -> Score | None:
    """The judge that the service asks too; what the rules in force asked, the draft asks again."""
    judge = Judge.open()
    return lru_cache(maxsize=1024)(judge.score) if judge else None


class ChildTrials:
    """core.ports.RuleTrials: the rules of a running service, and back-tests beside it."""

    def __init__(self, book: Book, packs: Path, database: str | Path) -> None:
        """`packs` is the folder that `book` reads."""
        self._book = book
        self._packs = packs
        self.packs = Shelf(book, packs)
        self._database = database
        self._running: set[Process] = set()

    def listed(self) -> Sequence[RuleInForce]:
        """The rules in force, pack by pack; on the event loop, where the book lives."""
        return tuple(map(as_listed, self._book.rules()))

    def problems(self) -> Sequence[str]:
        """What is wrong with the packs as they lie on disk; the old rules stay in force."""
        return tuple(trial.problems(self._packs))

    async def back_test(
        self, draft: Draft | None, limit: int, progress: Progress
    ) -> Mapping[str, Any]:
        """The outcome, as casework.reviews.backtest.as_dict tells it. Raises TrialFailed."""
        job = {
            "database": str(self._database),
            "is_file": isinstance(self._database, Path),
            "packs": str(self._packs),
            "draft": asdict(draft) if draft else None,
            "limit": limit,
        }
        command = (sys.executable, "-m", "callcenter.trials")
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE
        )
        self._running.add(process)
        try:
            return await _followed(process, json.dumps(job), progress)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            self._running.discard(process)

    async def close(self) -> None:
        """End what still runs."""
        for process in tuple(self._running):
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _followed(process: Process, job: str, progress: Progress) -> Mapping[str, Any]:
    """Give the child its job, pass on how far it is, return what it found."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(job.encode())
        await process.stdin.drain()
    process.stdin.close()
    async for line in process.stdout:
        told = json.loads(line)
        if "outcome" in told:
            outcome: Mapping[str, Any] = told["outcome"]
            return outcome
        if "error" in told:
            raise TrialFailed(told["error"])
        progress(told["done"], told["of"])
    raise TrialFailed("the back-test ended without an outcome; the service's log may say why")


def main() -> None:
    """The child: a job on standard input, JSON lines on standard output."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    job = json.load(sys.stdin)
    draft = Draft(**job["draft"]) if job["draft"] else None
    wish = Wish(draft, limit=job["limit"])
    try:
        database = Path(job["database"]) if job["is_file"] else job["database"]
        with closing(Store(database)) as store:
            outcome = try_rules(store, Path(job["packs"]), wish, _Teller())
    except CallcenterError as error:
        _say({"error": str(error)})
    else:
        _say({"outcome": as_dict(outcome)})


class _Teller:
    """Says how far it is, a few times a second."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS or done == of:
            self._told = now
            _say({"done": done, "of": of})


def _say(told: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
