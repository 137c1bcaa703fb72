"""Holds (法律保全): what may not be removed while they stand. Reads the session given.

People place and lift them; cases under way, complaints that are not closed, and calls that are not
finished hold by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.complaints import record as complaints
from callcenter.casework.harassment import cases
from callcenter.casework.orders import moves as orders
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.numbers import is_withheld, plain
from callcenter.core.people import ADMIN, LEADS
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.case_tables import CaseCall, HarassmentCase, RecoveredNumber
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer, CustomerNumber
from callcenter.store.keeping_tables import Hold
from callcenter.store.order_tables import WorkOrder
from callcenter.store.quality_tables import Evaluation
from callcenter.store.tables import Call

KIND, PREFIX = "hold", "HD"
STANDING, LIFTED = "standing", "lifted"
CALL, SOURCE, CUSTOMER, CASE = "call", "source", "customer", "case"
SUBJECTS = (CALL, SOURCE, CUSTOMER, CASE)
MAY = LEADS | {ADMIN}

MOST = 500

MOVES: Moves = {
    (NOT_YET, "place"): Move(STANDING, ("subject", "about", "reason"), MAY),
    (STANDING, "lift"): Move(LIFTED, ("remark",), MAY),
}


def place(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Hold a call, all of a number, all of a customer, or a case. Raises Refused."""
    subject = str(fields.get("subject", ""))
    if subject not in SUBJECTS:
        raise Refused(f"a hold cannot be on {subject!r}; expected one of: {', '.join(SUBJECTS)}")
    about = str(fields.get("about", "")).strip()
    kept = {**fields, "about": _checked(session, subject, about)}
    return steps.opening(session, KIND, MOVES, PREFIX, "place", kept, actor)


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
) -> RecordStepped:
    """A step in a hold. Raises NoSuchRecord, NotNow, Refused."""
    return steps.step(steps.get(session, Hold, number), MOVES, action, fields, actor, seen)


def listing(session: Session, standing: bool | None = None) -> Sequence[Hold]:
    """Holds, the newest first."""
    query = select(Hold).order_by(Hold.opened_at.desc(), Hold.number.desc()).limit(MOST)
    if standing is not None:
        query = query.where((Hold.state == STANDING) == standing)
    return session.scalars(query).all()


def _checked(session: Session, subject: str, about: str) -> str:
    if subject == SOURCE:
        if is_withheld(about):
            raise Refused("a hold needs the number; calls without one are held by their ids")
        return plain(about)
    table = {CALL: Call, CUSTOMER: Customer, CASE: HarassmentCase}[subject]
    if not about or session.get(table, about) is None:
        raise Refused(f"there is no {subject} {about!r} to hold")
    return about


def _placed() -> ColumnElement[bool]:
    """Under a hold that somebody placed."""
    mine = _of(CustomerNumber.customer_number, CustomerNumber.number == Call.source)
    recovered = _of(RecoveredNumber.caller_number, RecoveredNumber.call_id == Call.call_id)
    case = _of(CaseCall.case_number, CaseCall.call_id == Call.call_id)
    order = _of(WorkOrder.customer_number, WorkOrder.number == Call.work_order_number)
    return _stands(
        and_(Hold.subject == CALL, Hold.about == Call.call_id),
        and_(Hold.subject == SOURCE, Hold.about == Call.source),
        and_(Hold.subject == SOURCE, Hold.about.in_(recovered)),
        and_(Hold.subject == CUSTOMER, or_(Hold.about.in_(mine), Hold.about.in_(order))),
        and_(Hold.subject == CASE, Hold.about.in_(case)),
    )


def _of(column: Any, where: ColumnElement[bool]) -> Select[Any]:
    return select(column).where(where).correlate(Call)


def _stands(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Hold.state == STANDING, or_(*which))


def _in_open_case() -> ColumnElement[bool]:
    return exists().where(
        CaseCall.call_id == Call.call_id,
        HarassmentCase.number == CaseCall.case_number,
        HarassmentCase.state != cases.CLOSED,
    )


def _complained() -> ColumnElement[bool]:
    """About it, or in its work order, somebody complained, and that is not closed."""
    about = or_(
        Complaint.call_id == Call.call_id,
        and_(Complaint.work_order_number != "", Complaint.work_order_number == _order()),
    )
    complaint = exists().where(about, Complaint.state.in_(complaints.OPEN))
    order = exists().where(
        WorkOrder.number == Call.work_order_number,
        WorkOrder.type == orders.COMPLAINT,
        WorkOrder.state.not_in(orders.DONE),
    )
    return or_(complaint, order)


def _order() -> Any:
    return Call.work_order_number


def _unfinished() -> ColumnElement[bool]:
    """It runs, its sound waits to be transcribed, or an evaluation of it is disputed."""
    disputed = exists().where(Evaluation.call_id == Call.call_id, Evaluation.state == "appealed")
    return or_(Call.ended_at.is_(None), Call.transcribed.is_(False), disputed)


REASONS: Mapping[str, ColumnElement[bool]] = {
    "placed": _placed(),
    "case": _in_open_case(),
    "complaint": _complained(),
    "unfinished": _unfinished(),
}
"""Why a call is held, as conditions on Call."""


def held() -> ColumnElement[bool]:
    """The call may not lose anything now."""
    return or_(*REASONS.values())


def record_held(table: type[Any]) -> ColumnElement[bool]:
    """The same of a record: of its number or customer, by a hold that somebody placed."""
    columns = table.__table__.c
    about = [columns[name] for name in ("caller_number", "phone", "to") if name in columns]
    found = [and_(Hold.subject == SOURCE, Hold.about == column) for column in about]
    customers = [columns[name] for name in ("customer_number", "about") if name in columns]
    found += [and_(Hold.subject == CUSTOMER, Hold.about == column) for column in customers]
    found.append(and_(Hold.subject.in_((CUSTOMER, CASE)), Hold.about == columns["number"]))
    return _stands(*found)
