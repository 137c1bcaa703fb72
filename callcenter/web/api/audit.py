"""The audit trail (审计): who did what with which record or call, the newest first. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from callcenter.store import trail
from callcenter.store.trail import Wanted
from callcenter.web.api.base import LARGEST, Out
from callcenter.web.api.models import problems
from callcenter.web.room import InSession

router = APIRouter(prefix="/audit", tags=["审计"])

Short = Annotated[str, Query(max_length=128)]


class AuditOut(Out):
    """One entry; `changes` is JSON, "" once its words were erased."""

    id: int
    at: datetime
    person: str
    kind: str
    number: str
    version: int
    action: str
    state: str
    changes: str
    digest: str


class AuditPage(Out):
    """A page of entries; give `before` again to read on, null is the end."""

    entries: list[AuditOut]
    before: int | None


@dataclass
class AskedAudit:
    """Which entries; what is not given asks for nothing. `number` is a record's, or a call's id."""

    person: Short = ""
    action: Annotated[str, Query(max_length=64)] = ""
    kind: Annotated[str, Query(max_length=64)] = ""
    number: Short = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None
    limit: Annotated[int, Query(ge=1, le=trail.MOST)] = 100

    def asked(self) -> Wanted:
        """As the trail asks."""
        same = (self.person.strip(), self.action.strip(), self.kind.strip(), self.number.strip())
        return Wanted(*same, self.since, self.until)


Asked = Annotated[AskedAudit, Depends()]


@router.get("", summary="审计记录", responses=problems(422))
def list_audit(session: InSession, asked: Asked) -> AuditPage:
    """Who did what, the newest first."""
    return page_of(session, asked)


def page_of(session: InSession, asked: AskedAudit) -> AuditPage:
    """One page."""
    found = trail.find(session, asked.asked(), before=asked.before, limit=asked.limit)
    more = found[-1].id if len(found) == asked.limit else None
    return AuditPage(entries=[AuditOut.model_validate(one) for one in found], before=more)
