"""Narrows questions about calls, and for who leads or judges some lines about what came of calls,
to those that somebody may know of. Uses the session given.

A record that hangs on no call is everybody's; one whose calls are all of other lines is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, event, exists, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from callcenter.core.visitor import Scope
from callcenter.store.complaint_tables import Complaint
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import OrderPromise
from callcenter.store.quality_tables import Evaluation
from callcenter.store.tables import Call, Handling, WorkOrder

_CALLS = Call.__table__.alias("any_call")
"""Not the class: what is asked of it here is not narrowed again."""
_COMPLAINTS = Complaint.__table__.alias("any_complaint")


def covered(scope: Scope) -> list[ColumnElement[bool]]:
    """That a call is in this scope; nothing is asked where nothing is narrowed."""
    wanted: list[ColumnElement[bool]] = []
    if scope.own is not None:
        handled = select(Handling.call_id).where(Handling.actor.in_(scope.own))
        wanted.append(or_(Call.agent.in_(scope.own), Call.call_id.in_(handled)))
    if scope.lines:
        wanted.append(or_(Call.line.in_(scope.lines), Call.callee_number.in_(scope.lines)))
    return wanted


def narrow(session: Session, scope: Scope) -> None:
    """From here on whatever this session is asked about calls is asked of these only, and for who
    leads or judges some lines about the records of these: no list, no count, and no report can
    forget it. An agent knows the records of every line: whoever calls is helped."""
    wanted = covered(scope)
    if not wanted:
        return
    only = [with_loader_criteria(Call, and_(*wanted), include_aliases=True), *_records(scope)]

    @event.listens_for(session, "do_orm_execute")
    def asked(state: ORMExecuteState) -> None:
        if state.is_select and not state.is_column_load and not state.is_relationship_load:
            state.statement = state.statement.options(*only)


def _records(scope: Scope) -> Iterator[ORMOption]:
    if scope.own is not None or not scope.lines:
        return
    of_order = _CALLS.c.work_order_number
    of_complaint = or_(
        _CALLS.c.call_id == Complaint.call_id, of_order == Complaint.work_order_number
    )
    about = exists().where(
        _COMPLAINTS.c.number == FollowUp.about, _CALLS.c.call_id == _COMPLAINTS.c.call_id
    )
    hangs = (
        (WorkOrder, of_order == WorkOrder.number),
        (OrderPromise, of_order == OrderPromise.number),
        (Complaint, of_complaint),
        (FollowUp, or_(of_order == FollowUp.about, about)),
        (Evaluation, _CALLS.c.call_id == Evaluation.call_id),
    )
    for table, on_call in hangs:
        yield with_loader_criteria(table, _theirs(scope, on_call), include_aliases=True)


def _theirs(scope: Scope, on_call: ColumnElement[bool]) -> ColumnElement[bool]:
    """No call is so, or one of these lines is."""
    on_line = or_(_CALLS.c.line.in_(scope.lines), _CALLS.c.callee_number.in_(scope.lines))
    of_any = exists().select_from(_CALLS).where(on_call)
    return or_(~of_any, of_any.where(on_line))


def covers(session: Session, scope: Scope, call_id: str) -> bool:
    """Whether this kept call is in it: whoever handled it has had it. True for an unknown one."""
    call = session.get(Call, call_id)
    if call is None or scope.is_all:
        return True
    deeds = select(Handling.actor, Handling.other).where(Handling.call_id == call_id)
    agents = {name for deed in session.execute(deeds) for name in deed if name}
    return scope.covers(agents | {call.agent}, call.line, call.callee_number)
