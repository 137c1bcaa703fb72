"""Calls made of lines that were written for this project, and a store filled with them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.judgement.lines import DEVELOPMENT, LABELS, read_set
from callcenter.asr import train
from callcenter.core.records import Party, Segment, Word
from callcenter.store.sql import Store
from callcenter.store.tables import Call, SegmentRow, Verdict

WHOLE_CALLS = Path(train.__file__).parent / "corpus" / "calls_whole.txt"
TURNS = 10
"""Segments of a call."""
HARD = 5
"""One call in so many is of lines from the development set, half of which are hard."""
JUDGED = 10
"""One call in so many has a verdict."""
MS_A_WORD = 380
PAUSE_MS = 600
BEGIN = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)


def calls() -> Iterator[list[Segment]]:
    """Calls of ten turns without end; the lines come again, in the same order."""
    spoken = [t for t in WHOLE_CALLS.read_text("utf-8").splitlines() if t and t[0] != "#"]
    ordinary, hard = cycle(spoken), cycle(line.text for line in read_set(DEVELOPMENT))
    for number in cycle(range(HARD)):
        yield call(list(islice(hard if number == 0 else ordinary, TURNS)))


def call(texts: list[str]) -> list[Segment]:
    """Caller and agent in turn."""
    said: list[Segment] = []
    for number, text in enumerate(texts):
        party = Party.AGENT if number % 2 else Party.CALLER
        said.append(segment(text, party, said[-1].end_ms + PAUSE_MS if said else PAUSE_MS))
    return said


def segment(text: str, party: Party, start_ms: int) -> Segment:
    """As a recogniser tells it: words of one or two characters, each with its time."""
    words = [text[i : i + 2] for i in range(0, len(text), 2)]
    timed = tuple(
        Word(word, start_ms + i * MS_A_WORD, start_ms + (i + 1) * MS_A_WORD, 0.9)
        for i, word in enumerate(words)
    )
    return Segment(party, start_ms, start_ms + len(words) * MS_A_WORD, text, timed)


def fill(file: Path, segments: int) -> None:
    """A store with so many segments, as the ledger would have written them."""
    chance, made = random.Random(4), calls()  # noqa: S311
    with closing(Store(file)) as store:
        store.upgrade()
        for first in range(0, segments // TURNS, 500):
            with store.session(write=True) as session:
                for number in range(first, min(first + 500, segments // TURNS)):
                    _keep(session, number, next(made), chance)


def _keep(session: Session, number: int, said: list[Segment], chance: random.Random) -> None:
    call_id, at = f"call-{number:06}", BEGIN + timedelta(minutes=number)
    row = {
        "call_id": call_id,
        "line": "main",
        "caller_number": f"138{chance.randrange(20_000):08}",
        "callee_number": "4008200001",
        "agent": "1001",
        "rang_at": at,
        "answered_at": at,
        "ended_at": at + timedelta(milliseconds=said[-1].end_ms),
        "disposition": "ordinary",
    }
    session.execute(insert(Call), [row])
    session.execute(insert(SegmentRow), [_row(call_id, one) for one in said])
    if number % JUDGED == 0:
        given = {"at": at + timedelta(hours=1), "verdict": chance.choice(LABELS)}
        who = {"call_id": call_id, "reason": "bench", "reviewer": "bench"}
        session.execute(insert(Verdict), [{**who, **given}])


def _row(call_id: str, one: Segment) -> dict[str, object]:
    words = [
        {"word": w.word, "start_ms": w.start_ms, "end_ms": w.end_ms, "confidence": w.confidence}
        for w in one.words
    ]
    said = {"party": one.party.value, "start_ms": one.start_ms, "end_ms": one.end_ms}
    return {"call_id": call_id, **said, "text": one.text, "words": words, "live": True}
