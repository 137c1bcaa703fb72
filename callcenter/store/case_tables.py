"""The tables of harassment cases, the carrier's bill and evidence exports. See store/tables.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from callcenter.store.tables import Base, Call


class HarassmentCase(Base):
    """A case on one source (H19): `caller_number` in its plain form, "" while it is withheld."""

    __tablename__ = "harassment_cases"

    number: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    caller_number: Mapped[str] = mapped_column(index=True)
    source_type: Mapped[str]
    state: Mapped[str]

    calls: Mapped[list[Call]] = relationship(
        secondary="case_calls", order_by="Call.rang_at", viewonly=True
    )
    actions: Mapped[list[CaseAction]] = relationship(order_by="CaseAction.id")


class CaseCall(Base):
    """A call that belongs to a case."""

    __tablename__ = "case_calls"

    case_number: Mapped[str] = mapped_column(
        ForeignKey("harassment_cases.number"), primary_key=True
    )
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), primary_key=True, index=True)


class CaseAction(Base):
    """What a named person did in a case, in order; `state` is where that brought it."""

    __tablename__ = "case_actions"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("harassment_cases.number"), index=True)
    at: Mapped[datetime]
    action: Mapped[str]
    person: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str]
    calls: Mapped[list[Any]]


class BillLine(Base):
    """A line of the carrier's bill that may be a call whose number was withheld (H21)."""

    __tablename__ = "bill_lines"
    __table_args__ = (UniqueConstraint("call_id", "bill_sha256", "bill_line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"))
    caller_number: Mapped[str]
    callee_number: Mapped[str]
    started_at: Mapped[datetime]
    seconds: Mapped[int]
    bill_sha256: Mapped[str]
    bill_line: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class RecoveredNumber(Base):
    """The number that a person accepted for a call that withheld it; the newest one counts."""

    __tablename__ = "recovered_numbers"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    caller_number: Mapped[str] = mapped_column(index=True)
    person: Mapped[str]
    bill_sha256: Mapped[str]
    bill_line: Mapped[int]


class EvidenceExport(Base):
    """That calls left the house as an evidence package, and the SHA-256 of its manifest."""

    __tablename__ = "evidence_exports"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person: Mapped[str]
    case_number: Mapped[str] = mapped_column(index=True)
    calls: Mapped[list[Any]]
    manifest_sha256: Mapped[str]
