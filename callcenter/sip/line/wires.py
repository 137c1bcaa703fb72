"""The sockets of a line: opened, read, written, guarded. Touches asyncio and sockets."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from callcenter.core.errors import PortInUse
from callcenter.sip.line.addresses import is_wildcard
from callcenter.sip.line.streams import Streams
from callcenter.sip.line.tls import NO_CERTIFICATES, Certificates
from callcenter.sip.signal.admission import Entrance
from callcenter.sip.signal.doorkeeper import Doorkeeper, Verdict
from callcenter.sip.signal.framing import is_noise
from callcenter.sip.signal.headers import host_port, numeric_host
from callcenter.sip.signal.hops import DEFAULT_PORTS, Flow, Hop
from callcenter.sip.signal.login import Accounts, Login

_log = logging.getLogger(__name__)

_TRIES = 8
"""Free UDP ports that are tried until the same TCP port is free, too."""
_RECEIVE_BUFFER = 2**20
"""Bytes: a thousand messages wait while this machine is busy."""
_AT_ONCE = 32
"""Datagrams that are read before anything else has its turn; asyncio reads one, and where each turn
takes long, calls would wait for each other's sound."""
_LONGEST = 65535
_BACKLOG = 128


@dataclass(frozen=True)
class Access:
    """How a line is reached, and by whom.

    `transports` are UDP, TCP and TLS or some of them, the first one where nothing else is said;
    `allow` and `rate` are the doorkeeper's; `keep_alive` is in seconds, 0 being never, and keeps
    the way to us open where we register by UDP. With `accounts` who calls must log in: whoever is
    not in `allow` if only `strangers` must, else everybody but our registrar.
    """

    transports: tuple[str, ...] = ("UDP",)
    tls_port: int = DEFAULT_PORTS["TLS"]
    certificates: Certificates = NO_CERTIFICATES
    allow: tuple[str, ...] = ()
    rate: float = 200.0
    keep_alive: float = 25.0
    accounts: Accounts | None = None
    strangers: bool = False


BY_UDP = Access()


class Counts(TypedDict):
    """What was turned away: fields of core.records.LineState."""

    limited: int
    turned_away: int
    scanners: int
    shut_out: int
    wrong_logins: int


