"""Programs elsewhere that are told what happens here (Webhook 推送): whom, of what, in which form.
Pure.

A parcel is one fact for one of them. It is tried until it is taken; the facts of one call, or of
one record, come in the order in which they happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, get_args

Form = Literal["own", "zammad"]
Topic = Literal[
    "call",
    "flag",
    "termination",
    "recording",
    "verdict",
    "block",
    "case",
    "customer",
    "work_order",
    "complaint",
    "follow_up",
    "message",
    "review",
]
TOPICS: tuple[Topic, ...] = get_args(Topic)
"""What one can be told of; the type of each fact begins with one: "call.answered"."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who is told of what; `masked`: telephone numbers with their middle hidden."""

    name: str
    form: Form = "own"
    topics: frozenset[str] = frozenset({"call"})
    masked: bool = True
    give_up: timedelta = timedelta(days=3)
    """A parcel that nobody took for so long is given up."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A fact on its way to a target."""

    id: int
    key: str
    """The same however often it is sent: who has seen it passes over it."""
    subject: str
    """The call or the record; what has the same one is told in order."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel: `problem` is "" where it was taken; `refused` where the target is
    there and did not want it; `tried` False where another of its subject failed before it."""

    parcel: Parcel
    problem: str = ""
    refused: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a target."""

    waiting: int = 0
    oldest: datetime | None = None
    """When the fact happened that waits longest."""
    given_up: int = 0
    """Parcels that were given up in the last days, and could be sent again by hand."""
    sent_at: datetime | None = None
    problem: str = ""
    """Of the last that failed and waits."""


class Parcels(Protocol):
    """The parcels that are kept until they are taken. Blocking: called in a thread."""

    def take(self, most: int) -> Sequence[Parcel]:
        """The oldest that may be tried now, in order; nobody else gets them meanwhile."""
        ...

    def settle(self, outcomes: Sequence[Outcome]) -> int:
        """Write down what became of them; how many were given up."""
        ...

    def standing(self) -> Standing: ...

    def tidy(self) -> int:
        """Give up what waits for too long, forget what is long done; how many were given up."""
        ...


class Hook(Protocol):
    """The way to a target."""

    async def post(self, key: str, body: bytes) -> None:
        """Hand it over. Raises NotSent where the target is away, TurnedDown where it refused."""
        ...

    def close(self) -> None: ...
