"""Evaluations as lists: of an agent, a time, an item that lost points. Reads the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer

from callcenter.casework.quality.evaluations import JUDGED
from callcenter.store.quality_tables import Evaluation, EvaluationItem
from callcenter.store.spans import within


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to hold; "" and None are everything. The time is that of the submission."""

    agent: str = ""
    state: str = ""
    verdict: str = ""
    call_id: str = ""
    evaluator: str = ""
    lost: str = ""
    """The key of an item that did not bring all of its points."""
    passed: bool | None = None
    appealed: bool | None = None
    upheld: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    submitted: bool = False
    """Only what its agent may see."""


def listing(session: Session, wanted: Wanted, limit: int = 200) -> Sequence[Evaluation]:
    """Evaluations, newest first, without their forms and answers."""
    newest = (Evaluation.opened_at.desc(), Evaluation.number.desc())
    query = select(Evaluation).where(*_asked(wanted)).order_by(*newest).limit(limit)
    heavy = (defer(Evaluation.form, raiseload=True), defer(Evaluation.answers, raiseload=True))
    return session.scalars(query.options(*heavy)).all()


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    names = ("agent", "state", "verdict", "call_id", "evaluator", "passed", "upheld")
    values = {name: getattr(wanted, name) for name in names}
    asked = [
        getattr(Evaluation, name) == value
        for name, value in values.items()
        if value not in ("", None)
    ]
    if wanted.appealed is not None:
        appealed = Evaluation.appealed_at.is_not(None)
        asked.append(appealed if wanted.appealed else ~appealed)
    if wanted.lost:
        lost = select(EvaluationItem.number).where(
            EvaluationItem.item == wanted.lost, EvaluationItem.points < EvaluationItem.most
        )
        asked.append(Evaluation.number.in_(lost))
    if wanted.submitted:
        asked.append(Evaluation.state.in_(JUDGED))
    return [*asked, *within(Evaluation.submitted_at, wanted.since, wanted.until)]
