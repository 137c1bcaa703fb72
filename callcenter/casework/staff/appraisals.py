"""Tests, appraisals and trainings (K4-K7): planned, rated by several people, confirmed.

Reads through the session given; what people decide comes out as facts for the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import LEADS
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.appraisal_tables import Appraisal

KIND, PREFIX = "appraisal", "AP"
PERIODS = {
    "test": r"\d{4}-(0[1-9]|1[0-2])",
    "monthly": r"\d{4}-(0[1-9]|1[0-2])",
    "quarterly": r"\d{4}Q[1-4]",
    "yearly": r"\d{4}",
    "training": r"\d{4}",
}
"""笔试 each month (K4); 月度、季度、年度考核 (K5); 年度培训计划 (K7)."""
SOURCES = ("customer", "superior", "peer", "self", "test")
"""客户评价、上级评价、同事评价 (K6)."""
PLANNED, RATED, CONFIRMED = "planned", "rated", "confirmed"

MOVES: Moves = {
    (NOT_YET, "plan"): Move(PLANNED, ("agent", "sort", "period"), LEADS),
    (PLANNED, "rate"): Move(RATED, ("source", "score")),
    (RATED, "rate"): Move(RATED, ("source", "score")),
    (RATED, "confirm"): Move(CONFIRMED, ("summary",), LEADS),
    (CONFIRMED, "appeal"): Move(RATED, ("note",)),
}


def plan(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Plan one for a person and a period. Raises Refused, also where there is one already."""
    sort, period = str(fields.get("sort", "")), str(fields.get("period", ""))
    if sort not in PERIODS:
        raise Refused(f"expected one of: {', '.join(PERIODS)}")
    if not re.fullmatch(PERIODS[sort], period):
        raise Refused(f"{period!r} is no period of {sort}; such as 2026-11, 2026Q4, 2026")
    same = {name: fields.get(name, "") for name in ("agent", "sort", "period", "topic")}
    if number := session.scalar(select(Appraisal.number).filter_by(**same).limit(1)):
        raise Refused(f"{number} is this one already")
    return steps.opening(session, KIND, MOVES, PREFIX, "plan", fields, actor)


def listing(session: Session, limit: int = 200, **wanted: str) -> Sequence[Appraisal]:
    """Appraisals, newest first, of this agent, sort, period and state."""
    query = select(Appraisal).order_by(Appraisal.opened_at.desc(), Appraisal.number.desc())
    asked = {name: value for name, value in wanted.items() if value}
    return session.scalars(query.filter_by(**asked).limit(limit)).all()


def total(ratings: Sequence[Mapping[str, Any]]) -> float:
    """The mean of the sources' means: many peers weigh no more than one superior."""
    scores: dict[str, list[float]] = {}
    for one in ratings:
        scores.setdefault(one["source"], []).append(one["score"])
    return round(fmean(map(fmean, scores.values())), 1)


def _changes(
    _: Session, row: Appraisal, action: str, given: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    if action == "confirm":
        return {"summary": given["summary"]}
    if action == "appeal":
        return {"summary": f"{row.summary}\n申诉（{actor.person.strip()}）：{given['note']}"}
    if given["source"] not in SOURCES or not 0 <= given["score"] <= 100:
        raise Refused(f"a rating is 0 to 100, by one of: {', '.join(SOURCES)}")
    person = actor.person.strip()
    if given["source"] in ("superior", "peer") and person == row.agent:
        raise Refused("nobody is their own superior or peer")
    made = {"at": actor.at.isoformat(), "by": person, "source": given["source"]}
    made |= {"score": float(given["score"]), "note": given.get("note", "")}
    others = [o for o in row.ratings if (o["by"], o["source"]) != (person, given["source"])]
    ratings = [*others, made]
    return {"ratings": ratings, "score": total(ratings)}


act = steps.acting(Appraisal, MOVES, _changes)
"""A step in an appraisal. Raises NoSuchRecord, NotNow, ChangedMeanwhile, Refused."""
