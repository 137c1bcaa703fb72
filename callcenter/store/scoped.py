"""Narrows questions about calls to those that somebody may know of. Uses the session given."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, event, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from callcenter.core.visitor import Scope
from callcenter.store.tables import Call, Handling


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
    """From here on whatever this session is asked about calls is asked of these only: no list, and
    no count, can forget it."""
    wanted = covered(scope)
    if not wanted:
        return
    only = with_loader_criteria(Call, and_(*wanted), include_aliases=True)

    @event.listens_for(session, "do_orm_execute")
    def asked(state: ORMExecuteState) -> None:
        if state.is_select and not state.is_column_load and not state.is_relationship_load:
            state.statement = state.statement.options(only)


def covers(session: Session, scope: Scope, call_id: str) -> bool:
    """Whether this kept call is in it: whoever handled it has had it. True for an unknown one."""
    call = session.get(Call, call_id)
    if call is None or scope.is_all:
        return True
    deeds = select(Handling.actor, Handling.other).where(Handling.call_id == call_id)
    agents = {name for deed in session.execute(deeds) for name in deed if name}
    return scope.covers(agents | {call.agent}, call.line, call.callee_number)
