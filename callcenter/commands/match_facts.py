"""The `facts` of a line for `callcenter match`: what is known of the call, and noticed in it. Pure.

docs/rules.md lists them; they bear the names that the rules have for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from callcenter.core.records import NOTHING_KNOWN, TICKS, CallerHistory, Known, Noticed, Party
from callcenter.scripts.facts import VERDICTS

HISTORY = ("calls_24h", "known_customer", "last_verdict")
MEASURED = {"overlap_s": "overlap", "rise_db": "rise", "dbfs": "level", "pace": "pace"}
A_DAY_S = 86_400


class BadFacts(Exception):
    """Facts that nobody can mean; its text says which, and what was expected."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`amounts` by the kinds of core.records.Noticed."""

    known: Known = NOTHING_KNOWN
    amounts: tuple[tuple[str, float], ...] = ()
    silence_ms: int = 0

    def notices(self, party: Party, start_ms: int, end_ms: int) -> list[Noticed]:
        """What is noticed while a party says the line, and the caller's silence after it."""
        told = [Noticed(kind, party, start_ms, end_ms, amount) for kind, amount in self.amounts]
        if self.silence_ms:
            seconds = self.silence_ms / 1000
            until = end_ms + self.silence_ms
            told.append(Noticed("silence", Party.CALLER, 0, until, seconds))
        return told


def read_facts(value: object) -> Facts:
    """The facts of one line; none where there are none. Raises BadFacts."""
    if value is None:
        return Facts()
    if not isinstance(value, dict):
        raise BadFacts(f"facts is {value!r}; expected an object")
    for key in value:
        if key not in READ:
            raise BadFacts(f"facts has {key!r}; expected {', '.join(READ)}")
    facts = {key: READ[key](key, each) for key, each in value.items()}
    amounts = [(MEASURED[key], facts[key]) for key in MEASURED if key in facts]
    ticked = [(box, 1.0) for box in facts.get("ticked", ())]
    silence_ms = round(facts.get("silence_s", 0) * 1000)
    return Facts(_known(facts), (*amounts, *ticked), silence_ms)


def _known(facts: Mapping[str, Any]) -> Known:
    history = {key: facts[key] for key in HISTORY if key in facts}
    return Known(
        CallerHistory(**history) if history else None, facts.get("time"), facts.get("withheld")
    )


def _time(key: str, value: object) -> time:
    try:
        if isinstance(value, str) and len(value) == len("22:41"):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise BadFacts(f"facts: {key} is {value!r}; expected a time such as 22:41")


def _number(least: float, most: float) -> Callable[[str, object], float]:
    def read(key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadFacts(f"facts: {key} is {value!r}; expected a number")
        if not least <= value <= most:
            raise BadFacts(f"facts: {key} is {value!r}; expected {least} to {most}")
        return value

    return read


def _whole(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadFacts(f"facts: {key} is {value!r}; expected a whole number, 0 or more")
    return value


def _switch(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadFacts(f"facts: {key} is {value!r}; expected true or false")
    return value


def _verdict(key: str, value: object) -> str:
    if not isinstance(value, str) or value not in VERDICTS:
        raise BadFacts(f"facts: {key} is {value!r}; expected {', '.join(VERDICTS)}")
    return value


def _boxes(key: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(box in TICKS for box in value):
        raise BadFacts(f"facts: {key} is {value!r}; expected a list of {', '.join(TICKS)}")
    return value


READ: dict[str, Callable[[str, object], Any]] = {
    "time": _time,
    "calls_24h": _whole,
    "known_customer": _switch,
    "last_verdict": _verdict,
    "withheld": _switch,
    "ticked": _boxes,
    "overlap_s": _number(0, 30),
    "rise_db": _number(-100, 100),
    "dbfs": _number(-100, 0),
    "pace": _number(0, 100),
    "silence_s": _number(0, A_DAY_S),
}
