"""What people decide outside of records stands in the audit trail, too."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

from sqlalchemy import select

from callcenter.core import events as ev
from callcenter.core.records import Promise
from callcenter.store import trail
from callcenter.store.books import PAGES, SqlBooks
from callcenter.store.sql import Store
from callcenter.store.trail import Entry
from tests.store.conftest import CALLER, NOON, after, end, ring

BILL = "ab" * 32
DUE = NOON + timedelta(days=1)
PROMISE = Promise("p1", "call_back", DUE, "明天给您回电", 0, 900)
SIGNED: list[tuple[ev.Event, str]] = [
    (ev.Ticked("c1", after(1), "8001", "laughter"), "call c1 tick 8001 "),
    (ev.SupervisorJoined("c1", after(2), "李主管", "listen"), "call c1 join 李主管 listen"),
    (ev.TerminationConfirmed("c1", after(3), "8001", "line_fault"),
     "call c1 confirm_termination 8001 "),
    (ev.TerminationUndone("c1", after(4), "8001"), "call c1 undo_termination 8001 "),
    (ev.ProposalDismissed("c1", after(5), "8001"), "call c1 dismiss_termination 8001 "),
    (ev.PromiseDecided("c1", after(6), "p1", True, "王芳", DUE), "promise p1 accept 王芳 accepted"),
    (ev.VerdictGiven("c1", after(7), "harassment", "骂人", "李主管"),
     "call c1 judge 李主管 harassment"),
    (ev.BlockDecided("c1", after(8), CALLER, True, "李主管", "多次", DUE),
     "block 1 approved 李主管 approved"),
    (ev.BlockLifted("", after(9), CALLER, "李主管", "误会"), "block 2 lifted 李主管 lifted"),
    (ev.CaseOpened("c1", after(10), "HC-1", "", "unknown", "陈静", ("c1",), "夜里"),
     "harassment_case HC-1 opened 陈静 open"),
    (ev.CaseActionTaken("c1", after(11), "HC-1", "close", "陈静", "道歉", "open", "closed"),
     "harassment_case HC-1 close 陈静 closed"),
    (ev.BillLineMatched("c1", after(12), CALLER, "", NOON, 55, BILL, 7, "陈静"),
     "call c1 offer_bill_line_7 陈静 "),
    (ev.NumberRecovered("c2", after(13), CALLER, "陈静", BILL, 7),
     "call c2 recover_number 陈静 "),
    (ev.EvidenceExported("c1", after(14), "陈静", ("c1",), "cd" * 32),
     "call c1 export_evidence 陈静 "),
    (ev.SupervisorLeft("c1", after(15), "李主管"), "call c1 leave 李主管 "),
    (ev.Accessed("c1", after(16), "陈静", "play", "call", "c1"), "call c1 play 陈静 "),
    (ev.Accessed("", after(17), "陈静", "reveal", "customer", "CU-1", "回访"),
     "customer CU-1 reveal 陈静 "),
    (ev.Accessed("", after(18), "陈静", "export", "reports", "", "form=xlsx"),
     "reports  export 陈静 "),
    (ev.BlockProposed("c1", after(19), CALLER, 1, "反复来电", False, "林晓雯"),
     "call c1 ask_block 林晓雯 "),
    (ev.Cleared("", after(20), "call", ("c2",), "sound", "ER-1", "王芳"),
     "keeping ER-1 clear_sound 王芳 1"),
]  # fmt: skip
ONLY_READ = {ev.RecordStepped}
"""A step in a record has tests of its own."""


def written(store: Store) -> list[Entry]:
    with store.session() as session:
        return list(session.scalars(select(Entry).order_by(Entry.id)))


def test_whatever_a_person_decides_stands_in_the_trail_once(store: Store, books: SqlBooks) -> None:
    for call_id in ("c1", "c2"):
        ring(books, call_id)
        end(books, call_id)
    books.write(ev.PromiseHeard("c1", after(1), PROMISE))
    for event, told in SIGNED:
        books.write(event)
        last = written(store)[-1]
        assert f"{last.kind} {last.number} {last.action} {last.person} {last.state}" == told
        assert last.at == event.at
    books.write(*(event for event, _ in SIGNED))
    books.write(ev.PromiseDecided("c1", after(60), "p1", False, "林晓雯", DUE))
    entries = written(store)
    assert len(entries) == len(SIGNED)
    assert [one.version for one in entries if (one.kind, one.number) == ("call", "c1")] == [
        *range(1, 12)
    ]
    assert CALLER in entries[7].changes
    assert not any(CALLER in one.number for one in entries)
    with store.session() as session:
        found = trail.verify(session)
    assert (found.entries, found.broken_at) == (len(SIGNED), 0)


def test_no_decision_is_forgotten() -> None:
    names = {"person", "supervisor", "reviewer"}
    decided = {kind for kind in PAGES if names & {field.name for field in fields(kind)}}
    assert decided - ONLY_READ == {type(event) for event, _ in SIGNED} & decided


def test_a_link_by_the_system_is_no_decision(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    opening = {"type": "enquiry", "caller_number": CALLER}
    what = ("work_order", "WO-1", "open", "system", "draft", 0, opening)
    books.write(ev.RecordStepped("", NOON, *what))
    books.write(ev.WorkOrderLinked("c1", after(1), "WO-1", "enquiry", "system"))
    assert [one.kind for one in written(store)] == ["work_order"]
    books.write(ev.WorkOrderLinked("c1", after(2), "WO-1", "enquiry", "王芳"))
    assert (written(store)[-1].action, written(store)[-1].person) == ("link", "王芳")
