"""The rules in force in the audit trail: which files, by their SHA-256, since when.

Who edits a file on the disk signs nothing: the step is the system's, and says what has changed.
Who adopts a pack on the page signs before it is in force, so the system finds nothing to add.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from callcenter.core.events import RecordStepped
from callcenter.core.people import SYSTEM
from callcenter.store import trail
from callcenter.store.report_tables import RuleBook
from callcenter.store.sql import Store

KIND, NUMBER, IN_FORCE = "rule_book", "RULES", "in_force"


def taken_up(store: Store, files: Mapping[str, str], at: datetime) -> list[RecordStepped]:
    """The step that these files are in force from now on; none where they are already."""
    with store.session() as session:
        row = session.get(RuleBook, NUMBER)
    before = row.files if row is not None else {}
    return [] if before == files else [_step(row, files, SYSTEM, at)]


def adopted(
    session: Session, on_disk: Mapping[str, str], file: str, sha256: str, person: str, at: datetime
) -> RecordStepped:
    """The step that this person puts a changed file in force; whatever else was changed on the
    disk meanwhile stays the system's to find."""
    row = session.get(RuleBook, NUMBER)
    before = row.files if row is not None else on_disk
    return _step(row, {**before, file: sha256}, person, at)


def changed_by(session: Session, file: str, sha256: str) -> trail.Entry | None:
    """The step that made this file what it is; None where no step knows of it."""
    found = None
    for step in reversed(trail.of(session, KIND, NUMBER)):
        if json.loads(step.changes or "{}").get("files", {}).get(file) != sha256:
            break
        found = step
    return found


def _step(
    row: RuleBook | None, files: Mapping[str, str], person: str, at: datetime
) -> RecordStepped:
    version, action = (row.version, "edit") if row is not None else (0, "take_up")
    what = (KIND, NUMBER, action, person, IN_FORCE, version, {"files": dict(files)})
    return RecordStepped("", at, *what)
