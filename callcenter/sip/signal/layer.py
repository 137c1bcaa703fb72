"""Messages in and out, matched to their transactions (RFC 3261 §17, §18; RFC 3581). Pure."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from hashlib import sha256

from callcenter.sip.errors import BadHeader, NotSip
from callcenter.sip.signal.bodies import described
from callcenter.sip.signal.doorkeeper import source_of
from callcenter.sip.signal.events import SipEvent
from callcenter.sip.signal.headers import MAGIC_COOKIE, Via
from callcenter.sip.signal.hops import Address, Flow, Hop, hop
from callcenter.sip.signal.matching import (
    Key,
    ack_for_failure,
    client_key,
    no_answer,
    origin,
    server_key,
)
from callcenter.sip.signal.message import BadMessage, Header, Request, Response, parse
from callcenter.sip.signal.replies import reply
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.timetable import Timetable
from callcenter.sip.signal.transaction import (
    CLIENT_INVITE,
    CLIENT_OTHER,
    SERVER_INVITE,
    SERVER_OTHER,
    Action,
    Input,
    Machine,
    State,
    Timings,
)

MOST_TRANSACTIONS = 16384
MOST_FROM_ONE = MOST_TRANSACTIONS // 2
"""Further requests are met with silence: their senders repeat them, and memory has a bound. One
source alone cannot use it up: 100 calls a second leave 6,400 transactions behind."""
LONGEST_DATAGRAM = 1300
"""Bytes; a longer request goes by TCP where we have it (§18.1.1)."""
_MOST_DEAF = 256
MOST_TURNED_AWAY = 1024
"""Of so many it is remembered what they got."""


class ServerTransaction:
    """A request that came in, by its key, and the last response to it.

    `merged`: the same request came by another way before (§8.2.2.2).
    """

    def __init__(
        self, key: Key, request: Request, source: Hop, timings: Timings, now: float, *, merged: bool
    ) -> None:
        kind = SERVER_INVITE if request.method == "INVITE" else SERVER_OTHER
        self.key = key
        self.request = request
        self.merged = merged
        self.source = source
        self.machine = Machine(kind, timings, now)
        self.response: Response | None = None
        self.wound: float | None = None


class ClientTransaction:
    """A request that we sent, and who wants to know its responses.

    `instead` is the request by UDP, and where to, if no connection can be made for its length.
    """

    def __init__(
        self,
        request: Request,
        destination: Hop,
        listener: Callable[[Response, float], None],
        timings: Timings,
        now: float,
        instead: tuple[Request, Address] | None = None,
    ) -> None:
        kind = CLIENT_INVITE if request.method == "INVITE" else CLIENT_OTHER
        self.request = request
        self.destination = destination
        self.listener = listener
        self.machine = Machine(kind, timings, now)
        self.instead = instead
        self.wound: float | None = None


Transaction = ServerTransaction | ClientTransaction
OnRequest = Callable[[Request, ServerTransaction | None, Hop, float], None]


def _nobody(
    request: Request, transaction: ServerTransaction | None, source: Hop, now: float
) -> None:
    """Takes requests until a user agent is set."""


class Layer:
    """Holds the transactions; hands new requests to `on_request`, responses to their listeners."""

    def __init__(self, settings: Settings, token: Callable[[], str]) -> None:
        self.settings = settings
        self.token = token
        self.on_request: OnRequest = _nobody
        self.outbox: deque[tuple[bytes, Hop]] = deque()
        self.events: deque[SipEvent] = deque()
        self.ignored = 0
        """How much came that is no SIP."""
        self._servers: dict[Key, ServerTransaction] = {}
        self._clients: dict[Key, ClientTransaction] = {}
        self._originals: dict[Key, Key] = {}
        self._held: Counter[str] = Counter()
        self._timers: Timetable[Transaction] = Timetable()
        self._turned_away: dict[Key, tuple[bytes, Hop]] = {}
        """What the latest of them got: the same again, though there be room by then."""
        self._without_tcp: deque[Address] = deque(maxlen=_MOST_DEAF)

    # -- going out ---------------------------------------------------------------------------

    def new_via(self) -> Via:
        """A Via of ours with a fresh branch; asks for rport (RFC 3581 §3)."""
        branch = MAGIC_COOKIE + self.token()
        where = self.settings
        return Via("UDP", where.host, where.port, (("rport", None), ("branch", branch)))

    def send(self, message: Request | Response, destination: Hop) -> None:
        """Put a message into the outbox, without a transaction."""
        if isinstance(message, Request):
            way = self._way(message, destination)
            self._post(self.settings.presented(message, way), way)
        else:
            self._post(self.settings.presented(message, destination), destination)

    def _post(self, message: Request | Response, way: Hop) -> None:
        self.outbox.append((bytes(message), way))

    def _way(self, request: Request, destination: Hop) -> Hop:
        """By which transport a request goes (§18.1.1); a CANCEL follows its INVITE (§9.1)."""
        if request.method == "CANCEL":
            invite = self._clients.get(client_key(request, "INVITE"))
            return invite.destination if invite else destination
        ours = self.settings.transports
        if isinstance(destination, Flow):
            return destination
        if "UDP" not in ours:
            return hop(*destination, ours[0])
        may_grow = "TCP" in ours and destination not in self._without_tcp
        if may_grow and len(bytes(request)) > LONGEST_DATAGRAM:
            return hop(*destination, "TCP")
        return destination

    def request(
        self,
        request: Request,
        destination: Hop,
        listener: Callable[[Response, float], None],
        now: float,
        hasty: bool = False,
    ) -> None:
        """Send a request; `listener` gets each response, or a 408 of our own where none comes.

        Where the far end cannot be connected to, the listener gets a 503 of our own. `hasty` where
        there is another place to ask: then silence is not borne for long.
        """
        way = self._way(request, destination)
        instead: tuple[Request, Address] | None = None
        if not isinstance(destination, Flow) and "UDP" in self.settings.transports:
            instead = (request, destination) if isinstance(way, Flow) else None
        request = self.settings.presented(request, way)
        timings = self.settings.timings_by(way, hasty)
        transaction = ClientTransaction(request, way, listener, timings, now, instead)
        self._clients[client_key(request, request.method)] = transaction
        self._post(request, way)
        self._wind(transaction)

    def abandon(self, request: Request) -> None:
        """Forget a request whose final response will not come any more (§9.1)."""
        found = self._clients.get(client_key(request, request.method))
        if found is not None:
            self._forget(found)

    def respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Send a response within its transaction."""
        status = response.status
        what = Input.SEND_PROVISIONAL if status < 200 else Input.SEND_SUCCESS
        self._serve(transaction, Input.SEND_FAILURE if status > 299 else what, response, now)

    def turn_away(
        self, transaction: ServerTransaction, status: int, headers: tuple[Header, ...]
    ) -> None:
        """Refuse a request and forget it, but for what it got, for a while: a crowd costs no work
        and little memory (§8.2.7, same tag each time)."""
        request = transaction.request
        key = transaction.key
        tag = sha256("\0".join(key).encode("utf-8", "replace")).hexdigest()[:16]
        response = reply(request, status, tag=tag, headers=headers)
        self.send(response, request.via.reply_address(transaction.source))
        self._turned_away[key] = self.outbox[-1]
        if len(self._turned_away) > MOST_TURNED_AWAY:
            del self._turned_away[next(iter(self._turned_away))]
        self._forget(transaction)

    # -- coming in ---------------------------------------------------------------------------

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """Take one message; never raises, whatever it holds."""
        try:
            message = described(parse(data))
        except BadMessage as bad:
            self._complain(bad, source)
        except NotSip:
            self.ignored += 1
        else:
            if isinstance(message, Response):
                self._take_response(message, now)
            else:
                via = message.via.stamped(source)
                if isinstance(source, Flow):
                    source = via.reply_address(source)
                self._take_request(message.stamped(via), source, now)

    def invite_of(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE that a CANCEL wants to stop (§9.2)."""
        return self._servers.get(server_key(cancel, "INVITE"))

    def _complain(self, bad: BadMessage, source: Hop) -> None:
        """Answer what cannot be understood, without state; silence where nobody can be told."""
        if bad.request.method == "ACK":
            return
        try:
            via = bad.request.via
            request = bad.request.stamped(via.stamped(source))
        except BadHeader:
            return
        response = reply(request, bad.status, tag=self.token(), reason=bad.reason)
        self._post(response, via.reply_address(source))

    def _take_response(self, response: Response, now: float) -> None:
        transaction = self._clients.get(client_key(response, response.cseq.method))
        # §8.1.3.3: what still has another hop's Via was sent astray.
        if transaction is None or len(response.vias) != 1:
            return
        status = response.status
        what = Input.PROVISIONAL if status < 200 else Input.SUCCESS
        self._drive(transaction, Input.FAILURE if status > 299 else what, response, now)

    def _take_request(self, request: Request, source: Hop, now: float) -> None:
        key = server_key(request)
        transaction = self._servers.get(key)
        if transaction is not None:
            what = Input.ACK if request.method == "ACK" else Input.REQUEST
            if Action.HAND_UP in self._serve(transaction, what, None, now):
                self.on_request(request, None, source, now)
        elif request.method == "ACK":
            self.on_request(request, None, source, now)
        elif key in self._turned_away:
            self.outbox.append(self._turned_away[key])
        elif len(self._servers) < MOST_TRANSACTIONS:
            self._take_new(key, request, source, now)

    def _take_new(self, key: Key, request: Request, source: Hop, now: float) -> None:
        who = source_of(source[0])
        if self._held[who] >= MOST_FROM_ONE:
            return
        self._held[who] += 1
        first = self._originals.setdefault(origin(request), key)
        timings, merged = self.settings.timings_by(source), first != key
        transaction = ServerTransaction(key, request, source, timings, now, merged=merged)
        self._servers[key] = transaction
        self.on_request(request, transaction, source, now)

    def lost(self, flow: Flow, why: str, now: float) -> None:
        """A connection could not be made or broke (§17.1.4): who waits on it is told."""
        for client in list(self._clients.values()):
            way = client.destination
            waits = client.machine.state in (State.CALLING, State.TRYING)
            if waits and isinstance(way, Flow) and flow.key in (way.key, way.anew.key):
                self._reroute(client, why, now)

    def _reroute(self, client: ClientTransaction, why: str, now: float) -> None:
        """By UDP after all, where only the length asked for a connection; else it has failed."""
        if client.instead is None:
            invite = client.request.method == "INVITE"
            unsent = no_answer(client.request, 503, why)
            self._drive(client, Input.TIMER_B if invite else Input.TIMER_F, unsent, now)
            return
        client.request, way = client.instead
        client.destination, client.instead = way, None
        self._without_tcp.append(way)
        client.machine = Machine(client.machine.kind, self.settings.timings_by(way), now)
        self._post(client.request, way)
        self._wind(client)

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
        self._wind(transaction)
        return actions

    def _drive(
        self, transaction: ClientTransaction, what: Input, response: Response | None, now: float
    ) -> None:
        heard = response or no_answer(transaction.request)
        actions = transaction.machine.feed(what, now)
        self._wind(transaction)
        for action in actions:
            if action is Action.RESEND:
                self._post(transaction.request, transaction.destination)
            elif action is Action.SEND_ACK:
                ack = ack_for_failure(transaction.request, heard)
                self._post(ack, transaction.destination)
            else:
                transaction.listener(heard, now)

    def _wind(self, transaction: Transaction) -> None:
        """After each input: wind its timer, or forget it where it is over."""
        if transaction.machine.over:
            self._forget(transaction)
        else:
            self._timers.wind(transaction, transaction.machine.deadline)

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        return self._timers.next_at()

    def handle_timer(self, now: float) -> None:
        """Let run out what is due; forget what is over."""
        while (transaction := self._timers.due(now)) is not None:
            while (what := transaction.machine.due(now)) is not None:
                if isinstance(transaction, ServerTransaction):
                    self._serve(transaction, what, None, now)
                else:
                    self._drive(transaction, what, None, now)
            self._wind(transaction)

    def _forget(self, transaction: Transaction) -> None:
        self._timers.wind(transaction, None)
        if isinstance(transaction, ClientTransaction):
            key = client_key(transaction.request, transaction.request.method)
            if self._clients.get(key) is transaction:
                del self._clients[key]
            return
        key = transaction.key
        if self._servers.get(key) is transaction:
            self._forget_server(key, transaction)

    def _forget_server(self, key: Key, transaction: ServerTransaction) -> None:
        del self._servers[key]
        who = source_of(transaction.source[0])
        self._held[who] -= 1
        if not self._held[who]:
            del self._held[who]
        first = origin(transaction.request)
        if self._originals.get(first) == key:
            del self._originals[first]
