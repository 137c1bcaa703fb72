"""What others can reach us by, and we them. Touches the routing table."""

from __future__ import annotations

import socket

from callcenter.sip.signal.headers import numeric_host

_WILDCARDS = {
    "0.0.0.0": (socket.AF_INET, "192.0.2.1"),  # noqa: S104 (compared with, not bound)
    "::": (socket.AF_INET6, "2001:db8::1"),
}
"""Hosts that mean every address, and a documentation address (RFC 5737, 3849) beyond them."""


def is_wildcard(host: str) -> bool:
    """True for a host that means every address of this machine."""
    return numeric_host(host) in _WILDCARDS


def known_hosts(*hosts: str) -> frozenset[str]:
    """The addresses at which a line is reached; none where it listens at every one."""
    if any(map(is_wildcard, hosts)):
        return frozenset()
    return frozenset(numeric for host in hosts if (numeric := numeric_host(host)))


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
