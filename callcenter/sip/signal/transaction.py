"""The four transactions of SIP as tables (RFC 3261 §17, with Accepted of RFC 6026). Pure.

A table maps (state, input) to (state, actions). What can come from the wire is in the table in
every state; a pair that is not there is refused, never guessed. A state's timers start when it is
entered and stop when it is left, except those that the next state has too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callcenter.core.errors import NotNow


class State(StrEnum):
    """Where a transaction stands; the RFC's names."""

    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class Input(StrEnum):
    """What comes from the wire, from above, and from the timers."""

    REQUEST = "request comes again"
    ACK = "ACK comes"
    PROVISIONAL = "1xx comes"
    SUCCESS = "2xx comes"
    FAILURE = "3xx-6xx comes"
    SEND_PROVISIONAL = "send 1xx"
    SEND_SUCCESS = "send 2xx"
    SEND_FAILURE = "send 3xx-6xx"
    TIMER_A = "A"
    TIMER_B = "B"
    TIMER_C = "C"
    TIMER_D = "D"
    TIMER_E = "E"
    TIMER_F = "F"
    TIMER_G = "G"
    TIMER_H = "H"
    TIMER_I = "I"
    TIMER_J = "J"
    TIMER_K = "K"
    TIMER_L = "L"
    TIMER_M = "M"


class Action(StrEnum):
    """What the owner of the machine must do, in this order."""

    SEND = "send the message"
    RESEND = "send the last message again"
    SEND_ACK = "send ACK for a failure"
    HAND_UP = "hand it up"
    TIMED_OUT = "tell that no answer came"


_A, _I, _S = Action, Input, State
Table = Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]]

INVITE_CLIENT: Table = {
    (_S.CALLING, _I.TIMER_A): (_S.CALLING, (_A.RESEND,)),
    (_S.CALLING, _I.TIMER_B): (_S.TERMINATED, (_A.TIMED_OUT,)),
    (_S.CALLING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.HAND_UP,)),
    (_S.CALLING, _I.SUCCESS): (_S.ACCEPTED, (_A.HAND_UP,)),
    (_S.CALLING, _I.FAILURE): (_S.COMPLETED, (_A.SEND_ACK, _A.HAND_UP)),
    (_S.PROCEEDING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.HAND_UP,)),
    (_S.PROCEEDING, _I.SUCCESS): (_S.ACCEPTED, (_A.HAND_UP,)),
    (_S.PROCEEDING, _I.FAILURE): (_S.COMPLETED, (_A.SEND_ACK, _A.HAND_UP)),
    # Who never says more than 1xx is not waited for for ever; §16.6 leaves that to proxies.
    (_S.PROCEEDING, _I.TIMER_C): (_S.TERMINATED, (_A.TIMED_OUT,)),
    (_S.COMPLETED, _I.PROVISIONAL): (_S.COMPLETED, ()),
    (_S.COMPLETED, _I.SUCCESS): (_S.COMPLETED, ()),
    (_S.COMPLETED, _I.FAILURE): (_S.COMPLETED, (_A.SEND_ACK,)),
    (_S.COMPLETED, _I.TIMER_D): (_S.TERMINATED, ()),
    (_S.ACCEPTED, _I.PROVISIONAL): (_S.ACCEPTED, ()),
    (_S.ACCEPTED, _I.SUCCESS): (_S.ACCEPTED, (_A.HAND_UP,)),
    (_S.ACCEPTED, _I.FAILURE): (_S.ACCEPTED, ()),
    (_S.ACCEPTED, _I.TIMER_M): (_S.TERMINATED, ()),
}

OTHER_CLIENT: Table = {
    (_S.TRYING, _I.TIMER_E): (_S.TRYING, (_A.RESEND,)),
    (_S.TRYING, _I.TIMER_F): (_S.TERMINATED, (_A.TIMED_OUT,)),
    (_S.TRYING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.HAND_UP,)),
    (_S.TRYING, _I.SUCCESS): (_S.COMPLETED, (_A.HAND_UP,)),
    (_S.TRYING, _I.FAILURE): (_S.COMPLETED, (_A.HAND_UP,)),
    (_S.PROCEEDING, _I.TIMER_E): (_S.PROCEEDING, (_A.RESEND,)),
    (_S.PROCEEDING, _I.TIMER_F): (_S.TERMINATED, (_A.TIMED_OUT,)),
    (_S.PROCEEDING, _I.PROVISIONAL): (_S.PROCEEDING, (_A.HAND_UP,)),
    (_S.PROCEEDING, _I.SUCCESS): (_S.COMPLETED, (_A.HAND_UP,)),
    (_S.PROCEEDING, _I.FAILURE): (_S.COMPLETED, (_A.HAND_UP,)),
    (_S.COMPLETED, _I.PROVISIONAL): (_S.COMPLETED, ()),
    (_S.COMPLETED, _I.SUCCESS): (_S.COMPLETED, ()),
    (_S.COMPLETED, _I.FAILURE): (_S.COMPLETED, ()),
    (_S.COMPLETED, _I.TIMER_K): (_S.TERMINATED, ()),
}

