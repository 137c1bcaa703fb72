"""Who asks the web something: the person or program, and what they may do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.people import ROLES


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is logged in, or a program with a token."""

    name: str
    roles: frozenset[str]
    agent: str = ""
    """The agent's number (工号); "" for who takes no calls."""
    for_others: bool = False
    """May sign with other names than their own."""

    def may_sign(self, name: str) -> bool:
        """True where this name is theirs."""
        return self.for_others or name in (self.name, self.agent)


ANYBODY = Visitor("", frozenset(ROLES), for_others=True)
"""Where no login is asked for: the demo."""
