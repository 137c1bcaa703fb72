"""Asks DNS where a SIP host is (RFC 3263 §4). The only file that touches dnspython; asyncio.

dnspython is loaded when the first name is asked for.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from callcenter.sip.signal.headers import numeric_host
from callcenter.sip.signal.hops import DEFAULT_PORTS, Hop, hop
from callcenter.sip.signal.locate import MOST_PLACES, Draw, Naptr, Srv, in_turn, services, srv_name

_log = logging.getLogger(__name__)

_PATIENCE = 3.0
_LONGEST = 8.0
"""Seconds that one question may take, with its repetitions, and all of them together."""


@dataclass(frozen=True)
class Place:
    """Whom to look for, as a URI or the configuration names them.

    `port` 0 and `transport` "" leave it to the host's DNS records which to take.
    """

    host: str
    port: int = 0
    transport: str = ""


class Names:
    """Finds places; what DNS tells is kept for as long as it says."""

    def __init__(
        self,
        servers: Sequence[str] = (),
        port: int = 53,
        draw: Draw = lambda most: secrets.randbelow(most + 1),
    ) -> None:
        """`servers` are asked at `port`; the system's own where there are none."""
        self._servers = servers
        self._port = port
        self._draw = draw
        self._resolver: Any = None

    async def ways(self, place: Place, transports: Sequence[str], ours: str) -> tuple[Hop, ...]:
        """The hops to a place in the order of trying; one at least.

        `transports` are what the line speaks, the first where nobody says otherwise; `ours` tells
        the kind of address, IPv4 or IPv6. Raises OSError (no such host).
        """
        numeric = numeric_host(place.host)
        if numeric is None and not place.port:
            found, known = await self._by_records(place, transports, ours)
            if known:
                return _some(found, f"{place.host} names no place for SIP that can be reached")
        transport = place.transport or transports[0]
        port = place.port or DEFAULT_PORTS[transport]
        if numeric is not None:
            return (hop(numeric, port, transport),)
        addresses = await _by_system(place.host, ours)
        return _some([hop(a, port, transport, place.host) for a in addresses], "no such host")

    async def _by_records(
        self, place: Place, transports: Sequence[str], ours: str
    ) -> tuple[list[Hop], bool]:
        """The hops that SRV records name (§4.1, §4.2), and whether there is any such record."""
        found: list[Hop] = []
        known = False
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST):
                for transport, name in await self._services(place, transports):
                    offered = await self._offered(name)
                    known |= offered is not None
                    for record in (offered or ())[:MOST_PLACES]:
                        addresses = await self._addresses(record.target, ours)
                        found += [hop(a, record.port, transport, place.host) for a in addresses]
        return found, known

    async def _offered(self, name: str) -> list[Srv] | None:
        """The places in the order of trying; None where there is no record."""
        records = await self._ask(name, "SRV")
        found = [Srv(r.priority, r.weight, r.port, str(r.target)) for r in records]
        return in_turn(found, self._draw) if found else None

    async def _services(self, place: Place, transports: Sequence[str]) -> list[tuple[str, str]]:
        """Transport and SRV name of each way to ask for."""
        if place.transport:
            return [(place.transport, srv_name(place.transport, place.host))]
        records = [
            Naptr(r.order, r.preference, _text(r.flags), _text(r.service), str(r.replacement))
            for r in await self._ask(place.host, "NAPTR")
        ]
        return services(records, transports) or [(t, srv_name(t, place.host)) for t in transports]

    async def _addresses(self, target: str, ours: str) -> list[str]:
        records = await self._ask(target, "AAAA" if ":" in ours else "A")
        if records:
            return [str(record.address) for record in records]
        with suppress(OSError):
            return await _by_system(target.rstrip("."), ours)
        return []

    async def _ask(self, name: str, kind: str) -> list[Any]:
        """The records of one kind; none where DNS knows none, or cannot be asked."""
        from dns.exception import DNSException
        from dns.name import from_text

        try:
            self._resolver = self._resolver or self._new_resolver()
            answer = await self._resolver.resolve(from_text(name), kind, raise_on_no_answer=False)
        except (DNSException, OSError, UnicodeError) as error:
            _log.debug("DNS: %s %s: %s", name, kind, error)
            return []
        return list(answer.rrset or ())

    def _new_resolver(self) -> Any:
        from dns.asyncresolver import Resolver
        from dns.resolver import LRUCache

        made = Resolver(configure=not self._servers)
        if self._servers:
            made.nameservers = list(self._servers)
            made.port = self._port
        made.lifetime = _PATIENCE
        made.cache = LRUCache()
        return made


async def _by_system(host: str, ours: str) -> list[str]:
    """A host's addresses as the system knows them, its hosts file included. Raises OSError."""
    family = socket.AF_INET6 if ":" in ours else socket.AF_INET
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, family=family, type=socket.SOCK_DGRAM)
    except UnicodeError as error:
        raise OSError(f"no host can be called so: {error}") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _some(hops: Sequence[Hop], none: str) -> tuple[Hop, ...]:
    if not hops:
        raise OSError(none)
    return tuple(hops[:MOST_PLACES])


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace")
