from __future__ import annotations

import threading
from datetime import UTC, timedelta, timezone

import pytest

from callcenter.casework.complaints import record as complaints
from callcenter.casework.orders import calls as work_orders
from callcenter.casework.orders import lists as order_lists
from callcenter.casework.orders import steps as order_steps
from callcenter.casework.steps import Actor
from callcenter.core.errors import NoSuchCall, NoSuchWorkOrder, Refused
from callcenter.core.events import CallAnswered, CallRang, RecordStepped, WorkOrderLinked
from callcenter.core.people import People
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.order_tables import WorkOrder
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, Day, after


def close(store: Store, number: str) -> None:
    with store.session(write=True) as session:
        work_orders.get(session, number).state = "closed"


def keep(store: Store, number: str) -> None:
    with store.session(write=True) as session:
        order = WorkOrder(
            number=number,
            state="closed",
            version=1,
            opened_at=NOON,
            opened_by="system",
            changed_at=NOON,
            changed_by="system",
            type="enquiry",
        )
        session.add(order)


def test_an_answered_call_gets_a_new_draft(day: Day) -> None:
    link = day.take("c1", at=0)
    assert link == WorkOrderLinked("c1", after(5), "WO-20250304-0001", "enquiry", "system")
    with day.store.session() as session:
        order = work_orders.get(session, link.number)
        (opened,) = trail.of(session, "work_order", link.number)
    assert (order.opened_at, order.caller_number) == (after(5), "13800000001")
    assert (order.owner, order.type, order.state) == ("8001", "enquiry", "draft")
    assert (opened.person, opened.action, opened.state) == ("system", "open", "draft")
    call = day.call("c1")
    assert (call.work_order_number, call.work_order_linked_by) == (link.number, "system")


def test_a_call_that_only_the_system_answered_gets_none(day: Day) -> None:
    day.ring("c1", at=0)
    assert day.answer("c1", at=5, agent="") == []
    assert day.end("c1", at=60) == []
    assert day.call("c1").work_order_number is None


def test_an_answer_told_twice_is_one_draft(day: Day) -> None:
    day.take("c1", at=0)
    assert day.answer("c1", at=5) == []


def test_the_next_call_of_the_caller_hangs_on_the_open_one(day: Day) -> None:
    first = day.take("c1", at=0)
    other = day.take("c2", at=100, number="13800000002")
    again = day.take("c3", at=200, number="+86 138 0000 0001")
    assert first.number == again.number != other.number


def test_the_newest_open_one_counts_and_closed_ones_do_not(day: Day) -> None:
    first = day.take("c1", at=0).number
    close(day.store, first)
    second = day.take("c2", at=100).number
    day.relink("c2", None, at=150)
    third = day.call("c2").work_order_number
    day.relink("c1", second, at=160)
    assert len({first, second, third}) == 3
    assert day.take("c3", at=200).number == third
    with day.store.session() as session:
        newest = work_orders.open_for(session, "13800000001")
        listed = [order.number for order in order_lists.find(session, order_lists.Asked())]
    assert newest is not None
    assert newest.number == third
    assert listed == [third, second, first]


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous"])
def test_a_withheld_number_never_meets_an_older_order(day: Day, number: str) -> None:
    first = day.take("c1", at=0, number=number)
    again = day.take("c2", at=100, number=number)
    assert first.number != again.number
    with day.store.session() as session:
        assert work_orders.open_for(session, number) is None


def test_numbers_count_up_by_day_and_beyond_four_digits(day: Day) -> None:
    keep(day.store, "WO-20250304-9999")
    assert day.take("c1", at=0, number="").number == "WO-20250304-10000"
    assert day.take("c2", at=10, number="").number == "WO-20250304-10001"
    assert day.take("c3", at=86_400, number="").number == "WO-20250305-0001"


