"""What has been kept for as long as the house's terms say. Reads the session given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session

from callcenter.casework.complaints import record as complaints
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.harassment import cases
from callcenter.casework.keeping import holds
from callcenter.casework.messages import record as messages
from callcenter.casework.orders import moves as orders
from callcenter.core.keeping import (
    CALL,
    CLASSES,
    COMPLAINT,
    HARASSMENT,
    ORDINARY,
    PARTS,
    RECORD,
    SOUND,
    Batch,
    Terms,
)
from callcenter.store.case_tables import CaseCall, HarassmentCase
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customers import newest_verdict
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.handover_tables import Handover
from callcenter.store.keeping_tables import Clearance
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import WorkOrder
from callcenter.store.tables import Call, RecordingRow

BATCH = 50
"""What goes in one transaction: nobody waits long for the writer's place."""
MOST = 5000
"""What is looked up at once; the rest follows."""
HARASSING = ("harassment", "suspected", "silent", "blocked")
"""Dispositions of calls that the system took for harassment, where no person said otherwise."""


@dataclass(frozen=True, slots=True)
class Ending:
    """When a kind of record is over: its table, the moment it is counted from, and its class."""

    table: type[Any]
    over: ColumnElement[bool]
    of_class: str


def _others(kind: str) -> ColumnElement[bool]:
    is_complaint = WorkOrder.type == orders.COMPLAINT
    return is_complaint if kind == COMPLAINT else ~is_complaint


_DONE = WorkOrder.state.in_(orders.DONE)
RECORDS: Sequence[tuple[str, Ending]] = (
    ("work_order", Ending(WorkOrder, _DONE & _others(ORDINARY), ORDINARY)),
    ("work_order", Ending(WorkOrder, _DONE & _others(COMPLAINT), COMPLAINT)),
    ("complaint", Ending(Complaint, Complaint.state.not_in(complaints.OPEN), COMPLAINT)),
    ("follow_up", Ending(FollowUp, FollowUp.state.not_in(follow_ups.OPEN), ORDINARY)),
    ("message", Ending(Message, Message.state != messages.QUEUED, ORDINARY)),
    ("handover", Ending(Handover, Handover.state == "taken", ORDINARY)),
)
"""A standing customer's file has no end: it goes when they ask (erasures.py). Harassment cases go
with their number, below."""


def class_of() -> ColumnElement[str]:
    """The class of a call: what people judged goes before what the system thought."""
    verdict = newest_verdict()
    judged, thought = verdict.is_not(None), verdict.is_(None)
    in_case = exists().where(CaseCall.call_id == Call.call_id)
    about = or_(
        Complaint.call_id == Call.call_id,
        (Complaint.work_order_number != "")
        & (Complaint.work_order_number == Call.work_order_number),
    )
    complained = or_(
        exists().where(about),
        exists().where(
            WorkOrder.number == Call.work_order_number, WorkOrder.type == orders.COMPLAINT
        ),
    )
    return case(
        (or_(in_case, judged & (verdict == HARASSMENT)), HARASSMENT),
        (thought & Call.disposition.in_(HARASSING), HARASSMENT),
        (or_(complained, judged & (verdict == COMPLAINT)), COMPLAINT),
        (thought & (Call.disposition == COMPLAINT), COMPLAINT),
        else_=ORDINARY,
    )


def batches(session: Session, terms: Terms, now: datetime) -> Iterator[Batch]:
    """What goes now, at most MOST of each sort, in the order in which it may go."""
    for of_class, part, over in _ended(terms, now):
        ids = session.scalars(_calls(Call.call_id, of_class, part, over).limit(MOST)).all()
        yield from _cut(CALL, ids, part, of_class)
    for kind, ending in RECORDS:
        if before := terms.before(ending.of_class, RECORD, now):
            numbers = session.scalars(_records(kind, ending, before).limit(MOST)).all()
            yield from _cut(kind, numbers, RECORD, ending.of_class)
    if before := terms.before(HARASSMENT, RECORD, now):
        numbers = session.scalars(_cases(before).limit(MOST)).all()
        yield from _cut("harassment_case", numbers, RECORD, HARASSMENT)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How many calls of a class lose this part now, from before then; and how many are held."""

    of_class: str
    part: str
    days: int
    goes: int
    held: int


def foresee(session: Session, terms: Terms, now: datetime) -> list[Foreseen]:
    """What would go if it were carried out now; changes nothing."""
    found = []
    for of_class in CLASSES:
        for part in PARTS:
            before = terms.before(of_class, part, now)
            counts = [0, 0]
            if before is not None:
                for at, held in enumerate((False, True)):
                    ids = _calls(Call.call_id, of_class, part, before, held=held)
                    count = select(func.count()).select_from(ids.subquery())
                    counts[at] = session.scalar(count) or 0
            found.append(Foreseen(of_class, part, terms.days[of_class][part], *counts))
    return found


def held_by(session: Session) -> Mapping[str, int]:
    """How many calls each reason holds now; a call may have several."""
    kept = select(func.count()).select_from(Call)
    return {name: session.scalar(kept.where(how)) or 0 for name, how in holds.REASONS.items()}


def _ended(terms: Terms, now: datetime) -> Iterator[tuple[str, str, datetime]]:
    for part in PARTS:
        for of_class in CLASSES:
            if before := terms.before(of_class, part, now):
                yield of_class, part, before


def _calls(
    what: Any, of_class: str, part: str, before: datetime, *, held: bool = False
) -> Select[Any]:
    query = select(what).where(Call.rang_at < before, ~_cleared(CALL, Call.call_id, part))
    if part == SOUND:
        query = query.where(exists().where(RecordingRow.call_id == Call.call_id))
    query = query.where(holds.held() if held else ~holds.held(), class_of() == of_class)
    return query.order_by(Call.rang_at, Call.call_id)


def _records(kind: str, ending: Ending, before: datetime) -> Select[Any]:
    table = ending.table
    query = select(table.number).where(
        table.changed_at < before,
        ending.over,
        ~_cleared(kind, table.number, RECORD, since=table.changed_at),
        ~holds.record_held(table),
    )
    return query.order_by(table.changed_at, table.number)


def _cases(before: datetime) -> Select[Any]:
    """Closed, and nothing is left of any of their calls but that they were."""
    left = exists().where(
        CaseCall.case_number == HarassmentCase.number,
        ~_cleared(CALL, CaseCall.call_id, RECORD),
    )
    query = select(HarassmentCase.number).where(
        HarassmentCase.opened_at < before,
        HarassmentCase.state == cases.CLOSED,
        ~_cleared("harassment_case", HarassmentCase.number, RECORD),
        ~holds.record_held(HarassmentCase),
        ~left,
    )
    return query.order_by(HarassmentCase.number)


def _cleared(kind: str, number: Any, part: str, since: Any = None) -> ColumnElement[bool]:
    """`since`: what changed after it was cleared, such as an order that was reopened, is not."""
    mine = [Clearance.kind == kind, Clearance.number == number, Clearance.part == part]
    return exists().where(*mine, *([] if since is None else [Clearance.at >= since]))


def _cut(kind: str, numbers: Sequence[str], part: str, why: str) -> Iterator[Batch]:
    for first in range(0, len(numbers), BATCH):
        yield Batch(kind, tuple(numbers[first : first + BATCH]), part, why)
