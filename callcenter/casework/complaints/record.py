"""Complaints (投诉) in the handbook's six stages, named as ISO 10002 names them (C1-C20, E4, E5).

受理 received, acknowledged · 判断 assessed, unfounded · 调查 investigated · 方案 approved ·
实施 implemented · 总结 followed_up, closed, archived. Who is not satisfied goes round again (C15).
Reads through the session given; what people decide comes out as facts for the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.numbers import plain
from callcenter.core.people import LEADS, People
from callcenter.core.steps import NOT_YET, Move, Moves, anywhere
from callcenter.store import calls
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customers import file_of

KIND, PREFIX = "complaint", "CP"
CATEGORIES = ("quality", "delivery", "attitude", "price", "refund", "repeated", "other")
"""投诉分类, the rows of 顾客投诉分类统计表."""
CHANNELS = ("phone", "mail", "visit", "online")
SEVERITIES = ("ordinary", "severe", "major")

RECEIVED, ACKNOWLEDGED, ASSESSED, UNFOUNDED = "received", "acknowledged", "assessed", "unfounded"
INVESTIGATED, APPROVED, IMPLEMENTED = "investigated", "approved", "implemented"
FOLLOWED_UP, CLOSED, ARCHIVED = "followed_up", "closed", "archived"
OPEN = (
    RECEIVED, ACKNOWLEDGED, ASSESSED, UNFOUNDED, INVESTIGATED, APPROVED, IMPLEMENTED, FOLLOWED_UP,
)  # fmt: skip

MOVES: Moves = {
    (NOT_YET, "register"): Move(RECEIVED, ("complainant", "content", "wanted", "category")),
    (RECEIVED, "acknowledge"): Move(ACKNOWLEDGED, ("process_told", "feedback_due_at")),
    (ACKNOWLEDGED, "found"): Move(ASSESSED, ("judgement", "department", "investigate_by")),
    (ACKNOWLEDGED, "refuse"): Move(UNFOUNDED, ("judgement",)),
    (UNFOUNDED, "reply"): Move(FOLLOWED_UP, ("reply",)),
    (UNFOUNDED, "found"): Move(ASSESSED, ("judgement", "department", "investigate_by")),
    (ASSESSED, "investigate"): Move(INVESTIGATED, ("cause", "responsible", "impact", "loss_fen")),
    (INVESTIGATED, "propose"): Move(INVESTIGATED, ("measures", "owner", "due_at")),
    (INVESTIGATED, "send_back"): Move(INVESTIGATED, ("remark",), LEADS),
    (INVESTIGATED, "approve"): Move(APPROVED, ("chosen",), LEADS),
    (APPROVED, "implement"): Move(IMPLEMENTED, ("customer_signature", "feedback")),
    (APPROVED, "not_accepted"): Move(INVESTIGATED, ("feedback",)),
    (IMPLEMENTED, "sanction"): Move(IMPLEMENTED, ("sanction",), LEADS),
    (IMPLEMENTED, "satisfied"): Move(FOLLOWED_UP, ("feedback",)),
    (IMPLEMENTED, "not_satisfied"): Move(INVESTIGATED, ("feedback",)),
    (FOLLOWED_UP, "close"): Move(CLOSED, ("summary",), LEADS),
    (CLOSED, "improve"): Move(CLOSED, ("measure", "owner", "due_at")),
    (CLOSED, "check_improvement"): Move(CLOSED, ("improvement", "result")),
    (CLOSED, "reopen"): Move(INVESTIGATED, ("feedback",)),
    (CLOSED, "archive"): Move(ARCHIVED),
    **anywhere(OPEN, "correct"),
    **anywhere(OPEN, "report", ("to",)),
    **anywhere(OPEN, "tell_more", ("process_told", "feedback_due_at")),
}
"""Where a complaint goes. `tell_more` is a new word to the customer, and a new time for the next;
`report` says to whom a major one was reported at once (E5)."""
CORRECTED = (
    "work_order_number", "customer_number", "complainant", "company", "phone", "address",
    "channel", "category", "severity", "content", "wanted", "department",
)  # fmt: skip
"""What `correct` may change."""

Change = Callable[[Complaint, Mapping[str, Any], Actor], dict[str, Any]]


def register(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Write a complaint down (C1-C3), of a call where one is named, of the customer in whose file
    the number is.

    Raises NoSuchCall, and Refused for what is missing or unknown.
    """
    given = dict(fields)
    if call_id := given.get("call_id", ""):
        call = calls.get_call(session, call_id, loaded=False)
        given.setdefault("phone", call.source)
        given.setdefault("work_order_number", call.work_order_number or "")
    _check_words(given)
    kept = _numbered(given)
    if not kept.get("customer_number") and (file := file_of(session, kept.get("phone", ""))):
        kept["customer_number"] = file.number
    return steps.opening(session, KIND, MOVES, PREFIX, "register", kept, actor)


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
) -> RecordStepped:
    """A step in a complaint. Raises NoSuchRecord, NotNow, Refused."""
    row = steps.get(session, Complaint, number)
    _check_words(fields)
    change = _CHANGES.get(action)
    changes = (
        partial(change, row, fields, actor) if change else partial(_needed, row, action, fields)
    )
    return steps.step(row, MOVES, action, fields, actor, seen, changes)


