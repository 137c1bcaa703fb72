"""A telephone line: sockets, clock and names around the user agent. Touches asyncio."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from operator import methodcaller
from typing import Any

from callcenter.core.errors import ConfigError, NoSuchCall, NotNow, PortInUse
from callcenter.core.ports import LineCall
from callcenter.core.records import Ability, LineState
from callcenter.sip.line.addresses import known_hosts, reachable
from callcenter.sip.line.alarm import Alarm
from callcenter.sip.line.enrolling import Enrolment, Ways, place_of
from callcenter.sip.line.line_calls import Changes, DialledCall, InboundCall
from callcenter.sip.line.line_changes import LineChanges, target_uri
from callcenter.sip.line.names import Names, Place
from callcenter.sip.line.wires import BY_UDP, Access, Wires
from callcenter.sip.signal import events
from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Flow, Hop
from callcenter.sip.signal.media import abilities, secrecy_of
from callcenter.sip.signal.registration import Registrar
from callcenter.sip.signal.sdes import Secrecy
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent
from callcenter.sip.sound.rtp_leg import RtpLeg
from callcenter.sip.sound.rtp_ports import RtpPorts
from callcenter.sip.sound.srtp import possible

_log = logging.getLogger(__name__)

FAREWELL = 2.0
"""Seconds that `close` waits for the other sides to confirm."""
_Agreed = events.CallAnswered | events.MediaChanged | events.EarlyMedia


def new_token() -> str:
    """Random text that nobody guesses: ids, tags, branches."""
    return secrets.token_hex(8)


class SipLine:
    """The Line of core.ports over our own user agent; it can dial, too.

    `host` is what is bound (loopback unless you say otherwise) and, where it is no wildcard, what
    others are told; `advertise` tells them another address. `port` 0 takes a free one.
    `rtp_ports` is the first and last port for sound; None takes any. A call of ours rings for
    `ring_seconds` at most.
    """

    can = frozenset({Ability.DIAL, Ability.HOLD, Ability.TRANSFER})

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
        ring_seconds: float = 60.0,
        access: Access = BY_UDP,
        secrecy: Secrecy = Secrecy.OFF,
        names: Names | None = None,
        may_reach: Callable[[str], bool] = lambda uri: True,
    ) -> None:
        """Raises MissingPiece where secrecy is required, and pylibsrtp is not installed."""
        self.name = name
        self.host = host
        self._access = access
        self._wires = Wires(host, port, access)
        self._wires.received = self._received
        self._wires.settled = self._pump
        self._wires.known = self._knows
        self._wires.lost = self._lost
        self._codecs = tuple(codecs)
        self._secrecy = possible(secrecy)
        self.can |= abilities(self._codecs, self._secrecy, access.transports)
        self._registrar = registrar
        self._look = partial((names or Names()).ways, transports=access.transports, ours=host)
        self._rtp_ports = RtpPorts(host, rtp_ports, self._codecs)
        self._max_calls = max_calls
        self._advertise = advertise
        self._ring_seconds = ring_seconds
        self._may_reach = may_reach
        self._agent: UserAgent | None = None
        self._alarm = Alarm(self._on_timer)
        self._enrolment: Enrolment | None = None
        self._calls: dict[str, InboundCall | DialledCall] = {}
        self._on_call: Callable[[LineCall], None] = methodcaller("reject")
        self._idle = asyncio.Event()
        self._tells: dict[type[events.SipEvent], Callable[[Any], None]] = {
            events.CallArrived: self._arrived,
            events.CallAnswered: self._agreed,
            events.MediaChanged: self._agreed,
            events.EarlyMedia: self._agreed,
            events.TransferAsked: self._transfer_asked,
            events.TransferDone: self._transfer_done,
            events.CallNotTaken: self._not_taken,
            events.CallEnded: self._ended,
            events.RegistrationChanged: self._registration_changed,
        }

    # -- Line ----------------------------------------------------------------------------------

    async def start(
        self, on_call: Callable[[LineCall], None], is_behind: Callable[[], bool] = lambda: False
    ) -> None:
        """Open the SIP ports and begin to register. While `is_behind`, calls that come get 503.

        Raises PortInUse, ConfigError (TLS).
        """
        self._on_call = on_call
        try:
            await self._wires.open()
        except (PortInUse, ConfigError) as error:
            raise type(error)(f"line {self.name}: {error}") from None
        self._agent = self._new_agent(self._settings(is_behind))
        _log.info("line %s listens at %s", self.name, self._wires.address)
        if (where := self._registrar) is not None:
            look = partial(self._look, Place(where.host, where.port, where.transport))
            self._enrolment = Enrolment(self.name, where.host, look, self._found)
            self._enrolment.start()

    def drain(self) -> None:
        """Take no further calls (503, to OPTIONS too) and unregister; those that stand go on."""
        if self._enrolment is not None:
            self._enrolment.stop()
        if self._agent is not None:
            self._agent.retire(self._now())
            self._pump()

    async def close(self) -> None:
        """Hang up, unregister, wait a moment for the confirmations, close the sockets."""
        self.drain()
        if self._agent is not None:
            await self._say_farewell(self._agent)
            self._agent = None
        self._alarm.stop()
        await self._wires.close()
        for call in self._calls.values():
            call.line_closed()
        self._calls.clear()
        await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """The port of UDP and TCP."""
        return self._wires.port

    @property
    def tls_port(self) -> int:
        """The port of TLS."""
        return self._wires.tls_port

    def state(self) -> LineState:
        """How the line stands now."""
        if self._agent is None:
            return LineState(self.name, self._wires.address, None, "closed")
        standing, counts = self._standing(self._agent), self._wires.counts()
        ignored = self._wires.noise + self._agent.ignored
        return LineState(self.name, self._wires.address, *standing, **counts, ignored=ignored)

    def _standing(self, agent: UserAgent) -> tuple[bool | None, str]:
        if self._enrolment is None:
            return None, f"calls: {len(agent.calls)}"
        if agent.registration is None:
            return False, self._enrolment.trouble or "looking it up"
        return agent.registration.registered, agent.registration.detail

    # -- our own calls -------------------------------------------------------------------------

    async def dial(self, to: str | tuple[str, int, str], from_number: str) -> DialledCall:
        """Call a number, a SIP URI or (host, port, user); returns while it rings.

        Raises NotNow (the line is closed, a number needs a registrar, or the URI a transport that
        the line does not have), BadHeader (no URI), OSError (no such host), PortInUse.
        """
        uri = target_uri(to, self._registrar) if isinstance(to, str) else Uri("sip", to[2], *to[:2])
        found = await self._look(place_of(uri, self._registrar, self._access.transports))
        if self._agent is None:
            raise NotNow(f"line {self.name} is closed; start it before dialling")
        way, *others = self._agent.ways(found)
        secret = secrecy_of(self._agent.settings, way) is not Secrecy.OFF
        leg = self._rtp_ports.open(awaits_keys=secret)
        media = (self._agent.settings.host, leg.port)
        call_id = self._agent.invite(uri, way, from_number, media, self._now(), others)
        end = partial(self._hang_up, call_id)
        call = DialledCall(leg, end, from_number, uri.number, self._changes(call_id))
        self._calls[call_id] = call
        _log.debug("line %s: call %s from %s to %s", self.name, call_id, from_number, uri)
        self._pump()
        return call

    # -- commands of calls ---------------------------------------------------------------------

    def _changes(self, call_id: str) -> Changes:
        return LineChanges(call_id, self._registrar, self._run, self._id_of)

    def _run(self, do: Callable[[UserAgent, float], None]) -> None:
        if self._agent is None:
            raise NoSuchCall(f"line {self.name} is closed")
        do(self._agent, self._now())
        self._pump()

    def _id_of(self, call: LineCall) -> str:
        known: Sequence[tuple[str, object]] = list(self._calls.items())
        found = next((i for i, c in known if c is call), None)
        if found is None:
            raise NoSuchCall(f"line {self.name}: the other call is over, or of another line")
        return found

    def _pick_up(self, call_id: str) -> RtpLeg:
        if self._agent is None:
            raise NoSuchCall(f"line {self.name} is closed")
        leg = self._rtp_ports.open(awaits_keys=self._secrecy is not Secrecy.OFF)
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

    def _received(self, data: bytes, source: Hop) -> None:
        if self._agent is not None:
            self._agent.receive_datagram(data, source, self._now())

    def _knows(self, data: bytes) -> bool:
        return self._agent is not None and self._agent.is_known(data)

    def _lost(self, flow: Flow, why: str) -> None:
        _log.info("line %s: connection with %s: %s", self.name, flow.host, why)
        if self._agent is not None:
            self._agent.connection_lost(flow, why, self._now())
            self._pump()

    def _on_timer(self) -> None:
        if self._agent is not None:
            self._agent.handle_timer(self._now())
            self._pump()

    def _pump(self) -> None:
        """Tell what is to be told, send what is to be sent, wind the one timer."""
        agent = self._agent
        if agent is None:
            return
        while (event := agent.next_event()) is not None:
            if (tell := self._tells.get(type(event))) is not None:
                tell(event)
        for data, hop in agent.datagrams_to_send():
            self._wires.send(data, hop)
        self._alarm.wind(agent.get_timer())
        if agent.idle:
            self._idle.set()

    def _registration_changed(self, event: events.RegistrationChanged) -> None:
        _log.info("line %s: registration: %s", self.name, event.detail)
        if self._enrolment is not None and not event.registered:
            self._enrolment.refused()

    def _agreed(self, event: _Agreed) -> None:
        call = self._calls.get(event.call)
        if isinstance(call, DialledCall) and isinstance(event, events.EarlyMedia):
            call.early(event.stream)
        elif call is not None:
            call.agreed(event.stream)

    def _arrived(self, event: events.CallArrived) -> None:
        _log.info("line %s: call %s came in", self.name, event.call)
        _log.debug("call %s: from %s to %s", event.call, event.caller_number, event.callee_number)
        call = InboundCall(
            event.caller_number,
            event.callee_number,
            partial(self._pick_up, event.call),
            partial(self._reject, event.call),
            partial(self._hang_up, event.call),
            self._changes(event.call),
        )
        self._calls[event.call] = call
        if not self._safely(event.call, partial(self._on_call, call)):
            self._hang_up(event.call)

    def _transfer_asked(self, event: events.TransferAsked) -> None:
        call = self._calls.get(event.call)
        wanted = call is not None and call.takes_transfers
        if self._agent is not None and event.call in self._agent.calls:
            self._agent.take_transfer(event.call, wanted, self._now())
        if call is not None and wanted:
            self._safely(event.call, partial(call.on_transfer, event.target))

    def _transfer_done(self, event: events.TransferDone) -> None:
        call = self._calls.get(event.call)
        for over in (event.call, event.other) if event.worked else ():
            ended = self._calls.pop(over, None)
            if ended is not None:
                ended.hung_up()
        if call is not None:
            self._safely(event.call, partial(call.transferred, event.worked, event.reason))

    def _not_taken(self, event: events.CallNotTaken) -> None:
        call = self._calls.pop(event.call, None)
        if isinstance(call, DialledCall):
            call.refused(event.status, event.reason, event.why)

    def _ended(self, event: events.CallEnded) -> None:
        _log.info("line %s: call %s: the far end %s", self.name, event.call, event.reason)
        call = self._calls.pop(event.call, None)
        if call is not None:
            self._safely(event.call, call.ended)

    def _safely(self, call_id: str, tell: Callable[[], None]) -> bool:
        """Tell the taker; a taker that fails harms no other call."""
        try:
            tell()
        except Exception:
            _log.exception("line %s: whoever took call %s failed", self.name, call_id)
            return False
        return True

    # -- helpers -------------------------------------------------------------------------------

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _settings(self, is_behind: Callable[[], bool]) -> Settings:
        registrar = self._registrar
        known = Credentials(registrar.user, registrar.password) if registrar else None
        return Settings(
            self._advertise or reachable(self.host),
            self.port,
            user=registrar.user if registrar else self.name,
            codecs=self._codecs,
            secrecy=self._secrecy,
            max_calls=self._max_calls,
            credentials=known,
            ring_seconds=self._ring_seconds,
            transports=self._access.transports,
            tls_port=self.tls_port,
            is_stranger=self._wires.doorkeeper.is_stranger,
            is_behind=is_behind,
            keep_alive=self._access.keep_alive,
            entrance=self._wires.entrance(new_token),
            hosts=known_hosts(self.host, self._advertise),
            may_reach=self._may_reach,
        )

    def _new_agent(self, settings: Settings) -> UserAgent:
        return UserAgent(settings, new_token)

    def _found(self, ways: Ways) -> None:
        """The registrar is at these addresses, or has moved there."""
        if self._agent is None or self._registrar is None:
            return
        for way in ways:
            self._wires.doorkeeper.trust(way[0])
        self._agent.register(self._registrar, ways[0], self._now(), ways[1:])
        self._pump()

    async def _say_farewell(self, agent: UserAgent) -> None:
        """Keeps the agent running until every side has confirmed, FAREWELL seconds at most."""
        for call_id in agent.calls:
            agent.hang_up(call_id, self._now())
        self._pump()
        try:
            async with asyncio.timeout(FAREWELL):
                while not agent.idle:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            _log.info("line %s: not everybody confirmed the farewell", self.name)
