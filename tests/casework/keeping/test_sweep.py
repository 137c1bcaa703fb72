"""What is overdue goes, part by part; what is held stays; nothing else is touched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from callcenter.casework.keeping import holds, overdue
from callcenter.core import events as ev
from callcenter.core.errors import NotNow, Refused
from callcenter.core.keeping import RECORD, SOUND, WORDS, Batch
from callcenter.store import calls, trail
from callcenter.store.tables import Call
from callcenter.store.trail import Entry
from tests.casework.keeping.conftest import CALLER, DAYS, NOW, OTHER, STAFF, House
from tests.casework.keeping.conftest import WORDS as SAID


def parts_of(house: House, call_id: str) -> set[str]:
    return {e.part for e in house.sweep() if call_id in e.numbers}


@pytest.mark.both_databases
def test_first_the_sound_goes_then_the_words_then_the_number(house: House) -> None:
    house.call("c1", days=0)
    house.now = NOW + timedelta(days=9)
    assert house.sweep() == []
    house.now = NOW + timedelta(days=11)
    assert parts_of(house, "c1") == {SOUND}
    assert list(house.folder.iterdir()) == [], "what was made of it goes with it"
    with house.store.session() as session:
        call = calls.get_call(session, "c1")
        assert (call.recording, call.segments[0].text) == (None, SAID)
    house.now = NOW + timedelta(days=21)
    assert parts_of(house, "c1") == {WORDS}
    with house.store.session() as session:
        call = calls.get_call(session, "c1")
        assert (call.segments, call.hits[0].text, call.source) == ([], "", CALLER)
        assert call.hits[0].category == "insult", "it still counts"
    house.now = NOW + timedelta(days=31)
    assert parts_of(house, "c1") == {RECORD}
    assert CALLER not in house.everything()
    assert SAID not in house.everything()
    assert house.sweep() == [], "and nothing is left to go"


def test_a_number_has_one_alias_so_that_callers_can_still_be_counted(house: House) -> None:
    for call_id, number in (("c1", CALLER), ("c2", "+86 139-1234-5678"), ("c3", OTHER)):
        house.call(call_id, days=31, number=number)
    house.sweep()
    with house.store.session() as session:
        sources = {call.call_id: call.source for call in session.scalars(select(Call))}
        callee = set(session.scalars(select(Call.callee_number)))
    assert sources["c1"] == sources["c2"] != sources["c3"]
    assert sources["c1"].startswith("匿名")
    assert callee == {"4008000000"}, "our own number is nobody's"


def test_what_was_removed_stands_in_the_trail_and_the_chain_holds(house: House) -> None:
    house.call("c1", days=31)
    house.sweep()
    with house.store.session() as session:
        found = trail.verify(session)
        told = session.scalars(select(Entry).where(Entry.kind == "keeping")).all()
    assert found.broken_at == 0
    assert [one.action for one in told] == ["clear_sound", "clear_words", "clear_record"]
    assert all("c1" in one.changes and one.person == "system" for one in told)


def test_what_people_judged_goes_before_what_the_system_thought(house: House) -> None:
    for call_id, verdict in (("c1", "harassment"), ("c2", "complaint"), ("c3", "")):
        house.call(call_id, days=11)
        if verdict:
            house.judge(call_id, verdict)
    with house.store.session() as session:
        found = dict(session.execute(select(Call.call_id, overdue.class_of())).all())
    assert found == {"c1": "harassment", "c2": "complaint", "c3": "ordinary"}


def hold(house: House, subject: str, about: str) -> str:
    with house.store.session() as session:
        fields = {"subject": subject, "about": about, "reason": "警方调取"}
        fact = holds.place(session, fields, house.actor("陈静"))
    house.books.write(fact)
    return fact.number


@pytest.mark.parametrize(
    ("subject", "about"),
    [("call", "c1"), ("source", "139 1234 5678"), ("customer", "CU-1"), ("case", "HC-1")],
)
def test_what_is_held_stays_until_it_is_lifted(house: House, subject: str, about: str) -> None:
    house.call("c1", days=31)
    house.call("c2", days=31, number=OTHER)
    numbers = [{"number": CALLER, "kind": "mobile", "e164": "", "extension": ""}]
    house.record("customer", "CU-1", "active", 1, numbers=numbers, customer_class="ordinary")
    at = house.now - timedelta(days=31)
    opened = ev.CaseOpened("c1", at, "HC-1", CALLER, "unknown", "王芳", ("c1",), "夜里")
    if subject == "case":
        house.books.write(opened)
        closed = ("HC-1", "close", "王芳", "结案", "open", "closed")
        house.books.write(ev.CaseActionTaken("", house.now, *closed))
    number = hold(house, subject, about)
    assert {one for e in house.sweep() for one in e.numbers if e.kind == "call"} == {"c2"}
    with house.store.session() as session:
        fact = holds.act(session, number, "lift", {"remark": "结案"}, house.actor("王芳"))
    house.books.write(fact)
    assert parts_of(house, "c1") == {SOUND, WORDS, RECORD}


@pytest.mark.both_databases
def test_a_case_under_way_and_an_open_complaint_hold_by_themselves(house: House) -> None:
    house.call("c1", days=31)
    house.call("c2", days=31)
    house.call("c3", days=31)
    at = house.now - timedelta(days=31)
    house.books.write(ev.CaseOpened("c1", at, "HC-1", CALLER, "unknown", "王芳", ("c1",), "夜里"))
    complaint = {"call_id": "c2", "complainant": "赵", "category": "other"}
    house.record("complaint", "CP-1", "received", 31, content="x", wanted="y", **complaint)
    assert {one for e in house.sweep() for one in e.numbers} == {"c3"}
    with house.store.session() as session:
        counts = overdue.held_by(session)
    assert counts == {"placed": 0, "case": 1, "complaint": 1, "unfinished": 0}


@pytest.mark.both_databases
def test_the_preview_counts_and_changes_nothing(house: House) -> None:
    house.call("c1", days=15)
    house.call("c2", days=15)
    hold(house, "call", "c2")
    before = house.everything()
    with house.store.session() as session:
        found = {(f.of_class, f.part): f for f in overdue.foresee(session, DAYS, house.now)}
    sound = found["ordinary", SOUND]
    assert (sound.days, sound.goes, sound.held) == (10, 1, 1)
    assert found["ordinary", WORDS].goes == 0
    assert house.everything() == before


@pytest.mark.both_databases
def test_a_reopened_work_order_is_cleared_again(house: House) -> None:
    fields = {"type": "enquiry", "phone": CALLER, "content": SAID, "caller_number": CALLER}
    house.record("work_order", "WO-1", "closed", 31, **fields)
    house.sweep()
    assert SAID not in house.everything()
    house.now += timedelta(minutes=1)
    again = ("work_order", "WO-1", "reopen", "王芳", "closed", 1, {"content": SAID})
    house.books.write(ev.RecordStepped("", house.now, *again))
    assert house.sweep() == []
    house.now += timedelta(days=31)
    assert [e.numbers for e in house.sweep()] == [("WO-1",)]
    assert SAID not in house.everything()


def test_the_same_batch_told_twice_is_one_fact(house: House) -> None:
    house.call("c1", days=31)
    event = house.sweeper.clear(Batch("call", ("c1",), WORDS, "ordinary"))
    house.books.write(event)
    before = house.everything()
    house.books.write(event)
    assert house.everything() == before


def test_holds_are_placed_by_those_who_may_on_what_is_there(house: House) -> None:
    for subject, about in (("call", "c9"), ("source", "anonymous"), ("", "x"), ("case", "")):
        with pytest.raises(Refused):
            hold(house, subject, about)
    with house.store.session() as session:
        fields = {"subject": "source", "about": CALLER, "reason": "x"}
        with pytest.raises(Refused, match="may not do this"):
            holds.place(session, fields, house.actor("林晓雯"))
    number = hold(house, "source", CALLER)
    with house.store.session() as session:
        house.books.write(holds.act(session, number, "lift", {"remark": "完"}, house.actor("陈静")))
    with house.store.session() as session, pytest.raises(NotNow):
        holds.act(session, number, "lift", {"remark": "完"}, house.actor("陈静"))
    assert STAFF.check("王芳") == "王芳"
