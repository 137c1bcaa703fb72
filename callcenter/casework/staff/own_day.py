"""What an agent has to do today: what was promised, whom to call, what is not wrapped up.

Reads the session given. Three queries, each bounded, whatever is kept (W12, F1, J1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.orders import moves as order_moves
from callcenter.casework.orders.promises import stands
from callcenter.store.assist_tables import PromiseRow
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.order_tables import WorkOrder
from callcenter.store.promises import OFFERED
from callcenter.store.tables import Call

MOST = 50
ORDER, FOLLOW_UP, HEARD = "order", "follow_up", "heard"


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done by a time: a promise of a work order, a follow-up, or what was heard as
    a promise and waits to be taken as one."""

    kind: str
    number: str
    """Of the record; of what was heard: the call's id."""
    what: str
    """The promise's kind, or the follow-up's reason."""
    text: str
    customer: str
    phone: str
    due_at: datetime


def due(session: Session, who: Collection[str], until: datetime) -> Sequence[Task]:
    """What is due before `until` and these names or numbers hold, the earliest at the top."""
    tasks = (*_orders(session, who, until), *_calls(session, who, until))
    found = sorted((*tasks, *_heard(session, who, until)), key=lambda task: task.due_at)
    return found[:MOST]


def drafts(session: Session, who: Collection[str], besides: Collection[str]) -> Sequence[WorkOrder]:
    """Work orders that a call opened and nobody has wrapped up, newest first; not `besides`, which
    are those of calls that run."""
    query = select(WorkOrder).where(
        WorkOrder.owner.in_(who),
        WorkOrder.state == order_moves.DRAFT,
        WorkOrder.number.not_in(besides),
    )
    return session.scalars(query.order_by(WorkOrder.opened_at.desc()).limit(MOST)).all()


def _orders(session: Session, who: Collection[str], until: datetime) -> Iterator[Task]:
    query = select(WorkOrder).where(
        WorkOrder.owner.in_(who),
        WorkOrder.state.in_(order_moves.OPEN),
        WorkOrder.due_at < until,
    )
    for row in session.scalars(query.order_by(WorkOrder.due_at).limit(MOST)):
        if row.due_at is not None:
            text = row.title or row.content
            yield Task(
                ORDER, row.number, _promised(row), text, row.concerned, row.phone, row.due_at
            )


def _promised(order: WorkOrder) -> str:
    """Of what kind the promise is that is due first."""
    left = [one for one in order.promises if stands(one)]
    first = min(left, key=lambda one: datetime.fromisoformat(one["due_at"]), default=None)
    return first["what"] if first else ""


def _calls(session: Session, who: Collection[str], until: datetime) -> Iterator[Task]:
    query = select(FollowUp).where(
        FollowUp.agent.in_(who), FollowUp.state.in_(follow_ups.OPEN), FollowUp.due_at < until
    )
    for row in session.scalars(query.order_by(FollowUp.due_at).limit(MOST)):
        what = (row.reason, row.content, row.customer)
        yield Task(FOLLOW_UP, row.number, *what, row.phone, row.due_at)


def _heard(session: Session, who: Collection[str], until: datetime) -> Iterator[Task]:
    query = (
        select(PromiseRow, Call.source)
        .join(Call, Call.call_id == PromiseRow.call_id)
        .where(PromiseRow.agent.in_(who), PromiseRow.status == OFFERED, PromiseRow.due_at < until)
    )
    for row, source in session.execute(query.order_by(PromiseRow.due_at).limit(MOST)):
        yield Task(HEARD, row.call_id, row.what, row.text, "", source, row.due_at)