class Wires:
    """What a line hears and says, over all its sockets; port 0 takes a free one.

    `received` gets each message that may come in, `settled` is called when no more wait; `known`
    says of one, unread, whether it belongs to what we have, which the doorkeeper never stops.
    `lost` is told of connections.
    """

    def __init__(self, host: str, port: int, access: Access) -> None:
        self.host = host
        self.port, self.tls_port = port, access.tls_port
        self.doorkeeper = Doorkeeper(access.allow, access.rate, closed=not access.strangers)
        self.noise = 0
        """Datagrams that were passed over unread."""
        self.received: Callable[[bytes, Hop], None] = lambda data, hop: None
        self.settled: Callable[[], None] = lambda: None
        self.known: Callable[[bytes], bool] = lambda data: False
        self.lost: Callable[[Flow, str], None] = lambda flow, why: None
        self._access = access
        self._transports = access.transports
        self._certificates = access.certificates
        self._datagrams: socket.socket | None = None
        self._streams: Streams | None = None

    @property
    def address(self) -> str:
        """Where the line is reached first of all, fit to stand after sip:."""
        first = self._transports[0]
        where = host_port(self.host, self.tls_port if first == "TLS" else self.port)
        return where if first == "UDP" else f"{where};transport={first.lower()}"

    async def open(self) -> None:
        """Listen. Raises PortInUse, ConfigError (certificates)."""
        secure = "TLS" in self._transports
        server = self._certificates.renewed_server() if secure else None
        client = self._certificates.renewed_client() if secure else None
        sockets = self._bound(tls=server is not None)
        loop = asyncio.get_running_loop()
        self._streams = Streams(
            "" if is_wildcard(self.host) else self.host,
            self._take_message,
            lambda flow, why: self.lost(flow, why),
            self._welcomes,
        )
        self._streams.client = client
        for transport, sock in sockets.items():
            if transport == "UDP":
                self._datagrams = sock
                loop.add_reader(sock, self._read, sock)
            else:
                self._streams.listen(sock, transport, server if transport == "TLS" else None)

    def send(self, data: bytes, hop: Hop) -> None:
        """Send a message; where that fails, `lost` is told or the transactions repeat it."""
        if isinstance(hop, Flow):
            if self._streams is not None:
                self._streams.send(data, hop)
        elif self._datagrams is not None:
            try:
                self._datagrams.sendto(data, hop)
            except OSError as error:  # the transactions repeat it or give up
                _log.debug("a SIP datagram was not sent: %s", error)

    def counts(self) -> Counts:
        """What was turned away, and why."""
        counts = self.doorkeeper.counts
        return {
            "limited": counts[Verdict.LIMITED],
            "turned_away": counts[Verdict.STRANGER],
            "scanners": counts[Verdict.SCANNER],
            "shut_out": counts[Verdict.SHUT_OUT],
            "wrong_logins": self.doorkeeper.wrong_logins,
        }

    def entrance(self, token: Callable[[], str]) -> Entrance | None:
        """Who must log in; None where nobody must."""
        access = self._access
        if access.accounts is None:
            return None
        return Entrance(Login(access.accounts, token), self.doorkeeper, strangers=access.strangers)

    async def close(self) -> None:
        """Close every socket."""
        if self._datagrams is not None:
            asyncio.get_running_loop().remove_reader(self._datagrams)
            self._datagrams.close()
            self._datagrams = None
        if self._streams is not None:
            await self._streams.close()
            self._streams = None

    # -- coming in -----------------------------------------------------------------------------

    def _read(self, sock: socket.socket) -> None:
        """What waits in the UDP socket, as far as it is its turn."""
        for _ in range(_AT_ONCE):
            try:
                data, source = sock.recvfrom(_LONGEST)
            except BlockingIOError:
                break
            except OSError as error:  # what we sent did not arrive there (ICMP)
                _log.debug("a SIP datagram did not arrive: %s", error)
            else:
                self._take(data, (source[0], source[1]))
        self.settled()

    def _take_message(self, data: bytes, flow: Hop) -> bool:
        """A message of a connection."""
        welcome = self._take(data, flow)
        self.settled()
        return welcome

    def _take(self, data: bytes, hop: Hop) -> bool:
        """Whether its source may say so much; what it may not is not even parsed."""
        if is_noise(data):
            self.noise += 1
            return True
        if self.known(data) or self._welcomes(hop[0], data):
            self.received(data, hop)
            return True
        return False

    def _welcomes(self, host: str, data: bytes = b"") -> bool:
        now = asyncio.get_running_loop().time()
        return self.doorkeeper.judge(host, now, data) is Verdict.WELCOME

    # -- opening -------------------------------------------------------------------------------

    def _bound(self, tls: bool) -> dict[str, socket.socket]:
        """A bound socket for each transport. Raises PortInUse."""
        for left in reversed(range(_TRIES)):
            try:
                return self._bind_all(tls)
            except PortInUse:
                if self.port or not left:
                    raise
        raise AssertionError

    def _bind_all(self, tls: bool) -> dict[str, socket.socket]:
        """UDP and TCP share a port; TLS has one of its own."""
        found: dict[str, socket.socket] = {}
        port = self.port
        try:
            for transport in ("UDP", "TCP"):
                if transport in self._transports:
                    found[transport] = _bind(self.host, port, transport)
                    port = found[transport].getsockname()[1]
            if tls:
                found["TLS"] = _bind(self.host, self.tls_port, "TLS")
                self.tls_port = found["TLS"].getsockname()[1]
        except PortInUse:
            for sock in found.values():
                sock.close()
            raise
        self.port = port
        return found


def _bind(host: str, port: int, transport: str) -> socket.socket:
    """A bound socket of this one family: IPv4 has a line of its own. Raises PortInUse."""
    numeric = numeric_host(host) or host
    family = socket.AF_INET6 if ":" in numeric else socket.AF_INET
    datagrams = transport == "UDP"
    sock = socket.socket(family, socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM)
    try:
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if datagrams:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        elif os.name == "posix":
            # Connections that ended a minute ago do not block the port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((numeric, port))
        if not datagrams:
            sock.listen(_BACKLOG)
    except OSError as error:
        sock.close()
        place = f"{host_port(numeric, port)}/{transport.lower()}"
        raise PortInUse(f"cannot use {place}: {error.strerror}") from None
    sock.setblocking(False)
    return sock
