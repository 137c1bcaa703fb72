"""Tasks done at once, without the service around them."""

from __future__ import annotations

from datetime import UTC, datetime

from callcenter.core.jobs import Failure, Task
from callcenter.desk.jobs import Jobs


class Remembered:
    """core.jobs.Failures, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Failure] = {}

    def note(self, failure: Failure) -> None:
        self.kept[failure.task, failure.key] = failure

    def forget(self, task: str, key: str) -> None:
        self.kept.pop((task, key), None)


async def once(task: Task) -> int:
    """How many pieces were done."""
    return await Jobs([task], Remembered(), lambda: datetime.now(UTC)).once(task)
