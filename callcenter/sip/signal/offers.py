"""How two sides change what they agreed on: re-INVITE and UPDATE both ways, hold, glare. Pure.

RFC 3261 §14, RFC 3264 §8, RFC 3311 §5. One offer at a time: who comes second is put off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import ClassVar

from callcenter.core.errors import NotNow
from callcenter.sip.errors import BadHeader, BadSdp, NoCommonCodec
from callcenter.sip.signal.events import MediaChanged
from callcenter.sip.signal.headers import parse_count
from callcenter.sip.signal.layer import ServerTransaction
from callcenter.sip.signal.link import Link
from callcenter.sip.signal.message import Request, Response
from callcenter.sip.signal.repeated import Repeated
from callcenter.sip.signal.replies import OFFERED, SDP_TYPE, reply
from callcenter.sip.signal.sdp import chosen

_MOST_TRIES = 5
"""Attempts at one change before it is given up."""
_LONGEST_REST = 10


class State(StrEnum):
    """Whose offer is open."""

    QUIET = "nothing is open"
    OURS = "our offer waits for its answer"
    RESTING = "our offer was put off"
    ANSWERED = "their offer is answered, not yet acknowledged"
    OFFERED = "our offer went with the 2xx, its answer comes with the ACK"
    GONE = "the call is over"


class Input(StrEnum):
    """What people, the wire and timers do."""

    WANT = "a change is wanted"
    INVITED = "INVITE comes with an offer"
    ASKED = "INVITE comes without an offer"
    UPDATED = "UPDATE comes with an offer"
    ACKED = "ACK comes"
    AGREED = "2xx comes"
    SETTLED = "the first answer comes"
    PUT_OFF = "491, or 5xx with Retry-After, comes"
    REFUSED = "another refusal comes"
    DUE = "the rest is over"
    STOP = "the call ends"


class Action(StrEnum):
    """What to do, in this order."""

    SEND_OFFER = "send a re-INVITE"
    SEND_ANSWER = "send 200 with an answer"
    SEND_OUR_OFFER = "send 200 with our offer"
    SAY_PENDING = "send 491"
    SAY_LATER = "send 500 with Retry-After"
    TAKE_ANSWER = "take the answer"
    REVERT = "go back to what stood"
    REST = "wind the timer of the next attempt"
    FORGET = "give the change up"
    UNWIND = "stop the timers"
    LOOK = "see whether a change is wanted"


_A, _I, _S = Action, Input, State

TABLE: Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    (_S.QUIET, _I.WANT): (_S.OURS, (_A.SEND_OFFER,)),
    (_S.QUIET, _I.INVITED): (_S.ANSWERED, (_A.SEND_ANSWER,)),
    (_S.QUIET, _I.ASKED): (_S.OFFERED, (_A.SEND_OUR_OFFER,)),
    (_S.QUIET, _I.UPDATED): (_S.QUIET, (_A.SEND_ANSWER,)),
    # Answered by a reliable 1xx, and again by the 2xx of another fork.
    (_S.QUIET, _I.SETTLED): (_S.QUIET, ()),
    # §14.2, RFC 3311 §5.2: while ours is open theirs gets 491; the two try again apart (§14.1).
    (_S.OURS, _I.WANT): (_S.OURS, ()),
    (_S.OURS, _I.INVITED): (_S.OURS, (_A.SAY_PENDING,)),
    (_S.OURS, _I.ASKED): (_S.OURS, (_A.SAY_PENDING,)),
    (_S.OURS, _I.UPDATED): (_S.OURS, (_A.SAY_PENDING,)),
    (_S.OURS, _I.AGREED): (_S.QUIET, (_A.TAKE_ANSWER, _A.LOOK)),
    (_S.OURS, _I.SETTLED): (_S.QUIET, (_A.LOOK,)),
    (_S.OURS, _I.PUT_OFF): (_S.RESTING, (_A.REVERT, _A.REST)),
    (_S.OURS, _I.REFUSED): (_S.QUIET, (_A.REVERT, _A.FORGET)),
    (_S.RESTING, _I.WANT): (_S.RESTING, ()),
    (_S.RESTING, _I.DUE): (_S.OURS, (_A.SEND_OFFER,)),
    (_S.RESTING, _I.INVITED): (_S.ANSWERED, (_A.UNWIND, _A.SEND_ANSWER)),
    (_S.RESTING, _I.ASKED): (_S.OFFERED, (_A.UNWIND, _A.SEND_OUR_OFFER)),
    (_S.RESTING, _I.UPDATED): (_S.RESTING, (_A.SEND_ANSWER,)),
    (_S.ANSWERED, _I.WANT): (_S.ANSWERED, ()),
    (_S.ANSWERED, _I.INVITED): (_S.ANSWERED, (_A.SAY_LATER,)),
    (_S.ANSWERED, _I.ASKED): (_S.ANSWERED, (_A.SAY_LATER,)),
    (_S.ANSWERED, _I.UPDATED): (_S.ANSWERED, (_A.SEND_ANSWER,)),
    (_S.ANSWERED, _I.ACKED): (_S.QUIET, (_A.UNWIND, _A.LOOK)),
    (_S.OFFERED, _I.WANT): (_S.OFFERED, ()),
    (_S.OFFERED, _I.INVITED): (_S.OFFERED, (_A.SAY_LATER,)),
    (_S.OFFERED, _I.ASKED): (_S.OFFERED, (_A.SAY_LATER,)),
    (_S.OFFERED, _I.UPDATED): (_S.OFFERED, (_A.SAY_PENDING,)),
    (_S.OFFERED, _I.ACKED): (_S.QUIET, (_A.UNWIND, _A.TAKE_ANSWER, _A.LOOK)),
    **{(s, _I.STOP): (_S.GONE, (_A.UNWIND,)) for s in _S},
    **{(_S.GONE, i): (_S.GONE, ()) for i in _I if i is not _I.STOP},
}


class Offers:
    """The offers of one call. The first INVITE comes here when it is answered, or when ours is."""

    def __init__(self, link: Link, first: State = State.QUIET, *, begun: bool = False) -> None:
        self.state = first
        self._link = link
        self._begun = begun
        self._unacknowledged: Repeated | None = None
        self._again_at: float | None = None
        self._rest = 0.0
        self._hold = False
        self._stood = False
        self._refresh = False
        self._tries = 0
        self._transaction: ServerTransaction | None = None
        self._answer = b""

    # -- what people want -----------------------------------------------------------------------

    def hold(self, on: bool, now: float) -> None:
        """Ask the other side to wait, or to go on; sent as soon as nothing else is open."""
        self._hold = on
        self._look(now)

    def refresh(self, now: float) -> None:
        """Say the same again, so that the session does not lapse (RFC 4028 §7.4)."""
        self._refresh = True
        self._look(now)

    # -- what comes -----------------------------------------------------------------------------

    def take(self, transaction: ServerTransaction, now: float) -> bool:
        """Answer an INVITE, or an UPDATE with an offer; True where the answer is a 200.

        Raises BadSdp, NoCommonCodec for an offer that we cannot take.
        """
        request = transaction.request
        media = self._link.media
        assert media is not None
        if request.body:
            chosen(request.body, media.codecs, media.secrecy)
        self._transaction = transaction
        what = Input.INVITED if request.body else Input.ASKED
        done = self.feed(Input.UPDATED if request.method == "UPDATE" else what, now)
        return Action.SEND_ANSWER in done or Action.SEND_OUR_OFFER in done

    def is_acknowledged_by(self, ack: Request) -> bool:
        """True where this ACK is for the 2xx that we repeat."""
        waiting = self._unacknowledged
        return waiting is not None and waiting.number == ack.cseq.number

    def take_ack(self, ack: Request, now: float) -> None:
        """The ACK that ends the repetition of our 2xx; it may bring an answer."""
        self._answer = ack.body
        self.feed(Input.ACKED, now)

    def stop(self, now: float) -> None:
        """The call is over."""
        self.feed(Input.STOP, now)

    def feed(self, what: Input, now: float) -> tuple[Action, ...]:
        """Take one input, act, and say what was done. Raises NotNow for a pair not in the table."""
        found = TABLE.get((self.state, what))
        if found is None:
            raise NotNow(f"offers: {self.state.value}: cannot {what.value}")
        self.state, actions = found
        for action in actions:
            self._do[action](self, now)
        return actions

    # -- ours -----------------------------------------------------------------------------------

    def _send_offer(self, now: float) -> None:
        link = self._link
        assert link.media is not None
        self._again_at = None
        self._tries += 1
        self._stood, link.media.held = link.media.held, self._hold
        headers = (*OFFERED, *link.timer.asked(), SDP_TYPE)
        link.ask("INVITE", self._heard, now, headers, link.media.offer())

    def _heard(self, response: Response, now: float) -> None:
        if response.status < 200:
            return
        if response.status < 300:
            self._acknowledge(response)
        if self.state is State.OURS:
            self._answer = response.body
            self._decide(response, now)

    def _acknowledge(self, response: Response) -> None:
        """Each 2xx gets its ACK, the repeated ones too, whatever became of the call (§13.2.2.4)."""
        dialog = self._link.dialog
        assert dialog is not None
        dialog.refresh(response)
        ack = dialog.ack(response.cseq.number, self._link.layer.new_via())
        self._link.layer.send(ack, dialog.next_hop())

    def _decide(self, response: Response, now: float) -> None:
        link = self._link
        if response.status < 300:
            link.timer.take_answer(response, now)
            self.feed(Input.AGREED, now)
        elif response.status in (408, 481):
            # §12.2.1.2: the other side knows nothing of this call any more.
            link.end("went silent", now)
        elif self._tries < _MOST_TRIES and self._may_try_again(response):
            self.feed(Input.PUT_OFF, now)
        else:
            self.feed(Input.REFUSED, now)

    def _may_try_again(self, response: Response) -> bool:
        """True where `_rest` now says, in seconds, when our offer may be sent again."""
        if response.status == 491:
            self._rest = self._apart()
            return True
        if response.status == 422:
            self._rest = 0.0
            return self._link.timer.lengthen(response)
        try:
            text = (response.required("Retry-After").split() or [""])[0].partition(";")[0]
            self._rest = float(min(parse_count(text, 2**31), _LONGEST_REST))
        except BadHeader:
            return False
        return response.status in (500, 503)

    def _apart(self) -> float:
        """Seconds, in units of 10 ms: who made the call waits longer, so both get through."""
        assert self._link.dialog is not None
        dice = int(self._link.layer.token()[-6:], 16)
        return (210 + dice % 191) / 100 if self._link.dialog.ours else dice % 201 / 100

    def _take_answer(self, now: float) -> None:
        link = self._link
        assert link.media is not None
        self._tries, self._refresh = 0, False
        try:
            link.media.accept(self._answer)
        except (BadSdp, NoCommonCodec):
            link.end("no common codec", now)
        else:
            self._tell()

    def _revert(self, now: float) -> None:
        assert self._link.media is not None
        self._link.media.held = self._stood

    def _wind_rest(self, now: float) -> None:
        self._again_at = now + self._rest

    def _forget(self, now: float) -> None:
        """What stood stands on (§14.1)."""
        if self._refresh:
            self._link.timer.refused(now)
        self._hold, self._refresh, self._tries = self._stood, False, 0

    def _look(self, now: float) -> None:
        media = self._link.media
        if media is None:
            return
        if self._refresh or self._hold != media.held:
            self.feed(Input.WANT, now)
        else:
            self._tries = (
                0  # what was tried is wanted no more; the next change has all of its tries
            )

    # -- theirs ---------------------------------------------------------------------------------

    def _send_answer(self, now: float) -> None:
        """200, again and again until it is acknowledged where it answers an INVITE."""
        link, transaction = self._link, self._transaction
        assert link.media is not None
        assert transaction is not None
        request = transaction.request
        body = link.media.answer(request.body) if request.body else link.media.offer()
        headers = (*link.contact(), *link.timer.answer(request, now))
        response = reply(request, 200, tag=link.tag, headers=headers, body=body)
        link.layer.respond(transaction, response, now)
        if request.method == "INVITE":
            number, t2 = request.cseq.number, link.layer.settings.timings.t2
            self._unacknowledged = Repeated(link.layer, transaction, response, number, t2, now)
        if request.body and self._begun:
            self._tell()
        self._begun = True

    def _say(self, status: int, now: float) -> None:
        assert self._transaction is not None
        headers = (("Retry-After", "2"),) if status == 500 else ()
        self._link.respond(self._transaction, status, now, headers)

    def _tell(self) -> None:
        assert self._link.stream is not None
        self._link.tell(MediaChanged(self._link.id, self._link.stream))

    # -- time -----------------------------------------------------------------------------------

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        waiting = self._unacknowledged
        return self._again_at if waiting is None else waiting.get_timer()

    def handle_timer(self, now: float) -> None:
        """Repeat a 2xx, give up waiting for its ACK, or try our offer again."""
        waiting = self._unacknowledged
        if waiting is not None and not waiting.handle_timer(now):
            self._unacknowledged = None
            self._link.never_acknowledged(now)
        elif self._again_at is not None and now >= self._again_at:
            self.feed(Input.DUE, now)

    def _unwind(self, now: float) -> None:
        self._unacknowledged = None
        self._again_at = None

    # -- which method does what -----------------------------------------------------------------

    _do: ClassVar[Mapping[Action, Callable[[Offers, float], None]]] = {
        Action.SEND_OFFER: _send_offer,
        Action.SEND_ANSWER: _send_answer,
        Action.SEND_OUR_OFFER: _send_answer,
        Action.SAY_PENDING: lambda self, now: self._say(491, now),
        Action.SAY_LATER: lambda self, now: self._say(500, now),
        Action.TAKE_ANSWER: _take_answer,
        Action.REVERT: _revert,
        Action.REST: _wind_rest,
        Action.FORGET: _forget,
        Action.UNWIND: _unwind,
        Action.LOOK: _look,
    }
