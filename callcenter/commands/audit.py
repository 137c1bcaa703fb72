"""`callcenter audit`: whether anything in the audit trail was changed, and where it ends now."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from callcenter.commands.kept import open_kept
from callcenter.config import load
from callcenter.store import anchors, trail
from callcenter.store.trail import Entry, Verified


def verify(file: Path, noted: str = "", anchored: Path | None = None) -> int:
    """Walk along the chain and say what was found; 1 where it breaks.

    `noted` is the head that an earlier walk gave, `anchored` a file of anchors, the service's own
    where None: they must still stand in the chain, or its end was cut off. Raises ConfigError,
    StoreError.
    """
    config = load(file)
    kept = anchors.read(anchored or config.anchor_file)
    with closing(open_kept(config)) as store, store.session() as session:
        found = trail.verify(session)
        known = not noted or session.scalar(select(Entry.id).where(Entry.digest == noted))
        lost = anchors.lost(session, kept)
    if found.broken_at:
        return _complain(f"the audit trail is broken at entry {found.broken_at}: {found.why}")
    if not known:
        return _complain(f"{_HOLDS}, but the noted head is not in it: its end was cut off")
    if lost is not None:
        return _complain(
            f"{_HOLDS}, but entry {lost.entry}, its end of {lost.at}, is not in it: "
            "its end was cut off, or it was written anew"
        )
    _tell(found, len(kept))
    return 0


_HOLDS = "the audit trail holds"


def anchor(file: Path) -> int:
    """Write down where the trail ends now, and print that. Raises ConfigError, StoreError."""
    config = load(file)
    with closing(open_kept(config)) as store, store.session() as session:
        anchors.keep(session, config.anchor_file, datetime.now(UTC))
    kept = anchors.read(config.anchor_file)
    print(kept[-1] if kept else "the audit trail is empty")
    return 0


def _tell(found: Verified, anchored: int) -> None:
    print(f"{found.entries} entries, none changed")
    print(f"head: {found.head}")
    print("note it down elsewhere; give it to the next verify with --noted HEAD")
    if anchored:
        print(f"{anchored} anchors: the trail still has every one of them")


def _complain(what: str) -> int:
    print(f"callcenter: {what}", file=sys.stderr)
    return 1
