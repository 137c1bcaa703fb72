"""Erasure at a person's wish (个人信息删除, 个人信息保护法 article 47): asked for, approved by a
second person, carried out, certified. Reads the session given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.complaints import record as complaints
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.keeping import holds
from callcenter.casework.orders import moves as orders
from callcenter.casework.paper.sheet import Sheet, Table
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.keeping import CALL, PARTS, RECORD, Batch
from callcenter.core.numbers import is_alias, is_withheld, mask, plain
from callcenter.core.people import ADMIN, LEADS, SYSTEM
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store import trail
from callcenter.store.case_tables import HarassmentCase, RecoveredNumber
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import ACTIVE, Customer, CustomerNumber
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.keeping_tables import Clearance, Erasure
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import WorkOrder
from callcenter.store.tables import Block, Call

KIND, PREFIX = "erasure", "ER"
ASKED, REFUSED, APPROVED, DONE = "asked", "refused", "approved", "done"
NUMBER, CUSTOMER = "number", "customer"
SUBJECTS = (NUMBER, CUSTOMER)
MAY = LEADS | {ADMIN}
BATCH = 50
MOST = 500
WORDS_OF = {
    CALL: "通话", "work_order": "工单", "complaint": "投诉", "follow_up": "回访",
    "message": "短信与邮件", "customer": "客户档案",
}  # fmt: skip

MOVES: Moves = {
    (NOT_YET, "ask"): Move(ASKED, ("subject", "about", "reason"), MAY),
    (ASKED, "approve"): Move(APPROVED, by=MAY),
    (ASKED, "refuse"): Move(REFUSED, ("decision",), MAY),
    (APPROVED, "erase"): Move(DONE),
}
"""`erase` is the service's own step."""


