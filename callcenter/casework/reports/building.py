"""Builds the reports that are due into files, and writes a letter for who gets them by mail (R1).

Reads the store, writes the folder; what was built is a fact for the ledger. Called in a thread.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.messages import record as messages
from callcenter.casework.numbering import next_number
from callcenter.casework.paper.pdf_file import page
from callcenter.casework.paper.sheet import Sheet, hidden
from callcenter.casework.paper.xlsx_file import workbook
from callcenter.casework.reports import schedule
from callcenter.casework.reports.catalogue import REPORTS, Asked
from callcenter.casework.reports.periods import Period
from callcenter.core.errors import NoSuchRecord, StoreError
from callcenter.core.events import Event, RecordStepped
from callcenter.core.messages import EMAIL
from callcenter.core.people import SYSTEM
from callcenter.core.records import Agent
from callcenter.core.reports import DueReport
from callcenter.store.message_tables import Message
from callcenter.store.report_tables import BuiltReport
from callcenter.store.sql import Store

KIND, PREFIX, BUILT = "report", "RP", "built"
TEMPLATE = "report"
"""What the letters are called in the list of messages."""
FORMS: Mapping[str, Callable[[Sheet], bytes]] = {"xlsx": workbook, "pdf": page}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the configuration asks for."""

    periods: Sequence[str]
    names: Sequence[str]
    forms: Sequence[str]
    folder: Path
    at: time = time(8)
    mail: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """What of the house the reports need."""

    group: Callable[[str], str]
    agents: Callable[[], Sequence[Agent]]
    zone: tzinfo | None = None
    away: timedelta = timedelta(minutes=10)
    hide: Callable[[str], str] = str
    """What of a text leaves the house in a file: without whole telephone numbers."""


class Builder:
    """core.ports.Reports over the store. `now` gives UTC."""

    def __init__(
        self, store: Store, plan: Plan, office: Office, now: Callable[[], datetime]
    ) -> None:
        self._store, self._plan, self._office, self._now = store, plan, office, now

    def due(self) -> Sequence[DueReport]:
        """What should be there by now and is not, the oldest first."""
        plan, zone = self._plan, self._office.zone
        with self._store.session() as session:
            found = [
                DueReport(name, period, since)
                for period in plan.periods
                for name in plan.names
                for since in schedule.due(
                    period, plan.at, self._now(), _built(session, name, period), zone
                )
            ]
        return sorted(found, key=lambda one: one.since)

    def build(self, wanted: DueReport) -> Sequence[Event]:
        """Make its files; the facts that it is there, and that it goes out by mail.

        Raises StoreError where the folder cannot be written.
        """
        office, now = self._office, self._now()
        period = Period.of(wanted.period, wanted.since, office.zone)
        asked = Asked(period, now, office.group, office.agents(), office.away)
        with self._store.session() as session:
            sheet = hidden(REPORTS[wanted.name](session, asked), office.hide)
            number = next_number(session, BuiltReport.number, PREFIX, now, office.zone)
            fields = {
                "name": wanted.name,
                "period": wanted.period,
                "since": wanted.since,
                "until": asked.span[1],
                "title": sheet.title,
                "files": [self._file(sheet, wanted, form) for form in self._plan.forms],
            }
            made = RecordStepped("", now, KIND, number, "build", SYSTEM, BUILT, 0, fields)
            return [made, *self._letters(session, sheet, number, now)]

    def _file(self, sheet: Sheet, wanted: DueReport, form: str) -> dict[str, Any]:
        day = f"{wanted.since.astimezone(self._office.zone):%Y-%m-%d}"
        path = self._plan.folder / f"{day}-{wanted.period}-{wanted.name}.{form}"
        content = FORMS[form](sheet)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}") from error
        digest = hashlib.sha256(content).hexdigest()
        return {"form": form, "path": str(path), "sha256": digest, "bytes": len(content)}

    def _letters(
        self, session: Session, sheet: Sheet, number: str, now: datetime
    ) -> Sequence[RecordStepped]:
        """A message for each who gets it; the letterbox puts the files in."""
        first = next_number(session, Message.number, messages.PREFIX, now, self._office.zone)
        day, _, count = first.rpartition("-")
        fields = {
            "template": TEMPLATE,
            "channel": EMAIL,
            "subject": sheet.title,
            "text": f"{sheet.title}（{number}）见附件。",
            "about": number,
            "due_at": now + messages.WITHIN,
        }
        return [
            _letter(f"{day}-{int(count) + n:04d}", now, {**fields, "to": to})
            for n, to in enumerate(self._plan.mail)
        ]


def _letter(number: str, now: datetime, fields: dict[str, Any]) -> RecordStepped:
    what = (messages.KIND, number, "write", SYSTEM, messages.QUEUED, 0, fields)
    return RecordStepped("", now, *what)


def listing(session: Session, name: str = "", limit: int = 100) -> Sequence[BuiltReport]:
    """What was built, newest first; of one name where given."""
    newest = (BuiltReport.opened_at.desc(), BuiltReport.number.desc())
    query = select(BuiltReport).order_by(*newest).limit(limit)
    return session.scalars(query.filter_by(name=name) if name else query).all()


def content(row: BuiltReport, form: str) -> bytes:
    """A file of it. Raises NoSuchRecord where there is none, or it is gone or was changed."""
    file = next((one for one in row.files if one["form"] == form), None)
    if file is None:
        made = ", ".join(one["form"] for one in row.files)
        raise NoSuchRecord(f"report {row.number} was not built as {form}; there is: {made}")
    try:
        found = Path(file["path"]).read_bytes()
    except OSError:
        raise NoSuchRecord(f"the file of report {row.number} is gone") from None
    if hashlib.sha256(found).hexdigest() != file["sha256"]:
        raise NoSuchRecord(f"the file of report {row.number} was changed after it was built")
    return found


def _built(session: Session, name: str, period: str) -> Sequence[datetime]:
    query = select(BuiltReport.since).filter_by(name=name, period=period)
    return session.scalars(query.order_by(BuiltReport.since.desc()).limit(1)).all()
