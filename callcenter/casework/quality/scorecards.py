"""Scorecards (评分表): drafted, put to use, revised without a pause, retired (R6).

Reads through the session given; what people decide comes out as facts for the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import LEADS, QA
from callcenter.core.scorecards import Form, form_of
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.quality_tables import Scorecard

KIND, PREFIX = "scorecard", "SC"
DRAFT, IN_USE, REVISED, RETIRED = "draft", "in_use", "revised", "retired"
QUALITY = LEADS | {QA}
"""Who judges calls, and writes what they are judged by."""
PARTS = ("name", "sections", "pass_mark", "appeal_days", "review_days")

MOVES: Moves = {
    (NOT_YET, "draft"): Move(DRAFT, ("name", "sections"), QUALITY),
    (DRAFT, "edit"): Move(DRAFT, by=QUALITY),
    (DRAFT, "use"): Move(IN_USE, by=LEADS),
    (DRAFT, "drop"): Move(RETIRED, by=QUALITY),
    (IN_USE, "revise"): Move(REVISED, by=QUALITY),
    (REVISED, "edit"): Move(REVISED, by=QUALITY),
    (REVISED, "use"): Move(IN_USE, by=LEADS),
    (IN_USE, "retire"): Move(RETIRED, ("remark",), LEADS),
    (REVISED, "retire"): Move(RETIRED, ("remark",), LEADS),
}
"""While one is revised, calls are judged by the edition that was put to use last."""


def draft(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Begin a scorecard. Raises Refused for a form that is wrong."""
    kept = _parts(_checked({name: fields[name] for name in PARTS if name in fields}))
    return steps.opening(session, KIND, MOVES, PREFIX, "draft", kept, actor)


def in_use(session: Session, number: str) -> tuple[Scorecard, Form]:
    """A scorecard by which calls may be judged now. Raises NoSuchRecord, Refused."""
    row = steps.get(session, Scorecard, number)
    if row.state not in (IN_USE, REVISED):
        raise Refused(f"scorecard {number} is {row.state}; expected one in use")
    return row, form_of(row.form)


def listing(session: Session, state: str = "", limit: int = 200) -> Sequence[Scorecard]:
    """Scorecards, newest first."""
    query = select(Scorecard).order_by(Scorecard.opened_at.desc(), Scorecard.number.desc())
    if state:
        query = query.where(Scorecard.state == state)
    return session.scalars(query.limit(limit)).all()


def _changes(
    _: Session, row: Scorecard, action: str, given: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    now = {name: getattr(row, name) for name in PARTS}
    match action:
        case "edit" | "revise":
            wanted = {name: given[name] for name in PARTS if given.get(name) is not None}
            made = _parts(_checked(now | wanted))
            return {name: made[name] for name in wanted}
        case "use":
            form = _checked(now).as_dict()
            return {"form": form, "edition": row.edition + 1, "used_since": actor.at}
        case _:
            return {"remark": given.get("remark", "")}


act = steps.acting(Scorecard, MOVES, _changes)
"""A step in a scorecard. Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused."""


def _checked(form: Mapping[str, Any]) -> Form:
    try:
        return form_of(form)
    except ValueError as error:
        raise Refused(f"this is no scorecard: {error}") from None


def _parts(form: Form) -> dict[str, Any]:
    return {name: value for name, value in form.as_dict().items() if name in PARTS}
