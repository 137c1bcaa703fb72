"""Files of customers that come in and go out, each with who, what for and its SHA-256 (U7, U8).

Customers leave the house for internal business only: a lead signs, and the trail keeps it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.customers.columns import (
    CLASS_WORDS,
    HEADINGS,
    NO,
    SEPARATOR,
    SHOWN,
    YES,
)
from callcenter.casework.customers.importing import Checked
from callcenter.casework.paper.table_rows import harmless
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.core.people import LEADS
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.customer_tables import ACTIVE, Customer, CustomerExchange

KIND, PREFIX = "customer_exchange", "CX"
IMPORTED, EXPORTED = "imported", "exported"
TABLE = (*SHOWN.values(), *(names[0] for names in HEADINGS.values()))
"""The headings of an export."""

MOVES: Moves = {
    (NOT_YET, "import"): Move(IMPORTED),
    (NOT_YET, "export"): Move(EXPORTED, ("purpose",), LEADS),
}

Form = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True)
class File:
    """A table of customers, ready to be handed out."""

    content: bytes
    rows: int


def export(session: Session, form: Form) -> File:
    """Every standing customer; what it writes, customer_import reads. No cell is a formula."""
    rows = _Counted(_rows(session))
    content = (_csv if form == "csv" else _xlsx)(rows)
    return File(content, rows.count)


def exported(session: Session, file: File, purpose: str, actor: Actor) -> RecordStepped:
    """The fact that this file went out. Raises Refused without a lead and a purpose."""
    fields = {"purpose": purpose, **_facts(file.content, file.rows, file.rows)}
    return steps.opening(session, KIND, MOVES, PREFIX, "export", fields, actor)


def imported(
    session: Session, content: bytes, checked: Checked, written: int, actor: Actor
) -> RecordStepped:
    """The fact that this file came in."""
    fields = {**_facts(content, checked.rows, written), "problems": checked.count}
    return steps.opening(session, KIND, MOVES, PREFIX, "import", fields, actor)


def listing(session: Session, limit: int = 100) -> Sequence[CustomerExchange]:
    """Files that came and went, newest first."""
    newest = (CustomerExchange.opened_at.desc(), CustomerExchange.number.desc())
    return session.scalars(select(CustomerExchange).order_by(*newest).limit(limit)).all()


def _facts(content: bytes, rows: int, written: int) -> dict[str, str | int]:
    return {"rows": rows, "written": written, "sha256": hashlib.sha256(content).hexdigest()}


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterator[list[str]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[list[str]]:
        for row in self._rows:
            self.count += 1
            yield row


def _rows(session: Session) -> Iterator[list[str]]:
    standing = select(Customer).where(Customer.state == ACTIVE).order_by(Customer.number)
    for one in session.scalars(standing.execution_options(yield_per=500)):
        yield [harmless(cell) for cell in _cells(one)]
        session.expunge(one)


def _cells(one: Customer) -> tuple[str, ...]:
    return (
        one.number, one.agent, _moment(one.opened_at),
        one.name, one.contact, SEPARATOR.join(_number(each) for each in one.numbers),
        one.address, one.business_scope, one.email, one.remarks,
        CLASS_WORDS[one.customer_class], (YES if one.member else NO)[0], str(one.purchases),
        _yuan(one.amount_fen), _yuan(one.potential_fen), _moment(one.last_purchase_at),
    )  # fmt: skip


def _number(kept: dict[str, str]) -> str:
    return kept["number"] + (f"转{kept['extension']}" if kept["extension"] else "")


def _moment(at: datetime | None) -> str:
    """On the wall of this machine."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _csv(rows: _Counted) -> bytes:
    """UTF-8 with a mark at its beginning, so that spreadsheets read the hanzi."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8-sig", newline="")
    writer = csv.writer(out)
    writer.writerow(TABLE)
    writer.writerows(rows)
    out.flush()
    made: bytes = out.detach().getvalue()
    return made


def _xlsx(rows: _Counted) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("客户档案")
    sheet.append(TABLE)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
