"""What others can reach us by, and we them. Touches the routing table and the resolver."""

from __future__ import annotations

import asyncio
import socket

from callcenter.sip.signal.headers import numeric_host
from callcenter.sip.signal.hops import Hop, hop

_WILDCARDS = {
    "0.0.0.0": (socket.AF_INET, "192.0.2.1"),  # noqa: S104 (compared with, not bound)
    "::": (socket.AF_INET6, "2001:db8::1"),
}
"""Hosts that mean every address, and a documentation address (RFC 5737, 3849) beyond them."""


def is_wildcard(host: str) -> bool:
    """True for a host that means every address of this machine."""
    return numeric_host(host) in _WILDCARDS


def reachable(host: str, beyond: str = "") -> str:
    """What others can reach us by: `host`, or for a wildcard the address of our way out."""
    numeric = numeric_host(host) or host
    if numeric not in _WILDCARDS:
        return numeric
    family, outside = _WILDCARDS[numeric]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Connecting a UDP socket sends nothing; it only asks the routing table.
            probe.connect((beyond or outside, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"


async def look_up(host: str, port: int, transport: str, ours: str) -> Hop:
    """Where a host is, of the kind of address (IPv4, IPv6) that `ours` is. Raises OSError."""
    numeric = numeric_host(host)
    if numeric is not None:
        return hop(numeric, port, transport)
    family = socket.AF_INET6 if ":" in ours else socket.AF_INET
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_DGRAM)
    return hop(str(found[0][4][0]), port, transport, host)
