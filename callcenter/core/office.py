"""Ports to the office behind the desk: its books, messages, what waits to be heard, shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callcenter.core.events import Event
from callcenter.core.messages import Letter
from callcenter.core.outbound import Use
from callcenter.core.records import CallerHistory, Gap, Hit, Party


class Books(Protocol):
    """Where the ledger writes."""

    def write(self, *events: Event) -> Sequence[Event]:
        """Write these events in one transaction (blocking, thread of the ledger only).

        Returns the facts that follow from them, such as WorkOrderLinked after CallAnswered; they
        are written already. Where one is refused nothing is written. Raises StoreAway where the
        same write may pass later.
        """
        ...


class Spool(Protocol):
    """Keeps on disk, in order, what the books cannot take at present. Blocking: called by threads
    of the ledger, one at a time."""

    waiting: int
    """How many events it keeps."""

    def put(self, events: Sequence[Event]) -> int:
        """Have these on the disk itself; the number of the first. Raises OSError: then none is."""
        ...

    def oldest(self, most: int) -> tuple[int, Sequence[Event]]:
        """The number of the oldest event, and so many at most, beginning with it."""
        ...

    def drop(self, count: int) -> None:
        """So many of the oldest stand in the books."""
        ...


@dataclass(frozen=True, slots=True)
class Unheard:
    """A recording, and the parts of it that wait to be transcribed."""

    call_id: str
    path: str
    gaps: tuple[Gap, ...]
    found: tuple[tuple[str, Party, int, int], ...] = ()
    """What was found in the call live: which rule, in whose words, from and until."""

    def knows(self, hit: Hit) -> bool:
        """Whether it was found live, in words that a crash kept from being finished."""
        return any(
            (rule, party) == (hit.rule, hit.party) and start < hit.end_ms and hit.start_ms < end
            for rule, party, start, end in self.found
        )


class Backlog(Protocol):
    """Recordings that wait to be transcribed. Blocking: called in a thread."""

    def waiting(self) -> Sequence[Unheard]: ...

    def sound(self, path: str) -> dict[Party, bytes]:
        """Each party's sound, 8 kHz mono 16-bit. Raises SoundFileError."""
        ...


@dataclass(frozen=True, slots=True)
class Archived:
    """What the archive says of a file: its length in bytes, the SHA-256 it was handed in with."""

    size: int
    sha256: str


class Archive(Protocol):
    """Keeps recordings away from this machine, by their paths in the recordings folder. Blocking:
    called in threads. Each raises ArchiveAway."""

    @property
    def where(self) -> str:
        """What messages call it; without secrets."""
        ...

    def put(self, path: str, file: str, sha256: str) -> None:
        """Keep this file, in place of what is there. Raises OSError where it cannot be read."""
        ...

    def find(self, path: str) -> Archived | None:
        """What is kept there; None where nothing is."""
        ...

    def read(self, path: str, first: int, stop: int) -> bytes:
        """The bytes from `first` up to `stop`. Raises FileNotFoundError where nothing is kept."""
        ...

    def delete(self, path: str) -> None:
        """Keep it no longer; fine where nothing is kept."""
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


class Seal(Protocol):
    """Closes what nobody may read from the disk or the store. Quick, and safe in any thread.

    Both raise ConfigError where the house's key cannot be read.
    """

    def seal(self, plain: bytes, about: str) -> bytes:
        """Closed, and bound to what it is about: it opens as nothing else, such as another call's
        sound. `about` is told in errors: never a telephone number."""
        ...

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises SealBroken."""
        ...

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was closed with the key of today; else it may be sealed again."""
        ...

    def alias(self, of: str) -> str:
        """The same letters for the same text, from which nobody without the key can tell it."""
        ...


class Tolls(Protocol):
    """What was dialled already. Blocking: called in a thread."""

    def since(self, midnight: datetime, agent: str, number: str) -> Use:
        """Since then: by this agent, by all, and to this number. Raises StoreError."""
        ...


class Shelf(Protocol):
    """Where recordings lie. Blocking: called in a thread."""

    def remove(self, path: str) -> int:
        """Remove this recording and all that was made of it, wherever it lies; how many files.

        One that is gone already is no error. Raises StoreError where a file cannot be removed.
        """
        ...


class Directory(Protocol):
    """What the desk must know of a number before it rings. May block: called in a thread."""

    def history(self, caller_number: str) -> CallerHistory:
        """What is kept of this number, and whether it is blocked; empty where it is withheld."""
        ...