INVITE_SERVER: Table = {
    (_S.PROCEEDING, _I.REQUEST): (_S.PROCEEDING, (_A.RESEND,)),
    (_S.PROCEEDING, _I.ACK): (_S.PROCEEDING, ()),
    (_S.PROCEEDING, _I.SEND_PROVISIONAL): (_S.PROCEEDING, (_A.SEND,)),
    (_S.PROCEEDING, _I.SEND_SUCCESS): (_S.ACCEPTED, (_A.SEND,)),
    (_S.PROCEEDING, _I.SEND_FAILURE): (_S.COMPLETED, (_A.SEND,)),
    (_S.COMPLETED, _I.REQUEST): (_S.COMPLETED, (_A.RESEND,)),
    (_S.COMPLETED, _I.ACK): (_S.CONFIRMED, ()),
    (_S.COMPLETED, _I.TIMER_G): (_S.COMPLETED, (_A.RESEND,)),
    (_S.COMPLETED, _I.TIMER_H): (_S.TERMINATED, (_A.TIMED_OUT,)),
    (_S.CONFIRMED, _I.REQUEST): (_S.CONFIRMED, ()),
    (_S.CONFIRMED, _I.ACK): (_S.CONFIRMED, ()),
    (_S.CONFIRMED, _I.TIMER_I): (_S.TERMINATED, ()),
    # RFC 6026 §7.1: the 2xx is repeated by its owner, so a repeated INVITE is absorbed here.
    (_S.ACCEPTED, _I.REQUEST): (_S.ACCEPTED, ()),
    (_S.ACCEPTED, _I.ACK): (_S.ACCEPTED, (_A.HAND_UP,)),
    (_S.ACCEPTED, _I.SEND_SUCCESS): (_S.ACCEPTED, (_A.SEND,)),
    (_S.ACCEPTED, _I.TIMER_L): (_S.TERMINATED, ()),
}

OTHER_SERVER: Table = {
    (_S.TRYING, _I.REQUEST): (_S.TRYING, ()),
    (_S.TRYING, _I.SEND_PROVISIONAL): (_S.PROCEEDING, (_A.SEND,)),
    (_S.TRYING, _I.SEND_SUCCESS): (_S.COMPLETED, (_A.SEND,)),
    (_S.TRYING, _I.SEND_FAILURE): (_S.COMPLETED, (_A.SEND,)),
    (_S.PROCEEDING, _I.REQUEST): (_S.PROCEEDING, (_A.RESEND,)),
    (_S.PROCEEDING, _I.SEND_PROVISIONAL): (_S.PROCEEDING, (_A.SEND,)),
    (_S.PROCEEDING, _I.SEND_SUCCESS): (_S.COMPLETED, (_A.SEND,)),
    (_S.PROCEEDING, _I.SEND_FAILURE): (_S.COMPLETED, (_A.SEND,)),
    (_S.COMPLETED, _I.REQUEST): (_S.COMPLETED, (_A.RESEND,)),
    (_S.COMPLETED, _I.TIMER_J): (_S.TERMINATED, ()),
}


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds (RFC 3261 §17, table 4); over a reliable transport nothing is repeated."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    reliable: bool = False
    hasty: bool = False
    """Somebody else can be asked: who says nothing at all is not waited for so long."""

    @property
    def patience(self) -> float:
        """64*T1: how long an answer is waited for."""
        return 64 * self.t1

    def length(self, timer: Input) -> float:
        """How long a timer runs when it is first started."""
        if timer in (_I.TIMER_A, _I.TIMER_E, _I.TIMER_G):
            return self.t1
        if self.reliable and timer in (_I.TIMER_D, _I.TIMER_I, _I.TIMER_J, _I.TIMER_K):
            return 0.0
        if timer is _I.TIMER_C:
            return _LONGEST_WAIT
        if self.hasty and timer in (_I.TIMER_B, _I.TIMER_F):
            return HASTE
        return self.t4 if timer in (_I.TIMER_I, _I.TIMER_K) else self.patience


