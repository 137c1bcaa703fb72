"""What the API says and hears of promises in the books, as pydantic models. Pure."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

from callcenter.web.api.assist_models import PromiseOut
from callcenter.web.api.models import Command, Out


class KeptPromiseOut(PromiseOut):
    """A promise in the books; `heard_due_at` is the time as heard, `due_at` the one to keep."""

    call_id: str
    at: datetime
    agent: str
    heard_due_at: datetime
    decided_at: datetime | None
    decided_by: str


class PromisesOut(Out):
    """Promises, the one due first at the top."""

    promises: list[KeptPromiseOut]


class AcceptPromise(Command):
    """Take a promise as a follow-up; `due_at` says another time than the one heard."""

    due_at: AwareDatetime | None = None
