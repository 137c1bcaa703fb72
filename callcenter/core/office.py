"""Ports to the office behind the desk: its books, messages, what waits to be heard, shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.events import Event
from callcenter.core.messages import Letter
from callcenter.core.records import CallerHistory, Gap, Party


class Books(Protocol):
    """Where the ledger writes."""

    def write(self, *events: Event) -> Sequence[Event]:
        """Write these events in one transaction (blocking, thread of the ledger only).

        Returns the facts that follow from them, such as WorkOrderLinked after CallAnswered; they
        are written already. Where one is refused nothing is written. Raises StoreAway where the
        same write may pass later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Unheard:
    """A recording, and the parts of it that wait to be transcribed."""

    call_id: str
    path: str
    gaps: tuple[Gap, ...]


class Backlog(Protocol):
    """Recordings that wait to be transcribed. Blocking: called in a thread."""

    def waiting(self) -> Sequence[Unheard]: ...

    def sound(self, path: str) -> dict[Party, bytes]:
        """Each party's sound, 8 kHz mono 16-bit. Raises SoundFileError."""
        ...


class Messenger(Protocol):
    """Carries messages of one channel. Blocking: called in a thread."""

    def send(self, letter: Letter) -> str:
        """Hand the letter in; what its carrier calls it, or "". Raises NotSent."""
        ...


class Letters(Protocol):
    """The messages that wait, and what becomes of them as facts. Blocking: called in a thread."""

    def waiting(self) -> Sequence[Letter]: ...

    def sent(self, letter: Letter, carrier_id: str) -> Event: ...

    def not_sent(self, letter: Letter, problem: str) -> Event: ...


class Seats(Protocol):
    """Who is to be at the desk by their shift. Blocking: called in a thread."""

    def unattended(self) -> Mapping[str, datetime]:
        """The agents who are missing for longer than the house allows (空岗), since when."""
        ...


class Directory(Protocol):
    """What the desk must know of a number before it rings. May block: called in a thread."""

    def history(self, caller_number: str) -> CallerHistory:
        """What is kept of this number, and whether it is blocked; empty where it is withheld."""
        ...
