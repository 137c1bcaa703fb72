"""What was promised in a work order, by when, and whether it was kept (W12 to W14). Pure.

A promise is a JSON object: {what, due_at, made_at, made_by, call_id, promise_id, ended_at, kept};
moments are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from callcenter.core.errors import Refused

REPLY, CALL_BACK, APPOINTMENT, PRICE, MAIL, FOLLOW_UP = (
    "reply", "call_back", "appointment", "price", "mail", "follow_up",
)  # fmt: skip
WHAT = (REPLY, CALL_BACK, APPOINTMENT, "refund", "visit", "send", "solve")
"""What a person promises; a price, the answer to a mail and a follow-up are the house's word."""
SPOKEN = frozenset({REPLY, CALL_BACK, APPOINTMENT, PRICE, MAIL})
"""What is kept by speaking with the caller, or writing to them."""
MOST = 200

Promises = Sequence[dict[str, Any]]


def made(
    promises: Promises,
    what: str,
    due_at: datetime,
    by: str,
    at: datetime,
    call_id: str = "",
    promise_id: str = "",
) -> list[dict[str, Any]]:
    """The promises with a new one. Raises Refused where there are too many."""
    if len(promises) >= MOST:
        raise Refused(f"a work order holds {MOST} promises at most")
    new = {
        "what": what,
        "due_at": iso(due_at),
        "made_at": iso(at),
        "made_by": by,
        "call_id": call_id,
        "promise_id": promise_id,
        "ended_at": None,
        "kept": None,
    }
    return [*promises, new]


def kept(
    promises: Promises, at: datetime, what: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """The promises after those that stand, of these kinds or all, were done: late is not kept."""
    return [
        one | {"ended_at": iso(at), "kept": at <= datetime.fromisoformat(one["due_at"])}
        if stands(one) and (what is None or one["what"] in what)
        else one
        for one in promises
    ]


def given_up(promises: Promises, at: datetime) -> list[dict[str, Any]]:
    """The promises after nobody will keep those that still stand."""
    ending = {"ended_at": iso(at), "kept": False}
    return [one | ending if stands(one) else one for one in promises]


def fields(promises: Promises) -> dict[str, Any]:
    """The promises as fields of a work order, with the time at which the first one is due."""
    due = [datetime.fromisoformat(one["due_at"]) for one in promises if stands(one)]
    return {"promises": list(promises), "due_at": min(due, default=None)}


def stands(promise: dict[str, Any]) -> bool:
    """Whether it is still to be kept."""
    return promise["ended_at"] is None


def iso(at: datetime) -> str:
    """The moment as JSON keeps it."""
    return at.astimezone(UTC).isoformat()
