"""Registering with a registrar, keeping it fresh, leaving (RFC 3261 §10.2). Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from callcenter.core.errors import NotNow
from callcenter.sip.errors import BadChallenge, BadHeader
from callcenter.sip.signal.digest import Credentials, authorization, best_challenge
from callcenter.sip.signal.events import RegistrationChanged
from callcenter.sip.signal.framing import PING
from callcenter.sip.signal.headers import NameAddr, Uri, parse_count, printable
from callcenter.sip.signal.hops import Flow, Hop
from callcenter.sip.signal.layer import Layer
from callcenter.sip.signal.locate import UNAVAILABLE
from callcenter.sip.signal.message import Header, Request, Response

FIRST_REST = 2.0
LONGEST_REST = 300.0
"""Seconds between two attempts, doubled each time."""
_LONGEST_RETRY_AFTER = 3600
_FORBIDDEN = (401, 403, 404, 407)
"""Refusals that asking again soon will not change: a PBX bars who tries a wrong password often."""
_BETWEEN_LOSSES = 30.0
"""Seconds: a registrar may close each connection when it has answered."""
MOST_ATTEMPTS = 3
"""Requests in one go: without credentials, with them, and once more where a nonce was stale."""


@dataclass(frozen=True)
class Registrar:
    """Where and as whom a line registers; `expires` is in seconds, `transport` UDP, TCP or TLS.

    Port 0 and transport "" leave it to the host's DNS records which to take (RFC 3263).
    """

    host: str
    port: int = 5060
    user: str = ""
    password: str = field(default="", repr=False)
    expires: int = 300
    transport: str = "UDP"


class State(StrEnum):
    """Where a registration stands."""

    OFF = "off"
    ASKING = "asking"
    REGISTERED = "registered"
    RESTING = "resting after a failure"
    LEAVING = "leaving"
    GONE = "gone"


class Input(StrEnum):
    """What happens to a registration."""

    START = "start"
    GRANTED = "2xx comes"
    RETRY = "a refusal comes that we can meet"
    REFUSED = "a refusal or nothing comes"
    DUE = "the time is up"
    STOP = "stop"


class Action(StrEnum):
    """What to do, in this order."""

    SEND = "send REGISTER"
    SEND_LEAVE = "send REGISTER with Expires 0"
    RESEND = "send REGISTER again, corrected"
    WIND_REFRESH = "wind the refresh timer"
    WIND_REST = "wind the back-off timer"
    UNWIND = "stop the timer"
    TELL = "tell how we stand"


_A, _I, _S = Action, Input, State

TABLE: Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    (_S.OFF, _I.START): (_S.ASKING, (_A.SEND,)),
    (_S.OFF, _I.STOP): (_S.GONE, ()),
    (_S.ASKING, _I.GRANTED): (_S.REGISTERED, (_A.WIND_REFRESH, _A.TELL)),
    (_S.ASKING, _I.RETRY): (_S.ASKING, (_A.RESEND,)),
    (_S.ASKING, _I.REFUSED): (_S.RESTING, (_A.WIND_REST, _A.TELL)),
    (_S.ASKING, _I.STOP): (_S.LEAVING, (_A.SEND_LEAVE,)),
    (_S.REGISTERED, _I.DUE): (_S.ASKING, (_A.SEND,)),
    (_S.REGISTERED, _I.STOP): (_S.LEAVING, (_A.UNWIND, _A.SEND_LEAVE)),
    (_S.RESTING, _I.DUE): (_S.ASKING, (_A.SEND,)),
    (_S.RESTING, _I.STOP): (_S.GONE, (_A.UNWIND,)),
    (_S.LEAVING, _I.GRANTED): (_S.GONE, (_A.TELL,)),
    (_S.LEAVING, _I.RETRY): (_S.LEAVING, (_A.RESEND,)),
    (_S.LEAVING, _I.REFUSED): (_S.GONE, (_A.TELL,)),
    (_S.LEAVING, _I.STOP): (_S.LEAVING, ()),
    (_S.GONE, _I.STOP): (_S.GONE, ()),
}


class Registration:
    """One binding of our Contact at a registrar."""

    def __init__(self, layer: Layer, registrar: Registrar, ways: Sequence[Hop]) -> None:
        """`ways` lead to the registrar, one at least; each is tried before it rests."""
        self.registered = False
        self.detail = "not registered yet"
        self.state = State.OFF
        self._layer = layer
        self._registrar = registrar
        self._ways = deque(ways)
        self._tried = 1
        """How many of the ways were tried in this go."""
        self._me = NameAddr(Uri("sip", registrar.user, registrar.host))
        self.call_id = f"{layer.token()}@{layer.settings.host}"
        self._tag = layer.token()
        self._cseq = 0
        self._expires = registrar.expires
        self._granted = registrar.expires
        self._granted_at = 0.0
        self._rest = FIRST_REST
        self._due: float | None = None
        self._ping_at: float | None = None
        self._attempts = 0
        self._extra: tuple[Header, ...] = ()
        self._do = {
            Action.SEND: self._send_first,
            Action.SEND_LEAVE: self._send_leave,
            Action.RESEND: self._send,
            Action.WIND_REFRESH: self._wind_refresh,
            Action.WIND_REST: self._wind_rest,
            Action.UNWIND: self._unwind,
            Action.TELL: self._tell,
        }

    @property
    def address(self) -> Hop:
        """Where we register."""
        return self._ways[0]

    @property
    def over(self) -> bool:
        """True where nothing is under way any more."""
        return self.state in (State.OFF, State.GONE)

    def feed(self, what: Input, now: float) -> None:
        """Take one input and act. Raises NotNow for a pair not in the table."""
        found = TABLE.get((self.state, what))
        if found is None:
            raise NotNow(f"the registration is {self.state.value}: cannot {what.value}")
        self.state, actions = found
        for action in actions:
            self._do[action](now)

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        return min((t for t in (self._due, self._ping_at) if t is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Refresh, or try again; keep the way open."""
        if self._ping_at is not None and now >= self._ping_at:
            self._layer.outbox.append((PING, self.address))
            self._wind_ping(now)
        if self._due is not None and now >= self._due:
            self._due = None
            self.feed(Input.DUE, now)

    def connection_lost(self, flow: Flow, now: float) -> None:
        """The connection broke over which calls come: the registrar must know the next one."""
        ours = isinstance(self.address, Flow) and self.address.key == flow.key
        if ours and self.state is State.REGISTERED and self._due is not None:
            self._due = min(self._due, max(now, self._granted_at + _BETWEEN_LOSSES))

    def move(self, ways: Sequence[Hop]) -> None:
        """The registrar's name means other addresses now."""
        self._ways = deque(ways)

    # -- responses -----------------------------------------------------------------------------

    def _answered(self, response: Response, now: float) -> None:
        if response.status < 200 or response.cseq.number != self._cseq:
            return
        if response.status < 300:
            self._take_granted(response, now)
        elif self._can_go_elsewhere(response) or self._can_correct(response):
            self.feed(Input.RETRY, now)
        else:
            self.registered = False
            self.detail = f"refused: {response.status} {printable(response.reason)}"
            self._rest = max(self._rest, wanted_rest(response))
            self._ping_at = None
            self.feed(Input.REFUSED, now)

    def _take_granted(self, response: Response, now: float) -> None:
        contact = self._layer.settings.contact
        self._granted = granted_seconds(response, contact, self._expires)
        self.registered = self.state is State.ASKING
        self.detail = f"for {self._granted} s" if self.registered else "unregistered"
        self._rest = FIRST_REST
        self._granted_at = now
        self._wind_ping(now)
        self.feed(Input.GRANTED, now)

    def _can_go_elsewhere(self, response: Response) -> bool:
        """RFC 3263 §4.3: who is silent, broken or too busy is not the only one."""
        if response.status not in UNAVAILABLE or self._tried >= len(self._ways):
            return False
        self._tried += 1
        self._ways.rotate(-1)
        self._attempts, self._extra = 0, ()
        return True

    def _can_correct(self, response: Response) -> bool:
        """True where `_extra` or `_expires` now answer the refusal: 401, 407, 423."""
        if self._attempts >= MOST_ATTEMPTS:
            return False
        if response.status == 423:
            return self._lengthen(response)
        if response.status not in (401, 407) or not self._registrar.password:
            return False
        try:
            challenge = best_challenge(response)
        except BadChallenge:
            return False
        if self._extra and not challenge.stale:
            return False
        me = Credentials(self._registrar.user, self._registrar.password)
        value = authorization(challenge, me, "REGISTER", self._uri(), self._layer.token())
        self._extra = ((challenge.header, value),)
        return True

    def _lengthen(self, response: Response) -> bool:
        try:
            least = parse_count(response.required("Min-Expires"), 2**31)
        except BadHeader:
            return False
        if least <= self._expires or self.state is State.LEAVING:
            return False
        self._expires = least
        return True

    # -- actions -------------------------------------------------------------------------------

    def _send_first(self, now: float) -> None:
        self._attempts, self._extra, self._tried = 0, (), 1
        self._send(now)

    def _send_leave(self, now: float) -> None:
        self._expires = 0
        self._send_first(now)

    def _send(self, now: float) -> None:
        self._attempts += 1
        self._cseq += 1
        headers = (
            ("Via", str(self._layer.new_via())),
            ("Max-Forwards", "70"),
            ("From", str(self._me.with_param("tag", self._tag))),
            ("To", str(self._me)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} REGISTER"),
            ("Contact", self._layer.settings.contact),
            ("Expires", str(self._expires)),
            *self._extra,
        )
        request = Request(headers, b"", "REGISTER", self._uri())
        hasty = self._tried < len(self._ways)
        self._layer.request(request, self.address, self._answered, now, hasty)

    def _uri(self) -> str:
        return str(Uri("sip", "", self._registrar.host, self._registrar.port or None))

    def _wind_refresh(self, now: float) -> None:
        """A fifth of the time is kept for a registrar that is slow to answer."""
        self._due = now + 0.8 * self._granted

    def _wind_rest(self, now: float) -> None:
        self._due = now + self._rest
        self._rest = min(2 * self._rest, LONGEST_REST)

    def _wind_ping(self, now: float) -> None:
        """A NAT forgets a way by UDP after half a minute; a connection has pings of its own."""
        every = self._layer.settings.keep_alive
        wanted = every > 0 and self.registered and not isinstance(self.address, Flow)
        self._ping_at = now + every if wanted else None

    def _unwind(self, now: float) -> None:
        self._due = None

    def _tell(self, now: float) -> None:
        self._layer.events.append(RegistrationChanged(self.registered, self.detail))


def granted_seconds(response: Response, contact: str, asked: int) -> int:
    """The expires of our own Contact, else the Expires header, else what we asked (§10.2.4)."""
    try:
        contacts = [NameAddr.parse(c) for c in response.listed("Contact")]
        ours = NameAddr.parse(contact).uri
        mine = [c for c in contacts if (c.uri.user, c.uri.host) == (ours.user, ours.host)]
        text = next((c.get("expires") for c in mine), None) or response.first("Expires")
        return max(1, parse_count(text, 2**31)) if text else asked
    except BadHeader:
        return asked


def wanted_rest(response: Response) -> float:
    """Seconds to leave the registrar in peace after this refusal (§20.33)."""
    if response.status in _FORBIDDEN:
        return LONGEST_REST
    text = (response.first("Retry-After") or "").partition(";")[0].partition("(")[0]
    try:
        return float(min(parse_count(text, 2**32), _LONGEST_RETRY_AFTER))
    except BadHeader:
        return 0.0
