"""What is kept out of the books: numbers that were hidden, and secure pauses (安全暂停). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.event import Event


@dataclass(frozen=True, slots=True)
class Redacted(Event):
    """A number was hidden: `party`'s sound from and until, in ms since answer, is a tone.

    `kind` is card, id or phone. The digits are in no event.
    """

    party: str
    start_ms: int
    end_ms: int
    kind: str


@dataclass(frozen=True, slots=True)
class NumberHeard(Event):
    """A telephone number that was told, for the agent whose call it is, who fills a work order with
    it: told live on this machine, to them alone, and stored nowhere."""

    party: str
    number: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class PauseStarted(Event):
    """From here on nothing is recorded, heard or shown; both talk on."""

    agent: str
    """A person, or a program."""
    why: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class PauseReminded(Event):
    """The pause lasts longer than the house expects; told live, never stored."""

    agent: str
    """Whose call it is."""
    minutes: int


@dataclass(frozen=True, slots=True)
class PauseEnded(Event):
    """Recording goes on; from and until, in ms since answer. `agent` is who ended it, or system
    where the call ended."""

    agent: str
    start_ms: int
    end_ms: int
