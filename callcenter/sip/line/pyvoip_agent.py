"""A user agent whose calls pyVoIP keeps: between its telephone and our transactions.

What comes is checked and handed to pyVoIP; what pyVoIP then says is put into words, with our
session description, and sent until it is confirmed. Calls that come in only. Touches one thread,
in which pyVoIP registers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callcenter.core.errors import NoSuchCall, NotNow
from callcenter.sip.errors import BadSdp, NoCommonCodec
from callcenter.sip.line.pyvoip_phone import METHODS, Phone
from callcenter.sip.line.pyvoip_registration import PyVoipRegistration
from callcenter.sip.signal.calls_in import LONGEST_RING, callee_number
from callcenter.sip.signal.dialog import Dialog, DialogId
from callcenter.sip.signal.events import CallArrived, CallEnded, MediaChanged, SipEvent
from callcenter.sip.signal.hops import Hop
from callcenter.sip.signal.layer import ServerTransaction
from callcenter.sip.signal.matching import dialog_ids
from callcenter.sip.signal.media import check_offer, new_media
from callcenter.sip.signal.message import Header, Request, Response, parse
from callcenter.sip.signal.registration import Registrar, Registration
from callcenter.sip.signal.repeated import Repeated
from callcenter.sip.signal.replies import reply
from callcenter.sip.signal.sdp import MediaSession, Stream
from callcenter.sip.signal.settings import Settings
from callcenter.sip.signal.user_agent import UserAgent

_RINGS, _TALKS = "RINGING", "ANSWERED"
"""pyVoIP's words for where a call stands; "" is over."""
_ALLOW = ", ".join((*METHODS, "OPTIONS"))
_NOBODY = Registrar("nobody.invalid")


@dataclass
class _Call:
    """What we keep of a call, for pyVoIP does not."""

    id: str
    invite: ServerTransaction
    dialog: Dialog
    ring_until: float
    asked: dict[str, ServerTransaction] = field(default_factory=dict)
    """The last request of each method, which pyVoIP answers."""
    media: MediaSession | None = None
    unacknowledged: Repeated | None = None
    parting: bool = False
    """To be hung up as soon as the ACK is here (RFC 3261 §15)."""

    def get_timer(self, state: str) -> float | None:
        """When it is next looked at."""
        if state == _RINGS:
            return self.ring_until
        return self.unacknowledged.get_timer() if self.unacknowledged else None


