"""What goes from the store when a part of calls or records is cleared: a consequence of `Cleared`.

In the ledger's transaction: what is told as removed is removed, or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from callcenter.casework.keeping import erasures
from callcenter.casework.keeping.places import OF_CALLS, OF_RECORDS, Place
from callcenter.core.events import Cleared, Event, RecordStepped
from callcenter.core.keeping import CALL, RECORD, SOUND, WORDS
from callcenter.core.numbers import ALIAS, is_alias, plain
from callcenter.store.assist_tables import PromiseRow
from callcenter.store.customer_tables import CustomerNumber
from callcenter.store.keeping_tables import Erasure, Hold
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.quality_tables import Evaluation
from callcenter.store.tables import Call, RecordingRow
from callcenter.store.trail import Entry

ERASED = (erasures.KIND, "erase")
Alias = Callable[[str], str]
SHORTEST = 7
"""Digits: an agent's number, which may stand in the same column, is shorter."""


def consequence(alias: Alias) -> Callable[[Session, Event], list[Event]]:
    """`alias` as core.office.Seal: what stands for a number from now on."""

    def follow(session: Session, event: Event) -> list[Event]:
        if isinstance(event, Cleared):
            _clear(session, event, alias)
        if isinstance(event, RecordStepped) and (event.kind, event.action) == ERASED:
            _forget_wish(session, session.get_one(Erasure, event.number), alias)
        return []

    return follow


def _clear(session: Session, event: Cleared, alias: Alias) -> None:
    if event.kind != CALL:
        for place in OF_RECORDS[event.kind]:
            _clear_place(session, place, event.numbers, alias)
        if event.kind == "customer":
            mine = CustomerNumber.customer_number.in_(event.numbers)
            session.execute(delete(CustomerNumber).where(mine))
        forget_words(session, event.kind, event.numbers)
        return
    if event.part == SOUND:
        session.execute(delete(RecordingRow).where(RecordingRow.call_id.in_(event.numbers)))
        return
    if event.part == RECORD:
        _alias_calls(session, event.numbers, alias)
        _forget_decisions(session, event.numbers)
    for place in OF_CALLS[event.part]:
        _clear_place(session, place, event.numbers, alias)
    if event.part == WORDS:
        _cut_quotes(session, event.numbers)


def _clear_place(session: Session, place: Place, numbers: Sequence[str], alias: Alias) -> None:
    mine = _mine(place, numbers)
    if place.goes:
        session.execute(delete(place.table).where(mine), execution_options=_PLAIN)
        return
    emptied: dict[str, Any] = dict.fromkeys(place.texts, "") | {name: [] for name in place.lists}
    if emptied:
        session.execute(update(place.table).where(mine).values(emptied), execution_options=_PLAIN)
    if place.table is not Call:
        for name in place.numbers:
            _alias_column(session, place.table, name, mine, alias)


_PLAIN = {"synchronize_session": False}


def _mine(place: Place, numbers: Sequence[str]) -> ColumnElement[bool]:
    if place.through is None:
        return place.by.in_(numbers)
    inner = select(place.through).where(place.by.in_(numbers))
    owner: ColumnElement[Any] = place.table.__table__.c.transcript_id
    return owner.in_(inner)


def _alias_column(
    session: Session, table: type[Any], name: str, mine: ColumnElement[bool], alias: Alias
) -> None:
    """Each number by itself: the same number has the same alias everywhere."""
    column = table.__table__.c[name]
    for value in session.scalars(select(column).where(mine).distinct()).all():
        if value and _is_number(value):
            same = update(table).where(mine, column == value).values({name: called(value, alias)})
            session.execute(same, execution_options=_PLAIN)


def _alias_calls(session: Session, call_ids: Sequence[str], alias: Alias) -> None:
    """The number beyond the line, whichever side it is on; ours stays."""
    columns = (Call.call_id, Call.source, Call.caller_number, Call.callee_number)
    for row in session.execute(select(*columns).where(Call.call_id.in_(call_ids))).all():
        if not row.source or is_alias(row.source):
            continue
        new = called(row.source, alias)
        sides = ("caller_number", "callee_number")
        theirs = {name: new for name in sides if plain(getattr(row, name)) == row.source}
        changed = update(Call).where(Call.call_id == row.call_id).values(source=new, **theirs)
        session.execute(changed, execution_options=_PLAIN)


def called(number: str, alias: Alias) -> str:
    """What stands for this number from now on."""
    return ALIAS + alias(plain(number))


def _is_number(value: str) -> bool:
    return not is_alias(value) and ("@" in value or sum(map(str.isdecimal, value)) >= SHORTEST)


def _forget_decisions(session: Session, call_ids: Sequence[str]) -> None:
    """The words of what people decided about these calls; that they did stays in the chain."""
    for kind in (CALL, "review"):
        forget_words(session, kind, call_ids)
    promises = select(PromiseRow.promise_id).where(PromiseRow.call_id.in_(call_ids))
    forget_words(session, "promise", session.scalars(promises).all())
    blocks = select(BlockDecision.id).where(BlockDecision.call_id.in_(call_ids))
    forget_words(session, "block", [str(one) for one in session.scalars(blocks)])


def forget_words(session: Session, kind: str, numbers: Sequence[str]) -> None:
    """Empty what the trail says of these steps; the chain still holds (store/trail.py)."""
    if numbers:
        mine = (Entry.kind == kind, Entry.number.in_(numbers))
        emptied = update(Entry).where(*mine).values(changes="", salt="")
        session.execute(emptied, execution_options=_PLAIN)


def _cut_quotes(session: Session, call_ids: Sequence[str]) -> None:
    """What was said, where an evaluation quotes it; points and comments stay."""
    judged = session.scalars(select(Evaluation).where(Evaluation.call_id.in_(call_ids))).all()
    for row in judged:
        row.comments = [{**one, "quote": ""} for one in row.comments]
        row.answers = {key: _unquoted(answer) for key, answer in row.answers.items()}
    session.flush()
    forget_words(session, "evaluation", [row.number for row in judged])


def _unquoted(answer: dict[str, Any]) -> dict[str, Any]:
    if "places" not in answer:
        return answer
    return {**answer, "places": [{**place, "text": ""} for place in answer["places"]]}


def _forget_wish(session: Session, wish: Erasure, alias: Alias) -> None:
    """An erasure that is done does not itself say whose number it was, nor do lifted holds and
    decisions on blocks that name no call."""
    if wish.subject == erasures.NUMBER:
        new = called(wish.about, alias)
        for column in (Hold.about, BlockDecision.number):
            same = update(column.class_).where(column == wish.about).values({column.key: new})
            session.execute(same, execution_options=_PLAIN)
        wish.about = erasures.shown(wish)
    wish.reason = ""
    session.flush()
    before = (Entry.kind == erasures.KIND, Entry.number == wish.number, Entry.action != "erase")
    emptied = update(Entry).where(*before).values(changes="", salt="")
    session.execute(emptied, execution_options=_PLAIN)
