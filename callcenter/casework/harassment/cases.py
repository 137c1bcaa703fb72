"""Harassment cases (H19, H22): one a source, opened by a named person. Reads through the session.

What people decide comes out as facts for the ledger; the table says what may follow what.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from callcenter.casework.numbering import next_number
from callcenter.core.errors import NoSuchCase, NotNow, Refused
from callcenter.core.events import CaseActionTaken, CaseOpened
from callcenter.core.numbers import mask
from callcenter.store import calls, harassment
from callcenter.store.case_tables import CaseCall, EvidenceExport, HarassmentCase
from callcenter.store.tables import Call

SOURCE_TYPES = ("unknown", "home", "payphone", "office")
"""Handbook item H8."""
OPEN, WARNED, CARRIER, POLICE, CLOSED = (
    "open", "warned", "reported_carrier", "reported_police", "closed",
)  # fmt: skip
STATES = (OPEN, WARNED, CARRIER, POLICE, CLOSED)
WARN, REPORT_CARRIER, REPORT_POLICE = "warning_letter", "report_carrier", "report_police"
NOTE, ADD_CALLS, SOURCE_TYPE, CLOSE, REOPEN = (
    "note", "add_calls", "source_type", "close", "reopen",
)  # fmt: skip

TABLE: dict[tuple[str, str], str] = {
    (OPEN, WARN): WARNED,
    (OPEN, REPORT_CARRIER): CARRIER,
    (OPEN, REPORT_POLICE): POLICE,
    (WARNED, WARN): WARNED,
    (WARNED, REPORT_CARRIER): CARRIER,
    (WARNED, REPORT_POLICE): POLICE,
    (CARRIER, WARN): CARRIER,
    (CARRIER, REPORT_CARRIER): CARRIER,
    (CARRIER, REPORT_POLICE): POLICE,
    (POLICE, REPORT_CARRIER): POLICE,
    (POLICE, REPORT_POLICE): POLICE,
    (CLOSED, NOTE): CLOSED,
    (CLOSED, REOPEN): OPEN,
    **{
        (state, action): CLOSED if action == CLOSE else state
        for state in (OPEN, WARNED, CARRIER, POLICE)
        for action in (NOTE, ADD_CALLS, SOURCE_TYPE, CLOSE)
    },
}
"""Where a case goes: (state, action) -> state."""
LONGEST_TEXT = 8000
"""Characters."""
MOST_CALLS = 200
"""The most calls that one step may bring into a case."""
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Repeated:
    """A source that harassed again and again: its calls, newest first, and its open case."""

    number: str
    calls: tuple[Call, ...]
    case_number: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a person does in a case; `calls` are brought in, `source_type` corrects the source's."""

    action: str
    text: str
    calls: tuple[str, ...] = ()
    source_type: str = ""


def possible(state: str) -> tuple[str, ...]:
    """The actions that a case in this state allows."""
    return tuple(action for before, action in TABLE if before == state)


def named(by: str) -> str:
    """The name of the person who decides. Raises Refused for none, or for the system."""
    person = by.strip()
    if person in ("", SYSTEM):
        raise Refused("this is decided by a person; expected their name")
    return person


def get(session: Session, number: str) -> HarassmentCase:
    """The case with its calls and actions. Raises NoSuchCase."""
    whole = select(HarassmentCase).where(HarassmentCase.number == number).options(*_WHOLE)
    case = session.scalar(whole.execution_options(populate_existing=True))
    if case is None:
        raise NoSuchCase(f"no case {number}")
    return case


def list_cases(
    session: Session, *, closed: bool | None = None, limit: int = 100
) -> Sequence[HarassmentCase]:
    """Cases, newest first; `closed` keeps only those that are, or are not."""
    query = select(HarassmentCase).options(*_WHOLE)
    if closed is not None:
        is_closed = HarassmentCase.state == CLOSED
        query = query.where(is_closed if closed else ~is_closed)
    newest = (HarassmentCase.opened_at.desc(), HarassmentCase.number.desc())
    return session.scalars(query.order_by(*newest).limit(limit)).all()


def others(session: Session, case: HarassmentCase, *, limit: int = 50) -> list[Call]:
    """Harassing calls of the case's source that are in no case, newest first.

    While the source is withheld: those that withheld their number too, for a person to choose.
    """
    found = harassment.harassing(session, withheld=not case.caller_number)
    taken = set(session.scalars(select(CaseCall.call_id)))
    numbers = harassment.recovered(session)
    mine = (call for call in found if harassment.source(call, numbers) == case.caller_number)
    return list(islice((call for call in mine if call.call_id not in taken), limit))


def exports(session: Session, number: str) -> Sequence[EvidenceExport]:
    """When the evidence of a case left the house, and by whom; oldest first."""
    query = select(EvidenceExport).where(EvidenceExport.case_number == number)
    return session.scalars(query.order_by(EvidenceExport.id)).all()


def repeated(session: Session, since: datetime, at_least: int = 3) -> list[Repeated]:
    """Sources with that many harassing calls since then (H17), the busiest first.

    A recovered number counts like one that was shown.
    """
    found = harassment.harassing(session, withheld=False, since=since)
    numbers = harassment.recovered(session)
    by_source: dict[str, list[Call]] = defaultdict(list)
    for call in found:
        by_source[harassment.source(call, numbers)].append(call)
    cases = {case.caller_number: case.number for case in list_cases(session, closed=False)}
    busy = [
        Repeated(number, tuple(mine), cases.get(number, ""))
        for number, mine in by_source.items()
        if len(mine) >= at_least
    ]
    return sorted(busy, key=lambda one: (-len(one.calls), one.number))


