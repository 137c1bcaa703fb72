"""Messages in and out, matched to their transactions (RFC 3261 §17, §18; RFC 3581). Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from callcenter.sip.digest import Credentials
from callcenter.sip.errors import BadHeader, NotSip
from callcenter.sip.events import SipEvent
from callcenter.sip.headers import MAGIC_COOKIE, Address, Uri, Via
from callcenter.sip.message import BadMessage, Message, Request, Response, parse
from callcenter.sip.replies import REASONS, reply
from callcenter.sip.transaction import (
    CLIENT_INVITE,
    CLIENT_OTHER,
    SERVER_INVITE,
    SERVER_OTHER,
    Action,
    Input,
    Machine,
    Timings,
)

MOST_TRANSACTIONS = 4096
"""Further requests are met with silence: their senders repeat them, and memory has a bound."""


@dataclass(frozen=True)
class Settings:
    """How a user agent presents itself; `host` and `port` are what others reach it by."""

    host: str
    port: int
    user: str = "callcenter"
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    max_calls: int = 100
    credentials: Credentials | None = None
    timings: Timings = field(default_factory=Timings)

    @property
    def contact(self) -> str:
        """Our Contact header."""
        return f"<{Uri('sip', self.user, self.host, self.port)}>"


class ServerTransaction:
    """A request that came in, and the last response to it."""

    def __init__(self, request: Request, source: Address, timings: Timings, now: float) -> None:
        kind = SERVER_INVITE if request.method == "INVITE" else SERVER_OTHER
        self.request = request
        self.source = source
        self.machine = Machine(kind, timings, now)
        self.response: Response | None = None


class ClientTransaction:
    """A request that we sent, and who wants to know its responses."""

    def __init__(
        self,
        request: Request,
        destination: Address,
        listener: Callable[[Response, float], None],
        timings: Timings,
        now: float,
    ) -> None:
        kind = CLIENT_INVITE if request.method == "INVITE" else CLIENT_OTHER
        self.request = request
        self.destination = destination
        self.listener = listener
        self.machine = Machine(kind, timings, now)


Key = tuple[str, ...]
OnRequest = Callable[[Request, ServerTransaction | None, Address, float], None]


def _nobody(
    request: Request, transaction: ServerTransaction | None, source: Address, now: float
) -> None:
    """Takes requests until a user agent is set."""


def server_key(request: Request, method: str = "") -> Key:
    """What makes two requests the same (§17.2.3); an ACK belongs to its INVITE."""
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.via
    where = (via.host, str(via.port), method)
    if via.branch.startswith(MAGIC_COOKIE):
        return (via.branch, *where)
    # RFC 2543: no unique branch; the To tag is left out, since an ACK has one its INVITE had not.
    return (via.branch, *where, request.call_id, request.from_.tag, str(request.cseq.number))


def ack_for_failure(invite: Request, response: Response) -> Request:
    """The ACK that belongs to a refused INVITE (§17.1.1.3)."""
    return _like(invite, "ACK", response.required("To"))


def cancel_for(invite: Request) -> Request:
    """The CANCEL of an INVITE (§9.1)."""
    return _like(invite, "CANCEL", invite.required("To"))


def _like(invite: Request, method: str, to: str) -> Request:
    kept = ("Via", "Route", "From", "Call-ID", "Max-Forwards")
    headers = [h for h in invite.headers if h[0] in kept]
    headers += [("To", to), ("CSeq", f"{invite.cseq.number} {method}")]
    return Request(tuple(headers), b"", method, invite.uri)


class Layer:
    """Holds the transactions; hands new requests to `on_request`, responses to their listeners."""

    def __init__(self, settings: Settings, token: Callable[[], str]) -> None:
        self.settings = settings
        self.token = token
        self.on_request: OnRequest = _nobody
        self.outbox: deque[tuple[bytes, Address]] = deque()
        self.events: deque[SipEvent] = deque()
        self._servers: dict[Key, ServerTransaction] = {}
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._originals: dict[Key, Key] = {}

    # -- going out ---------------------------------------------------------------------------

    def new_via(self) -> Via:
        """A Via of ours with a fresh branch; asks for rport (RFC 3581 §3)."""
        branch = MAGIC_COOKIE + self.token()
        where = self.settings
        return Via("UDP", where.host, where.port, (("rport", None), ("branch", branch)))

    def send(self, message: Request | Response, destination: Address) -> None:
        """Put a message into the outbox, without a transaction."""
        self.outbox.append((bytes(message), destination))

    def request(
        self,
        request: Request,
        destination: Address,
        listener: Callable[[Response, float], None],
        now: float,
    ) -> None:
        """Send a request; `listener` gets each response, or a 408 of our own where none comes."""
        transaction = ClientTransaction(request, destination, listener, self.settings.timings, now)
        self._clients[request.via.branch, request.method] = transaction
        self.send(request, destination)

    def abandon(self, request: Request) -> None:
        """Forget a request whose final response will not come any more (§9.1)."""
        self._clients.pop((request.via.branch, request.method), None)

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Send a response within its transaction."""
        status = response.status
        what = Input.SEND_PROVISIONAL if status < 200 else Input.SEND_SUCCESS
        self._serve(transaction, Input.SEND_FAILURE if status > 299 else what, response, now)

    # -- coming in ---------------------------------------------------------------------------

    def receive(self, data: bytes, source: Address, now: float) -> None:
        """Take one datagram; never raises, whatever it holds."""
        try:
            message = parse(data)
        except BadMessage as bad:
            self._complain(bad, source)
        except NotSip:
            return
        else:
            if isinstance(message, Response):
                self._take_response(message, now)
            else:
                via = message.via.stamped(source)
                self._take_request(message.stamped(via), source, now)

    def invite_of(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE that a CANCEL wants to stop (§9.2)."""
        return self._servers.get(server_key(cancel, "INVITE"))

    def is_merged(self, request: Request) -> bool:
        """True where the same request came by another way before (§8.2.2.2)."""
        key = server_key(request)
        return self._originals.get(_origin(request), key) != key

    def _complain(self, bad: BadMessage, source: Address) -> None:
        """Answer what cannot be understood, without state; silence where nobody can be told."""
        if bad.request.method == "ACK":
            return
        try:
            via = bad.request.via
            request = bad.request.stamped(via.stamped(source))
        except BadHeader:
            return
        response = reply(request, bad.status, tag=self.token(), reason=bad.reason)
        self.send(response, via.reply_address(source))

    def _take_response(self, response: Response, now: float) -> None:
        key = (response.via.branch, response.cseq.method)
        transaction = self._clients.get(key)
        if transaction is None:
            return
        status = response.status
        what = Input.PROVISIONAL if status < 200 else Input.SUCCESS
        self._drive(transaction, Input.FAILURE if status > 299 else what, response, now)

    def _take_request(self, request: Request, source: Address, now: float) -> None:
        key = server_key(request)
        transaction = self._servers.get(key)
        if transaction is not None:
            what = Input.ACK if request.method == "ACK" else Input.REQUEST
            if Action.HAND_UP in self._serve(transaction, what, None, now):
                self.on_request(request, None, source, now)
        elif request.method == "ACK":
            self.on_request(request, None, source, now)
        elif len(self._servers) < MOST_TRANSACTIONS:
            transaction = ServerTransaction(request, source, self.settings.timings, now)
            self._servers[key] = transaction
            merged = self.is_merged(request)
            if not merged:
                self._originals[_origin(request)] = key
            self.on_request(request, transaction, source, now)

    # -- the machines ------------------------------------------------------------------------

    def _serve(
        self, transaction: ServerTransaction, what: Input, response: Response | None, now: float
    ) -> tuple[Action, ...]:
        actions = transaction.machine.feed(what, now)
        if Action.SEND in actions:
            transaction.response = response
        if (Action.SEND in actions or Action.RESEND in actions) and transaction.response:
            via = transaction.request.via
            self.send(transaction.response, via.reply_address(transaction.source))
        return actions

    def _drive(
        self, transaction: ClientTransaction, what: Input, response: Response | None, now: float
    ) -> None:
        heard = response or _no_answer(transaction.request)
        for action in transaction.machine.feed(what, now):
            if action is Action.RESEND:
                self.send(transaction.request, transaction.destination)
            elif action is Action.SEND_ACK:
                ack = ack_for_failure(transaction.request, heard)
                self.send(ack, transaction.destination)
            else:
                transaction.listener(heard, now)

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        machines = [s.machine for s in self._servers.values()]
        machines += [c.machine for c in self._clients.values()]
        return min((m.deadline for m in machines if m.deadline is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Let run out what is due; forget what is over."""
        for server in list(self._servers.values()):
            while (what := server.machine.due(now)) is not None:
                self._serve(server, what, None, now)
        for client in list(self._clients.values()):
            while (what := client.machine.due(now)) is not None:
                self._drive(client, what, None, now)
        self._forget()

    def _forget(self) -> None:
        for server_id, server in list(self._servers.items()):
            if server.machine.over:
                del self._servers[server_id]
                origin = _origin(server.request)
                if self._originals.get(origin) == server_id:
                    del self._originals[origin]
        for client_id, client in list(self._clients.items()):
            if client.machine.over:
                del self._clients[client_id]


def _origin(request: Message) -> Key:
    return (request.call_id, request.from_.tag, str(request.cseq))


def _no_answer(request: Request) -> Response:
    """What no answer counts as (§8.1.3.1)."""
    headers = tuple(h for h in request.headers if h[0] in ("Via", "From", "To", "Call-ID", "CSeq"))
    return Response(headers, b"", 408, REASONS[408])
