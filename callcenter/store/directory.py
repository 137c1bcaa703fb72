"""The blocklist (黑名单) and a number's history, asked before a call rings.

Touches the database through its Store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from callcenter.core.errors import Refused
from callcenter.core.numbers import plain
from callcenter.core.records import CallerHistory
from callcenter.store import sources
from callcenter.store.sql import Store
from callcenter.store.tables import Block


class SqlDirectory:
    """core.office.Directory over a Store; `now` is the clock (UTC)."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def history(self, caller_number: str) -> CallerHistory:
        """What is kept of this number, however it is written, and whether it is blocked now; empty
        where it is withheld. Raises StoreError."""
        if not plain(caller_number):
            return CallerHistory()
        with self._store.session() as session:
            return sources.history(session, caller_number, self._now())


def add_block(
    session: Session,
    number: str,
    *,
    by: str,
    reason: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> Block:
    """Block a number until `expires_at`, or until it is lifted; an older block of it is replaced.

    Raises Refused for a withheld number, or without the person or the reason.
    """
    if not plain(number):
        raise Refused("a withheld number cannot be blocked; expected a number")
    if not by.strip() or not reason.strip():
        raise Refused("a block needs the name of who decided it and a reason")
    block = Block(
        number=plain(number),
        blocked_at=at,
        blocked_by=by.strip(),
        reason=reason.strip(),
        expires_at=expires_at,
    )
    return session.merge(block)


def remove_block(session: Session, number: str) -> bool:
    """Lift a block; False where there was none."""
    block = session.get(Block, plain(number))
    if block is not None:
        session.delete(block)
        session.flush()
    return block is not None


def blocks(session: Session, at: datetime) -> Sequence[Block]:
    """The blocks in force at this moment, newest first."""
    in_force = or_(Block.expires_at.is_(None), Block.expires_at > at)
    newest = Block.blocked_at.desc()
    return session.scalars(select(Block).where(in_force).order_by(newest, Block.number)).all()
