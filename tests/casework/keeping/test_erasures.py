"""A person asks, a second one approves, nothing of them is left, and a paper says so."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from callcenter.casework.keeping import erasures
from callcenter.casework.keeping.places import HARMLESS, OF_CALLS, OF_RECORDS
from callcenter.casework.paper.pdf_file import page
from callcenter.casework.paper.sheet import text
from callcenter.core import events as ev
from callcenter.core.errors import Refused
from callcenter.store import trail
from callcenter.store.base import Base
from callcenter.store.keeping_tables import Clearance
from callcenter.store.trail import Entry
from tests.casework.keeping.conftest import CALLER, OTHER, WORDS, House

NUMBERS = [{"number": CALLER, "kind": "mobile", "e164": "+8613912345678", "extension": ""}]


def everywhere(house: House) -> None:
    """The person rang, was answered, complained, was rung back and written to."""
    house.call("c1", days=2)
    house.call("c2", days=1)
    person = {"name": "紫云里赵先生", "numbers": NUMBERS, "address": WORDS}
    house.record("customer", "CU-1", "active", 2, customer_class="ordinary", **person)
    order = {"type": "complaint", "phone": CALLER, "content": WORDS, "title": WORDS}
    house.record("work_order", "WO-1", "closed", 2, caller_number=CALLER, **order)
    complaint = {"complainant": "紫云里赵先生", "phone": CALLER, "content": WORDS, "wanted": WORDS}
    house.record("complaint", "CP-1", "closed", 2, category="other", **complaint)
    called = {"reason": "order", "phone": CALLER, "content": WORDS, "customer": "紫云里赵先生"}
    house.record("follow_up", "FU-1", "done", 2, due_at=house.now, **called)
    letter = {"to": CALLER, "text": WORDS, "template": "t", "channel": "sms"}
    house.record("message", "MS-1", "sent", 2, due_at=house.now, **letter)


@pytest.mark.both_databases
def test_nothing_of_the_person_is_left_anywhere_and_the_rest_is(house: House) -> None:
    everywhere(house)
    house.call("c9", days=1, number=OTHER, words="别人的话")
    number = house.ask("number", "139 1234 5678")
    house.decide(number, "approve")
    house.erase(number)
    left = house.everything()
    for trace in (CALLER, WORDS, "紫云里", "1234"):
        assert trace not in left.replace(number, "")
    assert sorted(file.name for file in house.folder.iterdir()) == ["c9.wav", "c9.wav.peaks"]
    assert "别人的话" in left
    assert OTHER in left
    with house.store.session() as session:
        assert trail.verify(session).broken_at == 0


@pytest.mark.both_databases
def test_the_certificate_says_what_was_erased_and_stands_in_the_chain(house: House) -> None:
    everywhere(house)
    number = house.ask("number", CALLER)
    with house.store.session() as session, pytest.raises(Refused, match="when it is done"):
        erasures.certificate(session, house.erasure(number))
    house.decide(number, "approve")
    house.erase(number)
    row = house.erasure(number)
    assert row.state == "done"
    assert row.about == "139****5678"
    expected = {"call": 2, "work_order": 1, "complaint": 1, "follow_up": 1, "message": 1}
    assert row.erased == {**expected, "customer": 1}
    with house.store.session() as session:
        sheet = erasures.certificate(session, row)
        last = session.scalars(select(Entry).filter_by(kind="erasure", action="erase")).one()
    facts = {name: text(value) for name, value in sheet.facts}
    assert facts["电话号码"] == "139****5678"
    assert facts["证明内容 SHA-256"] == row.certificate_sha256
    assert row.certificate_sha256 in last.changes
    assert facts["审计链摘要"] == last.digest
    assert erasures.certificate_hash(row, row.erased, row.done_at) == row.certificate_sha256
    assert page(sheet).startswith(b"%PDF")


def test_a_second_person_approves(house: House) -> None:
    house.call("c1", days=1)
    number = house.ask("number", CALLER, "陈静")
    with pytest.raises(Refused, match="second person"):
        house.decide(number, "approve", "陈静")
    with pytest.raises(Refused, match="may not do this"):
        house.decide(number, "approve", "林晓雯")
    with pytest.raises(Refused, match="by the service"):
        house.decide(number, "erase")
    house.decide(number, "refuse", decision="身份未核实")
    assert house.erasure(number).state == "refused"
    assert house.sweeper.approved() == []


@pytest.mark.both_databases
def test_by_the_customers_file_all_their_numbers_go_but_not_a_shared_one(house: House) -> None:
    shared = [*NUMBERS, {"number": OTHER, "kind": "mobile", "e164": "", "extension": ""}]
    house.record("customer", "CU-1", "active", 2, customer_class="ordinary", numbers=shared)
    house.record("customer", "CU-2", "active", 2, customer_class="ordinary", numbers=shared[1:])
    house.call("c1", days=1)
    house.call("c2", days=1, number=OTHER)
    number = house.ask("customer", "CU-1")
    house.decide(number, "approve")
    house.erase(number)
    assert CALLER not in house.everything()
    assert OTHER in house.everything(), "it is somebody else's, too"
    assert house.erasure(number).erased == {"call": 1, "customer": 1}


HELD = {
    "a harassment case": lambda house: house.books.write(
        ev.CaseOpened("c1", house.now, "HC-1", CALLER, "unknown", "王芳", ("c1",), "夜里")
    ),
    "complaint is not closed": lambda house: house.record(
        *("complaint", "CP-2", "received", 1),
        phone=CALLER,
        complainant="赵",
        category="other",
        content="x",
        wanted="y",
    ),
    "blocklist": lambda house: house.books.write(
        ev.BlockDecided("c1", house.now, CALLER, True, "王芳", "多次", None)
    ),
    "not done": lambda house: house.record(
        "work_order", "WO-2", "pending", 1, type="enquiry", phone=CALLER
    ),
}


@pytest.mark.parametrize("why", HELD)
def test_what_is_held_is_refused_and_says_why(house: House, why: str) -> None:
    house.call("c1", days=1)
    number = house.ask("number", CALLER)
    HELD[why](house)
    with pytest.raises(Refused, match=why):
        house.ask("number", CALLER)
    with pytest.raises(Refused, match=why):
        house.decide(number, "approve")


def test_what_came_under_hold_after_the_approval_is_not_erased(house: House) -> None:
    house.call("c1", days=1)
    number = house.ask("number", CALLER)
    house.decide(number, "approve")
    HELD["a harassment case"](house)
    with pytest.raises(Refused, match="harassment case"):
        house.sweeper.of_erasure(number)


@pytest.mark.parametrize(
    ("subject", "about"),
    [("number", "13000000000"), ("number", ""), ("number", "匿名abc"), ("customer", "CU-9"),
     ("agent", "8001")],
)  # fmt: skip
def test_nobody_is_nobody(house: House, subject: str, about: str) -> None:
    with pytest.raises(Refused):
        house.ask(subject, about)


def test_an_erasure_that_was_cut_off_goes_on(house: House) -> None:
    everywhere(house)
    number = house.ask("number", CALLER)
    house.decide(number, "approve")
    batches = house.sweeper.of_erasure(number)
    for batch in batches[: len(batches) // 2]:
        house.books.write(house.sweeper.clear(batch))
    house.erase(number)
    assert CALLER not in house.everything()
    assert house.erasure(number).erased["call"] == 2
    with house.store.session() as session:
        assert session.scalars(select(Clearance).where(Clearance.why != number)).all() == []


def test_every_table_is_said_to_be_personal_or_not() -> None:
    """A new table says in places.py what becomes of it."""
    places = {p.table.__tablename__ for part in (OF_CALLS, OF_RECORDS) for ps in part.values()
              for p in ps}  # fmt: skip
    assert set(Base.metadata.tables) - places == HARMLESS & set(Base.metadata.tables)
