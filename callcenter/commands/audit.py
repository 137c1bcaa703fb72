"""`callcenter audit verify`: whether anything in the audit trail was changed."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from callcenter.commands.kept import open_kept
from callcenter.config import load
from callcenter.store import trail
from callcenter.store.trail import Entry, Verified


def verify(file: Path, noted: str = "") -> int:
    """Walk along the chain and say what was found; 1 where it breaks.

    `noted` is the head that an earlier walk gave: it must still stand in the chain, or its end was
    cut off. Raises ConfigError, StoreError.
    """
    with closing(open_kept(load(file))) as store, store.session() as session:
        found = trail.verify(session)
        known = not noted or session.scalar(select(Entry.id).where(Entry.digest == noted))
    if found.broken_at:
        _complain(f"the audit trail is broken at entry {found.broken_at}: {found.why}")
        return 1
    if not known:
        _complain("the audit trail holds, but the noted head is not in it: its end was cut off")
        return 1
    _tell(found)
    return 0


def _tell(found: Verified) -> None:
    print(f"{found.entries} entries, none changed")
    print(f"head: {found.head}")
    print("note it down elsewhere; give it to the next verify with --noted HEAD")


def _complain(what: str) -> None:
    print(f"callcenter: {what}", file=sys.stderr)
