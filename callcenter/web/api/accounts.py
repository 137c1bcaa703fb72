"""Accounts: request, approve, open, archive (N2). What people decide goes through the desk."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.core.events import RecordStepped
from callcenter.store.account_tables import Account
from callcenter.web.api.base import Name
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Act, RecordOut, Signed, listed, opened, stepped, whole
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/accounts", tags=["账号"])

Role = Literal["agent", "supervisor", "qa", "manager", "admin"]


class RequestAccount(Signed):
    """An account that somebody wants for a person."""

    person: Name
    agent: str = Field("", max_length=16)
    roles: list[Role] = Field(min_length=1, max_length=5)
    lines: list[Name] = Field(default_factory=list, max_length=100)
    """The lines, or hotlines, whose calls they lead or judge; all where empty."""
    reason: str = Field(min_length=1, max_length=500)


class ActOnAccount(Act):
    """A step: approve, refuse, open, archive."""

    reason: str = Field("", max_length=500)
    decision: str = Field("", max_length=500)


class AccountOut(RecordOut):
    """An account."""

    person: str
    agent: str
    roles: list[str]
    lines: list[str]
    reason: str
    decided_by: str
    decision: str


@router.get("", summary="账号列表", responses=problems(422))
def list_accounts(
    session: InSession,
    state: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[AccountOut]:
    """Accounts, newest first; of one state where it is given."""
    query = select(Account).order_by(Account.opened_at.desc(), Account.number.desc()).limit(limit)
    if state:
        query = query.where(Account.state == state)
    return [listed(AccountOut, accounts.MOVES, row) for row in session.scalars(query)]


@router.get("/{number}", summary="一个账号", responses=problems(404))
def get_account(session: InSession, number: str) -> AccountOut:
    """An account and every step in it."""
    row = steps.get(session, Account, number)
    return whole(AccountOut, accounts.MOVES, session, accounts.KIND, row)


@router.post("", summary="申请账号", status_code=201, responses=problems(409, 422, 503))
async def request(room: InRoom, wanted: RequestAccount) -> AccountOut:
    """Ask for an account; a manager decides."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return accounts.request(session, wanted.given(), actor)

    return await opened(room, wanted.by, made, get_account)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnAccount) -> AccountOut:
    """Take a step; `possible` in the account says which its state allows."""
    return await stepped(room, number, wanted, accounts.act, get_account)
