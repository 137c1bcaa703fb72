"""Accounts (账号): requested, approved by a manager, opened, archived (N2). Reads the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.numbering import next_number
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.people import ADMIN, LEADS, MANAGER, ROLES, SYSTEM, People
from callcenter.core.steps import NOT_YET, Move, Moves
from callcenter.store.account_tables import Account

KIND, PREFIX = "account", "AC"
REQUESTED, APPROVED, REFUSED, OPEN, ARCHIVED = (
    "requested",
    "approved",
    "refused",
    "open",
    "archived",
)
_MANAGERS, _ADMINS = frozenset({MANAGER}), frozenset({ADMIN})
_NEEDED = _MANAGERS | _ADMINS
"""Who opens accounts: without them nobody could be let in any more."""

MOVES: Moves = {
    (NOT_YET, "request"): Move(REQUESTED, ("person", "roles", "reason")),
    (REQUESTED, "approve"): Move(APPROVED, by=_MANAGERS),
    (REQUESTED, "refuse"): Move(REFUSED, ("decision",), _MANAGERS),
    (APPROVED, "open"): Move(OPEN, by=_ADMINS),
    (OPEN, "archive"): Move(ARCHIVED, ("reason",), _ADMINS | _MANAGERS),
}
"""总经理审批同意, 客服主管开通, 通过归档 (handbook 001); other roles are another account."""


def people(session: Session, supervisors: Sequence[str] = ()) -> People:
    """Everybody whose account is open, and what other names may do.

    Until both a manager's and an administrator's account are open, accounts bind nobody: leads are
    the `supervisors` of the configuration, or anybody where it names none.
    """
    known = roles(session)
    if set().union(*known.values()) >= _NEEDED:
        return People(known, ())
    leads = dict.fromkeys(supervisors, ROLES)
    return People(leads, frozenset(ROLES) - LEADS if leads else ROLES)


def roles(session: Session) -> dict[str, set[str]]:
    """Everybody whose account is open, by name, and their roles."""
    known: dict[str, set[str]] = {}
    for account in _open(session):
        known.setdefault(account.person, set()).update(account.roles)
    return known


def first(
    session: Session, person: str, roles: Sequence[str], at: datetime
) -> Sequence[RecordStepped]:
    """The account of the first to come in, whom nobody could approve; none where it is open."""
    name = person.strip()
    if not name or name == SYSTEM:
        raise Refused("an account is a person's; expected their name")
    if any(account.person == name for account in _open(session)):
        return ()
    number = next_number(session, Account.number, PREFIX, at, None)
    fields = {"person": name, "roles": list(roles), "reason": "首次登录"}
    path = (("request", REQUESTED), ("approve", APPROVED), ("open", OPEN))
    return tuple(
        RecordStepped(
            "", at, KIND, number, action, SYSTEM, state, version, {} if version else fields
        )
        for version, (action, state) in enumerate(path)
    )


def request(session: Session, fields: Mapping[str, Any], actor: Actor) -> RecordStepped:
    """Ask for an account. Raises Refused for unknown roles, or a person who has one."""
    _check_roles(fields.get("roles", ()))
    person = str(fields.get("person", "")).strip()
    taken = select(Account.number).where(
        Account.person == person, Account.state.in_((REQUESTED, APPROVED, OPEN))
    )
    if (number := session.scalar(taken.limit(1))) is not None:
        raise Refused(f"{person} has account {number} already")
    kept = {**fields, "person": person}
    return steps.opening(session, KIND, MOVES, PREFIX, "request", kept, actor)


def act(
    session: Session,
    number: str,
    action: str,
    fields: Mapping[str, Any],
    actor: Actor,
    seen: int | None = None,
) -> RecordStepped:
    """A step in an account. Raises NoSuchRecord, NotNow, Refused."""
    row = steps.get(session, Account, number)
    changes = dict(fields)
    if action == "archive":
        _check_not_the_last(session, row)
    if action in ("approve", "refuse"):
        if not may_decide(session, row, actor.person.strip()):
            raise Refused("nobody approves their own request")
        changes["decided_by"] = actor.person.strip()
    return steps.step(row, MOVES, action, changes, actor, seen)


def may_decide(session: Session, account: Account, person: str) -> bool:
    """Nobody decides what they asked for themselves, unless no other manager could."""
    if person != account.opened_by:
        return True
    return {one.person for one in _open(session) if MANAGER in one.roles} == {person}


def _open(session: Session) -> Sequence[Account]:
    return session.scalars(select(Account).where(Account.state == OPEN)).all()


def _check_not_the_last(session: Session, leaving: Account) -> None:
    stay = [account for account in _open(session) if account.number != leaving.number]
    if len(stay) > 0 and _NEEDED & set(leaving.roles) - {r for one in stay for r in one.roles}:
        raise Refused("the last manager or administrator cannot be archived; open another first")


def _check_roles(roles: Sequence[str]) -> None:
    unknown = sorted(set(roles) - set(ROLES))
    if unknown:
        raise Refused(f"no role {unknown[0]!r}; expected some of: {', '.join(ROLES)}")
