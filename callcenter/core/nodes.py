"""Several machines that are one call centre (节点): what they know of each other, as ports. Pure.

What is shared and what is not stands in docs/adr/0016-several-nodes.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callcenter.core.event import Event

BEAT_SECONDS = 2.0
"""Between two signs of life of a node."""
DEAD_SECONDS = 10.0
"""A node that was not seen for so long, by the database's clock, is dead."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that runs `callcenter serve` over the common database, as it was last seen."""

    name: str
    url: str
    """Under which other nodes reach its API."""
    unseen_seconds: float
    """Since its last sign of life, by the database's clock."""
    draining: bool = False
    """It takes no further calls: it is going to stop."""

    @property
    def is_alive(self) -> bool:
        """Whether it still counts."""
        return self.unseen_seconds < DEAD_SECONDS


class Nodes(Protocol):
    """The list of nodes in the common store. Blocking: called in a thread."""

    def enter(self, node: Node) -> Sequence[Node]:
        """This node begins; the others that are alive. Raises StoreError, ConfigError (another
        machine has the same name)."""
        ...

    def beat(self, node: Node) -> Sequence[Node]:
        """A sign of life; all nodes, by name. Raises StoreError."""
        ...

    def bury(self, name: str) -> Sequence[Event]:
        """Close what a dead node left open, unless it has come back or another was first.

        Returns what was written: ends of calls, and where its agents stand. Raises StoreError.
        """
        ...

    def leave(self, name: str) -> None:
        """This node ends in good order. Raises StoreError."""
        ...


class Carrier(Protocol):
    """Carries texts to every other node, in order, some of them lost when the way breaks."""

    def start(self, heard: Callable[[str, str], None], again: Callable[[], None]) -> None:
        """`heard` takes the sender's name and a text, `again` is called whenever the way is open
        (again), so that what was missed is asked for; both on the event loop."""
        ...

    def send(self, text: str) -> None:
        """Never blocks; while the way is broken what is sent is lost."""
        ...

    @property
    def leads(self) -> bool:
        """Whether this node, and it alone, does what one node does for all (letters, reports)."""
        ...

    async def close(self) -> None:
        """Send what waits, then stop."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is passed on to another node as its asker sent it."""

    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other node answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The same of a file, whose content comes piece by piece."""

    status: int
    headers: Mapping[str, str]
    content: Iterator[bytes]
    """Blocking; to be read to its end."""


class Elsewhere(Protocol):
    """The other nodes, as the web needs them."""

    def node_of_call(self, call_id: str) -> str:
        """The other node on which this call runs; "" where it runs here, or nowhere."""
        ...

    def node_of_agent(self, agent: str) -> str:
        """The other node on which this agent has a call; "" where they have none there."""
        ...

    def nodes(self) -> Sequence[Node]:
        """All of them, this one first, those that are dead too."""
        ...

    async def pass_on(self, node: str, asked: Asked) -> Answered:
        """Ask the other node. Raises NotNow where it does not answer."""
        ...

    def fetch(self, node: str, asked: Asked) -> Fetched:
        """The same of a file. Blocking: called in a thread. Raises NotNow."""
        ...
