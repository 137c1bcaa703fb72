"""The demo company's words: people, places, things and talks, as words.toml has them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from callcenter.core.records import Agent, Party

FILE = Path(__file__).parent / "words.toml"
SPEAKERS = {"c": Party.CALLER, "a": Party.AGENT}


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said in a call, with {fields}, and what an agent writes down of it."""

    kind: str
    lines: tuple[tuple[Party, str], ...]
    notes: Mapping[str, Any]

    def note(self, name: str, about: Mapping[str, str]) -> str:
        """A note on this call, "" where there is none of that name."""
        return str(self.notes.get(name, "")).format_map(about)


class Words:
    """Everything in words.toml, and random picks from it."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.all: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))
        self.people: dict[str, Any] = self.all["people"]
        self.talks: dict[str, list[Talk]] = {}
        for entry in self.all["talk"]:
            lines = tuple((SPEAKERS[line[0]], line[1:]) for line in entry["lines"])
            talk = Talk(entry["kind"], lines, entry)
            self.talks.setdefault(talk.kind, []).append(talk)

    def agents(self, configured: Sequence[Agent]) -> list[Agent]:
        """Those of the configuration, and ours, until there are as many as we have names for."""
        names, first = self.people["agents"], self.people["first_number"]
        taken = {agent.number for agent in configured}
        ours = (Agent(str(first + n), name) for n, name in enumerate(names))
        return [*configured, *(one for one in ours if one.number not in taken)][: len(names)]

    def talk(self, kind: str) -> Talk:
        """One of this kind."""
        return self._rng.choice(self.talks[kind])

    def pick(self, table: str, name: str) -> Any:
        """One of a list."""
        return self._rng.choice(self.all[table][name])

    def name(self) -> str:
        """A person's."""
        return str(self.pick("names", "family") + self.pick("names", "given"))

    def firm(self) -> str:
        """A company's."""
        city = self.pick("names", "cities")[0].rstrip("市镇")
        return f"{city}{self.pick('names', 'firms')}{self.pick('names', 'trades')}有限公司"

    def address(self) -> str:
        """Where nobody lives."""
        city, district = self.pick("names", "cities")
        street, house = self.pick("names", "streets"), self._rng.randint(1, 260)
        return f"{city}{district}{street}{house}号{self._rng.randint(1, 30)}0{house % 4 + 1}室"

    def mobile(self) -> str:
        """A number from the prefix 154, which nobody has."""
        return f"154{self._rng.randrange(10**8):08d}"

    def landline(self) -> str:
        """A number in Beijing that begins with 1, as none does."""
        return f"0101{self._rng.randrange(10**7):07d}"

    def about(self, **given: str) -> dict[str, str]:
        """The fields of a talk."""
        return {
            "company": self.all["company"],
            "product": self.pick("things", "products"),
            "problem": self.pick("things", "problems"),
            "order": f"{self._rng.randrange(10**9):09d}",
            "address": self.address(),
            **given,
        }
