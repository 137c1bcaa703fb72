"""What may be done with a work order (工单), state by state, and what each step needs. Pure."""

from __future__ import annotations

from callcenter.core.people import LEADS
from callcenter.core.steps import NOT_YET, Move, Moves, anywhere

KIND, PREFIX = "work_order", "WO"
ENQUIRY, SUGGESTION, COMPLAINT, REPAIR = "enquiry", "suggestion", "complaint", "repair"
TYPES = (ENQUIRY, SUGGESTION, COMPLAINT, REPAIR)
DRAFT, PENDING, IN_PROGRESS = "draft", "pending", "in_progress"
AWAITING_REPLY, AWAITING_FOLLOW_UP = "awaiting_reply", "awaiting_follow_up"
CLOSED, ARCHIVED = DONE = ("closed", "archived")
OPEN = (DRAFT, PENDING, IN_PROGRESS, AWAITING_REPLY, AWAITING_FOLLOW_UP)

_BEGUN = OPEN[1:]
_UNSOLVED = (PENDING, IN_PROGRESS)

MOVES: Moves = {
    (NOT_YET, "open"): Move(DRAFT, ("type",)),
    (NOT_YET, "raise_new"): Move(DRAFT, ("type", "raised_from", "content")),
    (DRAFT, "wrap_up"): Move(PENDING, ("happened_at", "place", "concerned", "content", "phone")),
    (DRAFT, "wrap_up_solved"): Move(AWAITING_FOLLOW_UP, ("content", "solution")),
    (DRAFT, "wrap_up_closed"): Move(CLOSED, ("content", "solution")),
    (PENDING, "dispatch"): Move(PENDING, ("owner",)),
    (IN_PROGRESS, "dispatch"): Move(PENDING, ("owner",)),
    (AWAITING_REPLY, "dispatch"): Move(AWAITING_REPLY, ("owner",)),
    (AWAITING_FOLLOW_UP, "dispatch"): Move(AWAITING_FOLLOW_UP, ("owner",)),
    (PENDING, "accept"): Move(IN_PROGRESS),
    (PENDING, "solve"): Move(AWAITING_REPLY, ("solution",)),
    (IN_PROGRESS, "solve"): Move(AWAITING_REPLY, ("solution",)),
    (PENDING, "propose"): Move(IN_PROGRESS, ("proposal",)),
    (IN_PROGRESS, "propose"): Move(IN_PROGRESS, ("proposal",)),
    (IN_PROGRESS, "approve"): Move(AWAITING_REPLY, by=LEADS),
    (IN_PROGRESS, "send_back"): Move(IN_PROGRESS, ("note",), LEADS),
    (PENDING, "issue"): Move(IN_PROGRESS, ("issued_to",)),
    (IN_PROGRESS, "issue"): Move(IN_PROGRESS, ("issued_to",)),
    (AWAITING_REPLY, "reply_accepted"): Move(AWAITING_FOLLOW_UP, ("contact",)),
    (AWAITING_REPLY, "reply_not_accepted"): Move(IN_PROGRESS, ("contact", "note")),
    (AWAITING_FOLLOW_UP, "followed_up"): Move(CLOSED, ("contact",)),
    (AWAITING_FOLLOW_UP, "not_satisfied"): Move(IN_PROGRESS, ("contact", "note")),
    **{(state, "close"): Move(CLOSED, ("note",)) for state in OPEN},
    (CLOSED, "reopen"): Move(IN_PROGRESS, ("note",)),
    (CLOSED, "archive"): Move(ARCHIVED),
    **anywhere((*_UNSOLVED, AWAITING_REPLY), "report_progress", ("contact", "due_at")),
    **anywhere(OPEN, "contact", ("contact",)),
    **anywhere(OPEN, "promise", ("due_at",)),
    **anywhere(OPEN, "price"),
    **anywhere(OPEN, "mail", ("received_at",)),
    **anywhere(OPEN, "escalate", ("escalated_to", "note")),
    **anywhere(OPEN, "report", ("alarm", "told", "note")),
    **anywhere(OPEN, "compensate", ("compensation_fen", "note")),
    **anywhere(_BEGUN, "chase"),
    **anywhere((*OPEN, CLOSED), "correct"),
}
"""The standard for work orders (W7). Where the caller is answered in the call, `wrap_up_solved` and
`wrap_up_closed` end it (W2); else `wrap_up` asks for time, place, person, event and phone (W3).
`report_progress` is the call on time that has no solution yet, and promises a new time (W13)."""

SCRIPT = (("announced", "W8"), ("identity_verified", "W9"), ("told", "W10"))
"""What is ticked in a call out, and its handbook item; the call scripts have the words (W6)."""