class PyVoipAgent(UserAgent):
    """The commands of a user agent for calls that come in; the others raise NotNow.

    `pump` sends what is to be sent; it is for the answers that pyVoIP waits for in its thread.
    """

    allow = _ALLOW
    supported = ()
    offered = (("Allow", _ALLOW), ("Accept", "application/sdp"))

    def __init__(
        self,
        settings: Settings,
        token: Callable[[], str],
        registrar: Registrar | None,
        pump: Callable[[], None],
    ) -> None:
        super().__init__(settings, token)
        at = (settings.host, settings.port)
        self.phone = Phone(registrar or _NOBODY, *at, self._say)
        self._pump = pump
        self._standing: dict[str, _Call] = {}
        self._by_dialog: dict[DialogId, _Call] = {}
        self._now = 0.0

    # -- the owner's loop ----------------------------------------------------------------------

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that are not over yet."""
        return tuple(self._standing)

    @property
    def idle(self) -> bool:
        """True where no call stands and no registration is kept or given up."""
        return not self._standing and super().idle

    def is_known(self, data: bytes) -> bool:
        """True where a message, not yet parsed, is about a call that we have."""
        return any(named in self._by_dialog for named in dialog_ids(data))

    def get_timer(self) -> float | None:
        """When to call `handle_timer`; None where nothing runs."""
        calls = (c.get_timer(self.phone.stands(c.id)) for c in self._standing.values())
        return min((t for t in (super().get_timer(), *calls) if t is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Do what is due by now."""
        super().handle_timer(now)
        for call in list(self._standing.values()):
            waiting = call.unacknowledged
            if self.phone.stands(call.id) == _RINGS:
                if now >= call.ring_until:
                    self._tell(CallEnded(call.id, "was not answered in time"))
                    self.reject(call.id, 486, now)
            elif waiting is not None and not waiting.handle_timer(now):
                call.unacknowledged = None
                self._tell_unless_parting(call, "went silent")
                self.hang_up(call.id, now)

    def close(self) -> None:
        """End the thread."""
        if isinstance(self.registration, PyVoipRegistration):
            self.registration.close()
        self.phone.door.close()

    # -- commands ------------------------------------------------------------------------------

    def answer(self, call: str, host: str, port: int, now: float) -> Stream | None:
        """Pick up, as UserAgent does. Raises NoSuchCall, NotNow."""
        found = self._standing.get(call)
        state = self.phone.stands(call)
        if found is None or not state:
            raise NoSuchCall(f"no such call: {call}")
        if state != _RINGS:
            raise NotNow("the call is answered: cannot answer")
        found.media = new_media(self._layer, (host, port), found.invite.source)
        self._now = now
        self.phone.answer(call)
        return found.media.stream

    def reject(self, call: str, status: int, now: float) -> None:
        """Refuse a ringing call; pyVoIP has no status for it but 486."""
        if self.phone.stands(call) == _RINGS:
            self._now = now
            self.phone.turn_away(call)
            self._forget(self._standing[call])

    def hang_up(self, call: str, now: float) -> None:
        """End a call whatever its state: 486 or BYE. Unknown ids have ended already."""
        found = self._standing.get(call)
        if found is None or self.phone.stands(call) != _TALKS:
            self.reject(call, 486, now)
        elif found.unacknowledged is not None:
            found.parting = True
        else:
            self._now = now
            self.phone.hang_up(call)

    def _new_registration(self, registrar: Registrar, ways: Sequence[Hop]) -> Registration:
        return PyVoipRegistration(self._layer, registrar, ways, self.phone, self._pump)

    # -- requests that come in -----------------------------------------------------------------

    def _ring(self, transaction: ServerTransaction, now: float) -> None:
        invite, contact = transaction.request, self.settings.contact
        dialog = Dialog.taken(invite, self._layer.token(), transaction.source, contact)
        call = _Call(self._layer.token(), transaction, dialog, now + LONGEST_RING)
        self._standing[call.id] = self._by_dialog[dialog.id] = call
        self._hear(call, transaction, now)
        self._tell(CallArrived(call.id, invite.from_.uri.number, callee_number(invite)))

    def _is_full(self) -> bool:
        return len(self._standing) >= self.settings.max_calls

    def _ringing_from(self) -> list[str]:
        ringing = (c for c in self._standing.values() if self.phone.stands(c.id) == _RINGS)
        return [c.invite.source[0] for c in ringing]

    def _take_cancel(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        invite = self._layer.invite_of(request)
        call = next((c for c in self._standing.values() if c.invite is invite), None)
        if call is not None and self.phone.stands(call.id) == _RINGS:
            self._hear(call, transaction, now)
        else:
            self._respond(transaction, 200 if invite else 481, now)

    def _take_in_dialog(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        call = self._by_dialog.get((request.call_id, request.to.tag))
        wrong = self._wrong_with(call, request, transaction)
        if call is None or wrong:
            self._respond(transaction, wrong, now)
        elif request.method == "OPTIONS":
            self._respond(transaction, 200, now, self.offered)
        else:
            call.dialog.peer = transaction.source
            call.dialog.refresh(request)
            self._hear(call, transaction, now)

    def _wrong_with(
        self, call: _Call | None, request: Request, transaction: ServerTransaction
    ) -> int:
        """The status that says why pyVoIP shall not see this request; else 0."""
        if call is None or not call.dialog.is_from_peer(request):
            return 481
        if not call.dialog.is_next(request):
            return 500
        if request.method != "INVITE":
            return 0
        if self.phone.stands(call.id) != _TALKS:
            return 481
        try:
            check_offer(request, self.settings, transaction.source)
        except (BadSdp, NoCommonCodec):
            return 488
        return 0

    def _take_ack(self, request: Request, now: float) -> None:
        call = self._by_dialog.get((request.call_id, request.to.tag))
        waiting = call.unacknowledged if call is not None else None
        if call is None or waiting is None or waiting.number != request.cseq.number:
            return
        call.unacknowledged = None
        if call.parting or not self._take_answer(call, request):
            self.hang_up(call.id, now)

    def _take_answer(self, call: _Call, ack: Request) -> bool:
        """The ACK brings their answer where the 200 had our offer; False where it is no use."""
        assert call.media is not None
        if call.asked["INVITE"].request.body:
            return True
        try:
            call.media.accept(ack.body)
        except (BadSdp, NoCommonCodec):
            self._tell(CallEnded(call.id, "no common codec"))
            return False
        self._tell_media(call)
        return True

    # -- with pyVoIP ---------------------------------------------------------------------------

    def _hear(self, call: _Call, transaction: ServerTransaction, now: float) -> None:
        """Let pyVoIP take a request, and see what became of its call."""
        request = transaction.request
        call.asked[request.method] = transaction
        before = self.phone.stands(call.id)
        self._now = now
        self.phone.hear(request, call.id)
        if not before or self.phone.stands(call.id):
            return
        if before == _RINGS:
            # pyVoIP says nothing to the INVITE (RFC 3261 §9.2, §15.1.2).
            self._answer(call, call.invite, 487)
        self._tell_unless_parting(call, "cancelled" if before == _RINGS else "hung up")
        self._forget(call)

    def _say(self, data: bytes) -> None:
        """What pyVoIP wants to say: to a registrar, in a thread; or in a call, while it is told."""
        if data.startswith(b"REGISTER "):
            assert isinstance(self.registration, PyVoipRegistration)
            self.registration.say(data)
            return
        said = parse(data)
        call = self._standing[said.call_id]
        if isinstance(said, Response):
            self._answer(call, call.asked[said.cseq.method], said.status)
        else:
            bye = call.dialog.request(said.method, self._layer.new_via())
            heard = self._bye_answered(call)
            self._layer.request(bye, call.dialog.next_hop(), heard, self._now)

    def _answer(self, call: _Call, transaction: ServerTransaction, status: int) -> None:
        request, tag = transaction.request, call.dialog.local.tag
        contact: tuple[Header, ...] = (("Contact", self.settings.contact),)
        if request.method != "INVITE" or status != 200:
            response = reply(request, status, tag=tag, headers=contact if status < 200 else ())
            self._layer.respond(transaction, response, self._now)
            return
        assert call.media is not None
        body = call.media.answer(request.body) if request.body else call.media.offer()
        response = reply(request, 200, tag=tag, headers=(*contact, *self.offered), body=body)
        self._layer.respond(transaction, response, self._now)
        number, t2 = request.cseq.number, self.settings.timings.t2
        again = Repeated(self._layer, transaction, response, number, t2, self._now)
        call.unacknowledged = again
        if request.body and transaction is not call.invite:
            self._tell_media(call)

    def _bye_answered(self, call: _Call) -> Callable[[Response, float], None]:
        def heard(response: Response, now: float) -> None:
            if response.status >= 200:
                self._forget(call)

        return heard

    def _forget(self, call: _Call) -> None:
        self.phone.forget(call.id)
        self._standing.pop(call.id, None)
        self._by_dialog.pop(call.dialog.id, None)

    # -- events --------------------------------------------------------------------------------

    def _tell(self, event: SipEvent) -> None:
        self._layer.events.append(event)

    def _tell_unless_parting(self, call: _Call, reason: str) -> None:
        if not call.parting:
            self._tell(CallEnded(call.id, reason))

    def _tell_media(self, call: _Call) -> None:
        assert call.media is not None
        assert call.media.stream is not None
        self._tell(MediaChanged(call.id, call.media.stream))
