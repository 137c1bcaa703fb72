"""Calls that come in: ring, answer, refuse, be cancelled (RFC 3261 §13.3, §9.2). Pure."""

from __future__ import annotations

from typing import ClassVar

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.call_table import Action, Input, State
from callcenter.sip.signal.calls import Call, Do
from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.events import CallArrived
from callcenter.sip.signal.headers import Uri, parse_count
from callcenter.sip.signal.layer import Layer, ServerTransaction
from callcenter.sip.signal.media import new_media
from callcenter.sip.signal.message import Request
from callcenter.sip.signal.reliable import Ringing, is_required
from callcenter.sip.signal.replies import reply

RING_AGAIN = 60.0
"""Seconds between repeated 180s, lest a proxy loses patience (§13.3.1.1)."""
LONGEST_RING = 300.0
"""Seconds after which a caller who neither leaves nor is answered is sent away."""


def callee_number(invite: Request) -> str:
    """Who was called: the To header says what was dialled, the Request-URI where it led."""
    return invite.to.uri.number or Uri.parse(invite.uri).number


class CallIn(Call):
    """A call from outside, ringing from the start. Raises BadHeader (Record-Route)."""

    def __init__(self, layer: Layer, transaction: ServerTransaction, now: float) -> None:
        super().__init__(layer, State.RINGING)
        self.transaction = transaction
        self.invite = transaction.request
        self.tag = layer.token()
        self.dialog = Dialog.taken(
            self.invite, self.tag, transaction.source, layer.settings.contact
        )
        self.note_allowed(self.invite)
        self.refusal = 486
        self._reliable = Ringing(layer) if is_required(self.invite) else None
        self._ring_at = now
        self._ring_until, self._late = _patience(self.invite)
        self._ring_until += now
        layer.respond(transaction, reply(self.invite, 100), now)
        self._ring(now)
        number = self.invite.from_.uri.number
        self.tell(CallArrived(self.id, number, callee_number(self.invite)))

    def answer(self, host: str, port: int, now: float) -> None:
        """Pick up with our sound at this address. Raises NotNow."""
        self.media = new_media(self.layer, (host, port), self.transaction.source)
        self.feed(Input.ANSWER, now)

    def reject(self, status: int, now: float) -> None:
        """Refuse with a final status from 300 to 699. Raises NotNow."""
        self.refusal = status
        self.feed(Input.REJECT, now)

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        if self.state is not State.RINGING:
            return super().get_timer()
        timers = [self._ring_at, self._ring_until]
        repeating = self._reliable.get_timer() if self._reliable else None
        return min([*timers, repeating] if repeating is not None else timers)

    def handle_timer(self, now: float) -> None:
        """Ring again or give up, or what every call does."""
        if self.state is not State.RINGING:
            super().handle_timer(now)
        elif self._reliable and not self._reliable.handle_timer(now):
            # RFC 3262 §3: without a PRACK the INVITE is refused.
            self._give_up(504, "went silent", now)
        elif now >= self._ring_until:
            self._give_up(self._late, "was not answered in time", now)
        elif now >= self._ring_at:
            self._ring(now)

    def _give_up(self, status: int, why: str, now: float) -> None:
        self.refusal, self._why = status, why
        self.feed(Input.GIVE_UP, now)

    def _ring(self, now: float) -> None:
        self._ring_at = now + RING_AGAIN
        reliable = self._reliable
        if reliable and not (self.invite.body and reliable.may_send):
            # Without an offer theirs a reliable 180 would have to bring ours (§5), and nobody
            # has picked up a port yet; §3: one at a time.
            return
        headers = (
            ("Contact", self.layer.settings.contact),
            *(reliable.headers() if reliable else ()),
        )
        ringing = reply(self.invite, 180, tag=self.tag, headers=headers)
        self.layer.respond(self.transaction, ringing, now)
        if reliable:
            reliable.sent(self.transaction, ringing, now)

    def _take_prack(self, transaction: ServerTransaction, now: float) -> None:
        known = self._reliable.take(transaction.request, self.invite) if self._reliable else 481
        self.respond(transaction, known, now)

    def _send_answer(self, now: float) -> None:
        self._stop_ringing()
        self.offers.take(self.transaction, now)

    def _refuse(self, status: int, now: float) -> None:
        self._stop_ringing()
        self.layer.respond(self.transaction, reply(self.invite, status, tag=self.tag), now)

    def _stop_ringing(self) -> None:
        if self._reliable:
            self._reliable.stop()

    _do: ClassVar[Do] = {
        **Call._do,
        Action.SEND_ANSWER: _send_answer,
        Action.SEND_REFUSAL: lambda self, now: self._refuse(self.refusal, now),
        Action.SEND_TERMINATED: lambda self, now: self._refuse(487, now),
    }


def _patience(invite: Request) -> tuple[float, int]:
    """Seconds that it may ring, and the status that ends it: 487 where it expires (§13.3.1)."""
    try:
        expires = parse_count(invite.first("Expires") or "", 2**32)
    except BadHeader:
        return LONGEST_RING, 480
    return (max(1.0, float(expires)), 487) if expires < LONGEST_RING else (LONGEST_RING, 480)
