"""A call's signalling as one table for both directions, and what an answered call does. Pure.

`CallIn` and `CallOut` add how a call begins. Sound is agreed here and flows elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from callcenter.core.errors import NotNow
from callcenter.sip.dialog import Dialog
from callcenter.sip.errors import BadSdp, NoCommonCodec
from callcenter.sip.events import CallEnded, MediaChanged
from callcenter.sip.headers import Address
from callcenter.sip.layer import Layer, ServerTransaction
from callcenter.sip.message import Header, Request, Response
from callcenter.sip.replies import ALLOW, reply
from callcenter.sip.sdp import MediaSession, Stream


class State(StrEnum):
    """Where a call stands on the wire."""

    RINGING = "ringing"
    ANSWERED = "answered, not yet acknowledged"
    PARTING = "answered, to be ended when acknowledged"
    CALLING = "calling"
    PROCEEDING = "the other side is working on it"
    CANCEL_WANTED = "to be cancelled when the other side stirs"
    CANCELLING = "cancelled, waiting for the refusal"
    TALKING = "talking"
    LEAVING = "BYE sent"
    ENDED = "ended"


class Input(StrEnum):
    """What people, the wire and timers do to a call."""

    ANSWER = "answer"
    REJECT = "reject"
    HANG_UP = "hang up"
    FAR_CANCELS = "CANCEL comes"
    FAR_HANGS_UP = "BYE comes"
    ACKED = "ACK comes"
    NEVER_ACKED = "no ACK comes"
    FAR_STIRS = "1xx comes"
    FAR_ANSWERS = "2xx comes"
    FAR_ANSWERS_BADLY = "2xx comes without sound that we speak"
    FAR_REFUSES = "3xx-6xx comes"
    FAR_CHALLENGES = "401 or 407 comes and we can meet it"
    GIVE_UP = "no refusal comes"
    BYE_DONE = "BYE is answered"


class Action(StrEnum):
    """What the call must do, in this order."""

    SEND_ANSWER = "send 200"
    SEND_REFUSAL = "send a refusal"
    SEND_TERMINATED = "send 487"
    SEND_INVITE = "send INVITE with credentials"
    SEND_ACK = "send ACK"
    SEND_CANCEL = "send CANCEL"
    SEND_BYE = "send BYE"
    STOP_REPEATING = "stop repeating the 200"
    TELL_ANSWERED = "tell that they answered"
    TELL_REFUSED = "tell that they refused"
    TELL_CANCELLED = "tell that they cancelled"
    TELL_ENDED = "tell that they hung up"
    TELL_SILENT = "tell that no ACK came"


_A, _I, _S = Action, Input, State

TABLE: Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    (_S.RINGING, _I.ANSWER): (_S.ANSWERED, (_A.SEND_ANSWER,)),
    (_S.RINGING, _I.REJECT): (_S.ENDED, (_A.SEND_REFUSAL,)),
    (_S.RINGING, _I.HANG_UP): (_S.ENDED, (_A.SEND_REFUSAL,)),
    (_S.RINGING, _I.FAR_CANCELS): (_S.ENDED, (_A.SEND_TERMINATED, _A.TELL_CANCELLED)),
    (_S.ANSWERED, _I.ACKED): (_S.TALKING, (_A.STOP_REPEATING,)),
    (_S.ANSWERED, _I.HANG_UP): (_S.PARTING, ()),
    (_S.ANSWERED, _I.FAR_HANGS_UP): (_S.ENDED, (_A.STOP_REPEATING, _A.TELL_ENDED)),
    (_S.ANSWERED, _I.FAR_CANCELS): (_S.ANSWERED, ()),
    (_S.ANSWERED, _I.NEVER_ACKED): (_S.LEAVING, (_A.SEND_BYE, _A.TELL_SILENT)),
    # RFC 3261 §15: no BYE before the ACK, or before it is clear that none will come.
    (_S.PARTING, _I.ACKED): (_S.LEAVING, (_A.STOP_REPEATING, _A.SEND_BYE)),
    (_S.PARTING, _I.NEVER_ACKED): (_S.LEAVING, (_A.SEND_BYE,)),
    (_S.PARTING, _I.FAR_HANGS_UP): (_S.ENDED, (_A.STOP_REPEATING,)),
    (_S.PARTING, _I.FAR_CANCELS): (_S.PARTING, ()),
    (_S.PARTING, _I.HANG_UP): (_S.PARTING, ()),
    (_S.CALLING, _I.FAR_STIRS): (_S.PROCEEDING, ()),
    (_S.CALLING, _I.FAR_ANSWERS): (_S.TALKING, (_A.SEND_ACK, _A.TELL_ANSWERED)),
    (_S.CALLING, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CALLING, _I.FAR_CHALLENGES): (_S.CALLING, (_A.SEND_INVITE,)),
    (_S.CALLING, _I.FAR_ANSWERS_BADLY): (
        _S.LEAVING,
        (_A.SEND_ACK, _A.SEND_BYE, _A.TELL_REFUSED),
    ),
    # RFC 3261 §9.1: no CANCEL before a provisional response.
    (_S.CALLING, _I.HANG_UP): (_S.CANCEL_WANTED, ()),
    (_S.PROCEEDING, _I.FAR_STIRS): (_S.PROCEEDING, ()),
    (_S.PROCEEDING, _I.FAR_ANSWERS): (_S.TALKING, (_A.SEND_ACK, _A.TELL_ANSWERED)),
    (_S.PROCEEDING, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.PROCEEDING, _I.FAR_CHALLENGES): (_S.CALLING, (_A.SEND_INVITE,)),
    (_S.PROCEEDING, _I.FAR_ANSWERS_BADLY): (
        _S.LEAVING,
        (_A.SEND_ACK, _A.SEND_BYE, _A.TELL_REFUSED),
    ),
    (_S.PROCEEDING, _I.HANG_UP): (_S.CANCELLING, (_A.SEND_CANCEL,)),
    (_S.CANCEL_WANTED, _I.FAR_STIRS): (_S.CANCELLING, (_A.SEND_CANCEL,)),
    (_S.CANCEL_WANTED, _I.FAR_ANSWERS): (
        _S.LEAVING,
        (_A.SEND_ACK, _A.SEND_BYE, _A.TELL_REFUSED),
    ),
    (_S.CANCEL_WANTED, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CANCEL_WANTED, _I.HANG_UP): (_S.CANCEL_WANTED, ()),
    (_S.CANCELLING, _I.FAR_STIRS): (_S.CANCELLING, ()),
    (_S.CANCELLING, _I.FAR_ANSWERS): (
        _S.LEAVING,
        (_A.SEND_ACK, _A.SEND_BYE, _A.TELL_REFUSED),
    ),
    (_S.CANCELLING, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CANCELLING, _I.GIVE_UP): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CANCELLING, _I.HANG_UP): (_S.CANCELLING, ()),
    (_S.TALKING, _I.HANG_UP): (_S.LEAVING, (_A.SEND_BYE,)),
    (_S.TALKING, _I.FAR_HANGS_UP): (_S.ENDED, (_A.STOP_REPEATING, _A.TELL_ENDED)),
    (_S.TALKING, _I.FAR_ANSWERS): (_S.TALKING, (_A.SEND_ACK,)),
    # The ACK of a re-INVITE, and of an INVITE whose 200 was repeated.
    (_S.TALKING, _I.ACKED): (_S.TALKING, (_A.STOP_REPEATING,)),
    (_S.TALKING, _I.NEVER_ACKED): (_S.LEAVING, (_A.SEND_BYE, _A.TELL_SILENT)),
    (_S.TALKING, _I.FAR_CANCELS): (_S.TALKING, ()),
    # Both sides hang up at once: each BYE gets its 200 and ours is still waited for.
    (_S.LEAVING, _I.FAR_HANGS_UP): (_S.LEAVING, ()),
    (_S.LEAVING, _I.FAR_CANCELS): (_S.LEAVING, ()),
    (_S.LEAVING, _I.FAR_ANSWERS): (_S.LEAVING, (_A.SEND_ACK,)),
    (_S.LEAVING, _I.ACKED): (_S.LEAVING, ()),
    (_S.LEAVING, _I.HANG_UP): (_S.LEAVING, ()),
    (_S.LEAVING, _I.BYE_DONE): (_S.ENDED, ()),
    (_S.ENDED, _I.HANG_UP): (_S.ENDED, ()),
    (_S.ENDED, _I.FAR_CANCELS): (_S.ENDED, ()),
    (_S.ENDED, _I.FAR_HANGS_UP): (_S.ENDED, ()),
    (_S.ENDED, _I.FAR_STIRS): (_S.ENDED, ()),
    (_S.ENDED, _I.FAR_ANSWERS): (_S.ENDED, ()),
    (_S.ENDED, _I.FAR_REFUSES): (_S.ENDED, ()),
    (_S.ENDED, _I.ACKED): (_S.ENDED, ()),
}


class Unacknowledged:
    """A 2xx to an INVITE that is repeated until its ACK comes (§13.3.1.4)."""

    def __init__(self, response: Response, to: Address, cseq: int, t1: float, now: float) -> None:
        self.response = response
        self.to = to
        self.cseq = cseq
        self.interval = t1
        self.next = now + t1
        self.deadline = now + 64 * t1

    def rewind(self, now: float, longest: float) -> None:
        """After a repetition: wait twice as long, up to T2."""
        self.interval = min(2 * self.interval, longest)
        self.next = now + self.interval


class Call:
    """One call, from its first message to the end of its BYE."""

    def __init__(self, layer: Layer, first: State) -> None:
        self.id = layer.token()
        self.layer = layer
        self.state = first
        self.dialog: Dialog | None = None
        self.media: MediaSession | None = None
        self.unacknowledged: Unacknowledged | None = None
        self._offered = False
        self._do: dict[Action, Callable[[float], None]] = {
            Action.SEND_BYE: self._send_bye,
            Action.STOP_REPEATING: self._stop_repeating,
            Action.TELL_CANCELLED: lambda now: self._tell_ended("cancelled"),
            Action.TELL_ENDED: lambda now: self._tell_ended("hung up"),
            Action.TELL_SILENT: lambda now: self._tell_ended("went silent"),
        }

    @property
    def over(self) -> bool:
        """True once the call may be forgotten."""
        return self.state is State.ENDED

    @property
    def stream(self) -> Stream | None:
        """What was agreed on the sound, if anything yet."""
        return self.media.stream if self.media else None

    def feed(self, what: Input, now: float) -> None:
        """Take one input and act. Raises NotNow for a pair not in the table."""
        found = TABLE.get((self.state, what))
        if found is None:
            raise NotNow(f"the call is {self.state.value}: cannot {what.value}")
        self.state, actions = found
        for action in actions:
            self._do[action](now)

    # -- requests within the dialog ------------------------------------------------------------

    def take(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """A request within the dialog, other than ACK."""
        if self.dialog is None or not self.dialog.is_from_peer(request):
            self.layer.respond(transaction, reply(request, 481), now)
        elif not self.dialog.is_next(request):
            self.layer.respond(transaction, reply(request, 500), now)
        elif request.method == "BYE":
            self.dialog.peer = transaction.source
            self.layer.respond(transaction, reply(request, 200), now)
            self.feed(Input.FAR_HANGS_UP, now)
        elif request.method == "INVITE":
            self.dialog.peer = transaction.source
            self._take_reinvite(request, transaction, now)
        else:
            self.layer.respond(transaction, reply(request, 200, headers=OFFERED), now)

    def take_ack(self, request: Request, now: float) -> None:
        """An ACK: it ends the repetition of the 200 that it names, and may bring an answer."""
        waiting = self.unacknowledged
        if waiting is None or self.dialog is None or request.cseq.number != waiting.cseq:
            return
        if not self.dialog.is_from_peer(request):
            return
        self.feed(Input.ACKED, now)
        if self._offered and self.media and self.state is State.TALKING:
            self._take_late_answer(request, now)

    def _take_late_answer(self, request: Request, now: float) -> None:
        self._offered = False
        assert self.media is not None
        try:
            self.media.accept(request.body)
        except (BadSdp, NoCommonCodec):
            self._tell_ended("no common codec")
            self.feed(Input.HANG_UP, now)
        else:
            self._tell_media()

    def _take_reinvite(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        if self.state is not State.TALKING or self.unacknowledged is not None:
            again: tuple[Header, ...] = (("Retry-After", "2"),)
            self.layer.respond(transaction, reply(request, 500, headers=again), now)
            return
        try:
            body = self._session_for(request)
        except (BadSdp, NoCommonCodec):
            self.layer.respond(transaction, reply(request, 488), now)
            return
        assert self.dialog is not None
        self.dialog.refresh(request)
        self._send_ok(transaction, body, now)
        if not self._offered:
            self._tell_media()

    # -- what both directions do ---------------------------------------------------------------

    def _session_for(self, invite: Request) -> bytes:
        """Our answer to its offer, or our offer where it brings none (§14.2)."""
        assert self.media is not None
        self._offered = not invite.body
        return self.media.offer() if self._offered else self.media.answer(invite.body)

    def _send_ok(self, transaction: ServerTransaction, body: bytes, now: float) -> None:
        """Answer an INVITE with 200, again and again until it is acknowledged."""
        assert self.dialog is not None
        invite = transaction.request
        headers = (("Contact", self.dialog.contact), *OFFERED)
        response = reply(invite, 200, tag=self.dialog.local.tag, headers=headers, body=body)
        self.layer.respond(transaction, response, now)
        to = invite.via.reply_address(transaction.source)
        t1 = self.layer.settings.timings.t1
        self.unacknowledged = Unacknowledged(response, to, invite.cseq.number, t1, now)

    def _send_bye(self, now: float) -> None:
        self.unacknowledged = None
        assert self.dialog is not None
        bye = self.dialog.request("BYE", self.layer.new_via())
        self.layer.request(bye, self.dialog.next_hop(), self._bye_answered, now)

    def _bye_answered(self, response: Response, now: float) -> None:
        if response.status >= 200 and self.state is State.LEAVING:
            self.feed(Input.BYE_DONE, now)

    def _stop_repeating(self, now: float) -> None:
        self.unacknowledged = None

    def _tell_ended(self, reason: str) -> None:
        self.layer.events.append(CallEnded(self.id, reason))

    def _tell_media(self) -> None:
        assert self.stream is not None
        self.layer.events.append(MediaChanged(self.id, self.stream))

    # -- time ----------------------------------------------------------------------------------

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        waiting = self.unacknowledged
        return None if waiting is None else min(waiting.next, waiting.deadline)

    def handle_timer(self, now: float) -> None:
        """Repeat a 200, or give up waiting for its ACK."""
        waiting = self.unacknowledged
        if waiting is None:
            return
        if now >= waiting.deadline:
            self.unacknowledged = None
            self.feed(Input.NEVER_ACKED, now)
        elif now >= waiting.next:
            waiting.rewind(now, self.layer.settings.timings.t2)
            self.layer.send(waiting.response, waiting.to)


OFFERED: tuple[Header, ...] = (("Allow", ALLOW), ("Accept", "application/sdp"))
"""What we take, as headers of a 200."""