def test_the_day_is_the_one_on_the_wall(store: Store) -> None:
    beijing = timezone(timedelta(hours=8))
    books = SqlBooks(store, [work_orders.consequence(str, beijing)])
    books.write(CallRang("c1", after(6 * 3600), "", "4008000000", "front"))
    _, link = books.write(CallAnswered("c1", after(6 * 3600), "8001"))
    assert isinstance(link, WorkOrderLinked)
    assert link.number == "WO-20250305-0001"


def test_numbers_are_unique_when_two_ledgers_write(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('two') / 'callcenter.db'}"
    stores = [Store(url), Store(url)]
    stores[0].upgrade()
    links: list[str] = []

    def work(name: int) -> None:
        books = SqlBooks(stores[name], [work_orders.consequence(str, UTC)])
        for n in range(15):
            call_id = f"{name}-{n}"
            books.write(CallRang(call_id, NOON, "", "4008000000", "front"))
            links.extend(
                fact.number
                for fact in books.write(CallAnswered(call_id, NOON, "8001"))
                if isinstance(fact, WorkOrderLinked)
            )

    workers = [threading.Thread(target=work, args=(name,)) for name in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    for store in stores:
        store.close()
    assert sorted(links) == [f"WO-20250304-{n:04d}" for n in range(1, 31)]


@pytest.mark.parametrize(
    ("heard", "type"),
    [
        (["quality"], "complaint"),
        (["idea"], "suggestion"),
        (["idea", "quality", "insult"], "complaint"),
    ],
)
def test_what_was_heard_proposes_the_type(day: Day, heard: list[str], type: str) -> None:
    link = day.take("c1", at=0)
    for category in heard:
        day.hit("c1", category)
    assert day.end("c1", at=60) == [WorkOrderLinked("c1", after(60), link.number, type, "system")]
    assert day.type_of(link.number) == type
    assert day.end("c1", at=60) == []
    with day.store.session() as session:
        steps = trail.of(session, "work_order", link.number)
    assert [(step.action, step.person) for step in steps] == [
        ("open", "system"),
        ("retype", "system"),
    ]


@pytest.mark.parametrize("heard", [[], ["insult"], ["not in the pack any more"]])
def test_the_rest_stays_an_enquiry(day: Day, heard: list[str]) -> None:
    link = day.take("c1", at=0)
    for category in heard:
        day.hit("c1", category)
    assert day.end("c1", at=60) == []
    assert day.type_of(link.number) == "enquiry"


def test_an_order_that_another_call_opened_keeps_its_type(day: Day) -> None:
    link = day.take("c1", at=0)
    day.end("c1", at=60)
    day.take("c2", at=100)
    day.hit("c2", "quality")
    assert day.end("c2", at=160) == []
    assert day.type_of(link.number) == "enquiry"


def test_an_order_that_is_being_worked_on_keeps_its_type(day: Day) -> None:
    link = day.take("c1", at=0)
    with day.store.session(write=True) as session:
        work_orders.get(session, link.number).state = "in_progress"
    day.hit("c1", "quality")
    assert day.end("c1", at=60) == []


def test_a_type_that_a_person_corrected_stays(day: Day) -> None:
    link = day.take("c1", at=0)
    day.hit("c1", "quality")
    day.relink("c1", link.number, at=30, type="suggestion")
    assert day.end("c1", at=60) == []
    assert day.type_of(link.number) == "suggestion"


def test_a_type_that_a_person_corrected_by_another_call_stays(day: Day) -> None:
    link = day.take("c1", at=0)
    day.take("c2", at=10)
    day.hit("c1", "quality")
    day.relink("c2", link.number, at=30, type="suggestion")
    assert day.end("c1", at=60) == []
    assert day.type_of(link.number) == "suggestion"


def test_the_system_never_changes_the_type_of_what_a_person_linked(day: Day) -> None:
    number = day.take("c1", at=0).number
    day.relink("c1", number, at=30, type="suggestion")
    assert day.write(WorkOrderLinked("c1", after(60), number, "complaint", "system")) == []
    assert day.type_of(number) == "suggestion"


def test_a_person_moves_a_call_to_another_order(day: Day) -> None:
    first = day.take("c1", at=0).number
    other = day.take("c2", at=100, number="13800000002").number
    assert day.relink("c2", first, at=150) == []
    call = day.call("c2")
    assert (call.work_order_number, call.work_order_linked_by) == (first, "王芳")
    assert day.take("c3", at=200, number="13800000002").number not in (first, other)


def test_a_person_asks_for_a_new_order(day: Day) -> None:
    first = day.take("c1", at=0).number
    (link,) = day.relink("c1", None, at=50, type="complaint")
    assert link == WorkOrderLinked("c1", after(50), "WO-20250304-0002", "complaint", "王芳")
    assert day.call("c1").work_order_number == "WO-20250304-0002"
    assert (day.type_of(first), day.type_of("WO-20250304-0002")) == ("enquiry", "complaint")
    assert list(day.books.write(link)) == []
    with day.store.session() as session:
        (opened,) = trail.of(session, "work_order", "WO-20250304-0002")
    assert (opened.action, opened.person) == ("open", "王芳")


def test_a_correction_keeps_the_type_unless_told(day: Day) -> None:
    first = day.take("c1", at=0).number
    day.hit("c1", "quality")
    day.end("c1", at=60)
    day.ring("c2", at=100, number="13800000002")
    day.relink("c2", first, at=150)
    assert day.type_of(first) == "complaint"


def test_a_correction_that_makes_no_sense_is_refused(day: Day) -> None:
    number = day.take("c1", at=0).number
    with day.store.session() as session:
        for by in ("", "  ", "system"):
            with pytest.raises(Refused, match="by a person"):
                work_orders.relink(session, "c1", number, by=by, at=NOON)
        with pytest.raises(Refused, match="expected enquiry, suggestion, complaint, repair"):
            work_orders.relink(session, "c1", number, by="王芳", at=NOON, type="praise")
        with pytest.raises(NoSuchWorkOrder, match="no work order WO-9"):
            work_orders.relink(session, "c1", "WO-9", by="王芳", at=NOON)
        with pytest.raises(NoSuchWorkOrder, match=r"no work order $"):
            work_orders.relink(session, "c1", "", by="王芳", at=NOON)
        for wanted in (number, None):
            with pytest.raises(NoSuchCall, match="no call c9"):
                work_orders.relink(session, "c9", wanted, by="王芳", at=NOON)


def test_a_link_can_be_checked(day: Day) -> None:
    number = day.take("c1", at=0).number
    with day.store.session() as session:
        call, order = work_orders.check_link(session, "c1", number)
        assert (call.call_id, order.number) == ("c1", number)


def test_d21_the_order_of_a_call_is_in_its_customers_file(day: Day) -> None:
    fields = {"name": "赵", "customer_class": "ordinary"}
    fields["numbers"] = [{"number": "13800000001", "e164": "", "kind": "mobile", "extension": ""}]
    day.write(RecordStepped("", after(-9), "customer", "CU-1", "open", "王芳", "active", 0, fields))
    mine, other = day.take("c1", 0).number, day.take("c2", 0, "13900000002").number
    with day.store.session() as session:
        assert work_orders.get(session, mine).customer_number == "CU-1"
        assert work_orders.get(session, other).customer_number is None
        actor = Actor("王芳", after(9), People({}))
        told = {"content": "坏了", "wanted": "退货", "complainant": "赵", "category": "quality"}
        by_call = complaints.register(session, {**told, "call_id": "c1"}, actor)
        by_hand = complaints.register(session, {**told, "customer_number": "CU-7"}, actor)
        opened = order_steps.open_order(session, {"type": "enquiry", "phone": "13800000001"}, actor)
    assert by_call.changes["customer_number"] == opened.changes["customer_number"] == "CU-1"
    assert by_hand.changes["customer_number"] == "CU-7"
