"""Where a name leads: what DNS says of it, in the order of trying (RFC 3263, RFC 2782). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

MOST_PLACES = 8
"""Places that are tried for one request; the rest of a long list is left out."""
UNAVAILABLE = (408, 503)
"""What is asked of the next place after this answer, or none: 408 and 503 of our own (§4.3)."""
_SERVICES = {"SIPS+D2T": "TLS", "SIP+D2T": "TCP", "SIP+D2U": "UDP"}
_LABELS = {"TLS": "_sips._tcp", "TCP": "_sip._tcp", "UDP": "_sip._udp"}

Draw = Callable[[int], int]
"""Draws a number from 0 to this one, both possible."""


class Naptr(NamedTuple):
    """What a NAPTR record says of one way to reach a domain (RFC 2915 §2)."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class Srv(NamedTuple):
    """One place where a service is offered (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


def srv_name(transport: str, host: str) -> str:
    """The name under which SRV records for this transport stand (RFC 3263 §4.1)."""
    return f"{_LABELS[transport]}.{host}"


def services(records: Iterable[Naptr], transports: Sequence[str]) -> list[tuple[str, str]]:
    """Transport and SRV name of each way that we speak, the most wished for first (§4.1).

    Several of the same order and preference come in the order of `transports`.
    """
    found = [(r, _SERVICES.get(r.service.upper(), "")) for r in records if r.flags.lower() == "s"]
    spoken = [(r, t) for r, t in found if t in transports]
    spoken.sort(key=lambda each: (each[0][:2], transports.index(each[1])))
    return [(transport, record.replacement) for record, transport in spoken]


def in_turn(records: Iterable[Srv], draw: Draw) -> list[Srv]:
    """The places in the order of trying: lowest priority first, drawn by weight within one.

    The root as target says that the service is not offered there.
    """
    offered = sorted(r for r in records if r.target != ".")
    return [
        record
        for _, same in groupby(offered, key=lambda r: r.priority)
        for record in _drawn(list(same), draw)
    ]


def _drawn(records: list[Srv], draw: Draw) -> Iterable[Srv]:
    """RFC 2782, page 4; they come sorted by weight, so those of weight 0 stand in front."""
    while records:
        left = draw(sum(r.weight for r in records))
        at = 0
        while left > records[at].weight:
            left -= records[at].weight
            at += 1
        yield records.pop(at)
