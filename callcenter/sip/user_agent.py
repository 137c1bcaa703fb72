"""The SIP user agent: datagrams, commands and time in; datagrams and events out. Pure.

The owner calls `receive_datagram`, then empties `datagrams_to_send` and `next_event`, and calls
`handle_timer` at `get_timer`. It opens no socket and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from callcenter.core.errors import NoSuchCall
from callcenter.sip import registration
from callcenter.sip.calls import OFFERED, Call, Input, State
from callcenter.sip.calls_in import CallIn, check_offer
from callcenter.sip.calls_out import CallOut
from callcenter.sip.dialog import DialogId
from callcenter.sip.errors import BadHeader, BadSdp, NoCommonCodec
from callcenter.sip.events import SipEvent
from callcenter.sip.headers import Address, Uri
from callcenter.sip.layer import Layer, ServerTransaction, Settings
from callcenter.sip.message import Header, Request
from callcenter.sip.registration import Registrar, Registration
from callcenter.sip.replies import ALLOW, HANDLED, KNOWN, reply
from callcenter.sip.sdp import MediaSession, Stream

_RETRY_AFTER = "5"
_SCHEMES = ("sip", "sips", "tel")
_C = TypeVar("_C", bound=Call)
Refusal = tuple[int, tuple[Header, ...]]


def _refusal(request: Request, merged: bool) -> Refusal | None:
    """What is wrong with a request before anybody looks at its call (RFC 3261 §8.2)."""
    if request.method not in HANDLED:
        return (405 if request.method in KNOWN else 501), (("Allow", ALLOW),)
    if Uri.parse(request.uri).scheme not in _SCHEMES:
        return 416, ()
    if request.method == "CANCEL":
        return None
    if request.first("Max-Forwards") == "0" and request.method != "BYE":
        return 483, ()
    if merged and not request.to.tag:
        return 482, ()
    wanted = request.listed("Require")
    if wanted:
        return 420, (("Unsupported", ", ".join(wanted)),)
    return _body_refusal(request)


def _body_refusal(request: Request) -> Refusal | None:
    if request.method != "INVITE" or not request.body:
        return None
    kind = (request.first("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != "application/sdp" or request.first("Content-Encoding"):
        return 415, (("Accept", "application/sdp"), ("Accept-Encoding", "identity"))
    return None


class UserAgent:
    """Calls both ways and a registration over one UDP port.

    `token` gives random hexadecimal text of 16 characters or more: ids, tags, branches, cnonces.
    """

    def __init__(self, settings: Settings, token: Callable[[], str]) -> None:
        self.settings = settings
        self.registration: Registration | None = None
        self._layer = Layer(settings, token)
        self._layer.on_request = self._take
        self._calls: dict[str, Call] = {}
        self._by_dialog: dict[DialogId, Call] = {}
        self._by_invite: dict[int, CallIn] = {}

    # -- the owner's loop ----------------------------------------------------------------------

    def receive_datagram(self, data: bytes, source: Address, now: float) -> None:
        """Take one datagram; never raises, whatever it holds."""
        self._layer.receive(data, source, now)
        self._tidy()

    def datagrams_to_send(self) -> list[tuple[bytes, Address]]:
        """What must go out now, in order; each is given once."""
        waiting = list(self._layer.outbox)
        self._layer.outbox.clear()
        return waiting

    def next_event(self) -> SipEvent | None:
        """The oldest event that was not given yet."""
        return self._layer.events.popleft() if self._layer.events else None

    def get_timer(self) -> float | None:
        """When to call `handle_timer`; None where nothing runs."""
        timers = [self._layer.get_timer(), *(c.get_timer() for c in self._calls.values())]
        if self.registration:
            timers.append(self.registration.get_timer())
        return min((t for t in timers if t is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Do what is due by now."""
        self._layer.handle_timer(now)
        for call in list(self._calls.values()):
            call.handle_timer(now)
        if self.registration:
            self.registration.handle_timer(now)
        self._tidy()

    @property
    def idle(self) -> bool:
        """True where no call stands and no registration is kept or given up."""
        return not self._calls and (self.registration is None or self.registration.over)

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that are not over yet."""
        return tuple(self._calls)

    # -- commands ------------------------------------------------------------------------------

    def answer(self, call: str, host: str, port: int, now: float) -> Stream | None:
        """Pick up a ringing call, our sound being at this address.

        Returns what was agreed; None where the caller's answer comes with the ACK (MediaChanged).
        Raises NoSuchCall, NotNow.
        """
        found = self._find(call, CallIn)
        found.answer(host, port, now)
        assert found.dialog is not None
        return found.stream

    def reject(self, call: str, status: int, now: float) -> None:
        """Refuse a ringing call. Raises NoSuchCall, NotNow."""
        self._find(call, CallIn).reject(status, now)
        self._tidy()

    def hang_up(self, call: str, now: float) -> None:
        """End a call whatever its state: 486, CANCEL or BYE. Unknown ids have ended already."""
        found = self._calls.get(call)
        if found is not None:
            found.feed(Input.HANG_UP, now)
            self._tidy()

    def invite(
        self, target: Uri, destination: Address, number: str, media: Address, now: float
    ) -> str:
        """Call somebody, our sound being at `media`; returns the new call's id."""
        layer = self._layer
        session = MediaSession(*media, self.settings.codecs, int(layer.token()[:8], 16))
        call = CallOut(layer, target, destination, number, session, now)
        self._calls[call.id] = call
        self._by_dialog[call.invite.call_id, call.tag] = call
        return call.id

    def register(self, registrar: Registrar, address: Address, now: float) -> None:
        """Register, and stay registered until `unregister`."""
        self.registration = Registration(self._layer, registrar, address)
        self.registration.feed(registration.Input.START, now)

    def unregister(self, now: float) -> None:
        """Give the registration up; `idle` once the registrar has confirmed."""
        if self.registration:
            self.registration.feed(registration.Input.STOP, now)

    # -- requests that come in -----------------------------------------------------------------

    def _take(
        self,
        request: Request,
        transaction: ServerTransaction | None,
        source: Address,
        now: float,
    ) -> None:
        if transaction is None:
            self._take_ack(request, now)
            return
        try:
            refused = _refusal(request, self._layer.is_merged(request))
        except BadHeader:
            refused = 400, ()
        if refused:
            self._respond(transaction, refused[0], now, refused[1])
        elif request.method == "CANCEL":
            self._take_cancel(request, transaction, now)
        elif request.to.tag:
            self._take_in_dialog(request, transaction, now)
        else:
            self._take_new(request, transaction, now)

    def _take_ack(self, request: Request, now: float) -> None:
        call = self._by_dialog.get((request.call_id, request.to.tag))
        if call is not None:
            call.take_ack(request, now)

    def _take_cancel(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        invite = self._layer.invite_of(request)
        call = self._by_invite.get(id(invite))
        self._respond(transaction, 200 if invite else 481, now)
        if call is not None:
            call.feed(Input.FAR_CANCELS, now)

    def _take_in_dialog(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        call = self._by_dialog.get((request.call_id, request.to.tag))
        if call is None:
            self._respond(transaction, 481, now)
        else:
            call.take(request, transaction, now)

    def _take_new(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        if request.method == "INVITE":
            self._take_invite(request, transaction, now)
        elif request.method == "OPTIONS":
            self._respond(transaction, 200, now, OFFERED)
        else:
            self._respond(transaction, 481, now)

    def _take_invite(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        if self._is_full():
            self._respond(transaction, 503, now, (("Retry-After", _RETRY_AFTER),))
            return
        try:
            check_offer(request, self.settings.codecs)
            call = CallIn(self._layer, transaction, now)
        except (BadSdp, NoCommonCodec):
            self._respond(transaction, 488, now)
        except BadHeader:
            self._respond(transaction, 400, now)
        else:
            self._calls[call.id] = call
            self._by_invite[id(transaction)] = call
            self._by_dialog[request.call_id, call.tag] = call

    def _is_full(self) -> bool:
        standing = sum(c.state is not State.LEAVING for c in self._calls.values())
        return standing >= self.settings.max_calls

    def _respond(
        self,
        transaction: ServerTransaction,
        status: int,
        now: float,
        headers: tuple[Header, ...] = (),
    ) -> None:
        tag = self._layer.token()
        response = reply(transaction.request, status, tag=tag, headers=headers)
        self._layer.respond(transaction, response, now)

    # -- keeping -------------------------------------------------------------------------------

    def _find(self, call: str, kind: type[_C]) -> _C:
        found = self._calls.get(call)
        if not isinstance(found, kind):
            raise NoSuchCall(f"no such call: {call}")
        return found

    def _tidy(self) -> None:
        """Forget the calls that are over; their transactions go on answering repetitions."""
        if not any(call.over for call in self._calls.values()):
            return
        self._calls = {i: c for i, c in self._calls.items() if not c.over}
        self._by_dialog = {d: c for d, c in self._by_dialog.items() if not c.over}
        self._by_invite = {i: c for i, c in self._by_invite.items() if not c.over}
