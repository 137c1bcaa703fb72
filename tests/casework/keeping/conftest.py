"""A store with a person in every corner of it, and what removes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.casework import steps
from callcenter.casework.keeping import clearing, erasures
from callcenter.casework.keeping.sweep import Sweeper
from callcenter.casework.steps import Actor
from callcenter.core import events as ev
from callcenter.core.keeping import CLASSES, PARTS, Terms
from callcenter.core.people import ADMIN, AGENT, MANAGER, People
from callcenter.core.records import Hit, Party, Promise, RecordingInfo, Segment, Word
from callcenter.store import transcripts
from callcenter.store.base import Base
from callcenter.store.books import SqlBooks
from callcenter.store.keeping_tables import Erasure
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CALLER, OTHER = "13912345678", "13700000009"
WORDS = "我住在紫云里三号"
"""What only this person ever said."""
STAFF = People({"王芳": {MANAGER}, "陈静": {ADMIN}, "林晓雯": {AGENT}}, ())
DAYS = Terms({name: dict(zip(PARTS, (10, 20, 30), strict=True)) for name in CLASSES})


class House:
    """Books, recordings, and a person who rang."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.alias = lambda number: f"{sum(number.encode()):06d}"
        self.books = SqlBooks(store, [clearing.consequence(self.alias)])
        self.now = NOW
        self.sweeper = Sweeper(store, Recordings(folder), DAYS, lambda: self.now)

    def actor(self, person: str) -> Actor:
        return Actor(person, self.now, STAFF, UTC)

    def call(self, call_id: str, days: float, number: str = CALLER, words: str = WORDS) -> None:
        """A call so many days ago, with all that a call can leave behind."""
        at = self.now - timedelta(days=days)
        file = self.folder / f"{call_id}.wav"
        file.write_bytes(b"RIFF" + words.encode())
        (self.folder / f"{call_id}.wav.peaks").write_bytes(b"peaks")
        heard = Segment(Party.CALLER, 0, 900, words, (Word(words, 0, 900),))
        hit = Hit("rule", "insult", Party.CALLER, 0, 900, words)
        self.books.write(
            ev.CallRang(call_id, at, number, "4008000000", "front"),
            ev.CallAnswered(call_id, at, "8001"),
            ev.SegmentHeard(call_id, at, heard),
            ev.HitFound(call_id, at, hit),
            ev.PromiseHeard(call_id, at, Promise(f"p{call_id}", "call_back", at, words, 0, 900)),
            ev.TerminationProposed(call_id, at, "insult", "analysis", words),
            ev.ProposalDismissed(call_id, at, "8001"),
            ev.TransferStarted(call_id, at, "8001", number, words, outside=True),
            ev.CallEnded(call_id, at, "caller", "answered", "ordinary"),
            ev.RecordingClosed(call_id, at, RecordingInfo(file.name, 1.0, "ab" * 32)),
            ev.BlockProposed(call_id, at, number, 1, words, False, "8001"),
        )
        with self.store.session(write=True) as session:
            transcripts.keep(session, call_id, "large", at, [heard], [hit])

    def judge(self, call_id: str, verdict: str) -> None:
        self.books.write(ev.VerdictGiven(call_id, self.now, verdict, WORDS, "王芳"))

    def record(self, kind: str, number: str, state: str, days: float, **fields: object) -> None:
        at = self.now - timedelta(days=days)
        what = (kind, number, "open", "王芳", state, 0, dict(fields))
        self.books.write(ev.RecordStepped("", at, *what))

    def sweep(self) -> list[ev.Cleared]:
        """Carry out all that is overdue."""
        done = []
        for batch in self.sweeper.overdue():
            event = self.sweeper.clear(batch)
            assert isinstance(event, ev.Cleared)
            self.books.write(event)
            done.append(event)
        return done

    def ask(self, subject: str, about: str, person: str = "陈静") -> str:
        with self.store.session() as session:
            fields = {"subject": subject, "about": about, "reason": f"本人 {about} 来函"}
            fact = erasures.ask(session, fields, self.actor(person))
        self.books.write(fact)
        return fact.number

    def decide(self, number: str, action: str, person: str = "王芳", **fields: str) -> None:
        with self.store.session() as session:
            fact = erasures.act(session, number, action, fields, self.actor(person))
        self.books.write(fact)

    def erase(self, number: str) -> None:
        for batch in self.sweeper.of_erasure(number):
            self.books.write(self.sweeper.clear(batch))
        self.books.write(self.sweeper.finish(number))

    def erasure(self, number: str) -> Erasure:
        with self.store.session() as session:
            return steps.get(session, Erasure, number)

    def everything(self) -> str:
        """Every word in every table."""
        told = []
        with self.store.session() as session:
            for table in Base.metadata.sorted_tables:
                told += [repr(tuple(row)) for row in session.execute(select(table))]
        return "\n".join(told)


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return House(store, folder)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    made = Store(database)
    yield made
    made.close()
