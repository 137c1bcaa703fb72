"""Where SIP messages come from and go to: an address for UDP, a flow for TCP and TLS. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Address = tuple[str, int]
"""A numeric host and a UDP port."""
DEFAULT_PORTS = {"UDP": 5060, "TCP": 5060, "TLS": 5061}
"""By transport (RFC 3261 §19.1.2)."""


class Flow(NamedTuple):
    """The far end of a connection: a numeric host, a port, and TCP or TLS.

    `home` is the port at which the other side listens, where the connection is one that it made:
    a lost one is made anew there. `name` is what its certificate must show; the host where empty.
    """

    host: str
    port: int
    transport: str
    home: int = 0
    name: str = ""

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What makes two flows the same connection."""
        return self.host, self.port, self.transport, self.name

    @property
    def anew(self) -> Flow:
        """Where the connection can be made again."""
        return Flow(self.host, self.home or self.port, self.transport, 0, self.name)


Hop = Address | Flow
"""Where a SIP message comes from or goes to: a pair is reached by UDP."""


def transport_of(hop: Hop) -> str:
    """UDP, TCP or TLS."""
    return hop.transport if isinstance(hop, Flow) else "UDP"


def hop(host: str, port: int, transport: str, name: str = "") -> Hop:
    """The hop at this place; `name` is what its certificate must show."""
    return (host, port) if transport == "UDP" else Flow(host, port, transport, 0, name)


def ways_for_call(found: Sequence[Hop], known: Hop | None) -> tuple[Hop, ...]:
    """The places for a call in the order of trying: where we are `known` first, if that is one.

    After a place that is reached by TLS there is none by another way: keys would be read.
    """
    ways = sorted(found, key=lambda way: way != known)
    secure = transport_of(ways[0]) == "TLS"
    return tuple(way for way in ways if (transport_of(way) == "TLS") == secure)


def along(peer: Hop, address: Hop | None) -> Hop:
    """The way to `address` for whom we know at `peer`: an address that is a name is not known.

    A connection that leads to the same host is used again (RFC 5923): most phones can be reached
    by no other.
    """
    if address is None:
        return peer
    if not isinstance(peer, Flow) or not isinstance(address, Flow):
        return address
    same = (peer.host, peer.transport) == (address.host, address.transport)
    return peer._replace(home=address.port) if same else address