def open_case(
    session: Session,
    call_ids: Sequence[str],
    *,
    by: str,
    at: datetime,
    source_type: str = "unknown",
    text: str = "",
    zone: tzinfo | None = None,
) -> CaseOpened:
    """The fact that a named person opens a case on the source of these calls.

    They come from one number (shown or recovered), or all withheld theirs: then the number is
    joined later. `zone` says which day the case's number names. Raises NoSuchCall, and Refused
    for calls of several sources, a call that is not over, and what has an open case already.
    """
    person = named(by)
    _check_type(source_type)
    found = _checked(session, call_ids)
    number = _one_source(session, found)
    _check_no_case(session, number, found)
    ids = tuple(call.call_id for call in found)
    case_number = next_number(session, HarassmentCase.number, "HC", at, zone)
    return CaseOpened(ids[0], at, case_number, number, source_type, person, ids, _text(text))


def act(session: Session, number: str, step: Step, *, by: str, at: datetime) -> CaseActionTaken:
    """The fact that a named person takes this step in a case.

    Raises NoSuchCase, NoSuchCall, NotNow (what the case's state allows) and Refused.
    """
    case = get(session, number)
    person, text = named(by), _text(step.text)
    after = TABLE.get((case.state, step.action))
    if after is None:
        raise NotNow(
            f"case {number} is {case.state}: cannot {step.action}; "
            f"possible now: {', '.join(possible(case.state))}"
        )
    _check_step(session, case, step, text)
    return CaseActionTaken(
        case.calls[0].call_id,
        at,
        case.number,
        step.action,
        person,
        text,
        case.state,
        after,
        tuple(step.calls),
        step.source_type,
    )


def _check_step(session: Session, case: HarassmentCase, step: Step, text: str) -> None:
    """Each action brings what belongs to it, and nothing else."""
    if (step.action == ADD_CALLS) is not bool(step.calls):
        raise Refused(f"calls go with {ADD_CALLS}, and {ADD_CALLS} with calls")
    if (step.action == SOURCE_TYPE) is not bool(step.source_type):
        raise Refused(f"a source type goes with {SOURCE_TYPE}, and only there")
    if step.action == WARN and not case.caller_number:
        raise Refused("a warning needs the source's number; it is withheld and not yet recovered")
    if step.action not in (ADD_CALLS, SOURCE_TYPE) and not text:
        raise Refused(f"{step.action} needs a text: what was sent, said or decided")
    if step.source_type:
        _check_type(step.source_type)
    if step.calls:
        _check_source(session, case, _checked(session, step.calls))


def _check_source(session: Session, case: HarassmentCase, added: Sequence[Call]) -> None:
    numbers = harassment.recovered(session, [call.call_id for call in added])
    for call in added:
        number = harassment.source(call, numbers)
        if number and case.caller_number and number != case.caller_number:
            raise Refused(
                f"call {call.call_id} came from {mask(number)}; case {case.number} is about "
                f"{mask(case.caller_number)}"
            )


def _checked(session: Session, call_ids: Sequence[str]) -> list[Call]:
    """The calls, oldest first, each once. Raises NoSuchCall and Refused."""
    if not 1 <= len(call_ids) <= MOST_CALLS:
        raise Refused(f"expected 1 to {MOST_CALLS} calls, got {len(call_ids)}")
    found = [calls.get_call(session, one, loaded=False) for one in dict.fromkeys(call_ids)]
    for call in found:
        if call.ended_at is None:
            raise Refused(f"call {call.call_id} is not over; it can join a case when it has ended")
    return sorted(found, key=lambda call: (call.rang_at, call.call_id))


def _one_source(session: Session, found: Sequence[Call]) -> str:
    numbers = harassment.recovered(session, [call.call_id for call in found])
    sources = {harassment.source(call, numbers) for call in found}
    if len(sources) > 1:
        told = ", ".join(sorted(mask(number) for number in sources))
        raise Refused(f"a case is about one source; these calls came from: {told}")
    return sources.pop()


def _check_no_case(session: Session, number: str, found: Sequence[Call]) -> None:
    """No open case on this number, nor one that holds one of these calls."""
    same = select(HarassmentCase.number).where(HarassmentCase.state != CLOSED)
    of_source = same.where(HarassmentCase.caller_number == number)
    ids = [call.call_id for call in found]
    of_call = same.join(CaseCall).where(CaseCall.call_id.in_(ids))
    case = (session.scalar(of_source) if number else None) or session.scalar(of_call)
    if case is not None:
        raise Refused(f"case {case} is open on this source; add the calls to it")


def _check_type(source_type: str) -> None:
    if source_type not in SOURCE_TYPES:
        raise Refused(
            f"a source cannot be {source_type!r}; expected one of: {', '.join(SOURCE_TYPES)}"
        )


def _text(text: str) -> str:
    kept = text.strip()
    if len(kept) > LONGEST_TEXT:
        raise Refused(f"the text has {len(kept)} characters; expected {LONGEST_TEXT} at most")
    return kept


_WHOLE = (
    selectinload(HarassmentCase.calls).options(
        joinedload(Call.recording),
        selectinload(Call.hits),
        selectinload(Call.decisions),
        selectinload(Call.verdicts),
    ),
    selectinload(HarassmentCase.actions),
)
