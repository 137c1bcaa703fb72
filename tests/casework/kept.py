"""Calls that were heard and judged, written as the ledger writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callcenter.core import events as ev
from callcenter.core.records import Party, Segment, Word
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALLER = "13800000001"


def said(text: str, start_ms: int = 1000, party: Party = Party.CALLER) -> Segment:
    """Every character a word of 200 ms."""
    words = tuple(
        Word(char, start_ms + 200 * i, start_ms + 200 * (i + 1)) for i, char in enumerate(text)
    )
    return Segment(party, start_ms, start_ms + 200 * len(text), text, words)


class Kept:
    """A store, and calls to keep in it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.books = SqlBooks(store)

    def begin(self, call_id: str, at: datetime, number: str = CALLER) -> None:
        """A call rings, and is answered at once."""
        self.books.write(ev.CallRang(call_id, at, number, "95000", "main"))
        self.books.write(ev.CallAnswered(call_id, at, "1001"))

    def call(
        self,
        call_id: str,
        *texts: str | Segment,
        verdict: str = "",
        at: datetime = NOON,
        number: str = CALLER,
    ) -> None:
        """A call of one minute in which the caller says this, and what was judged of it."""
        self.begin(call_id, at, number)
        for i, text in enumerate(texts):
            heard = said(text, 1000 + 10_000 * i) if isinstance(text, str) else text
            self.books.write(ev.SegmentHeard(call_id, at, heard))
        self.books.write(ev.CallEnded(call_id, at + MINUTE, "caller", "answered", "ordinary"))
        if verdict:
            self.judge(call_id, verdict, at + 2 * MINUTE)

    def judge(self, call_id: str, verdict: str, at: datetime) -> None:
        """A supervisor's verdict."""
        self.books.write(ev.VerdictGiven(call_id, at, verdict, "听过", "李主管"))
