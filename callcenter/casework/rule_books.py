"""The rules in force in the audit trail: which files, by their SHA-256, since when.

Who edits a file on the disk signs nothing: the step is the system's, and says what has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from callcenter.core.events import RecordStepped
from callcenter.core.people import SYSTEM
from callcenter.store.report_tables import RuleBook
from callcenter.store.sql import Store

KIND, NUMBER, IN_FORCE = "rule_book", "RULES", "in_force"


def taken_up(store: Store, files: Mapping[str, str], at: datetime) -> list[RecordStepped]:
    """The step that these files are in force from now on; none where they are already."""
    with store.session() as session:
        row = session.get(RuleBook, NUMBER)
    before = row.files if row is not None else {}
    if before == files:
        return []
    version, action = (row.version, "edit") if row is not None else (0, "take_up")
    what = (KIND, NUMBER, action, SYSTEM, IN_FORCE, version, {"files": dict(files)})
    return [RecordStepped("", at, *what)]
