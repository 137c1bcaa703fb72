"""Who asks the web something: the person or program, what they may do, which calls they may know
of. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from callcenter.core.people import LEADS, QA, ROLES


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls somebody may know of; every one where nothing is narrowed."""

    own: frozenset[str] | None = None
    """Only those of these agents; None: of everybody."""
    lines: frozenset[str] = frozenset()
    """Only those of these lines, by a line's name or a hotline's number; empty: of all."""

    @property
    def is_all(self) -> bool:
        """True where nothing is narrowed."""
        return self.own is None and not self.lines

    def covers(self, agents: Collection[str], line: str, hotline: str) -> bool:
        """Whether a call is in it that these agents have or had; none: it still rings for all."""
        on_line = not self.lines or bool(self.lines & {line, hotline})
        return on_line and (self.own is None or not agents or bool(self.own & frozenset(agents)))


EVERY_CALL = Scope()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is logged in, or a program with a token."""

    name: str
    roles: frozenset[str]
    agent: str = ""
    """The agent's number (工号); "" for who takes no calls."""
    for_others: bool = False
    """May sign with other names than their own."""
    lines: frozenset[str] = field(default=frozenset())
    """The lines and hotlines whose calls a lead or a reviewer works with; all where empty."""

    def may_sign(self, name: str) -> bool:
        """True where this name is theirs."""
        return self.for_others or self.is_called(name)

    def is_called(self, name: str) -> bool:
        """True where this is their name, or their agent's number."""
        return name != "" and name in (self.name, self.agent)

    @property
    def scope(self) -> Scope:
        """The calls they may know of: an agent their own, a lead or reviewer those of their lines.

        What acts for others, such as a customer system, knows of all.
        """
        if self.for_others:
            return EVERY_CALL
        if self.roles & (LEADS | {QA}):
            return Scope(lines=self.lines)
        return Scope(frozenset({self.name, self.agent} - {""}), self.lines)


ANYBODY = Visitor("", frozenset(ROLES), for_others=True)
"""Where no login is asked for: the demo."""
