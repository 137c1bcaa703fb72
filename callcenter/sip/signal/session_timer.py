"""Whether a call still stands: both sides confirm it now and then, or it is ended (RFC 4028). Pure.

One side refreshes, by UPDATE or re-INVITE, when half the agreed time has passed; the other hangs
up shortly before the time is over. Each 2xx to an INVITE or UPDATE agrees anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.headers import parse_count, split
from callcenter.sip.signal.message import Header, Message, Request, Response

_SHORTEST = 90
"""Seconds; nobody may ask for less (§5)."""
_LONGEST = 2**31
_SOONEST_AGAIN = 8.0
"""Seconds between attempts to refresh where the other side refused one."""


class State(StrEnum):
    """Who must refresh."""

    OFF = "nobody refreshes"
    OURS = "we refresh"
    THEIRS = "they refresh"


class Input(StrEnum):
    """What an agreement says, and what time does."""

    NOBODY = "agreed without a time"
    WE = "agreed that we refresh"
    THEY = "agreed that they refresh"
    HALF = "half the time is over"
    REFUSED = "our refresh is refused"
    LAPSED = "the time is nearly over"


class Action(StrEnum):
    """What to do, in this order."""

    WIND_REFRESH = "wind the refresh timer"
    WIND_SOONER = "wind it for half of what is left"
    WIND_LAPSE = "wind the lapse timer"
    UNWIND = "stop the timers"
    REFRESH = "send a refresh"
    HANG_UP = "send BYE"


_A, _I, _S = Action, Input, State

TABLE: Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    **{(s, _I.NOBODY): (_S.OFF, (_A.UNWIND,)) for s in _S},
    **{(s, _I.WE): (_S.OURS, (_A.UNWIND, _A.WIND_REFRESH, _A.WIND_LAPSE)) for s in _S},
    **{(s, _I.THEY): (_S.THEIRS, (_A.UNWIND, _A.WIND_LAPSE)) for s in _S},
    (_S.OURS, _I.HALF): (_S.OURS, (_A.REFRESH,)),
    (_S.OURS, _I.REFUSED): (_S.OURS, (_A.WIND_SOONER,)),
    (_S.OURS, _I.LAPSED): (_S.OFF, (_A.UNWIND, _A.HANG_UP)),
    (_S.THEIRS, _I.REFUSED): (_S.THEIRS, ()),
    (_S.THEIRS, _I.LAPSED): (_S.OFF, (_A.UNWIND, _A.HANG_UP)),
    (_S.OFF, _I.REFUSED): (_S.OFF, ()),
}


class SessionTimer:
    """The agreement of one call; `wanted` and `least` are seconds that we ask for and allow."""

    def __init__(self, wanted: int, least: int) -> None:
        self.state = State.OFF
        self._least = max(least, _SHORTEST)
        self._wanted = max(wanted, self._least)
        self._agreed = 0
        self._refresh_at: float | None = None
        self._lapse_at: float | None = None

    # -- requests that we send ------------------------------------------------------------------

    def asked(self) -> tuple[Header, ...]:
        """Headers for an INVITE or UPDATE of ours (§7.1, §7.4): who refreshes goes on doing so."""
        seconds = self._agreed or self._wanted
        who = {State.OFF: "", State.OURS: ";refresher=uac", State.THEIRS: ";refresher=uas"}
        found = [("Session-Expires", f"{max(seconds, self._least)}{who[self.state]}")]
        if self._least > _SHORTEST:
            found.append(("Min-SE", str(self._least)))
        return tuple(found)

    def lengthen(self, refusal: Response) -> bool:
        """Take a 422's Min-SE (§7.3); False where it asks for no more than we offered."""
        try:
            least = parse_count(refusal.required("Min-SE"), _LONGEST)
        except BadHeader:
            return False
        if least <= max(self._agreed or self._wanted, self._least):
            return False
        self._least = self._wanted = least
        return True

    def take_answer(self, answer: Response, now: float) -> None:
        """A 2xx to a request of ours: what it says is agreed (§7.2)."""
        seconds, who = _expires(answer)
        if not seconds:
            self._feed(Input.NOBODY, now)
            return
        self._agreed = max(seconds, _SHORTEST)
        self._feed(Input.THEY if who == "uas" else Input.WE, now)

    # -- requests that come ---------------------------------------------------------------------

    def refusal(self, request: Request) -> tuple[Header, ...]:
        """Headers of a 422 where the request asks for too short a time (§9); empty: all is well."""
        seconds, _ = _expires(request)
        if not seconds or seconds >= self._least or not _speaks_timer(request):
            return ()
        return (("Min-SE", str(self._least)),)

    def answer(self, request: Request, now: float) -> tuple[Header, ...]:
        """Agree to what a request asks; headers for its 2xx (§9, table 2)."""
        seconds, who = _expires(request)
        speaks = _speaks_timer(request)
        if not seconds and not speaks:
            self._feed(Input.NOBODY, now)
            return ()
        seconds = max(seconds or self._agreed or self._wanted, _min_se(request), _SHORTEST)
        self._agreed = seconds
        if not speaks:
            self._feed(Input.WE, now)
            return (("Session-Expires", f"{seconds};refresher=uas"),)
        they = {"uac": True, "uas": False}.get(who, self.state is not State.OURS)
        self._feed(Input.THEY if they else Input.WE, now)
        refresher = "uac" if they else "uas"
        return (("Require", "timer"), ("Session-Expires", f"{seconds};refresher={refresher}"))

    # -- time -----------------------------------------------------------------------------------

    def get_timer(self) -> float | None:
        """When `due` is next wanted."""
        return min((t for t in (self._refresh_at, self._lapse_at) if t is not None), default=None)

    def due(self, now: float) -> Action | None:
        """What is due by now: REFRESH or HANG_UP."""
        if self._lapse_at is not None and now >= self._lapse_at:
            actions = self._feed(Input.LAPSED, now)
        elif self._refresh_at is not None and now >= self._refresh_at:
            self._refresh_at = None
            actions = self._feed(Input.HALF, now)
        else:
            return None
        return next((a for a in actions if a in (Action.REFRESH, Action.HANG_UP)), None)

    def refused(self, now: float) -> None:
        """Our refresh was refused: try again before the time is over (§10)."""
        self._feed(Input.REFUSED, now)

    def stop(self, now: float) -> None:
        """The call is over."""
        self._feed(Input.NOBODY, now)

    def _feed(self, what: Input, now: float) -> tuple[Action, ...]:
        self.state, actions = TABLE[self.state, what]
        for action in actions:
            self._wind(action, now)
        return actions

    def _wind(self, action: Action, now: float) -> None:
        if action is Action.UNWIND:
            self._refresh_at = self._lapse_at = None
        elif action is Action.WIND_REFRESH:
            self._refresh_at = now + self._agreed / 2
        elif action is Action.WIND_LAPSE:
            # §10: 32 s before the end, or at two thirds of a short time.
            self._lapse_at = now + self._agreed - min(32.0, self._agreed / 3)
        elif action is Action.WIND_SOONER and self._lapse_at is not None:
            again = now + max(_SOONEST_AGAIN, (self._lapse_at - now) / 2)
            self._refresh_at = again if again < self._lapse_at else None


def _expires(message: Message) -> tuple[int, str]:
    """Seconds and refresher of Session-Expires (§4); 0 where there is none that can be read."""
    try:
        seconds, *params = split(message.first("Session-Expires") or "", ";")
        found = parse_count(seconds, _LONGEST)
    except BadHeader:
        return 0, ""
    pairs = (p.lower().partition("=") for p in params)
    return found, next((v.strip() for n, _, v in pairs if n.strip() == "refresher"), "")


def _min_se(request: Request) -> int:
    try:
        return parse_count((request.first("Min-SE") or "0").partition(";")[0], _LONGEST)
    except BadHeader:
        return 0


def _speaks_timer(request: Request) -> bool:
    """False for a list of options that cannot be read: it names none."""
    try:
        return "timer" in (option.lower() for option in request.listed("Supported"))
    except BadHeader:
        return False
