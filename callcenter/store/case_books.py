"""Writes down what people decide in cases: one page a kind of event, for store/books.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.errors import NoSuchCase, NotNow, Refused
from callcenter.core.events import (
    BillLineMatched,
    CaseActionTaken,
    CaseOpened,
    Event,
    EvidenceExported,
    NumberRecovered,
)
from callcenter.store import calls, trail
from callcenter.store.case_tables import (
    BillLine,
    CaseAction,
    CaseCall,
    EvidenceExport,
    HarassmentCase,
    RecoveredNumber,
)
from callcenter.store.facts import known, once

OPEN, CLOSED = "open", "closed"
OPENED, RECOVERED = "opened", "number_recovered"
"""The actions that are written by other events than CaseActionTaken."""


def _opened(session: Session, event: CaseOpened) -> None:
    """Raises Refused where another case took the number, or the source, a moment before."""
    case = session.get(HarassmentCase, event.case_number)
    if case is not None and (case.opened_at, case.opened_by) == (event.at, event.person):
        return
    if case is not None or _has_open_case(session, event.caller_number):
        raise Refused("another case was opened at this moment; look at the list and try again")
    case = HarassmentCase(
        number=event.case_number,
        opened_at=event.at,
        opened_by=event.person,
        caller_number=event.caller_number,
        source_type=event.source_type,
        state=OPEN,
    )
    session.add(case)
    session.flush()
    _add_calls(session, case.number, event.calls)
    _add_action(session, case, event, OPENED, event.person, event.text, event.calls)


def _acted(session: Session, event: CaseActionTaken) -> None:
    """Raises NoSuchCase, and NotNow where somebody moved the case a moment before."""
    keys = {"case_number": event.case_number, "at": event.at, "action": event.action}
    if known(session, CaseAction, keys | {"person": event.person}):
        return
    case = session.get(HarassmentCase, event.case_number)
    if case is None:
        raise NoSuchCase(f"no case {event.case_number}")
    if case.state != event.state_before:
        raise NotNow(
            f"case {case.number} is {case.state} since a moment ago; look at it and try again"
        )
    case.state = event.state
    case.source_type = event.source_type or case.source_type
    _add_calls(session, case.number, event.calls)
    _add_action(session, case, event, event.action, event.person, event.text, event.calls)


def _bill_line(session: Session, event: BillLineMatched) -> None:
    keys = {
        "call_id": _call_id(session, event),
        "bill_sha256": event.bill_sha256,
        "bill_line": event.bill_line,
    }
    offered = once(
        session,
        BillLine,
        keys,
        caller_number=event.caller_number,
        callee_number=event.callee_number,
        started_at=event.started_at,
        seconds=event.seconds,
        imported_at=event.at,
        imported_by=event.person,
    )
    if offered:
        what = f"offer_bill_line_{event.bill_line}"
        trail.sign(session, event, "call", event.call_id, what, event.person)


def _recovered(session: Session, event: NumberRecovered) -> None:
    """A case on a source that was withheld until now has its number from here on."""
    keys = {"call_id": _call_id(session, event), "at": event.at, "person": event.person}
    if known(session, RecoveredNumber, keys):
        return
    row = RecoveredNumber(
        **keys,
        caller_number=event.caller_number,
        bill_sha256=event.bill_sha256,
        bill_line=event.bill_line,
    )
    session.add(row)
    trail.sign(session, event, "call", event.call_id, "recover_number", event.person)
    joined = select(HarassmentCase).join(CaseCall).where(CaseCall.call_id == event.call_id)
    for case in session.scalars(joined).all():
        case.caller_number = case.caller_number or event.caller_number
        _add_action(session, case, event, RECOVERED, event.person, "", [event.call_id])


def _exported(session: Session, event: EvidenceExported) -> None:
    keys = {
        "at": event.at,
        "person": event.person,
        "case_number": event.case_number,
        "manifest_sha256": event.manifest_sha256,
    }
    _call_id(session, event)
    if once(session, EvidenceExport, keys, calls=list(event.calls)):
        trail.sign(session, event, "call", event.call_id, "export_evidence", event.person)


def _call_id(session: Session, event: Event) -> str:
    return calls.get_call(session, event.call_id, loaded=False).call_id


def _has_open_case(session: Session, caller_number: str) -> bool:
    same = select(HarassmentCase.number).where(
        HarassmentCase.caller_number == caller_number, HarassmentCase.state != CLOSED
    )
    return bool(caller_number) and session.scalar(same.limit(1)) is not None


def _add_calls(session: Session, case_number: str, call_ids: Iterable[str]) -> None:
    """Raises NoSuchCall."""
    for call_id in call_ids:
        calls.get_call(session, call_id, loaded=False)
        once(session, CaseCall, {"case_number": case_number, "call_id": call_id})


def _add_action(
    session: Session,
    case: HarassmentCase,
    event: Event,
    action: str,
    person: str,
    text: str,
    call_ids: Iterable[str],
) -> None:
    row = CaseAction(
        case_number=case.number,
        at=event.at,
        action=action,
        person=person,
        text=text,
        state=case.state,
        calls=list(call_ids),
    )
    session.add(row)
    trail.sign(session, event, "harassment_case", case.number, action, person, case.state)


PAGES: dict[type[Event], Callable[[Session, Any], None]] = {
    CaseOpened: _opened,
    CaseActionTaken: _acted,
    BillLineMatched: _bill_line,
    NumberRecovered: _recovered,
    EvidenceExported: _exported,
}
