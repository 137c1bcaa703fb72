"""Callers who withhold their number (H20, H21): the worst calls, and the carrier's bill joined on.

Reads through the session. A bill only proposes: a named person accepts, and the call's own
`caller_number` stays what it was. Of a bill nothing is kept but the lines that may be such a call.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.casework.harassment.bill import BillRow
from callcenter.casework.harassment.cases import named
from callcenter.core.errors import Refused
from callcenter.core.events import BillLineMatched, NumberRecovered
from callcenter.core.numbers import is_withheld, plain
from callcenter.store import calls, harassment
from callcenter.store.case_tables import BillLine, CaseCall, HarassmentCase, RecoveredNumber
from callcenter.store.tables import Call

TOLERANCE_S = 90
"""How far the carrier's clock may be from ours."""
LEAST_LENGTH_S = 5
LENGTH_SHARE = 0.1
"""A length agrees within five seconds or a tenth, whichever is more."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A harassing call without a number: what the bill offers, and what a person accepted."""

    call: Call
    lines: tuple[BillLine, ...]
    """Lines of bills that may be this call."""
    ambiguous: bool
    """True where more than one number fits, or a line fits other calls too: look before choosing"""
    number: RecoveredNumber | None
    case_number: str
    """The case that holds this call, "" where none does."""

    @property
    def seconds(self) -> int:
        """How long it was talked; 0 where it was never answered."""
        return round(talked(self.call).total_seconds())

    @property
    def severity(self) -> int:
        """The worst of its hits, 1 to 5; 0 where nothing was hit."""
        return max((hit.severity for hit in self.call.hits), default=0)


def talked(call: Call) -> timedelta:
    """From answer to end."""
    if call.answered_at is None or call.ended_at is None:
        return timedelta()
    return max(timedelta(), call.ended_at - call.answered_at)


def worst(session: Session, *, limit: int = 100) -> list[Withheld]:
    """Harassing calls whose number was withheld, newest first, for the manager (H20)."""
    found = harassment.harassing(session, withheld=True, limit=limit)
    ids = [call.call_id for call in found]
    lines = _lines(session)
    claims = Counter(_identity(line) for each in lines.values() for line in each)
    numbers = harassment.recovered(session, ids)
    cases = _cases(session, ids)
    return [
        Withheld(
            call,
            lines.get(call.call_id, ()),
            _is_ambiguous(lines.get(call.call_id, ()), claims),
            numbers.get(call.call_id),
            cases.get(call.call_id, ""),
        )
        for call in found
    ]


def offered(
    session: Session,
    rows: Sequence[BillRow],
    *,
    bill_sha256: str,
    by: str,
    at: datetime,
    tolerance_s: float = TOLERANCE_S,
) -> list[BillLineMatched]:
    """The lines of a bill that may be one of those calls, as facts for the ledger (H21).

    Start (answer or first ring, ± `tolerance_s`) and length must agree. A line from the number
    that was called, our own, is left out. Raises Refused without the person who imports it.
    """
    person = named(by)
    found = harassment.harassing(session, withheld=True)
    ordered = sorted(rows, key=_start)
    return [
        BillLineMatched(
            call.call_id,
            at,
            plain(row.caller_number),
            row.callee_number,
            row.started_at,
            row.seconds,
            bill_sha256,
            row.line,
            person,
        )
        for call in reversed(found)
        for row in _near(call, ordered, timedelta(seconds=tolerance_s))
        if _may_be(call, row)
    ]


def accept(
    session: Session, call_id: str, line_id: int, *, by: str, at: datetime
) -> NumberRecovered:
    """The fact that a named person takes this bill line for the call.

    Raises NoSuchCall, and Refused for a line that was not offered for this call, or a call that
    showed its number.
    """
    person = named(by)
    call = calls.get_call(session, call_id, loaded=False)
    line = session.get(BillLine, line_id)
    if not is_withheld(call.caller_number):
        raise Refused(f"call {call_id} showed its number; there is nothing to recover")
    if line is None or line.call_id != call_id:
        raise Refused(f"bill line {line_id} was not offered for call {call_id}")
    return NumberRecovered(
        call_id, at, line.caller_number, person, line.bill_sha256, line.bill_line
    )


def _start(row: BillRow) -> datetime:
    return row.started_at


def _near(call: Call, ordered: Sequence[BillRow], tolerance: timedelta) -> Iterator[BillRow]:
    """The rows that started close to this call's first ring or its answer."""
    answered = call.answered_at or call.rang_at
    first = bisect_left(ordered, call.rang_at - tolerance, key=_start)
    last = bisect_right(ordered, answered + tolerance, key=_start)
    for row in ordered[first:last]:
        if min(abs(row.started_at - call.rang_at), abs(row.started_at - answered)) <= tolerance:
            yield row


def _may_be(call: Call, row: BillRow) -> bool:
    length = talked(call).total_seconds()
    agrees = abs(row.seconds - length) <= max(LEAST_LENGTH_S, LENGTH_SHARE * length)
    return agrees and plain(row.caller_number) != plain(call.callee_number)


def _lines(session: Session) -> Mapping[str, tuple[BillLine, ...]]:
    """Every offered line by its call, by time; of one bill imported twice each once."""
    found: dict[str, tuple[BillLine, ...]] = {}
    query = select(BillLine).order_by(BillLine.started_at, BillLine.id)
    for line in session.scalars(query):
        found[line.call_id] = (*found.get(line.call_id, ()), line)
    return found


def _identity(line: BillLine) -> tuple[str, datetime, int]:
    """What makes two lines of overlapping bills the same call of the carrier's."""
    return line.caller_number, line.started_at, line.seconds


def _is_ambiguous(
    lines: Sequence[BillLine], claims: Mapping[tuple[str, datetime, int], int]
) -> bool:
    if len({line.caller_number for line in lines}) > 1:
        return True
    mine = Counter(_identity(line) for line in lines)
    return any(claims[identity] > count for identity, count in mine.items())


def _cases(session: Session, call_ids: Sequence[str]) -> Mapping[str, str]:
    query = select(CaseCall).join(HarassmentCase).order_by(HarassmentCase.opened_at)
    query = query.where(CaseCall.call_id.in_(call_ids))
    return {row.call_id: row.case_number for row in session.scalars(query)}
