"""Whose calls are whose: the names under which an agent signs. Reads through the session given."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.staff import accounts
from callcenter.core.errors import Refused
from callcenter.store.account_tables import Account


def check_own(session: Session, agent: str, person: str) -> None:
    """Raises Refused unless `person` is the agent of this number.

    Where no open account has that number, nobody can be told from the agent: any name will do.
    """
    holders = _holders(session, agent)
    if holders and person.strip() not in {agent, *holders}:
        raise Refused(f"this is answered by agent {agent} alone")


def check_not_own(session: Session, agent: str, person: str) -> None:
    """Raises Refused where `person` is the agent of this number."""
    if person.strip() in {agent, *_holders(session, agent)}:
        raise Refused("nobody judges their own calls")


def _holders(session: Session, agent: str) -> set[str]:
    opened = select(Account.person).where(Account.agent == agent, Account.state == accounts.OPEN)
    return set(session.scalars(opened))
