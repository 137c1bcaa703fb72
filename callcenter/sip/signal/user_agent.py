"""The SIP user agent: datagrams, commands and time in; datagrams and events out. Pure.

The owner calls `receive_datagram`, then empties `datagrams_to_send` and `next_event`, and calls
`handle_timer` at `get_timer`. It opens no socket and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from callcenter.core.errors import NoSuchCall
from callcenter.sip.errors import BadHeader, BadSdp, NoCommonCodec
from callcenter.sip.signal import registration
from callcenter.sip.signal.admission import Admission
from callcenter.sip.signal.call_book import CallBook
from callcenter.sip.signal.call_table import Input, State
from callcenter.sip.signal.calls import Call
from callcenter.sip.signal.calls_in import CallIn
from callcenter.sip.signal.calls_out import CallOut
from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.doorkeeper import source_of
from callcenter.sip.signal.events import SipEvent, TransferDone
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.hops import Address, Flow, Hop, ways_for_call
from callcenter.sip.signal.layer import Layer, ServerTransaction
from callcenter.sip.signal.matching import call_ids, dialog_ids
from callcenter.sip.signal.media import check_offer, new_media
from callcenter.sip.signal.message import Header, Request
from callcenter.sip.signal.refusals import refusal
from callcenter.sip.signal.registration import Registrar, Registration
from callcenter.sip.signal.replaces import Replaces, replaces_of, transfer_target
from callcenter.sip.signal.replies import ALLOW, OFFERED, SUPPORTED, reply
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.signal.session_timer import SessionTimer
from callcenter.sip.signal.settings import Settings

_RETRY_AFTER = "5"
_LEAST_SHARE = 4
_NOT_REPLACED = {State.ANSWERED: 491, State.PARTING: 603, State.LEAVING: 603}
"""What an INVITE gets that wants to replace a call which is not talking; else 481 (RFC 3891 §3)."""
_C = TypeVar("_C", bound=Call)


class UserAgent:
    """Calls both ways and a registration over the hops of one line.

    `token` gives random hexadecimal text of 16 characters or more: ids, tags, branches, cnonces.
    """

    allow = ALLOW
    supported: tuple[str, ...] = SUPPORTED
    offered: tuple[Header, ...] = OFFERED
    """The methods and extensions that it takes, and the headers that say so."""

    def __init__(self, settings: Settings, token: Callable[[], str]) -> None:
        self.settings = settings
        self.registration: Registration | None = None
        self._layer = Layer(settings, token)
        self._layer.on_request = self._take
        self._calls = CallBook()
        self._admission = Admission(settings, self._calls)
        self._retired = False

    # -- the owner's loop ----------------------------------------------------------------------

    def receive_datagram(self, data: bytes, source: Hop, now: float) -> None:
        """Take one datagram, or one message of a connection; never raises, whatever it holds."""
        self._layer.receive(data, source, now)
        self._calls.settle()

    def connection_lost(self, flow: Flow, why: str, now: float) -> None:
        """A connection could not be made, or broke: who waits on it is told, or goes by UDP."""
        self._layer.lost(flow, why, now)
        if self.registration:
            self.registration.connection_lost(flow, now)
        self._calls.settle()

    def is_known(self, data: bytes) -> bool:
        """True where a message, not yet parsed, is about a call or a registration that we have."""
        if self.registration and self.registration.call_id in call_ids(data):
            return True
        return any(named in self._calls for named in dialog_ids(data))

    @property
    def ignored(self) -> int:
        """How much came that is no SIP."""
        return self._layer.ignored

    def datagrams_to_send(self) -> list[tuple[bytes, Hop]]:
        """What must go out now, in order; each is given once."""
        waiting = list(self._layer.outbox)
        self._layer.outbox.clear()
        return waiting

    def next_event(self) -> SipEvent | None:
        """The oldest event that was not given yet."""
        return self._layer.events.popleft() if self._layer.events else None

    def get_timer(self) -> float | None:
        """When to call `handle_timer`; None where nothing runs."""
        timers = [self._layer.get_timer(), self._calls.get_timer()]
        if self.registration:
            timers.append(self.registration.get_timer())
        return min((t for t in timers if t is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Do what is due by now."""
        self._layer.handle_timer(now)
        self._calls.handle_timer(now)
        if self.registration:
            self.registration.handle_timer(now)
        self._calls.settle()

    @property
    def idle(self) -> bool:
        """True where no call stands and no registration is kept or given up."""
        return not self._calls and (self.registration is None or self.registration.over)

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that are not over yet."""
        return self._calls.ids

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
        self._calls.settle()

    def hang_up(self, call: str, now: float) -> None:
        """End a call whatever its state: 486, CANCEL or BYE. Unknown ids have ended already."""
        found = self._calls.find(call)
        if found is not None:
            found.feed(Input.HANG_UP, now)
            self._calls.settle()

    def ways(self, found: Sequence[Hop]) -> tuple[Hop, ...]:
        """The places where a call can go, in the order of trying."""
        return ways_for_call(found, self.registration.address if self.registration else None)

    def invite(
        self,
        target: Uri,
        destination: Hop,
        number: str,
        media: Address,
        now: float,
        others: Sequence[Hop] = (),
    ) -> str:
        """Call somebody, our sound being at `media`; returns the new call's id.

        `others` are tried in turn where the destination is silent or says 503 (RFC 3263 §4.3).
        Where another call waits to be transferred to this very target, its other side is told how
        the new call goes. A Replaces that the URI carries is sent. Raises BadHeader (of Replaces).
        """
        layer, named = self._layer, str(target)
        session = new_media(layer, media, destination)
        asked = next((c.taken for c in self._calls if c.taken.is_for(named)), None)
        by = (("Referred-By", asked.referred_by),) if asked and asked.referred_by else ()
        progress = asked.progress if asked else None
        call = CallOut(
            layer, target, (destination, *others), number, session, now, extra=by, progress=progress
        )
        self._calls.add(call, call.invite.call_id)
        return call.id

    def hold(self, call: str, on: bool, now: float) -> None:
        """Ask the other side to wait, or to go on. Raises NoSuchCall, NotNow."""
        self._find(call, Call).hold(on, now)

    def transfer(self, call: str, target: Uri, now: float) -> None:
        """Send the other side to `target`; TransferDone tells how it went (RFC 5589 §6).

        Raises NoSuchCall, NotNow.
        """
        self._find(call, Call).transfer(target, partial(self._transferred, call, ""), now)

    def transfer_to(self, call: str, other: str, now: float) -> None:
        """Join the other sides of two calls of ours; TransferDone tells how it went (§7).

        Raises NoSuchCall, NotNow.
        """
        found = self._find(call, Call)
        dialog = self._find(other, Call).answered_dialog()
        done = partial(self._transferred, call, other)
        found.transfer(transfer_target(dialog), done, now)

    def take_transfer(self, call: str, take: bool, now: float) -> None:
        """Agree to a TransferAsked, to be followed by `invite`, or decline it.

        Raises NoSuchCall, NotNow.
        """
        self._find(call, Call).taken.decide(take, now)

    def _transferred(self, call: str, other: str, worked: bool, reason: str, now: float) -> None:
        self._layer.events.append(TransferDone(call, worked, reason, other))
        for mine in (call, other) if worked else ():
            found = self._calls.find(mine)
            if found is not None:
                found.feed(Input.HANG_UP, now)

    def register(
        self, registrar: Registrar, address: Hop, now: float, others: Sequence[Hop] = ()
    ) -> None:
        """Register, and stay registered until `unregister`; `others` as in `invite`.

        Where that is so already, the registrar has moved.
        """
        ways = (address, *others)
        if self.registration is not None:
            self.registration.move(ways)
            return
        self.registration = self._new_registration(registrar, ways)
        self.registration.feed(registration.Input.START, now)

    def _new_registration(self, registrar: Registrar, ways: Sequence[Hop]) -> Registration:
        return Registration(self._layer, registrar, ways)

    def unregister(self, now: float) -> None:
        """Give the registration up; `idle` once the registrar has confirmed."""
        if self.registration:
            self.registration.feed(registration.Input.STOP, now)

    def retire(self, now: float) -> None:
        """Take no further call: 503 to INVITE and OPTIONS; and unregister. What stands goes on."""
        self._retired = True
        self.unregister(now)

    # -- requests that come in -----------------------------------------------------------------

    def _take(
        self,
        request: Request,
        transaction: ServerTransaction | None,
        source: Hop,
        now: float,
    ) -> None:
        if transaction is None:
            self._take_ack(request, now)
            return
        try:
            refused = refusal(request, transaction.merged, self.allow, self.supported)
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
        call = self._calls.in_dialog((request.call_id, request.to.tag))
        if call is not None:
            call.take_ack(request, now)

    def _take_cancel(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        invite = self._layer.invite_of(request)
        call = self._calls.of_invite(invite)
        self._respond(transaction, 200 if invite else 481, now)
        if call is not None:
            call.feed(Input.FAR_CANCELS, now)

    def _take_in_dialog(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        call = self._calls.in_dialog((request.call_id, request.to.tag))
        if call is None:
            self._respond(transaction, 481, now)
        else:
            call.take(request, transaction, now)

    def _take_new(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        if request.method == "INVITE":
            self._take_invite(request, transaction, now)
        elif request.method == "OPTIONS":
            # A proxy in front asks so whether calls are taken (deploy/kamailio).
            takes = not (self._retired or self._is_full())
            self._respond(transaction, 200 if takes else 503, now, self.offered)
        elif request.method == "REFER":
            # Only who talks with us may ask us to call somebody: strangers would call at our cost.
            self._respond(transaction, 603, now)
        else:
            self._respond(transaction, 481, now)

    def _take_invite(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        timer = SessionTimer(self.settings.session_seconds, self.settings.least_session_seconds)
        try:
            short = timer.refusal(request)
            named = replaces_of(request)
            away = self._admission.refusal(request, named, transaction.source, now)
            if away is not None:
                self._layer.turn_away(transaction, *away)
                return
            full = self._retired or self._is_full() or self._is_crowd(transaction.source)
            if named is None and full:
                self._layer.turn_away(transaction, 503, (("Retry-After", _RETRY_AFTER),))
                return
            check_offer(request, self.settings, transaction.source)
            if short:
                self._respond(transaction, 422, now, short)
            elif named is not None:
                self._take_replacing(named, transaction, now)
            else:
                self._ring(transaction, now)
        except (BadSdp, NoCommonCodec):
            self._respond(transaction, 488, now)
        except BadHeader:
            self._respond(transaction, 400, now)

    def _ring(self, transaction: ServerTransaction, now: float) -> None:
        call = CallIn(self._layer, transaction, now)
        self._calls.add(call, transaction.request.call_id)

    def _take_replacing(self, named: Replaces, transaction: ServerTransaction, now: float) -> None:
        """RFC 3891 §3: somebody takes the place of the other side of a call that stands."""
        call = self._calls.in_dialog((named.call_id, named.to_tag))
        old = call.dialog if call else None
        if call is None or old is None or old.remote.tag != named.from_tag:
            self._respond(transaction, 481, now)
        elif call.state is not State.TALKING:
            self._respond(transaction, _NOT_REPLACED.get(call.state, 481), now)
        elif named.early_only:
            self._respond(transaction, 486, now)
        else:
            request, contact = transaction.request, self.settings.contact
            new = Dialog.taken(request, self._layer.token(), transaction.source, contact)
            self._calls.move(call, new.id)
            call.take_over(transaction, new, now)

    def _is_full(self) -> bool:
        if self.settings.is_behind():
            return True
        standing = sum(c.state is not State.LEAVING for c in self._calls)
        return standing >= self.settings.max_calls

    def _is_crowd(self, source: Hop) -> bool:
        """True where a stranger's calls ring on half the line: the rest is for others."""
        if not self.settings.is_stranger(source[0]):
            return False
        theirs = source_of(source[0])
        share = max(_LEAST_SHARE, self.settings.max_calls // 2)
        return sum(source_of(host) == theirs for host in self._ringing_from()) >= share

    def _ringing_from(self) -> list[str]:
        """The host of each call that rings here."""
        ringing = (c for c in self._calls if c.state is State.RINGING)
        return [c.transaction.source[0] for c in ringing if isinstance(c, CallIn)]

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
        found = self._calls.find(call)
        if not isinstance(found, kind):
            raise NoSuchCall(f"no such call: {call}")
        return found
