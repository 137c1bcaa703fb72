"""Calls that come in: ring, answer, refuse, be cancelled (RFC 3261 §13.3, §9.2). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.sip.calls import Action, Call, Input, State
from callcenter.sip.dialog import Dialog
from callcenter.sip.events import CallArrived
from callcenter.sip.headers import Uri
from callcenter.sip.layer import Layer, ServerTransaction
from callcenter.sip.message import Request
from callcenter.sip.replies import reply
from callcenter.sip.sdp import MediaSession, choose, parse_sdp

RING_AGAIN = 60.0
"""Seconds between repeated 180s, lest a proxy loses patience (§13.3.1.1)."""


def check_offer(invite: Request, codecs: Sequence[str]) -> None:
    """Raises BadSdp or NoCommonCodec where this INVITE brings an offer that we cannot take."""
    if invite.body:
        choose(parse_sdp(invite.body), codecs)


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
        self.coming = Dialog.taken(
            self.invite, self.tag, transaction.source, layer.settings.contact
        )
        self.refusal = 486
        self._ring_at: float | None = now
        self._do |= {
            Action.SEND_ANSWER: self._send_answer,
            Action.SEND_REFUSAL: lambda now: self._refuse(self.refusal, now),
            Action.SEND_TERMINATED: lambda now: self._refuse(487, now),
        }
        layer.respond(transaction, reply(self.invite, 100), now)
        self._ring(now)
        number = self.invite.from_.uri.number
        layer.events.append(CallArrived(self.id, number, callee_number(self.invite)))

    def answer(self, host: str, port: int, now: float) -> None:
        """Pick up with our sound at this address. Raises NotNow."""
        self.media = MediaSession(
            host, port, self.layer.settings.codecs, int(self.layer.token()[:8], 16)
        )
        self.feed(Input.ANSWER, now)

    def reject(self, status: int, now: float) -> None:
        """Refuse with a final status from 300 to 699. Raises NotNow."""
        self.refusal = status
        self.feed(Input.REJECT, now)

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        return self._ring_at if self.state is State.RINGING else super().get_timer()

    def handle_timer(self, now: float) -> None:
        """Ring again, or what every call does."""
        if self.state is not State.RINGING:
            super().handle_timer(now)
        elif self._ring_at is not None and now >= self._ring_at:
            self._ring(now)

    def _ring(self, now: float) -> None:
        contact = (("Contact", self.layer.settings.contact),)
        ringing = reply(self.invite, 180, tag=self.tag, headers=contact)
        self.layer.respond(self.transaction, ringing, now)
        self._ring_at = now + RING_AGAIN

    def _send_answer(self, now: float) -> None:
        self.dialog = self.coming
        self._send_ok(self.transaction, self._session_for(self.invite), now)

    def _refuse(self, status: int, now: float) -> None:
        self.layer.respond(self.transaction, reply(self.invite, status, tag=self.tag), now)
