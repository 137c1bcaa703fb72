"""The calls of the demo: who says what, and what must come of it. Reads package files only."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from callcenter.audio.voice import read_lines
from callcenter.audio.wav import read_wav

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recorded line: what it says, and its sound (8 kHz mono 16-bit)."""

    text: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a call."""

    ended_by: str
    disposition: str
    categories: tuple[str, ...]
    prompts: tuple[str, ...]
    work_order_type: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call of the demo."""

    name: str
    title: str
    caller_number: str
    caller: tuple[Spoken, ...]
    agent: tuple[Spoken, ...]
    expect: Expected


@cache
def scenarios() -> tuple[Scenario, ...]:
    """The five calls, in the order they ring."""
    lines = _lines()
    table = tomllib.loads((HERE / "scenarios.toml").read_text("utf-8"))
    return tuple(
        Scenario(
            entry["name"],
            entry["title"],
            entry["caller_number"],
            tuple(lines[name] for name in entry["caller"]),
            tuple(lines[name] for name in entry["agent"]),
            _expected(entry["expect"]),
        )
        for entry in table["scenario"]
    )


def _lines() -> dict[str, Spoken]:
    folder = HERE / "voices"
    return {
        line.name: Spoken("".join(line.say), read_wav(folder / f"{line.name}.wav").channels[0])
        for line in read_lines(folder / "lines.toml")
    }


def _expected(entry: dict[str, Any]) -> Expected:
    return Expected(
        entry["ended_by"],
        entry["disposition"],
        tuple(entry["categories"]),
        tuple(entry["prompts"]),
        entry["work_order_type"],
    )