HASTE = 4.0
"""Seconds: four datagrams. RFC 3263 §4.3 goes on after a timeout: that would be 32 s of silence."""
_LONGEST_WAIT = 900.0
"""Seconds; longer than anybody lets a telephone ring."""
_REPEATING = (_I.TIMER_A, _I.TIMER_E, _I.TIMER_G)


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the four machines: its table, first state and the timers of each state."""

    name: str
    table: Table
    first: State
    timers: Mapping[State, tuple[Input, ...]]


CLIENT_INVITE = Kind(
    "INVITE client",
    INVITE_CLIENT,
    _S.CALLING,
    {
        _S.CALLING: (_I.TIMER_A, _I.TIMER_B),
        _S.PROCEEDING: (_I.TIMER_C,),
        _S.COMPLETED: (_I.TIMER_D,),
        _S.ACCEPTED: (_I.TIMER_M,),
    },
)
CLIENT_OTHER = Kind(
    "non-INVITE client",
    OTHER_CLIENT,
    _S.TRYING,
    {
        _S.TRYING: (_I.TIMER_E, _I.TIMER_F),
        _S.PROCEEDING: (_I.TIMER_E, _I.TIMER_F),
        _S.COMPLETED: (_I.TIMER_K,),
    },
)
SERVER_INVITE = Kind(
    "INVITE server",
    INVITE_SERVER,
    _S.PROCEEDING,
    {
        _S.COMPLETED: (_I.TIMER_G, _I.TIMER_H),
        _S.CONFIRMED: (_I.TIMER_I,),
        _S.ACCEPTED: (_I.TIMER_L,),
    },
)
SERVER_OTHER = Kind("non-INVITE server", OTHER_SERVER, _S.TRYING, {_S.COMPLETED: (_I.TIMER_J,)})
KINDS = (CLIENT_INVITE, CLIENT_OTHER, SERVER_INVITE, SERVER_OTHER)


class Machine:
    """One running transaction: its state and its timers, in seconds of the caller's clock."""

    def __init__(self, kind: Kind, timings: Timings, now: float) -> None:
        self.kind = kind
        self.state = kind.first
        self._timings = timings
        self._deadlines: dict[Input, float] = {}
        self._intervals: dict[Input, float] = {}
        self._start_timers(now)

    @property
    def deadline(self) -> float | None:
        """When the next timer is due."""
        return min(self._deadlines.values(), default=None)

    @property
    def over(self) -> bool:
        """True once the transaction may be forgotten."""
        return self.state is State.TERMINATED

    def feed(self, what: Input, now: float) -> tuple[Action, ...]:
        """Take one input and say what to do. Raises NotNow for a pair not in the table."""
        found = self.kind.table.get((self.state, what))
        if found is None:
            raise NotNow(f"{self.kind.name} transaction is {self.state}: not {what.value}")
        before, (self.state, actions) = self.state, found
        if self.state is not before:
            self._start_timers(now)
        return actions

    def due(self, now: float) -> Input | None:
        """A timer that has run out by now, taken off or wound again; None where there is none."""
        for timer, at in self._deadlines.items():
            if at <= now:
                self._rewind(timer, now)
                return timer
        return None

    def _start_timers(self, now: float) -> None:
        wanted = self.kind.timers.get(self.state, ())
        if self._timings.reliable:
            wanted = tuple(t for t in wanted if t not in _REPEATING)
        self._deadlines = {t: self._deadlines.get(t, now + self._timings.length(t)) for t in wanted}
        self._intervals = {t: self._timings.length(t) for t in wanted if t in _REPEATING}

    def _rewind(self, timer: Input, now: float) -> None:
        if timer not in _REPEATING:
            del self._deadlines[timer]
            return
        longest = self._timings.patience if timer is Input.TIMER_A else self._timings.t2
        interval = min(2 * self._intervals[timer], longest)
        if self.state is State.PROCEEDING:
            interval = self._timings.t2
        self._intervals[timer] = interval
        self._deadlines[timer] = now + interval