def asked(row: Complaint, satisfied: bool, feedback: str, by: str, at: datetime) -> RecordStepped:
    """What a follow-up call brings to a complaint that was carried out (C15, F15)."""
    action = "satisfied" if satisfied else "not_satisfied"
    changes = _CHANGES[action](row, {"feedback": feedback}, Actor(by, at, People({})))
    what = (KIND, row.number, action, by, MOVES[row.state, action].to, row.version, changes)
    return RecordStepped("", at, *what)


def refusal(row: Complaint, phrases: Mapping[str, str]) -> str:
    """What may be said to a customer whose complaint is unfounded: a draft (C6), "" where the house
    has no phrase for it."""
    judgement = row.judgement.rstrip("。") or phrases.get("judgement", "")
    return phrases.get("refusal", "").format(judgement=judgement)


def _needed(row: Complaint, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the step asks for, and nothing that belongs to another step."""
    return {name: given[name] for name in MOVES[row.state, action].needs}


def _founded(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    kept = {name: given[name] for name in ("judgement", "department", "investigate_by")}
    return {**kept, "founded": True, "judged_at": actor.at}


def _refused(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    return {"judgement": given["judgement"], "founded": False, "judged_at": actor.at}


def _proposed(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    made = {name: given[name] for name in ("measures", "owner")}
    if given.get("cost_fen") is not None:
        made["cost_fen"] = given["cost_fen"]
    made |= {
        "due_at": _moment(given["due_at"]),
        "at": _moment(actor.at),
        "by": actor.person.strip(),
    }
    return {"proposals": [*row.proposals, made]}


def _approved(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    if not 0 <= given["chosen"] < len(row.proposals):
        made = len(row.proposals)
        raise Refused(f"approve chooses one of {made} proposals, from 0; got {given['chosen']}")
    remark = given.get("remark", "")
    return {"chosen": given["chosen"], "signed_by": actor.person.strip(), "remark": remark}


def _not_satisfied(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Another round: what was proposed stays to be seen, and another one may be chosen."""
    again = {"chosen": None, "signed_by": "", "satisfied": False, "closed_at": None}
    return {**again, "feedback": given["feedback"], "rounds": row.rounds + 1}


def _satisfied(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    return {"feedback": given["feedback"], "satisfied": True}


def _closed(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    return {"summary": given["summary"], "closed_at": actor.at}


def _improved(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    made = {
        "measure": given["measure"],
        "owner": given["owner"],
        "due_at": _moment(given["due_at"]),
    }
    made |= {"at": _moment(actor.at), "by": actor.person.strip(), "checked_at": "", "result": ""}
    return {"improvements": [*row.improvements, made]}


def _checked(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    at = given["improvement"]
    if not 0 <= at < len(row.improvements):
        raise Refused(f"there are {len(row.improvements)} improvements, from 0; got {at}")
    done = {"checked_at": _moment(actor.at), "result": given["result"]}
    kept = list(row.improvements)
    kept[at] = {**kept[at], **done}
    return {"improvements": kept}


def _corrected(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    changed = {name: value for name, value in given.items() if name in CORRECTED}
    if not changed:
        raise Refused(f"correct needs one of: {', '.join(CORRECTED)}")
    return _numbered(changed)


def _reported(row: Complaint, given: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    told = {"at": _moment(actor.at), "by": actor.person.strip(), "to": given["to"]}
    return {"reported_to": [*row.reported_to, told], "severity": given.get("severity", "major")}


_CHANGES: Mapping[str, Change] = {
    "found": _founded,
    "refuse": _refused,
    "propose": _proposed,
    "approve": _approved,
    "not_accepted": _not_satisfied,
    "not_satisfied": _not_satisfied,
    "reopen": _not_satisfied,
    "satisfied": _satisfied,
    "close": _closed,
    "improve": _improved,
    "check_improvement": _checked,
    "correct": _corrected,
    "report": _reported,
}
"""What a step does to the row, where that is more than the fields it was given."""


def _check_words(given: Mapping[str, Any]) -> None:
    for name, words in (("category", CATEGORIES), ("channel", CHANNELS), ("severity", SEVERITIES)):
        if name in given and given[name] not in words:
            raise Refused(f"{name} cannot be {given[name]!r}; expected {', '.join(words)}")


def _numbered(given: Mapping[str, Any]) -> dict[str, Any]:
    """With the telephone number in the one form in which numbers are compared."""
    return {**given, "phone": plain(given["phone"])} if "phone" in given else dict(given)


def _moment(at: datetime) -> str:
    return at.isoformat()
