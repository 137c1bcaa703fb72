"""The connections of a line, by TCP and TLS (RFC 3261 §18). Touches asyncio and sockets."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import ssl
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any

from callcenter.sip.errors import NotSip
from callcenter.sip.line.tls import why_not_connected
from callcenter.sip.signal.doorkeeper import source_of
from callcenter.sip.signal.framing import PING, Framer
from callcenter.sip.signal.hops import Address, Flow

_log = logging.getLogger(__name__)

MOST_CONNECTIONS = 512
MOST_FROM_ONE = 64
"""Connections that others may hold at the same time, all of them and one source; we ourselves make
as many as they, then the oldest one ends."""
PATIENCE = 30.0
"""Seconds within which a message that began, or the first one, must be whole."""
_CONNECTING = 4.0
_SHAKING_HANDS = 10.0
_MOST_WAITING = 64
"""Messages that wait for a connection to be made; the oldest gives way."""
_MOST_UNSENT = 2**20
"""Bytes; whoever reads so little is not waited for."""
PING_BETWEEN = (95.0, 120.0)
"""Seconds between two pings over a connection that we made, drawn (RFC 5626 §4.4.1)."""
PONG_WITHIN = 10.0
"""Seconds within which whoever answers pings answers each."""
_PAUSE = 0.5
"""Seconds that a connection is not read from after its source said more than it may."""

Take = Callable[[bytes, Flow], bool]
"""Takes a message; False where its source says too much."""
Lost = Callable[[Flow, str], None]
Secure = Callable[[], ssl.SSLContext]
"""Gives the context for a connection that begins now."""


class Connection(asyncio.Protocol):
    """One connection, of either side's making; `lost` is told once, when no more can go by it."""

    def __init__(
        self,
        flow: Flow,
        take: Take,
        lost: Callable[[Connection, str], None],
        theirs: bool = False,
    ) -> None:
        self.flow = flow
        self.theirs = theirs
        self._take = take
        self._lost = lost
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._deadline: asyncio.TimerHandle | None = None
        self._resuming: asyncio.TimerHandle | None = None
        self._pinging: asyncio.TimerHandle | None = None
        self._pinged = self._answers_pings = False
        """Whether a ping waits for its answer, and whether one was ever answered."""
        self._over = False

    # -- asyncio's side ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what waited for this."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        _keep_alive(transport.get_extra_info("socket"))
        if self._over:
            transport.abort()
            return
        while self._waiting:
            transport.write(self._waiting.popleft())
        if not self.theirs:
            self._wind_ping()

    def data_received(self, data: bytes) -> None:
        """Cut it into messages; what cannot be cut ends the connection."""
        if self._pinged:
            self._pinged = False
            self._answers_pings |= data.startswith(b"\r\n")
        self._framer.feed(data)
        try:
            if self._read():
                self.expect_rest(waiting=False)
        except NotSip as bad:
            self.end(str(bad))
            return
        if self._framer.pings:
            # RFC 5626 §3.5.1: a ping is answered with a single line end.
            self._framer.pings = 0
            self.send(b"\r\n")
        self.expect_rest(self._framer.waiting)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side closed it, or it broke."""
        self.end(str(exc) if exc else "closed by the other side")

    # -- the line's side -----------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """Send it, or keep it until the connection is made."""
        if self._transport is None:
            self._waiting.append(data)
        elif self._transport.get_write_buffer_size() > _MOST_UNSENT:
            self.end("the other side does not read")
        else:
            self._transport.write(data)

    def expect_rest(self, waiting: bool) -> None:
        """A message that began must be whole in time."""
        if not waiting and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif waiting and self._deadline is None and not self._over:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(PATIENCE, self.end, "no whole message came")

    def end(self, why: str) -> None:
        """Close it at once; nothing that waits is sent."""
        if self._over:
            return
        self._over = True
        for timer in (self._deadline, self._resuming, self._pinging):
            if timer is not None:
                timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._lost(self, why)

    def _wind_ping(self) -> None:
        after = random.uniform(*PING_BETWEEN)  # noqa: S311 (it spreads them, no more)
        self._pinging = asyncio.get_running_loop().call_later(after, self._ping)

    def _ping(self) -> None:
        """The way through a NAT stays open; a far end that vanished is found out (§3.5.1)."""
        self._pinged = True
        self.send(PING)
        if not self._over:
            self._pinging = asyncio.get_running_loop().call_later(PONG_WITHIN, self._expect_pong)

    def _expect_pong(self) -> None:
        """Not everybody knows pings: only who answered one must answer the next."""
        if self._pinged and self._answers_pings:
            self.end("no answer to a ping")
        else:
            self._wind_ping()

    def _read(self) -> int:
        """How many messages were whole."""
        found, welcome = 0, True
        while not self._over and (message := self._framer.next_message()) is not None:
            found += 1
            welcome &= self._take(message, self.flow)
        if not welcome and not self._over and self._resuming is None:
            assert self._transport is not None
            self._transport.pause_reading()
            loop = asyncio.get_running_loop()
            self._resuming = loop.call_later(_PAUSE, self._resume)
        return found

    def _resume(self) -> None:
        self._resuming = None
        if self._transport is not None:
            self._transport.resume_reading()


def _keep_alive(sock: socket.socket | None) -> None:
    """A far end that vanished is noticed; signalling must not wait for more bytes."""
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Streams:
    """All connections of one line. `welcomes` says whether a source may connect.

    `from_host` is the address that we connect from, "" being any.
    """

    def __init__(
        self, from_host: str, take: Take, lost: Lost, welcomes: Callable[[str], bool]
    ) -> None:
        self.client: Secure | None = None
        """Set where we can connect by TLS."""
        self._from = (from_host, 0) if from_host else None
        self._take = take
        self._tell_lost = lost
        self._welcomes = welcomes
        self._open: dict[tuple[str, int, str, str], Connection] = {}
        self._theirs: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def send(self, data: bytes, flow: Flow) -> None:
        """By the connection that stands, else by one that is made now (§18.2.2)."""
        found = self._open.get(flow.key) or self._open.get(flow.anew.key)
        (found or self._connect(flow.anew)).send(data)

    def listen(self, sock: socket.socket, transport: str, tls: Secure | None) -> None:
        """Take connections from this listening socket, which is ours to close from now on."""
        self._spawn(self._accept(sock, transport, tls))

    async def close(self) -> None:
        """Close everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._open.values()):
            connection.end("the line is closed")
        # The transports close their sockets on the loop's next round.
        await asyncio.sleep(0)

    # -- coming in -----------------------------------------------------------------------------

    async def _accept(self, listener: socket.socket, transport: str, tls: Secure | None) -> None:
        loop = asyncio.get_running_loop()
        with listener:
            while True:
                try:
                    sock, address = await loop.sock_accept(listener)
                except OSError as error:
                    # No more file descriptors, above all: what is open goes on.
                    _log.warning("a connection could not be taken: %s", error)
                    await asyncio.sleep(_PAUSE)
                    continue
                self._take_in(sock, (address[0], address[1]), transport, tls)

    def _take_in(
        self, sock: socket.socket, address: Address, transport: str, tls: Secure | None
    ) -> None:
        """Before the costly part of TLS it is clear whether there is room for this source."""
        who = source_of(address[0])
        full = self._theirs[who] >= MOST_FROM_ONE or self._theirs.total() >= MOST_CONNECTIONS
        if full or not self._welcomes(address[0]):
            sock.close()
            return
        self._theirs[who] += 1
        flow = Flow(*address, transport)
        connection = Connection(flow, self._take, self._lost, theirs=True)
        self._open[flow.key] = connection
        connection.expect_rest(waiting=True)
        self._spawn(self._shake_hands(sock, connection, tls))

    async def _shake_hands(
        self, sock: socket.socket, connection: Connection, tls: Secure | None
    ) -> None:
        loop = asyncio.get_running_loop()
        patience = _SHAKING_HANDS if tls else None
        try:
            await loop.connect_accepted_socket(
                lambda: connection, sock, ssl=tls() if tls else None, ssl_handshake_timeout=patience
            )
        except OSError as error:
            _log.debug("no TLS with %s: %s", connection.flow.host, error)
            connection.end(why_not_connected(error))
        except asyncio.CancelledError:
            sock.close()
            raise

    # -- going out -----------------------------------------------------------------------------

    def _connect(self, flow: Flow) -> Connection:
        ours = len(self._open) - self._theirs.total()
        if ours >= MOST_CONNECTIONS:
            next(c for c in self._open.values() if not c.theirs).end("too many connections")
        connection = Connection(flow, self._take, self._lost)
        self._open[flow.key] = connection
        self._spawn(self._make(connection))
        return connection

    async def _make(self, connection: Connection) -> None:
        flow = connection.flow
        loop = asyncio.get_running_loop()
        secure = flow.transport == "TLS"
        if secure and self.client is None:
            connection.end("this line has no TLS")
            return
        try:
            async with asyncio.timeout(_CONNECTING):
                await loop.create_connection(
                    lambda: connection,
                    flow.host,
                    flow.port,
                    ssl=self.client() if self.client and secure else None,
                    server_hostname=(flow.name or flow.host) if secure else None,
                    local_addr=self._from,
                )
        except OSError as error:
            place = f"{flow.host}:{flow.port}/{flow.transport.lower()}"
            connection.end(f"cannot connect to {place}: {why_not_connected(error)}")

    def _lost(self, connection: Connection, why: str) -> None:
        if self._open.get(connection.flow.key) is connection:
            del self._open[connection.flow.key]
        if connection.theirs:
            who = source_of(connection.flow.host)
            self._theirs[who] -= 1
            if not self._theirs[who]:
                del self._theirs[who]
        self._tell_lost(connection.flow, why)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
