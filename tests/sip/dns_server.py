"""A tiny DNS server on real UDP, for tests: it knows what it is told, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from callcenter.sip.line.names import Names


class TinyDns(asyncio.DatagramProtocol):
    """`zone` maps (name with its dot, kind) to records as they stand in a zone file.

    `asked` counts each question. With `broken` set every answer says that the server failed; a
    question about `deaf_to` gets none.
    """

    def __init__(self, zone: dict[tuple[str, str], list[str]] | None = None) -> None:
        self.zone = zone or {}
        self.asked: Counter[tuple[str, str]] = Counter()
        self.broken = False
        self.deaf_to = ""
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(0)

    def names(self) -> Names:
        """Asks here alone; of equal ones the first in the list is drawn."""
        return Names(("127.0.0.1",), self.port, lambda most: 0)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        name, kind = str(query.question[0].name), dns.rdatatype.to_text(query.question[0].rdtype)
        self.asked[name, kind] += 1
        if name == self.deaf_to:
            return
        records = self.zone.get((name, kind), [])
        if self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records:
            answer.answer.append(dns.rrset.from_text(name, 300, "IN", kind, *records))
        elif not any(known == name for known, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)
