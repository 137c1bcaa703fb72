"""How a user agent presents itself: what it can do, and its Via and Contact by transport. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeVar

from callcenter.sip.signal.digest import Credentials
from callcenter.sip.signal.headers import Params, Uri
from callcenter.sip.signal.hops import DEFAULT_PORTS, Hop, transport_of
from callcenter.sip.signal.message import Header, Message, Request, Response
from callcenter.sip.signal.sdes import Secrecy
from callcenter.sip.signal.transaction import Timings

_M = TypeVar("_M", Request, Response)


class Entrance(Protocol):
    """Who of those who call must log in (see admission.py)."""

    def must_log_in(self, host: str) -> bool:
        """Whether calls from this host need credentials."""
        ...

    def ask(self, request: Request, host: str, now: float) -> tuple[Header, ...] | None:
        """The challenge that the sender has to meet; None where they have."""
        ...


def _nobody(host: str) -> bool:
    """Where no list of the known ones is kept, nobody is a stranger."""
    return False


def _anybody(uri: str) -> bool:
    """Where nothing limits calls out, they may be sent on to anybody."""
    return True


def _never() -> bool:
    """Where nobody measures, this machine keeps up."""
    return False


@dataclass(frozen=True)
class Settings:
    """How a user agent presents itself; `host` and its ports are what others reach it by."""

    host: str
    port: int
    user: str = "callcenter"
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    max_calls: int = 100
    credentials: Credentials | None = None
    timings: Timings = field(default_factory=Timings)
    secrecy: Secrecy = Secrecy.OFF
    """Whether sound is encrypted (SRTP)."""
    ring_seconds: float = 60.0
    """How long a call of ours may ring."""
    session_seconds: int = 1800
    least_session_seconds: int = 90
    """How often a call is confirmed to stand, and how often at most (RFC 4028 §4, §5)."""
    transports: tuple[str, ...] = ("UDP",)
    """What the line speaks; the first one where nothing else is said."""
    tls_port: int = DEFAULT_PORTS["TLS"]
    keep_alive: float = 0.0
    """Seconds between two datagrams that keep the way to us open where we register by UDP; 0: none.
    """
    is_stranger: Callable[[str], bool] = _nobody
    """Whether a host is one that nobody named: such a one must not fill the line alone."""
    entrance: Entrance | None = None
    """Who must log in; nobody where None."""
    hosts: frozenset[str] = frozenset()
    """The numeric addresses at which we are reached; empty where they are not known."""
    may_reach: Callable[[str], bool] = _anybody
    """Whether a call of ours may be sent on to this URI, where who is called asks for that."""
    is_behind: Callable[[], bool] = _never
    """Whether this machine cannot keep up with the calls it has: then it takes no further one."""

    @cached_property
    def contact(self) -> str:
        """Our Contact header, for whom we talk with by UDP."""
        return self.contact_by("UDP")

    def contact_by(self, transport: str, secure: bool = False) -> str:
        """Our Contact header by transport; `secure` where sips: asks for sips: (§12.1.1)."""
        port = self._port(transport)
        if secure:
            return f"<{Uri('sips', self.user, self.host, port)}>"
        said: Params = () if transport == "UDP" else (("transport", transport.lower()),)
        return f"<{Uri('sip', self.user, self.host, port, said)}>"

    def _port(self, transport: str) -> int:
        return self.tls_port if transport == "TLS" else self.port

    def timings_by(self, hop: Hop, hasty: bool = False) -> Timings:
        """Over a connection nothing is repeated (§17)."""
        return replace(self.timings, reliable=transport_of(hop) != "UDP", hasty=hasty)

    def presented(self, message: _M, hop: Hop) -> _M:
        """The message as it goes by this hop: Via and Contact name its transport (§18.1.1)."""
        transport = transport_of(hop)
        if transport == "UDP":
            return message
        secure = transport == "TLS" and _asks_for_sips(message)
        ours = {("Contact", self.contact): ("Contact", self.contact_by(transport, secure))}
        if isinstance(message, Request):
            via = replace(message.via, transport=transport, port=self._port(transport))
            ours["Via", str(message.via)] = ("Via", str(via))
        return replace(message, headers=tuple(ours.get(h, h) for h in message.headers))


def _asks_for_sips(message: Message) -> bool:
    """True where nobody on the way may listen (§26.2.2)."""
    if isinstance(message, Request):
        return message.uri.lower().startswith("sips:")
    return message.to.uri.scheme == "sips"
