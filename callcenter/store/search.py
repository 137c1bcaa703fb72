"""Looks for words in what was said and in what records say; nothing asked for is ever an error.

A text is found where it holds every word of the question, wherever that begins: Chinese has no
spaces to begin at. Spaces and marks do not count. Reads through the session it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TableClause,
    Text,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from callcenter.store import dialects
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import ACTIVE, Customer
from callcenter.store.document_tables import Document
from callcenter.store.excerpts import Excerpt, excerpt, spoken_at
from callcenter.store.grams import asked_for, folded
from callcenter.store.order_tables import WorkOrder
from callcenter.store.search_tables import SearchEntry
from callcenter.store.tables import Call, SegmentRow

MOST = 100
"""The longest list of one kind."""
MOST_WORDS, LONGEST = 8, 64
"""What a question has beyond so many words, and a word beyond so many characters, is not read."""
RETIRED = "retired"

Question = Select[*tuple[Any, ...]]
Searched = type[SegmentRow] | type[SearchEntry]


@dataclass(frozen=True, slots=True)
class Found:
    """A place that holds what was asked for."""

    kind: str
    """segment, or the kind of the record."""
    excerpt: Excerpt
    number: str = ""
    """The record's; "" for what was said."""
    title: str = ""
    call_id: str = ""
    party: str = ""
    start_ms: int = 0
    """Where in the call it was said, since it was answered."""
    rang_at: datetime | None = None


def words_of(question: str) -> list[str]:
    """The words to look for, folded; empty where there is none that a text could hold."""
    words = [folded(word)[:LONGEST] for word in question.split()[:MOST_WORDS]]
    return list(dict.fromkeys(words)) if words and all(words) else []


def find(
    session: Session, question: str, kinds: Sequence[str] = (), limit: int = 20
) -> list[Found]:
    """What holds every word, kind by kind, the newest first; `limit` (1 to MOST + 1) is for each.

    One question to the database for each kind.
    """
    words = words_of(question)
    if not words:
        return []
    most = max(1, min(limit, MOST + 1))
    asked = [kind for kind in FINDERS if not kinds or kind in kinds]
    return [found for kind in asked for found in FINDERS[kind](session, words, most)]


def says(session: Session, number: Any, kind: str, question: str) -> ColumnElement[bool]:
    """That the record of this kind whose `number` that column has holds every word."""
    words = words_of(question)
    if not words:
        return false()
    mine = select(SearchEntry.number)
    held: ColumnElement[bool] = number.in_(_holding(session, mine, SearchEntry, words, kind))
    return held


def _segments(session: Session, words: Sequence[str], limit: int) -> list[Found]:
    row = (SegmentRow.call_id, SegmentRow.party, SegmentRow.start_ms, SegmentRow.text)
    query = select(*row, SegmentRow.words, Call.rang_at).join(Call)
    rows = session.execute(_newest(session, query, SegmentRow, words, limit))
    return [
        Found(
            "segment",
            excerpt(one.text, words),
            call_id=one.call_id,
            party=one.party,
            start_ms=spoken_at(words[0], one.words, one.start_ms),
            rang_at=one.rang_at,
        )
        for one in rows
    ]


def _records(
    kind: str, *shown: Callable[[Question], Question]
) -> Callable[[Session, Sequence[str], int], list[Found]]:
    """Finds records of a kind, of which only some are `shown`."""

    def find(session: Session, words: Sequence[str], limit: int) -> list[Found]:
        query: Question = select(SearchEntry.number, SearchEntry.text)
        for narrowed in shown:
            query = narrowed(query)
        rows = session.execute(_newest(session, query, SearchEntry, words, limit, kind))
        return [_record(kind, one.number, one.text, words) for one in rows]

    return find


def _record(kind: str, number: str, text: str, words: Sequence[str]) -> Found:
    title, _, rest = text.partition("\n")
    return Found(kind, excerpt(rest, words), number, title)


def _standing(query: Question) -> Question:
    return query.join(Customer, Customer.number == SearchEntry.number).where(
        Customer.state == ACTIVE
    )


def _known(table: type[WorkOrder] | type[Complaint]) -> Callable[[Question], Question]:
    """Those that who asks may know of: scoped.narrow."""
    return lambda query: query.join(table, table.number == SearchEntry.number)


def _published(query: Question) -> Question:
    joined = query.join(Document, Document.number == SearchEntry.number)
    return joined.where(Document.edition > 0, Document.state != RETIRED)


FINDERS: Mapping[str, Callable[[Session, Sequence[str], int], list[Found]]] = {
    "segment": _segments,
    "work_order": _records("work_order", _known(WorkOrder)),
    "complaint": _records("complaint", _known(Complaint)),
    "customer": _records("customer", _standing),
    "document": _records("document", _published),
}
"""What can be searched. One line a kind; its index is made by a migration (searched.py)."""


def _newest(
    session: Session,
    query: Question,
    where: Searched,
    words: Sequence[str],
    limit: int,
    kind: str = "",
) -> Question:
    held = _holding(session, query, where, words, kind)
    # By SQLite's index, which is in this order: the search ends when there are enough.
    key = _index(where).c.rowid if dialects.is_sqlite(session) else where.id
    return held.order_by(key.desc()).limit(limit)


def _holding(
    session: Session, query: Question, where: Searched, words: Sequence[str], kind: str = ""
) -> Question:
    """Narrowed to the rows, of the records to those of this kind, that hold these folded words.

    The index knows which grams a text has, not where: whether they stand side by side is looked up
    in the text itself, row by row.
    """
    wanted = sorted({gram for word in words for gram in asked_for(word)})
    if dialects.is_sqlite(session):
        index, at = _index(where), func.instr
        matching = " AND ".join(f'"{one}"' for one in (*wanted, kind) if one)
        # The plus keeps it from being asked again for each row of the table.
        query = query.join(index, where.id == literal_column(f"+{index.name}.rowid"))
        query = query.where(index.c[index.name].op("MATCH")(matching))
    else:
        at = func.strpos
        query = query.where(func.grams(where.text).op("@>")(literal(wanted, ARRAY(Text))))
        query = query.where(SearchEntry.kind == kind) if kind else query
    for word in words:
        # A gram is side by side by itself; and most texts hold a word as it is written.
        if len(word) > 2:
            written, said = at(where.text, word), at(func.folded(where.text), word)
            query = query.where(or_(written > 0, said > 0))
    return query


@cache
def _index(where: Searched) -> TableClause:
    """SQLite's own table; what it is asked is compared with a column of its own name."""
    name = f"{where.__tablename__}_grams"
    return table(name, column("rowid"), column(name))
