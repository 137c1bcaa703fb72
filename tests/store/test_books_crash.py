"""A process killed while it writes: what was committed stands, whole; nothing comes twice."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import func, select

from callcenter.core.events import Event, SegmentHeard
from callcenter.core.records import Party, Segment
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call, SegmentRow
from tests.store.conftest import NOON, rung

TOGETHER, BATCHES = 10, 400


def batch(number: int) -> list[Event]:
    """Ten calls, and a word in each."""
    names = [f"c{number * TOGETHER + one:05}" for one in range(TOGETHER)]
    said = Segment(Party.CALLER, 0, 900, "你好")
    return [event for name in names for event in (rung(name), SegmentHeard(name, NOON, said))]


def write(url: str) -> None:
    """The process that will be killed: a line for each batch that is written."""
    books = SqlBooks(Store(url))
    for number in range(BATCHES):
        books.write(*batch(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def kept(store: Store) -> tuple[list[str], int]:
    with store.session() as session:
        names = session.scalars(select(Call.call_id).order_by(Call.call_id)).all()
        return list(names), session.scalar(select(func.count()).select_from(SegmentRow)) or 0


def test_what_was_written_together_survives_together(store: Store, database: str) -> None:
    command = [sys.executable, "-c", f"from {__name__} import write; write({database!r})"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while (told := child.stdout.readline()) != "5\n":
            assert told
        child.kill()
    names, segments = kept(store)
    assert len(names) >= 6 * TOGETHER
    assert len(names) % TOGETHER == 0
    assert names == [f"c{number:05}" for number in range(len(names))]
    assert segments == len(names)
    books = SqlBooks(store)
    for number in range(len(names) // TOGETHER + 1):
        books.write(*batch(number))
    assert kept(store)[1] == len(kept(store)[0]) == len(names) + TOGETHER
