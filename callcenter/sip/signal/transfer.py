"""Calls handed on: REFER that we send, REFER that comes, and their NOTIFY (RFC 3515). Pure.

Both roles are tables. While one transfer is under way there is no second one in the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, ClassVar

from callcenter.core.errors import NotNow
from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.events import TransferAsked
from callcenter.sip.signal.headers import NameAddr, Uri, parse_count, printable
from callcenter.sip.signal.layer import ServerTransaction
from callcenter.sip.signal.link import Link
from callcenter.sip.signal.message import Header, Request, Response
from callcenter.sip.signal.replies import OFFERED, REASONS

PATIENCE = 180.0
"""Seconds until a transfer without an outcome counts as failed."""
_SIPFRAG = "message/sipfrag"
_FRAG_TYPE: Header = ("Content-Type", f"{_SIPFRAG};version=2.0")

Done = Callable[[bool, str, float], None]
"""Whether it worked, in words why not, and the time."""


class State(StrEnum):
    """Where a transfer stands, in either role."""

    IDLE = "no transfer"
    ASKED = "asked for"
    UNDER_WAY = "under way"


class Input(StrEnum):
    """What people, the wire and time do to a transfer."""

    START = "transfer"
    COMES = "REFER comes"
    TAKEN = "REFER is taken"
    TAKEN_UNTOLD = "REFER is taken, and nothing more will be told"
    REFUSED = "REFER is refused"
    PROGRESS = "1xx is told"
    WORKED = "2xx is told"
    FAILED = "3xx-6xx is told"
    LAPSED = "no outcome comes"
    LEFT = "the call ends"


class Action(StrEnum):
    """What to do, in this order."""

    SEND_REFER = "send REFER"
    TELL_ASKED = "tell that they ask for a transfer"
    TELL_WORKED = "tell that it worked"
    TELL_FAILED = "tell that it failed"
    SEND_TAKEN = "send 202"
    SEND_TAKEN_UNTOLD = "send 200 with Refer-Sub: false"
    SEND_REFUSAL = "send 603"
    SAY_PENDING = "send 491"
    NOTIFY = "send NOTIFY"
    NOTIFY_LAST = "send the last NOTIFY"
    WIND = "wind the timer"
    UNWIND = "stop the timer"


_A, _I, _S = Action, Input, State
Table = Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]]

_FAILED = (_S.IDLE, (_A.UNWIND, _A.TELL_FAILED))
_WORKED = (_S.IDLE, (_A.UNWIND, _A.TELL_WORKED))

SENT: Table = {
    (_S.IDLE, _I.START): (_S.ASKED, (_A.SEND_REFER, _A.WIND)),
    (_S.ASKED, _I.TAKEN): (_S.UNDER_WAY, ()),
    (_S.ASKED, _I.TAKEN_UNTOLD): _WORKED,
    (_S.ASKED, _I.REFUSED): _FAILED,
    # §2.4.4: a NOTIFY may overtake the 202.
    (_S.ASKED, _I.PROGRESS): (_S.UNDER_WAY, ()),
    (_S.ASKED, _I.WORKED): _WORKED,
    (_S.ASKED, _I.FAILED): _FAILED,
    (_S.ASKED, _I.LAPSED): _FAILED,
    (_S.ASKED, _I.LEFT): _FAILED,
    (_S.UNDER_WAY, _I.TAKEN): (_S.UNDER_WAY, ()),
    (_S.UNDER_WAY, _I.TAKEN_UNTOLD): (_S.UNDER_WAY, ()),
    (_S.UNDER_WAY, _I.REFUSED): _FAILED,
    (_S.UNDER_WAY, _I.PROGRESS): (_S.UNDER_WAY, ()),
    (_S.UNDER_WAY, _I.WORKED): _WORKED,
    (_S.UNDER_WAY, _I.FAILED): _FAILED,
    (_S.UNDER_WAY, _I.LAPSED): _FAILED,
    (_S.UNDER_WAY, _I.LEFT): _FAILED,
    **{
        (_S.IDLE, i): (_S.IDLE, ())
        for i in (_I.TAKEN, _I.TAKEN_UNTOLD, _I.REFUSED, _I.PROGRESS, _I.WORKED, _I.FAILED, _I.LEFT)
    },
}
"""We ask the other side to call somebody else."""

TAKEN: Table = {
    (_S.IDLE, _I.COMES): (_S.ASKED, (_A.TELL_ASKED,)),
    (_S.ASKED, _I.COMES): (_S.ASKED, (_A.SAY_PENDING,)),
    (_S.ASKED, _I.TAKEN): (_S.UNDER_WAY, (_A.SEND_TAKEN, _A.NOTIFY, _A.WIND)),
    (_S.ASKED, _I.TAKEN_UNTOLD): (_S.IDLE, (_A.SEND_TAKEN_UNTOLD,)),
    (_S.ASKED, _I.REFUSED): (_S.IDLE, (_A.SEND_REFUSAL,)),
    (_S.ASKED, _I.LEFT): (_S.IDLE, (_A.SEND_REFUSAL,)),
    (_S.UNDER_WAY, _I.COMES): (_S.UNDER_WAY, (_A.SAY_PENDING,)),
    (_S.UNDER_WAY, _I.PROGRESS): (_S.UNDER_WAY, (_A.NOTIFY,)),
    (_S.UNDER_WAY, _I.WORKED): (_S.IDLE, (_A.UNWIND, _A.NOTIFY_LAST)),
    (_S.UNDER_WAY, _I.FAILED): (_S.IDLE, (_A.UNWIND, _A.NOTIFY_LAST)),
    (_S.UNDER_WAY, _I.LAPSED): (_S.IDLE, (_A.UNWIND, _A.NOTIFY_LAST)),
    (_S.UNDER_WAY, _I.LEFT): (_S.IDLE, (_A.UNWIND,)),
    **{(_S.IDLE, i): (_S.IDLE, ()) for i in (_I.PROGRESS, _I.WORKED, _I.FAILED, _I.LEFT)},
}
"""The other side asks us to call somebody else."""


_Do = Mapping[Action, Callable[[Any, float], None]]


class _Transfer:
    """What both roles share: state, timer, table."""

    table: Table

    def __init__(self, link: Link) -> None:
        self.state = State.IDLE
        self._link = link
        self._lapse_at: float | None = None

    def feed(self, what: Input, now: float) -> None:
        """Take one input and act. Raises NotNow for a pair not in the table."""
        found = self.table.get((self.state, what))
        if found is None:
            raise NotNow(f"the call is being transferred already: cannot {what.value}")
        self.state, actions = found
        for action in actions:
            self._do[action](self, now)

    def get_timer(self) -> float | None:
        """When `handle_timer` is next wanted."""
        return self._lapse_at

    def handle_timer(self, now: float) -> None:
        """Give up waiting for an outcome."""
        if self._lapse_at is not None and now >= self._lapse_at:
            self.feed(Input.LAPSED, now)

    def _wind(self, now: float) -> None:
        self._lapse_at = now + PATIENCE

    def _unwind(self, now: float) -> None:
        self._lapse_at = None

    _do: ClassVar[_Do] = {Action.WIND: _wind, Action.UNWIND: _unwind}


class SentTransfer(_Transfer):
    """Our REFER, from asking to the outcome that the other side tells."""

    table = SENT

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._refer_to = ""
        self._done: Done = lambda worked, why, now: None
        self._why = ""
        self._asked = False

    def start(self, target: Uri, done: Done, now: float) -> None:
        """Ask the other side to call `target`. Raises NotNow while another transfer runs."""
        if self.state is State.IDLE:
            self._refer_to, self._done = f"<{target}>", done
            self._why = "no word of the outcome came"
        self.feed(Input.START, now)

    def take_notify(self, request: Request) -> int:
        """The status that answers a NOTIFY, before `feed` is given what it tells."""
        if (request.first("Event") or "").partition(";")[0].strip().lower() != "refer":
            return 489
        return 200 if self._asked else 481

    def heard_notify(self, request: Request, now: float) -> None:
        """What a NOTIFY tells: a status line of the call that the other side makes (§2.4.5)."""
        status, reason = _status_line(request)
        over = (request.first("Subscription-State") or "").lower().startswith("terminated")
        if status < 200 and not over:
            self.feed(Input.PROGRESS, now)
        elif 200 <= status < 300:
            self.feed(Input.WORKED, now)
        else:
            if status >= 300:
                self._why = f"{status} {reason}"
            self.feed(Input.FAILED, now)

    def left(self, now: float) -> None:
        """The call is over before the outcome was told."""
        self._why = "the call ended before the outcome was told"
        self.feed(Input.LEFT, now)

    def _send(self, now: float) -> None:
        assert self._link.dialog is not None
        self._asked = True
        by = f"<{self._link.dialog.local.uri}>"
        headers = (("Refer-To", self._refer_to), ("Referred-By", by), *OFFERED)
        self._link.ask("REFER", self._heard, now, headers)

    def _heard(self, response: Response, now: float) -> None:
        if response.status < 200:
            return
        if response.status >= 300:
            self._why = f"{response.status} {printable(response.reason)}"
            self.feed(Input.REFUSED, now)
        elif (response.first("Refer-Sub") or "").strip().lower() == "false":
            # RFC 4488 §4: nothing more will be told, and we did not ask for that.
            self.feed(Input.TAKEN_UNTOLD, now)
        else:
            self.feed(Input.TAKEN, now)

    _do: ClassVar[_Do] = {
        **_Transfer._do,
        Action.SEND_REFER: _send,
        Action.TELL_WORKED: lambda self, now: self._done(True, "", now),
        Action.TELL_FAILED: lambda self, now: self._done(False, self._why, now),
    }


class TakenTransfer(_Transfer):
    """A REFER that came: the taker decides, then the new call's progress is told."""

    table = TAKEN

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.target = ""
        self.referred_by = ""
        self._transaction: ServerTransaction | None = None
        self._asking: ServerTransaction | None = None
        self._news = ""
        self._id = 0
        self._expires = 0.0

    def take(self, transaction: ServerTransaction, now: float) -> None:
        """A REFER within the call."""
        try:
            target = _refer_to(transaction.request)
        except BadHeader:
            self._link.respond(transaction, 400, now)
            return
        if target.scheme not in ("sip", "sips", "tel"):
            self._link.respond(transaction, 416, now)
            return
        self._asking = transaction
        if self.state is State.IDLE:
            self._transaction, self.target = transaction, str(target)
        self.feed(Input.COMES, now)

    def decide(self, take: bool, now: float) -> None:
        """The taker will call the target, or will not. Raises NotNow where nobody asked."""
        if self.state is not State.ASKED or self._transaction is None:
            raise NotNow("nobody asked for a transfer")
        untold = (self._transaction.request.first("Refer-Sub") or "").strip().lower() == "false"
        taken = Input.TAKEN_UNTOLD if untold else Input.TAKEN
        self._news = f"100 {REASONS[100]}"
        self.feed(taken if take else Input.REFUSED, now)

    def progress(self, status: int, reason: str, now: float) -> None:
        """How the call to the target goes."""
        if status != 100 and self.state is State.UNDER_WAY:
            self._news = f"{status} {reason or REASONS.get(status, '')}".strip()
            what = Input.WORKED if status < 300 else Input.FAILED
            self.feed(Input.PROGRESS if status < 200 else what, now)

    def handle_timer(self, now: float) -> None:
        """Nobody called the target, or it neither answered nor refused."""
        if self._lapse_at is not None and now >= self._lapse_at:
            self._news = f"408 {REASONS[408]}"
            self.feed(Input.LAPSED, now)

    def is_for(self, target: str) -> bool:
        """True where a call to `target` is what the other side waits for."""
        return self.state is State.UNDER_WAY and self.target == target

    def _tell(self, now: float) -> None:
        assert self._transaction is not None
        request = self._transaction.request
        self._id = request.cseq.number
        self._expires = now + PATIENCE
        self.referred_by = request.first("Referred-By") or ""
        self._link.tell(TransferAsked(self._link.id, self.target))

    def _left(self, now: float) -> int:
        return max(1, int(self._expires - now))

    def _answer(self, status: int, now: float, *headers: Header) -> None:
        assert self._transaction is not None
        self._link.respond(self._transaction, status, now, headers)
        self._transaction = None

    def _say_pending(self, now: float) -> None:
        assert self._asking is not None
        self._link.respond(self._asking, 491, now)

    def _notify(self, standing: str, now: float) -> None:
        headers = (
            ("Event", f"refer;id={self._id}"),
            ("Subscription-State", standing),
            _FRAG_TYPE,
        )
        body = f"SIP/2.0 {self._news}\r\n".encode("utf-8", "surrogateescape")
        self._link.ask("NOTIFY", self._heard, now, headers, body)

    def _heard(self, response: Response, now: float) -> None:
        """§2.4.4: who knows nothing of the subscription is told nothing more."""
        if response.status in (408, 481):
            self.feed(Input.LEFT, now)

    def _say_active(self, now: float) -> None:
        self._notify(f"active;expires={self._left(now)}", now)

    _do: ClassVar[_Do] = {
        **_Transfer._do,
        Action.TELL_ASKED: _tell,
        Action.SEND_TAKEN: lambda self, now: self._answer(202, now, *self._link.contact()),
        Action.SEND_TAKEN_UNTOLD: lambda self, now: self._answer(200, now, ("Refer-Sub", "false")),
        Action.SEND_REFUSAL: lambda self, now: self._answer(603, now),
        Action.SAY_PENDING: _say_pending,
        Action.NOTIFY: _say_active,
        Action.NOTIFY_LAST: lambda self, now: self._notify("terminated;reason=noresource", now),
    }


def _refer_to(request: Request) -> Uri:
    """Whom to call. Raises BadHeader: none, two, or not by INVITE (§2.1, §2.4.2)."""
    if len(request.every("Refer-To")) != 1:
        raise BadHeader("one Refer-To is expected", request.first("Refer-To") or "")
    target = NameAddr.parse(request.required("Refer-To")).uri
    if (target.get("method") or "INVITE").upper() != "INVITE":
        raise BadHeader("only INVITE is made for others", str(target))
    return target


def _status_line(request: Request) -> tuple[int, str]:
    """Status and reason of a sipfrag body; (0, "") where it is none (RFC 3420)."""
    kind = (request.first("Content-Type") or "").partition(";")[0].strip().lower()
    line = request.body.partition(b"\n")[0].decode("utf-8", "replace").strip()
    words = line.split(None, 2)
    if kind != _SIPFRAG or len(words) < 2 or words[0].upper() != "SIP/2.0":
        return 0, ""
    try:
        status = parse_count(words[1], 700)
    except BadHeader:
        return 0, ""
    return status, printable(words[2]) if len(words) > 2 else REASONS.get(status, "")