def ask(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Ask for what is kept of a number, or of a customer, to be erased.

    Raises Refused where nothing is kept, or something of it is under hold.
    """
    subject, about = str(fields.get("subject", "")), str(fields.get("about", "")).strip()
    if subject not in SUBJECTS:
        raise Refused(f"what is erased is one of: {', '.join(SUBJECTS)}; got {subject!r}")
    if subject == NUMBER:
        if is_withheld(about) or is_alias(about):
            raise Refused("an erasure needs the whole telephone number")
        about = plain(about)
    found = kept_of(session, subject, about)
    if not found.is_anything:
        raise Refused("nothing is kept of this person")
    check_free(session, found)
    kept = {**fields, "about": about}
    return steps.opening(session, KIND, MOVES, PREFIX, "ask", kept, actor)


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
) -> RecordStepped:
    """Approve or refuse it: nobody decides what they asked for. Raises NoSuchRecord, NotNow,
    Refused."""
    row = steps.get(session, Erasure, number)
    if action == "erase":
        raise Refused("what is approved is erased by the service, within a minute")
    if row.state == ASKED and actor.person.strip() == row.opened_by:
        raise Refused("a second person approves an erasure, not who asked for it")
    if row.state == ASKED and action == "approve":
        check_free(session, kept_of(session, row.subject, row.about))
    changes = {**fields, "decided_by": actor.person.strip()}
    return steps.step(row, MOVES, action, fields, actor, seen, lambda: changes)


def listing(session: Session, state: str = "") -> Sequence[Erasure]:
    """Erasures, the newest first."""
    query = select(Erasure).order_by(Erasure.opened_at.desc(), Erasure.number.desc()).limit(MOST)
    return session.scalars(query.where(Erasure.state == state) if state else query).all()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a person: their numbers, files, and by kind the numbers of all records."""

    numbers: tuple[str, ...]
    records: Mapping[str, Sequence[str]]

    @property
    def is_anything(self) -> bool:
        """Whether there is something to erase."""
        return any(self.records.values())

    def batches(self, why: str) -> list[Batch]:
        """All of it, calls first: their sound, then words, then numbers."""
        calls = self.records[CALL]
        cut = [(CALL, part, calls) for part in PARTS]
        cut += [(kind, RECORD, found) for kind, found in self.records.items() if kind != CALL]
        return [
            Batch(kind, tuple(found[first : first + BATCH]), part, why)
            for kind, part, found in cut
            for first in range(0, len(found), BATCH)
        ]


def kept_of(session: Session, subject: str, about: str) -> Kept:
    """Everything that is kept of a number, or of a customer and their numbers."""
    files, numbers = _whose(session, subject, about)
    standing = select(Customer.number).where(Customer.number.in_(files), Customer.state == ACTIVE)
    recovered = select(RecoveredNumber.call_id).where(RecoveredNumber.caller_number.in_(numbers))
    asked: dict[str, Any] = {
        CALL: select(Call.call_id).where(
            or_(Call.source.in_(numbers), Call.call_id.in_(recovered))
        ),
        "work_order": select(WorkOrder.number).where(
            or_(
                WorkOrder.caller_number.in_(numbers),
                WorkOrder.phone.in_(numbers),
                WorkOrder.customer_number.in_(files),
            )
        ),
        "complaint": select(Complaint.number).where(
            or_(Complaint.phone.in_(numbers), Complaint.customer_number.in_(files))
        ),
        "follow_up": select(FollowUp.number).where(
            or_(FollowUp.phone.in_(numbers), FollowUp.about.in_(files))
        ),
        "message": select(Message.number).where(
            or_(Message.to.in_(numbers), Message.about.in_(files))
        ),
        "customer": standing,
    }
    found = {kind: list(session.scalars(query)) for kind, query in asked.items()}
    return Kept(tuple(sorted(numbers)), found)


def _whose(session: Session, subject: str, about: str) -> tuple[list[str], set[str]]:
    """The files and the numbers that are this person's alone: a switchboard's is others', too."""
    if subject == NUMBER:
        theirs = select(CustomerNumber.customer_number).where(CustomerNumber.number == about)
        found = session.scalars(theirs).all()
        return [one for one in found if _has_one_number(session, one)], {about}
    mine = select(CustomerNumber.number).where(CustomerNumber.customer_number == about)
    shared = select(CustomerNumber.number).where(CustomerNumber.customer_number != about)
    others = set(session.scalars(shared.where(CustomerNumber.number.in_(mine))))
    return [about], set(session.scalars(mine)) - others


def _has_one_number(session: Session, customer: str) -> bool:
    mine = select(CustomerNumber.number).where(CustomerNumber.customer_number == customer)
    return len(session.scalars(mine.limit(2)).all()) == 1


def check_free(session: Session, found: Kept) -> None:
    """Raises Refused, which says what holds it."""
    why = [name for name, condition in holds.REASONS.items() if _holds(session, found, condition)]
    blocked = select(Block.number).where(Block.number.in_(found.numbers)).limit(1)
    if session.scalar(blocked):
        why.append("blocked")
    cases = select(HarassmentCase.number).where(
        HarassmentCase.caller_number.in_(found.numbers), HarassmentCase.state != "closed"
    )
    if session.scalar(cases.limit(1)) and "case" not in why:
        why.append("case")
    if not why and (held := _held_records(session, found)):
        why.append(held)
    if why:
        told = "; ".join(TOLD[name] for name in why)
        raise Refused(f"this cannot be erased now: {told}")


TOLD = {
    "placed": "a hold stands on it; who placed it lifts it first",
    "case": "a harassment case is under way; close it first",
    "complaint": "a complaint is not closed",
    "unfinished": "a call is not finished, or its evaluation is disputed",
    "blocked": "the number is on the blocklist; lift the block first",
    "record": "a work order or follow-up is not done",
}


def _holds(session: Session, found: Kept, condition: Any) -> bool:
    calls = found.records[CALL]
    return any(
        session.scalar(
            select(Call.call_id).where(Call.call_id.in_(calls[at : at + MOST]), condition).limit(1)
        )
        for at in range(0, len(calls), MOST)
    )


def _held_records(session: Session, found: Kept) -> str:
    tables = (("work_order", WorkOrder), ("complaint", Complaint), ("customer", Customer))
    for kind, table in tables:
        mine = table.number.in_(found.records[kind])
        if session.scalar(select(table.number).where(mine, holds.record_held(table)).limit(1)):
            return "placed"
    open_ = (
        select(Complaint.number).where(
            Complaint.number.in_(found.records["complaint"]), Complaint.state.in_(complaints.OPEN)
        ),
        select(WorkOrder.number).where(
            WorkOrder.number.in_(found.records["work_order"]), WorkOrder.state.in_(orders.OPEN)
        ),
        select(FollowUp.number).where(
            FollowUp.number.in_(found.records["follow_up"]), FollowUp.state.in_(follow_ups.OPEN)
        ),
    )
    names = ("complaint", "record", "record")
    asked = zip(names, open_, strict=True)
    return next((name for name, query in asked if session.scalar(query.limit(1))), "")


def done(session: Session, row: Erasure, at: datetime) -> RecordStepped:
    """The last step: it was carried out; what the trail keeps of the certificate is its hash."""
    mine = (Clearance.why == row.number, Clearance.part == RECORD)
    asked = select(Clearance.kind, func.count()).where(*mine).group_by(Clearance.kind)
    counts = dict(session.execute(asked).all())
    digest = certificate_hash(row, counts, at)
    changes = {"done_at": at, "erased": counts, "certificate_sha256": digest}
    what = (KIND, row.number, "erase", SYSTEM, DONE, row.version, changes)
    return RecordStepped("", at, *what)


def certificate_hash(row: Erasure, counts: Mapping[str, int], at: datetime) -> str:
    """SHA-256 of what the certificate says, of lines that anybody can write again."""
    facts = (row.number, row.subject, shown(row), row.opened_by, row.decided_by, at.isoformat())
    counted = (f"{kind} {counts[kind]}" for kind in sorted(counts))
    return hashlib.sha256("\n".join((*facts, *counted)).encode()).hexdigest()


def shown(row: Erasure) -> str:
    """Whose it was, as may stay: the middle of a telephone number is hidden."""
    if row.subject == CUSTOMER or "*" in row.about:
        return row.about
    return mask(row.about)


def certificate(session: Session, row: Erasure) -> Sheet:
    """The paper for who asked. Raises Refused before it is done."""
    if row.state != DONE:
        raise Refused(f"erasure {row.number} is {row.state}; the certificate comes when it is done")
    last = trail.step(session, KIND, row.number, row.version)
    subject = "客户编号" if row.subject == CUSTOMER else "电话号码"
    rows = [(WORDS_OF.get(kind, kind), count) for kind, count in row.erased.items()]
    return Sheet(
        f"个人信息删除证明 {row.number}",
        (
            (subject, shown(row)),
            ("申请登记", f"{row.opened_by} {row.opened_at.astimezone():%Y-%m-%d %H:%M}"),
            ("批准", row.decided_by),
            ("执行完成", row.done_at),
            ("证明内容 SHA-256", row.certificate_sha256),
            ("审计链摘要", last.digest if last else None),
        ),
        (
            Table(
                "已删除",
                ("内容", "数量"),
                tuple(rows),
                "通话：录音文件、转写、命中原文与检索索引已删除，号码改为不可还原的代号；其余：姓名、"
                "地址、号码与文字内容已清空。已有备份按备份周期覆盖。",
            ),
        ),
        ("经办", "批准", "申请人"),
    )
