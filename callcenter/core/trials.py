"""What a trial of rules is about: whole calls that were kept, and what rules make of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from callcenter.core.records import NOTHING_KNOWN, Hit, Known, Noticed, Segment


@dataclass(frozen=True, slots=True)
class HeardCall:
    """A call that is over, as a listener is given it; `end_ms` is since answer."""

    segments: tuple[Segment, ...]
    end_ms: int
    noticed: tuple[Noticed, ...] = ()
    known: Known = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Judged:
    """What rules make of a call: harassment, complaint or ordinary, and the hits behind it."""

    label: str
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """A rule as people read it; `group` is harassment, complaint or suggestion."""

    file: str
    name: str
    category: str
    group: str
    severity: int
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack that is not in force: its file name, and its text as TOML."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it lies on the disk."""

    name: str
    text: str
    sha256: str
    """Of its bytes."""


class Laid(Protocol):
    """A changed pack, whole on the disk beside the one that it is to replace. Both block."""

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        ...

    def take(self) -> None:
        """Put it in the place of the one before."""
        ...

    def drop(self) -> None:
        """Take it away again, where it was not taken."""
        ...


class RulePacks(Protocol):
    """The packs on the disk, to be opened and changed by name. Blocking: called in a thread."""

    @property
    def fixed(self) -> bool:
        """Whether they are those that came with the program, which are not changed in place."""
        ...

    def read(self, name: str) -> Pack:
        """Raises NoSuchRecord, PackError."""
        ...

    def check(self, draft: Draft) -> int:
        """How many rules it has. Raises PackError: file, entry, reason and line."""
        ...

    def lay(self, draft: Draft, seen: str) -> Laid | None:
        """Check it and write it beside the pack of its name; None where it lies there just so.

        `seen` is the SHA-256 of what is changed, "" for a pack that is new. Raises PackError,
        Refused, and ChangedMeanwhile where another one lies there.
        """
        ...

    def files(self) -> Mapping[str, str]:
        """Every pack and card on the disk: the SHA-256 by its path."""
        ...

    def path(self, name: str) -> str:
        """What the pack of this name is called in `files`."""
        ...


class Rules(Protocol):
    """Rules that whole calls can be tried on."""

    def listed(self) -> Sequence[RuleInForce]:
        """Every rule, pack by pack."""
        ...

    def judge(self, call: HeardCall) -> Judged:
        """What they make of one call; each call by itself."""
        ...


class RuleTrials(Protocol):
    """The rules in force, and back-tests of a draft over kept calls."""

    @property
    def packs(self) -> RulePacks:
        """Where the rules come from."""
        ...

    def listed(self) -> Sequence[RuleInForce]:
        """The rules in force, pack by pack. Asked on the event loop."""
        ...

    def problems(self) -> Sequence[str]:
        """What is wrong with the packs as they lie on disk. Blocking: called in a thread."""
        ...

    async def back_test(
        self, draft: Draft | None, limit: int, progress: Callable[[int, int], None]
    ) -> Mapping[str, Any]:
        """Try the rules in force, and the draft, on the last `limit` calls; `progress` is told how
        many are done, and of how many. The outcome as JSON types. Raises TrialFailed."""
        ...
