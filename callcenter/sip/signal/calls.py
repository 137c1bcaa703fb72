"""What every call does once it stands, whoever made it: requests within it, BYE, time. Pure.

`CallIn` and `CallOut` add how a call begins. Sound is agreed here and flows elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from callcenter.core.errors import NotNow
from callcenter.sip.errors import BadSdp, NoCommonCodec
from callcenter.sip.signal.call_table import TABLE, TAKEN_IN, Action, Input, State
from callcenter.sip.signal.dialog import Dialog
from callcenter.sip.signal.events import CallEnded
from callcenter.sip.signal.headers import Uri
from callcenter.sip.signal.layer import Layer, ServerTransaction
from callcenter.sip.signal.link import Link
from callcenter.sip.signal.media import new_media
from callcenter.sip.signal.message import Request, Response
from callcenter.sip.signal.offers import Offers
from callcenter.sip.signal.session_timer import Action as TimerAction
from callcenter.sip.signal.session_timer import SessionTimer
from callcenter.sip.signal.transfer import Done, SentTransfer, TakenTransfer
from callcenter.sip.signal.transfer import Input as TransferInput

Do = Mapping[Action, Callable[[Any, float], None]]
"""What each action of the table is, as a method: one such table for all calls of a kind."""


class Call(Link):
    """One call, from its first message to the end of its BYE."""

    def __init__(self, layer: Layer, first: State) -> None:
        super().__init__(layer)
        self.state = first
        self.offers = Offers(self)
        self.sent = SentTransfer(self)
        self.taken = TakenTransfer(self)
        self._why = ""

    @property
    def over(self) -> bool:
        """True once the call may be forgotten."""
        return self.state is State.ENDED

    def feed(self, what: Input, now: float) -> None:
        """Take one input and act. Raises NotNow for a pair not in the table."""
        found = TABLE.get((self.state, what))
        if found is None:
            raise NotNow(f"the call is {self.state.value}: cannot {what.value}")
        self.state, actions = found
        for action in actions:
            self._do[action](self, now)

    # -- commands -------------------------------------------------------------------------------

    def hold(self, on: bool, now: float) -> None:
        """Ask the other side to wait, or to go on. Raises NotNow."""
        self._must_stand("hold")
        self.offers.hold(on, now)

    def transfer(self, target: Uri, done: Done, now: float) -> None:
        """Ask the other side to call somebody else. Raises NotNow."""
        self._must_stand("transfer")
        self.sent.start(target, done, now)

    def answered_dialog(self) -> Dialog:
        """The dialog of an answered call. Raises NotNow."""
        self._must_stand("be joined to another")
        assert self.dialog is not None
        return self.dialog

    def _must_stand(self, what: str) -> None:
        if self.state not in (State.ANSWERED, State.TALKING):
            raise NotNow(f"the call is {self.state.value}: cannot {what}")

    def take_over(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        """Go on with somebody else in the place of the other side (RFC 3891 §3).

        The offer must have been checked.
        """
        media = self.media
        assert media is not None
        self._wind_up(now)
        self.ask("BYE", _unheard, now)
        self.dialog, self.tag = dialog, dialog.local.tag
        settings = self.layer.settings
        self.media = new_media(self.layer, (media.host, media.port), transaction.source)
        self.timer = SessionTimer(settings.session_seconds, settings.least_session_seconds)
        self.offers = Offers(self, begun=True)
        self.offers.take(transaction, now)

    # -- requests within the dialog -------------------------------------------------------------

    def take(self, request: Request, transaction: ServerTransaction, now: float) -> None:
        """A request within the dialog, other than ACK."""
        dialog = self.dialog_of(request)
        if dialog is None or self.state not in TAKEN_IN[request.method]:
            self.respond(transaction, 481, now)
        elif not dialog.is_next(request):
            self.respond(transaction, 500, now)
        else:
            dialog.peer = transaction.source
            self.note_allowed(request)
            self._take_by[request.method](self, transaction, now)

    def dialog_of(self, request: Request) -> Dialog | None:
        """The dialog of this call that a request belongs to (§12.2.2)."""
        known = self.dialog is not None and self.dialog.is_from_peer(request)
        return self.dialog if known else None

    def take_ack(self, request: Request, now: float) -> None:
        """An ACK: it ends the repetition of the 200 that it names, and may bring an answer."""
        if self.dialog_of(request) is not None and self.offers.is_acknowledged_by(request):
            self.feed(Input.ACKED, now)
            self.offers.take_ack(request, now)

    def _take_bye(self, transaction: ServerTransaction, now: float) -> None:
        self.respond(transaction, 200, now)
        self.feed(Input.FAR_HANGS_UP, now)

    def _take_reinvite(self, transaction: ServerTransaction, now: float) -> None:
        if not self._is_short(transaction, now):
            self._take_offer(transaction, now)

    def _take_update(self, transaction: ServerTransaction, now: float) -> None:
        """RFC 3311 §5.2: with an offer a re-INVITE without ACK, without one a sign of life."""
        request = transaction.request
        if self._is_short(transaction, now):
            return
        if not request.body:
            headers = (*self.contact(), *self.timer.answer(request, now))
            self.respond(transaction, 200, now, headers)
            self._refresh_target(request)
        elif self.state is State.RINGING:
            # The offer of the INVITE was not answered yet.
            self.respond(transaction, 500, now, (("Retry-After", "5"),))
        else:
            self._take_offer(transaction, now)

    def _is_short(self, transaction: ServerTransaction, now: float) -> bool:
        """True where a request asked for too short a session, and was told so (RFC 4028 §9)."""
        short = self.timer.refusal(transaction.request)
        if short:
            self.respond(transaction, 422, now, short)
        return bool(short)

    def _take_offer(self, transaction: ServerTransaction, now: float) -> None:
        try:
            answered = self.offers.take(transaction, now)
        except (BadSdp, NoCommonCodec):
            self.respond(transaction, 488, now)
            return
        if answered:
            self._refresh_target(transaction.request)

    def _refresh_target(self, request: Request) -> None:
        dialog = self.dialog_of(request)
        if dialog is not None:
            dialog.refresh(request)

    def _take_prack(self, transaction: ServerTransaction, now: float) -> None:
        """Only who rings sends what a PRACK is for."""
        self.respond(transaction, 481, now)

    def _take_notify(self, transaction: ServerTransaction, now: float) -> None:
        status = self.sent.take_notify(transaction.request)
        self.respond(transaction, status, now)
        if status == 200:
            self.sent.heard_notify(transaction.request, now)

    # -- actions --------------------------------------------------------------------------------

    def _wind_up(self, now: float) -> None:
        self.offers.stop(now)
        self.timer.stop(now)
        self.sent.left(now)
        self.taken.feed(TransferInput.LEFT, now)

    def _send_bye(self, now: float) -> None:
        self.ask("BYE", self._bye_answered, now)

    def _bye_answered(self, response: Response, now: float) -> None:
        if response.status >= 200 and self.state is State.LEAVING:
            self.feed(Input.BYE_DONE, now)

    def _tell_ended(self, reason: str) -> None:
        self.tell(CallEnded(self.id, reason))

    def never_acknowledged(self, now: float) -> None:
        """No ACK came for a 2xx of ours."""
        self.feed(Input.NEVER_ACKED, now)

    def end(self, why: str, now: float) -> None:
        """The call cannot go on: BYE, and tell why."""
        self._why = why
        if self.state is State.TALKING:
            self.feed(Input.LOST, now)

    # -- the session timer ----------------------------------------------------------------------

    def _refresh(self, now: float) -> None:
        """UPDATE where they take it, else a re-INVITE that changes nothing (RFC 4028 §7.4)."""
        if "UPDATE" in self.peer_allows:
            headers = (*self.contact()[1:], *self.timer.asked())
            self.ask("UPDATE", self._refreshed, now, headers)
        else:
            self.offers.refresh(now)

    def _refreshed(self, response: Response, now: float) -> None:
        status = response.status
        if status < 200 or self.state is not State.TALKING:
            return
        if status < 300:
            self.timer.take_answer(response, now)
        elif status in (408, 481):
            self.end("went silent", now)
        elif status in (405, 501):
            self.peer_allows -= {"UPDATE"}
            self.offers.refresh(now)
        elif status == 422 and self.timer.lengthen(response):
            self._refresh(now)
        else:
            self.timer.refused(now)

    # -- time -----------------------------------------------------------------------------------

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        parts = (self.offers, self.timer, self.sent, self.taken)
        return min((t for t in (p.get_timer() for p in parts) if t is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Do what is due: repeat a 2xx, try an offer again, refresh, give up a transfer."""
        self.offers.handle_timer(now)
        self.sent.handle_timer(now)
        self.taken.handle_timer(now)
        due = self.timer.due(now)
        if due is TimerAction.HANG_UP:
            self.end("the session lapsed", now)
        elif due is TimerAction.REFRESH and self.state is State.TALKING:
            self._refresh(now)

    # -- which method does what -----------------------------------------------------------------

    _do: ClassVar[Do] = {
        Action.SEND_BYE: _send_bye,
        Action.WIND_UP: _wind_up,
        Action.TELL_CANCELLED: lambda self, now: self._tell_ended("cancelled"),
        Action.TELL_ENDED: lambda self, now: self._tell_ended("hung up"),
        Action.TELL_SILENT: lambda self, now: self._tell_ended("went silent"),
        Action.TELL_LOST: lambda self, now: self._tell_ended(self._why),
    }
    _take_by: ClassVar[Mapping[str, Callable[[Any, ServerTransaction, float], None]]] = {
        "OPTIONS": lambda self, asked, now: self.respond(asked, 200, now, self.contact()),
        "BYE": _take_bye,
        "INVITE": _take_reinvite,
        "UPDATE": _take_update,
        "PRACK": lambda self, asked, now: self._take_prack(asked, now),
        "REFER": lambda self, asked, now: self.taken.take(asked, now),
        "NOTIFY": _take_notify,
    }


def _unheard(response: Response, now: float) -> None:
    """Nothing follows from this response."""
