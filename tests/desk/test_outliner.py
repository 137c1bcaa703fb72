"""Recordings are measured when they are closed, and those that a crash left at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from callcenter.core.errors import StoreAway
from callcenter.desk.outliner import Outliner
from tests.waiting import until


async def test_what_was_left_then_what_is_closed_each_once_and_in_order() -> None:
    measured: list[str] = []
    outliner = Outliner(measured.append, lambda: ["left.wav"])
    outliner.closed("a.wav")
    outliner.closed("")
    running = asyncio.create_task(outliner.run())
    await until(lambda: len(measured) == 2)
    assert sorted(measured) == ["a.wav", "left.wav"]
    running.cancel()
    outliner.closed("b.wav")
    assert await outliner.once() == 1
    assert measured[-1] == "b.wav"
    assert await outliner.once() == 0


async def test_what_cannot_be_measured_keeps_nobody_else_waiting() -> None:
    measured: list[str] = []

    def measure(path: str) -> None:
        if path == "gone.wav":
            raise FileNotFoundError(2, "No such file")
        if path == "odd.wav":
            raise ValueError("odd.wav is no WAV")
        measured.append(path)

    def away() -> Sequence[str]:
        raise StoreAway("the store is away")

    outliner = Outliner(measure, away)
    for path in ("gone.wav", "odd.wav", "whole.wav"):
        outliner.closed(path)
    running = asyncio.create_task(outliner.run())
    await until(lambda: measured == ["whole.wav"])
    running.cancel()
