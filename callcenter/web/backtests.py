"""Back-tests that the pages ask for: one at a time, the last one is remembered. Event loop only."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from callcenter.core.errors import CallcenterError, MissingPiece
from callcenter.core.ports import RuleTrials
from callcenter.core.trials import Draft


@dataclass
class BackTest:
    """One run; `state` is running, done or failed, and then `error` says why."""

    id: str
    started_at: datetime
    draft: Draft | None
    limit: int
    state: str = "running"
    done: int = 0
    of: int = 0
    error: str = ""
    outcome: Mapping[str, Any] | None = None

    def progress(self, done: int, of: int) -> None:
        """So many calls of so many are done."""
        self.done, self.of = done, of


class BackTests:
    """Starts them over the port, and keeps the last one until the next."""

    def __init__(self, trials: RuleTrials) -> None:
        self.trials = trials
        self.changing = asyncio.Lock()
        """One pack is changed at a time."""
        self.last: BackTest | None = None
        self._task: asyncio.Task[None] | None = None

    def check_free(self) -> None:
        """An HTTP 503 while one runs: it takes a core."""
        if self.last is not None and self.last.state == "running":
            told = f"{self.last.done} of {self.last.of} calls done"
            raise HTTPException(503, f"a back-test is running ({told}); try again when it is over")

    def start(self, draft: Draft | None, limit: int, at: datetime) -> BackTest:
        """Begin one; it goes on whoever asked for it."""
        self.check_free()
        self.last = BackTest(secrets.token_hex(8), at, draft, limit)
        self._task = asyncio.create_task(self._run(self.last))
        return self.last

    def get(self, name: str) -> BackTest:
        """The run of this id; an HTTP 404 for one that is forgotten or never was."""
        if self.last is None or self.last.id != name:
            raise HTTPException(404, "no such back-test; only the last one is remembered")
        return self.last

    async def _run(self, one: BackTest) -> None:
        try:
            one.outcome = await self.trials.back_test(one.draft, one.limit, one.progress)
            one.state = "done"
        except (CallcenterError, OSError) as error:
            one.state, one.error = "failed", str(error)
        finally:
            if one.state == "running":
                one.state, one.error = "failed", "the back-test was ended"


def back_tests_of(request: Request) -> BackTests:
    """Those that `create_app` put on this request's app. Raises MissingPiece."""
    kept: BackTests | None = request.app.state.back_tests
    if kept is None:
        raise MissingPiece("no rules are shown here; the service was opened without them")
    return kept


InBackTests = Annotated[BackTests, Depends(back_tests_of)]
