"""Calls that we make: INVITE, its answers, credentials, CANCEL (RFC 3261 §13.2, §9.1). Pure."""

from __future__ import annotations

from urllib.parse import quote

from callcenter.sip.calls import OFFERED, Action, Call, Input, State
from callcenter.sip.dialog import Dialog
from callcenter.sip.digest import authorization, best_challenge
from callcenter.sip.errors import BadChallenge, BadHeader, BadSdp, NoCommonCodec
from callcenter.sip.events import CallAnswered, CallNotTaken, CallRinging
from callcenter.sip.headers import Address, NameAddr, Uri, printable
from callcenter.sip.layer import Layer, cancel_for
from callcenter.sip.message import Request, Response
from callcenter.sip.replies import REASONS, SDP_TYPE
from callcenter.sip.sdp import MediaSession

_CHALLENGES = (401, 407)
_USER_SAFE = "+*#!~'()&=$,;?/-_."


class CallOut(Call):
    """A call to somebody else, sent from the start; `media` is our side of the sound."""

    def __init__(
        self,
        layer: Layer,
        target: Uri,
        destination: Address,
        number: str,
        media: MediaSession,
        now: float,
    ) -> None:
        super().__init__(layer, State.CALLING)
        self.media = media
        self.destination = destination
        self.tag = layer.token()
        self._offer = media.offer()
        self._refused = (487, REASONS[487])
        self._give_up_at: float | None = None
        self._do |= {
            Action.SEND_INVITE: self._send_invite,
            Action.SEND_ACK: self._send_ack,
            Action.SEND_CANCEL: self._send_cancel,
            Action.TELL_ANSWERED: self._tell_answered,
            Action.TELL_REFUSED: self._tell_refused,
        }
        self.invite = self._first_invite(target, number)
        layer.request(self.invite, destination, self._answered, now)

    def _first_invite(self, target: Uri, number: str) -> Request:
        settings = self.layer.settings
        me = NameAddr(Uri("sip", quote(number, safe=_USER_SAFE), settings.host))
        headers = (
            ("Via", str(self.layer.new_via())),
            ("Max-Forwards", "70"),
            ("From", str(me.with_param("tag", self.tag))),
            ("To", str(NameAddr(target))),
            ("Call-ID", f"{self.layer.token()}@{settings.host}"),
            ("CSeq", "1 INVITE"),
            ("Contact", settings.contact),
            *OFFERED,
            SDP_TYPE,
        )
        return Request(headers, self._offer, "INVITE", str(target))

    # -- responses -----------------------------------------------------------------------------

    def _answered(self, response: Response, now: float) -> None:
        if response.status < 200:
            self._take_provisional(response, now)
        elif response.status < 300:
            self._take_success(response, now)
        else:
            self._take_failure(response, now)

    def _take_provisional(self, response: Response, now: float) -> None:
        self.feed(Input.FAR_STIRS, now)
        if response.status == 180 and self.state is State.PROCEEDING:
            self.layer.events.append(CallRinging(self.id))

    def _take_success(self, response: Response, now: float) -> None:
        if self.dialog is not None:
            if response.to.tag == self.dialog.remote.tag:
                self.feed(Input.FAR_ANSWERS, now)
            else:
                self._end_fork(response, now)
            return
        try:
            contact = self.layer.settings.contact
            self.dialog = Dialog.made(self.invite, response, self.destination, contact)
        except BadHeader:
            self._refused = (500, "an answer without a usable route")
            self.feed(Input.FAR_REFUSES, now)
        else:
            self._take_sound(response, now)

    def _take_sound(self, response: Response, now: float) -> None:
        assert self.media is not None
        try:
            self.media.accept(response.body)
        except (BadSdp, NoCommonCodec):
            if self.state in (State.CALLING, State.PROCEEDING):
                self._refused = (488, REASONS[488])
                self.feed(Input.FAR_ANSWERS_BADLY, now)
                return
        self.feed(Input.FAR_ANSWERS, now)

    def _take_failure(self, response: Response, now: float) -> None:
        starting = self.state in (State.CALLING, State.PROCEEDING)
        if starting and response.status in _CHALLENGES and self._authorise(response):
            self.feed(Input.FAR_CHALLENGES, now)
            return
        if starting:
            self._refused = (response.status, printable(response.reason))
        self._give_up_at = None
        self.feed(Input.FAR_REFUSES, now)

    def _authorise(self, response: Response) -> bool:
        """Put credentials into the INVITE; False where we have none, or they were refused."""
        credentials = self.layer.settings.credentials
        if credentials is None:
            return False
        try:
            challenge = best_challenge(response)
        except BadChallenge:
            return False
        if self.invite.first(challenge.header) is not None:
            return False
        uri = self.invite.uri
        value = authorization(challenge, credentials, "INVITE", uri, self.layer.token())
        number = self.invite.cseq.number + 1
        again = self.invite.with_header(challenge.header, value)
        again = again.with_header("CSeq", f"{number} INVITE")
        self.invite = again.stamped(self.layer.new_via())
        return True

    # -- actions -------------------------------------------------------------------------------

    def _send_invite(self, now: float) -> None:
        self.layer.request(self.invite, self.destination, self._answered, now)

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
            contact = self.layer.settings.contact
            other = Dialog.made(self.invite, response, self.destination, contact)
        except BadHeader:
            return
        ack = other.ack(self.invite.cseq.number, self.layer.new_via())
        self.layer.send(ack, other.next_hop())
        bye = other.request("BYE", self.layer.new_via())
        self.layer.request(bye, other.next_hop(), _heard, now)

    def _tell_answered(self, now: float) -> None:
        assert self.stream is not None
        self.layer.events.append(CallAnswered(self.id, self.stream))

    def _tell_refused(self, now: float) -> None:
        self.layer.events.append(CallNotTaken(self.id, *self._refused))

    # -- time ----------------------------------------------------------------------------------

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        return self._give_up_at if self.state is State.CANCELLING else super().get_timer()

    def handle_timer(self, now: float) -> None:
        """Stop waiting for the refusal of a cancelled call, or what every call does."""
        if self.state is not State.CANCELLING:
            super().handle_timer(now)
        elif self._give_up_at is not None and now >= self._give_up_at:
            self.layer.abandon(self.invite)
            self.feed(Input.GIVE_UP, now)


def _heard(response: Response, now: float) -> None:
    """Nothing follows from this response."""
