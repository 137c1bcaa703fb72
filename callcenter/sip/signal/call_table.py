"""A call's signalling as one table for both directions. Pure.

What an answered call does besides (offers, session timer, transfers) are tables of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


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
    CAN_TRY_AGAIN = "a refusal comes that we can meet or follow"
    GIVE_UP = "it was waited long enough"
    LOST = "the call cannot go on"
    BYE_DONE = "BYE is answered"


class Action(StrEnum):
    """What the call must do, in this order."""

    SEND_ANSWER = "send 200"
    SEND_REFUSAL = "send a refusal"
    SEND_TERMINATED = "send 487"
    SEND_INVITE = "send INVITE, corrected"
    SEND_ACK = "send ACK"
    SEND_CANCEL = "send CANCEL"
    SEND_BYE = "send BYE"
    WIND_UP = "stop what still runs"
    TELL_ANSWERED = "tell that they answered"
    TELL_REFUSED = "tell that they did not take it"
    TELL_CANCELLED = "tell that they cancelled"
    TELL_ENDED = "tell that they hung up"
    TELL_SILENT = "tell that no ACK came"
    TELL_LOST = "tell why it cannot go on"


_A, _I, _S = Action, Input, State
_SENT_AWAY = (_S.LEAVING, (_A.SEND_ACK, _A.WIND_UP, _A.SEND_BYE, _A.TELL_REFUSED))

TABLE: Mapping[tuple[State, Input], tuple[State, tuple[Action, ...]]] = {
    (_S.RINGING, _I.ANSWER): (_S.ANSWERED, (_A.SEND_ANSWER,)),
    (_S.RINGING, _I.REJECT): (_S.ENDED, (_A.SEND_REFUSAL,)),
    (_S.RINGING, _I.HANG_UP): (_S.ENDED, (_A.SEND_REFUSAL,)),
    (_S.RINGING, _I.GIVE_UP): (_S.ENDED, (_A.SEND_REFUSAL, _A.TELL_LOST)),
    (_S.RINGING, _I.FAR_CANCELS): (_S.ENDED, (_A.SEND_TERMINATED, _A.TELL_CANCELLED)),
    # RFC 3261 §15: who called may end a ringing call by BYE, too; the INVITE gets 487 (§15.1.2).
    (_S.RINGING, _I.FAR_HANGS_UP): (_S.ENDED, (_A.SEND_TERMINATED, _A.TELL_CANCELLED)),
    (_S.ANSWERED, _I.ACKED): (_S.TALKING, ()),
    (_S.ANSWERED, _I.HANG_UP): (_S.PARTING, ()),
    (_S.ANSWERED, _I.FAR_HANGS_UP): (_S.ENDED, (_A.WIND_UP, _A.TELL_ENDED)),
    (_S.ANSWERED, _I.FAR_CANCELS): (_S.ANSWERED, ()),
    (_S.ANSWERED, _I.NEVER_ACKED): (_S.LEAVING, (_A.WIND_UP, _A.SEND_BYE, _A.TELL_SILENT)),
    # RFC 3261 §15: no BYE before the ACK, or before it is clear that none will come.
    (_S.PARTING, _I.ACKED): (_S.LEAVING, (_A.WIND_UP, _A.SEND_BYE)),
    (_S.PARTING, _I.NEVER_ACKED): (_S.LEAVING, (_A.WIND_UP, _A.SEND_BYE)),
    (_S.PARTING, _I.FAR_HANGS_UP): (_S.ENDED, (_A.WIND_UP,)),
    (_S.PARTING, _I.FAR_CANCELS): (_S.PARTING, ()),
    (_S.PARTING, _I.HANG_UP): (_S.PARTING, ()),
    (_S.CALLING, _I.FAR_STIRS): (_S.PROCEEDING, ()),
    (_S.CALLING, _I.FAR_ANSWERS): (_S.TALKING, (_A.SEND_ACK, _A.TELL_ANSWERED)),
    (_S.CALLING, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CALLING, _I.CAN_TRY_AGAIN): (_S.CALLING, (_A.SEND_INVITE,)),
    (_S.CALLING, _I.FAR_ANSWERS_BADLY): _SENT_AWAY,
    # RFC 3261 §9.1: no CANCEL before a provisional response.
    (_S.CALLING, _I.HANG_UP): (_S.CANCEL_WANTED, ()),
    (_S.CALLING, _I.GIVE_UP): (_S.CANCEL_WANTED, ()),
    (_S.PROCEEDING, _I.FAR_STIRS): (_S.PROCEEDING, ()),
    (_S.PROCEEDING, _I.FAR_ANSWERS): (_S.TALKING, (_A.SEND_ACK, _A.TELL_ANSWERED)),
    (_S.PROCEEDING, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.PROCEEDING, _I.CAN_TRY_AGAIN): (_S.CALLING, (_A.SEND_INVITE,)),
    (_S.PROCEEDING, _I.FAR_ANSWERS_BADLY): _SENT_AWAY,
    (_S.PROCEEDING, _I.HANG_UP): (_S.CANCELLING, (_A.SEND_CANCEL,)),
    (_S.PROCEEDING, _I.GIVE_UP): (_S.CANCELLING, (_A.SEND_CANCEL,)),
    (_S.CANCEL_WANTED, _I.FAR_STIRS): (_S.CANCELLING, (_A.SEND_CANCEL,)),
    (_S.CANCEL_WANTED, _I.FAR_ANSWERS): _SENT_AWAY,
    (_S.CANCEL_WANTED, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CANCEL_WANTED, _I.HANG_UP): (_S.CANCEL_WANTED, ()),
    (_S.CANCELLING, _I.FAR_STIRS): (_S.CANCELLING, ()),
    (_S.CANCELLING, _I.FAR_ANSWERS): _SENT_AWAY,
    (_S.CANCELLING, _I.FAR_REFUSES): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CANCELLING, _I.GIVE_UP): (_S.ENDED, (_A.TELL_REFUSED,)),
    (_S.CANCELLING, _I.HANG_UP): (_S.CANCELLING, ()),
    (_S.TALKING, _I.HANG_UP): (_S.LEAVING, (_A.WIND_UP, _A.SEND_BYE)),
    (_S.TALKING, _I.FAR_HANGS_UP): (_S.ENDED, (_A.WIND_UP, _A.TELL_ENDED)),
    (_S.TALKING, _I.FAR_ANSWERS): (_S.TALKING, (_A.SEND_ACK,)),
    # The ACK of a re-INVITE, and of an INVITE whose 200 was repeated.
    (_S.TALKING, _I.ACKED): (_S.TALKING, ()),
    (_S.TALKING, _I.NEVER_ACKED): (_S.LEAVING, (_A.WIND_UP, _A.SEND_BYE, _A.TELL_SILENT)),
    (_S.TALKING, _I.LOST): (_S.LEAVING, (_A.WIND_UP, _A.SEND_BYE, _A.TELL_LOST)),
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

_ANSWERED = frozenset({State.ANSWERED, State.PARTING, State.TALKING})

TAKEN_IN: Mapping[str, frozenset[State]] = {
    "OPTIONS": frozenset(State),
    "BYE": _ANSWERED | {State.RINGING, State.LEAVING, State.ENDED},
    "INVITE": _ANSWERED,
    "PRACK": _ANSWERED | {State.RINGING},
    "UPDATE": frozenset({State.RINGING, State.PROCEEDING, State.ANSWERED, State.TALKING}),
    "REFER": frozenset({State.TALKING}),
    "NOTIFY": frozenset({State.TALKING}),
}
"""In which states a request within the dialog is looked at; in the others it gets 481."""
