"""A telephone line over UDP: sockets, clock and names around the user agent. Touches asyncio."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import Callable, Sequence
from functools import partial
from operator import methodcaller

from callcenter.core.errors import NoSuchCall, NotNow, PortInUse
from callcenter.core.ports import LineCall
from callcenter.core.records import LineState
from callcenter.sip import events
from callcenter.sip.digest import Credentials
from callcenter.sip.headers import Address, Uri, numeric_host
from callcenter.sip.layer import Settings
from callcenter.sip.line_calls import DialledCall, InboundCall
from callcenter.sip.registration import Registrar
from callcenter.sip.rtp_leg import RtpLeg, open_rtp_socket
from callcenter.sip.user_agent import UserAgent

_log = logging.getLogger(__name__)

FAREWELL = 2.0
"""Seconds that `close` waits for the other sides to confirm."""
_LOOK_UP_AGAIN = 30.0
_WILDCARDS = {
    "0.0.0.0": (socket.AF_INET, "192.0.2.1"),  # noqa: S104 (compared with, not bound)
    "::": (socket.AF_INET6, "2001:db8::1"),
}
"""Hosts that mean every address, and a documentation address (RFC 5737, 3849) beyond them."""


def _token() -> str:
    return secrets.token_hex(8)


class _Port(asyncio.DatagramProtocol):
    """The SIP socket's side of asyncio."""

    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._received(data, (addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """A datagram could not be sent; the transactions repeat it or give up."""
        _log.debug("a SIP datagram was not sent: %s", exc)


class SipLine:
    """The Line of core.ports over our own user agent; it can dial, too.

    `host` is what is bound (loopback unless you say otherwise) and, where it is no wildcard, what
    others are told; `advertise` tells them another address. `port` 0 takes a free one.
    `rtp_ports` is the first and last port for sound; None takes any.
    """

    def __init__(
        self,
        name: str,
        host: str = "127.0.0.1",
        port: int = 5060,
        *,
        codecs: Sequence[str] = ("PCMU", "PCMA"),
        registrar: Registrar | None = None,
        rtp_ports: tuple[int, int] | None = None,
        max_calls: int = 100,
        advertise: str = "",
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self._codecs = tuple(codecs)
        self._registrar = registrar
        self._rtp_ports = rtp_ports
        self._next_rtp = 0
        self._max_calls = max_calls
        self._advertise = advertise
        self._agent: UserAgent | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._finding: asyncio.Task[None] | None = None
        self._calls: dict[str, InboundCall | DialledCall] = {}
        self._on_call: Callable[[LineCall], None] = methodcaller("reject")
        self._idle = asyncio.Event()
        self._trouble = ""

    # -- Line ----------------------------------------------------------------------------------

    async def start(self, on_call: Callable[[LineCall], None]) -> None:
        """Open the SIP port and begin to register. Raises PortInUse."""
        self._on_call = on_call
        loop = asyncio.get_running_loop()
        try:
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: _Port(self._received), local_addr=(self.host, self.port)
            )
        except OSError as error:
            raise PortInUse(
                f"line {self.name}: cannot use {self.host}:{self.port}: {error.strerror}"
            ) from None
        self.port = self._transport.get_extra_info("sockname")[1]
        self._agent = UserAgent(self._settings(), _token)
        _log.info("line %s listens at %s:%d", self.name, self.host, self.port)
        if self._registrar is not None:
            self._finding = loop.create_task(self._register(self._agent, self._registrar))

    async def close(self) -> None:
        """Hang up, unregister, wait a moment for the confirmations, close the sockets."""
        if self._finding is not None:
            self._finding.cancel()
        if self._agent is not None:
            await self._say_farewell(self._agent)
            self._agent = None
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        for call in self._calls.values():
            call.line_closed()
        self._calls.clear()
        await asyncio.sleep(0)

    def state(self) -> LineState:
        """How the line stands now."""
        address = f"{self.host}:{self.port}"
        if self._agent is None:
            return LineState(self.name, address, None, "closed")
        standing = f"calls: {len(self._agent.calls)}"
        registration = self._agent.registration
        if self._registrar is None:
            return LineState(self.name, address, None, standing)
        if registration is None:
            return LineState(self.name, address, False, self._trouble or "looking it up")
        return LineState(self.name, address, registration.registered, registration.detail)

    # -- our own calls -------------------------------------------------------------------------

    async def dial(self, to: str | tuple[str, int, str], from_number: str) -> DialledCall:
        """Call a SIP URI or (host, port, user); returns while it rings.

        Raises NotNow (the line is closed), BadHeader (no URI), OSError (no such host), PortInUse.
        """
        uri = Uri.parse(to) if isinstance(to, str) else Uri("sip", to[2], to[0], to[1])
        destination = await self._look_up(uri.host, uri.port or 5060)
        if self._agent is None:
            raise NotNow(f"line {self.name} is closed; start it before dialling")
        leg = self._open_leg()
        media = (self._agent.settings.host, leg.port)
        call_id = self._agent.invite(uri, destination, from_number, media, self._now())
        call = DialledCall(leg, partial(self._hang_up, call_id))
        self._calls[call_id] = call
        _log.debug("line %s: call %s from %s to %s", self.name, call_id, from_number, uri)
        self._pump()
        return call

    # -- commands of calls ---------------------------------------------------------------------

    def _pick_up(self, call_id: str) -> RtpLeg:
        if self._agent is None:
            raise NoSuchCall(f"line {self.name} is closed")
        leg = self._open_leg()
        try:
            host = self._agent.settings.host
            stream = self._agent.answer(call_id, host, leg.port, self._now())
        except (NoSuchCall, NotNow):
            leg.close()
            raise
        if stream is not None:
            leg.agree(stream)
        self._pump()
        return leg

    def _reject(self, call_id: str) -> None:
        if self._agent is not None and call_id in self._agent.calls:
            self._agent.reject(call_id, 486, self._now())
            self._calls.pop(call_id, None)
            self._pump()

    def _hang_up(self, call_id: str) -> None:
        if self._agent is None:
            return
        self._agent.hang_up(call_id, self._now())
        call = self._calls.get(call_id)
        if call is not None and call.hung_up():
            del self._calls[call_id]
        self._pump()

    # -- the loop ------------------------------------------------------------------------------

    def _received(self, data: bytes, source: Address) -> None:
        if self._agent is not None:
            self._agent.receive_datagram(data, source, self._now())
            self._pump()

    def _on_timer(self) -> None:
        if self._agent is not None:
            self._agent.handle_timer(self._now())
            self._pump()

    def _pump(self) -> None:
        """Send what is to be sent, tell what is to be told, wind the one timer."""
        agent = self._agent
        if agent is None:
            return
        self._flush(agent)
        while (event := agent.next_event()) is not None:
            self._tell(event)
        self._flush(agent)
        if self._timer is not None:
            self._timer.cancel()
        at = agent.get_timer()
        loop = asyncio.get_running_loop()
        self._timer = None if at is None else loop.call_at(at, self._on_timer)
        if agent.idle:
            self._idle.set()

    def _flush(self, agent: UserAgent) -> None:
        for data, address in agent.datagrams_to_send():
            if self._transport is not None:
                self._transport.sendto(data, address)

    def _tell(self, event: events.SipEvent) -> None:
        match event:
            case events.CallArrived():
                self._arrived(event)
            case events.CallAnswered() | events.MediaChanged():
                call = self._calls.get(event.call)
                if call is not None:
                    call.agreed(event.stream)
            case events.CallNotTaken():
                self._not_taken(event)
            case events.CallEnded():
                self._ended(event)
            case events.RegistrationChanged():
                _log.info("line %s: registration: %s", self.name, event.detail)

    def _arrived(self, event: events.CallArrived) -> None:
        _log.info("line %s: call %s came in", self.name, event.call)
        _log.debug("call %s: from %s to %s", event.call, event.caller_number, event.callee_number)
        call = InboundCall(
            event.caller_number,
            event.callee_number,
            partial(self._pick_up, event.call),
            partial(self._reject, event.call),
            partial(self._hang_up, event.call),
        )
        self._calls[event.call] = call
        try:
            self._on_call(call)
        except Exception:
            _log.exception("line %s: call %s could not be taken", self.name, event.call)
            self._hang_up(event.call)

    def _not_taken(self, event: events.CallNotTaken) -> None:
        call = self._calls.pop(event.call, None)
        if isinstance(call, DialledCall):
            call.refused(event.status, event.reason)

    def _ended(self, event: events.CallEnded) -> None:
        _log.info("line %s: call %s: the far end %s", self.name, event.call, event.reason)
        call = self._calls.pop(event.call, None)
        if call is None:
            return
        try:
            call.ended()
        except Exception:
            _log.exception("line %s: the end of call %s was not heard", self.name, event.call)

    # -- helpers -------------------------------------------------------------------------------

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _settings(self) -> Settings:
        registrar = self._registrar
        known = Credentials(registrar.user, registrar.password) if registrar else None
        return Settings(
            self._advertise or _reachable(self.host),
            self.port,
            user=registrar.user if registrar else self.name,
            codecs=self._codecs,
            max_calls=self._max_calls,
            credentials=known,
        )

    def _open_leg(self) -> RtpLeg:
        if self._rtp_ports is None:
            return RtpLeg(open_rtp_socket(self.host, (0,)), self._codecs)
        first, last = self._rtp_ports
        ports = range(first + first % 2, last + 1, 2)
        at = self._next_rtp % max(1, len(ports))
        self._next_rtp = at + 1
        return RtpLeg(open_rtp_socket(self.host, [*ports[at:], *ports[:at]]), self._codecs)

    async def _look_up(self, host: str, port: int) -> Address:
        numeric = numeric_host(host)
        if numeric is not None:
            return numeric, port
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_DGRAM)
        return str(found[0][4][0]), port

    async def _register(self, agent: UserAgent, registrar: Registrar) -> None:
        """Find the registrar, however long that takes, then register."""
        address = await self._try_look_up(registrar)
        while address is None:
            await asyncio.sleep(_LOOK_UP_AGAIN)
            address = await self._try_look_up(registrar)
        agent.register(registrar, address, self._now())
        self._pump()

    async def _try_look_up(self, registrar: Registrar) -> Address | None:
        try:
            return await self._look_up(registrar.host, registrar.port)
        except OSError as error:
            self._trouble = f"no such host: {registrar.host}"
            _log.warning("line %s: registrar %s: %s", self.name, registrar.host, error)
            return None

    async def _say_farewell(self, agent: UserAgent) -> None:
        """Keeps the agent running until every side has confirmed, FAREWELL seconds at most."""
        for call_id in agent.calls:
            agent.hang_up(call_id, self._now())
        agent.unregister(self._now())
        self._pump()
        try:
            async with asyncio.timeout(FAREWELL):
                while not agent.idle:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            _log.info("line %s: not everybody confirmed the farewell", self.name)


def _reachable(host: str, beyond: str = "") -> str:
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
