"""Calls that we make: INVITE, its answers, early sound, second attempts, CANCEL. Pure.

RFC 3261 §13.2, §9.1; reliable 1xx RFC 3262 §4; redirection §8.1.3.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar
from urllib.parse import quote

from callcenter.core.errors import NotTaken
from callcenter.sip.errors import BadHeader, BadSdp, NoCommonCodec
from callcenter.sip.signal.call_table import Action, Input, State
from callcenter.sip.signal.calls import Call, Do
from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.digest import authorize
from callcenter.sip.signal.events import CallAnswered, CallNotTaken, CallRinging, EarlyMedia
from callcenter.sip.signal.headers import NameAddr, Uri, printable
from callcenter.sip.signal.hops import Hop, along
from callcenter.sip.signal.layer import Layer
from callcenter.sip.signal.matching import cancel_for
from callcenter.sip.signal.message import Header, Request, Response
from callcenter.sip.signal.offers import Input as OfferInput
from callcenter.sip.signal.offers import Offers
from callcenter.sip.signal.offers import State as OfferState
from callcenter.sip.signal.redirect import contacts_of
from callcenter.sip.signal.reliable import Pracks, is_required
from callcenter.sip.signal.replaces import carried
from callcenter.sip.signal.replies import OFFERED, REASONS, SDP_TYPE, why_not
from callcenter.sip.signal.sdp import MediaSession

_USER_SAFE = "+*#!~'()&=$,;?/-_."
_MOST_FORKS = 8
"""Phones behind one call that may ring at once; further ones ring without early sound."""
_STARTING = (State.CALLING, State.PROCEEDING)

Progress = Callable[[int, str, float], None]
"""Told each status that the call gets, its reason, and the time."""


class CallOut(Call):
    """A call to somebody else, sent from the start; `media` is our side of the sound.

    `ways` are the places that it is tried at in turn, one at least.

    `extra` are further headers of the INVITE, `progress` is told how it goes. Raises BadHeader
    where the target carries a Replaces that cannot be read.
    """

    def __init__(
        self,
        layer: Layer,
        target: Uri,
        ways: Sequence[Hop],
        number: str,
        media: MediaSession,
        now: float,
        *,
        extra: tuple[Header, ...] = (),
        progress: Progress | None = None,
    ) -> None:
        super().__init__(layer, State.CALLING)
        self.media = media
        self.destination, *self._others = ways
        self.tag = layer.token()
        self.offers = Offers(self, OfferState.OURS, begun=True)
        self._progress: Progress = progress or (lambda status, reason, now: None)
        self._early: dict[str, Dialog] = {}
        self._pracks = Pracks()
        self._sound_from = ""
        self._settled_by = ""
        self._elsewhere: list[Uri] | None = None
        self._not_taken = (487, REASONS[487], NotTaken.CANCELLED)
        self._give_up_at = now + layer.settings.ring_seconds
        self.invite = self._first_invite(target, number, extra)
        self._send_invite(now)

    def _first_invite(self, target: Uri, number: str, extra: tuple[Header, ...]) -> Request:
        settings = self.layer.settings
        assert self.media is not None
        uri, replaces = carried(target)
        me = NameAddr(Uri("sip", quote(number, safe=_USER_SAFE), settings.host))
        headers: tuple[Header, ...] = (
            ("Via", str(self.layer.new_via())),
            ("Max-Forwards", "70"),
            ("From", str(me.with_param("tag", self.tag))),
            ("To", str(NameAddr(uri))),
            ("Call-ID", f"{self.layer.token()}@{settings.host}"),
            ("CSeq", "1 INVITE"),
            ("Contact", settings.contact),
            *OFFERED,
            *self.timer.asked(),
            *((("Replaces", str(replaces)),) if replaces else ()),
            *extra,
            SDP_TYPE,
        )
        return Request(headers, self.media.offer(), "INVITE", str(uri))

    # -- responses ------------------------------------------------------------------------------

    def _answered(self, response: Response, now: float) -> None:
        self.touched(self)
        if response.status < 200:
            self._take_provisional(response, now)
        elif response.status < 300:
            self._take_success(response, now)
        else:
            self._take_failure(response, now)

    def _take_provisional(self, response: Response, now: float) -> None:
        self.feed(Input.FAR_STIRS, now)
        reliable = is_required(response)
        if response.status == 100 or not self._acknowledge(response, reliable, now):
            return
        if self.state is State.PROCEEDING:
            self._progress(response.status, response.reason, now)
            if response.status == 180:
                self.tell(CallRinging(self.id))
            self._take_early_sound(response, reliable, now)

    def _acknowledge(self, response: Response, reliable: bool, now: float) -> bool:
        """Keep the early dialog, send PRACK where wanted; False for a 1xx to be passed over."""
        dialog = self._early_dialog(response)
        if not reliable:
            return True
        if dialog is None:
            return False
        try:
            named = self._pracks.take(response)
        except BadHeader:
            return False
        if named is None:
            return False
        self.ask("PRACK", _heard, now, named, dialog=dialog)
        return True

    def _early_dialog(self, response: Response) -> Dialog | None:
        tag = response.to.tag
        if tag and tag not in self._early and len(self._early) < _MOST_FORKS:
            try:
                self._early[tag] = self._dialog_with(response)
            except BadHeader:
                return None
        self.note_allowed(response)
        return self._early.get(tag)

    def _dialog_with(self, response: Response) -> Dialog:
        contact = self.layer.settings.contact
        return Dialog.made(self.invite, response, self.destination, contact)

    def _take_early_sound(self, response: Response, reliable: bool, now: float) -> None:
        """Of several phones the last one is heard; after a reliable answer no other counts."""
        assert self.media is not None
        tag = response.to.tag
        if not response.body or (tag and tag == self._settled_by):
            return
        try:
            self.media.accept(response.body)
        except (BadSdp, NoCommonCodec):
            return
        self._sound_from = tag
        if reliable:
            self._settled_by = tag
            self.offers.feed(OfferInput.SETTLED, now)
        assert self.stream is not None
        self.tell(EarlyMedia(self.id, self.stream))

    def _take_success(self, response: Response, now: float) -> None:
        tag = response.to.tag
        if self.dialog is not None:
            if tag == self.dialog.remote.tag:
                self.feed(Input.FAR_ANSWERS, now)
            else:
                self._end_fork(response, now)
            return
        try:
            early = self._early.get(tag)
            if early is not None:
                early.confirm(response)
            self.dialog = early or self._dialog_with(response)
        except BadHeader:
            self._not_taken = (500, "an answer without a usable route", NotTaken.UNREACHABLE)
            self.feed(Input.FAR_REFUSES, now)
        else:
            self._take_sound(response, tag, now)

    def _take_sound(self, response: Response, tag: str, now: float) -> None:
        assert self.media is not None
        agreed = tag == self._settled_by or (not response.body and tag == self._sound_from)
        if not agreed or not tag:
            try:
                self.media.accept(response.body)
            except (BadSdp, NoCommonCodec):
                if self.state in _STARTING:
                    self._not_taken = (488, REASONS[488], NotTaken.UNREACHABLE)
                    self.feed(Input.FAR_ANSWERS_BADLY, now)
                    return
        self.note_allowed(response)
        self.offers.feed(OfferInput.SETTLED, now)
        self.timer.take_answer(response, now)
        self.feed(Input.FAR_ANSWERS, now)

    def _take_failure(self, response: Response, now: float) -> None:
        starting = self.state in _STARTING
        if starting and self._can_try_again(response):
            self._early.clear()
            self._pracks = Pracks()
            self._sound_from = self._settled_by = ""
            self.feed(Input.CAN_TRY_AGAIN, now)
            return
        if starting:
            # Where not even a 1xx came, the 408 is our own: nobody is there.
            nobody = response.status == 408 and self.state is State.CALLING
            why = NotTaken.UNREACHABLE if nobody else why_not(response.status)
            self._not_taken = (response.status, printable(response.reason), why)
        self.feed(Input.FAR_REFUSES, now)

    def _can_try_again(self, response: Response) -> bool:
        """True where `invite` is now another one that may get through."""
        credentials = self.layer.settings.credentials
        value = authorize(response, self.invite, credentials, self.layer.token)
        if value is not None:
            self._next_invite(self.invite.with_header(*value))
            return True
        if response.status == 422 and self.timer.lengthen(response):
            invite = self.invite
            for header in self.timer.asked():
                invite = invite.with_header(*header)
            self._next_invite(invite)
            return True
        return self._can_go_elsewhere(response) or self._follow(response)

    def _can_go_elsewhere(self, response: Response) -> bool:
        """RFC 3263 §4.3: where nobody stirs, or it is too busy, the next place is asked."""
        silent = response.status == 408 and self.state is State.CALLING
        if not self._others or not (silent or response.status == 503):
            return False
        self.destination = self._others.pop(0)
        self._next_invite(_without_credentials(self.invite))
        return True

    def _follow(self, response: Response) -> bool:
        """Call the next contact of the first 3xx; a 6xx speaks for all of them."""
        if self._elsewhere is None:
            # Whoever is called must not send us on to where we would not dial: at our cost.
            may = self.layer.settings.may_reach
            named = contacts_of(response, self.invite.uri)
            self._elsewhere = [uri for uri in named if may(str(uri))]
        if not self._elsewhere or response.status >= 600:
            return False
        uri = self._elsewhere.pop(0)
        self.destination = along(self.destination, uri.address)
        self._others.clear()
        self._next_invite(replace(_without_credentials(self.invite), uri=str(uri)))
        return True

    def _next_invite(self, invite: Request) -> None:
        again = invite.with_header("CSeq", f"{invite.cseq.number + 1} INVITE")
        self.invite = again.stamped(self.layer.new_via())

    def dialog_of(self, request: Request) -> Dialog | None:
        """Before the answer, the early dialog with that phone."""
        if self.dialog is not None or self.state is not State.PROCEEDING:
            return super().dialog_of(request)
        return self._early.get(request.from_.tag)

    # -- actions --------------------------------------------------------------------------------

    def _send_invite(self, now: float) -> None:
        hasty = bool(self._others)
        self.layer.request(self.invite, self.destination, self._answered, now, hasty)

    def _send_ack(self, now: float) -> None:
        assert self.dialog is not None
        ack = self.dialog.ack(self.invite.cseq.number, self.layer.new_via())
        self.layer.send(ack, self.dialog.next_hop())

    def _send_cancel(self, now: float) -> None:
        self._give_up_at = now + self.layer.settings.timings.patience
        self.layer.request(cancel_for(self.invite), self.destination, _heard, now)

    def _end_fork(self, response: Response, now: float) -> None:
        """Two phones answered: the second is thanked and sent away (§13.2.2.4)."""
        try:
            other = self._dialog_with(response)
        except BadHeader:
            return
        ack = other.ack(self.invite.cseq.number, self.layer.new_via())
        self.layer.send(ack, other.next_hop())
        self.ask("BYE", _heard, now, dialog=other)

    def _tell_answered(self, now: float) -> None:
        assert self.stream is not None
        self.tell(CallAnswered(self.id, self.stream))
        self._progress(200, REASONS[200], now)

    def _tell_refused(self, now: float) -> None:
        status, reason, why = self._not_taken
        self.tell(CallNotTaken(self.id, status, reason, why))
        self._progress(status, reason, now)

    # -- time -----------------------------------------------------------------------------------

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        waits = self.state in (*_STARTING, State.CANCELLING)
        return self._give_up_at if waits else super().get_timer()

    def handle_timer(self, now: float) -> None:
        """Stop waiting for an answer, or for the refusal of a cancelled call; else as any call."""
        if self.state not in (*_STARTING, State.CANCELLING):
            super().handle_timer(now)
        elif now >= self._give_up_at:
            if self.state is State.CANCELLING:
                self.layer.abandon(self.invite)
            else:
                self._not_taken = (408, "nobody answered", NotTaken.NO_ANSWER)
            self.feed(Input.GIVE_UP, now)

    _do: ClassVar[Do] = {
        **Call._do,
        Action.SEND_INVITE: _send_invite,
        Action.SEND_ACK: _send_ack,
        Action.SEND_CANCEL: _send_cancel,
        Action.TELL_ANSWERED: _tell_answered,
        Action.TELL_REFUSED: _tell_refused,
    }


def _without_credentials(invite: Request) -> Request:
    """They were made for somebody else's challenge."""
    credentials = ("Authorization", "Proxy-Authorization")
    return replace(invite, headers=tuple(h for h in invite.headers if h[0] not in credentials))


def _heard(response: Response, now: float) -> None:
    """Nothing follows from this response."""
