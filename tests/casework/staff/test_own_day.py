"""What an agent has to do today, from the books."""

from __future__ import annotations

from datetime import timedelta

from callcenter.casework.staff import own_day
from callcenter.casework.staff.own_day import FOLLOW_UP, HEARD, ORDER
from callcenter.core import events as ev
from callcenter.core.records import Promise
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, Day

WHO = ("8001", "林晓雯")
EVENING = NOON + timedelta(hours=6)


def heard(day: Day, call_id: str, minutes: int) -> None:
    due_at = NOON + timedelta(minutes=minutes)
    promise = Promise(f"p-{call_id}", "call_back", due_at, "给您回电话", 0, 900)
    day.write(ev.PromiseHeard(call_id, NOON, promise))


def ordered(day: Day, number: str, owner: str, minutes: int, ended: bool = False) -> None:
    due_at = NOON + timedelta(minutes=minutes)
    iso = due_at.isoformat()
    stands = {"what": "reply", "due_at": iso, "made_at": iso, "made_by": owner, "kept": None}
    done = {**stands, "what": "price", "ended_at": iso, "kept": True}
    fields = {
        "type": "enquiry",
        "owner": owner,
        "promises": [done, {**stands, "ended_at": None}],
        "due_at": due_at,
    }
    state = "closed" if ended else "pending"
    day.write(ev.RecordStepped("", NOON, "work_order", number, "open", owner, state, 0, fields))


def planned(day: Day, number: str, agent: str, minutes: int) -> None:
    due_at = NOON + timedelta(minutes=minutes)
    fields = {"reason": "order", "phone": "13800000001", "agent": agent, "due_at": due_at}
    day.write(ev.RecordStepped("", NOON, "follow_up", number, "plan", agent, "due", 0, fields))


def test_w12_f1_promises_follow_ups_and_what_was_heard_stand_by_time(
    day: Day, store: Store
) -> None:
    day.take("c1", 0)
    heard(day, "c1", 20)
    ordered(day, "WO-20250304-0900", "林晓雯", 30)
    ordered(day, "WO-20250304-0901", "8001", -30)
    ordered(day, "WO-20250304-0902", "8001", 10, ended=True)
    ordered(day, "WO-20250304-0903", "8002", 10)
    ordered(day, "WO-20250304-0904", "8001", 24 * 60)
    planned(day, "FU-20250304-0001", "8001", 5)
    planned(day, "FU-20250304-0002", "8002", 5)
    with store.session() as session:
        found = own_day.due(session, WHO, EVENING)
    assert [(task.kind, task.number, task.what) for task in found] == [
        (ORDER, "WO-20250304-0901", "reply"),
        (FOLLOW_UP, "FU-20250304-0001", "order"),
        (HEARD, "c1", "call_back"),
        (ORDER, "WO-20250304-0900", "reply"),
    ]
    assert found[2].phone == "13800000001"


def test_drafts_are_those_that_no_call_is_on(day: Day, store: Store) -> None:
    first = day.take("c1", 0)
    second = day.take("c2", 60, "13800000002")
    with store.session() as session:
        found = own_day.drafts(session, WHO, {second.number})
        assert [order.number for order in found] == [first.number]
        assert own_day.drafts(session, {"8002"}, ()) == []
