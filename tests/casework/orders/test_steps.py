from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcenter.casework.orders import lists as order_lists
from callcenter.casework.orders import steps as order_steps
from callcenter.casework.orders.moves import DONE, MOVES, TYPES
from callcenter.casework.orders.promises import MOST
from callcenter.casework.steps import Actor
from callcenter.core.errors import ChangedMeanwhile, NoSuchWorkOrder, NotNow, Refused
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, after
from tests.casework.orders.ordered import HOUR, PEOPLE, TICKED, WHAT, Orders


@pytest.fixture
def orders(store: Store) -> Orders:
    return Orders(store)


def test_w1_an_order_is_an_enquiry_a_suggestion_a_complaint_or_a_repair(orders: Orders) -> None:
    assert [orders.order(orders.open(type=type)).type for type in TYPES] == list(TYPES)
    with pytest.raises(Refused, match="cannot be a 'praise'; expected enquiry, suggestion"):
        orders.open(type="praise")


def test_w2_wrapped_up_with_its_solution(orders: Orders) -> None:
    told = {"content": "问营业时间", "solution": "九点到六点"}
    one, other = orders.open(), orders.open()
    orders.act(one, "wrap_up_solved", **told)
    orders.act(other, "wrap_up_closed", **told)
    row = orders.order(one)
    assert (row.state, row.solution) == ("awaiting_follow_up", "九点到六点")
    assert row.due_at == datetime(2025, 3, 8, tzinfo=UTC), "the third day wholly (F1)"
    assert (orders.state(other), orders.order(other).closed_at) == ("closed", after(60))
    with pytest.raises(Refused, match="wrap_up_closed needs: content, solution"):
        orders.act(orders.open(), "wrap_up_closed")


def test_w3_without_a_solution_time_place_person_event_and_phone(orders: Orders) -> None:
    number = orders.open()
    with pytest.raises(Refused, match=r"needs: happened_at, place, concerned, content, phone$"):
        orders.act(number, "wrap_up")
    for name in WHAT:
        with pytest.raises(Refused, match=f"wrap_up needs: {name}$"):
            orders.act(number, "wrap_up", **{**WHAT, name: None})
    orders.act(number, "wrap_up", **WHAT)
    row = orders.order(number)
    assert (row.state, row.place, row.phone) == ("pending", "二号店", "13800000001")
    called = orders.open(caller_number="+86 138 0000 0001", title="刹车", content="异响")
    orders.act(called, "wrap_up", happened_at=NOON, place="路上", concerned="本人")
    assert orders.order(called).phone == "13800000001", "the caller's, unless another is told"


def test_w4_a_solution_is_to_be_replied_at_once(orders: Orders) -> None:
    number = orders.pending()
    orders.act(number, "accept", 40, by="周涛")
    assert (orders.state(number), orders.order(number).owner) == ("in_progress", "周涛")
    orders.act(number, "solve", 50, by="周涛", solution="换新刹车片")
    row = orders.order(number)
    assert (row.state, row.solved_at) == ("awaiting_reply", after(50))
    assert orders.board(60).solved_waiting == 1


def test_w5_accepted_or_not_drives_the_next_state(orders: Orders) -> None:
    number = orders.solved()
    with pytest.raises(Refused, match="reply_not_accepted needs: note"):
        orders.act(number, "reply_not_accepted", contact=TICKED)
    orders.act(number, "reply_not_accepted", contact=TICKED, note="要求退款")
    assert (orders.state(number), orders.order(number).note) == ("in_progress", "要求退款")
    orders.act(number, "solve", 70, solution="退款")
    orders.act(number, "reply_accepted", 80, contact=TICKED)
    assert orders.state(number) == "awaiting_follow_up"
    assert orders.promises(number) == [("follow_up", None)]
    orders.act(number, "not_satisfied", 90, contact=TICKED, note="钱没到")
    assert orders.state(number) == "in_progress"
    orders.act(number, "solve", 100, solution="已到账")
    orders.act(number, "reply_accepted", 110, contact=TICKED)
    orders.act(number, "followed_up", 120, contact=TICKED)
    row = orders.order(number)
    assert (row.state, row.due_at, len(row.contacts)) == ("closed", None, 5)
    assert orders.promises(number) == [("follow_up", True), ("follow_up", True)]


@pytest.mark.parametrize("tick", ["announced", "identity_verified", "told"])
def test_w8_w9_w10_a_call_out_has_its_ticks(orders: Orders, tick: str) -> None:
    number = orders.solved()
    with pytest.raises(Refused, match=r"needs its ticks: announced, identity_verified, told"):
        orders.act(number, "contact", contact={**TICKED, tick: None})
    orders.act(number, "contact", contact={**TICKED, tick: False}, note="没说完")
    (entry,) = orders.order(number).contacts
    assert (entry["by"], entry["channel"], entry[tick]) == ("王芳", "outbound", False)


def test_w9_nobody_is_told_before_their_identity_is_verified(orders: Orders) -> None:
    number = orders.solved()
    with pytest.raises(Refused, match="identity is verified before"):
        orders.act(number, "reply_accepted", contact={**TICKED, "identity_verified": False})
    with pytest.raises(Refused, match="nobody was reached; a try is recorded as contact"):
        orders.act(number, "reply_accepted", contact={"reached": False})
    with pytest.raises(Refused, match="no channel 'pigeon'; expected outbound"):
        orders.act(number, "contact", contact={"channel": "pigeon"})
    orders.act(number, "reply_accepted", contact={"channel": "sms", "note": "已发短信"})
    assert orders.state(number) == "awaiting_follow_up"


def test_e7_a_written_word_to_the_caller_is_on_the_record(orders: Orders) -> None:
    number = orders.pending()
    orders.act(number, "promise", due_at=after(HOUR))
    orders.act(number, "contact", contact={"channel": "mail", "note": "已寄书面说明"})
    (entry,) = orders.order(number).contacts
    assert (entry["channel"], entry["note"], entry["by"]) == ("mail", "已寄书面说明", "王芳")
    assert orders.promises(number) == [("reply", True)]


def test_w11_a_new_request_in_the_call_gets_its_own_order(orders: Orders) -> None:
    number = orders.solved(caller_number="13800000001")
    given = {"type": "suggestion", "content": "周日也开门"}
    with orders.store.session() as session:
        actor = Actor("王芳", after(70), PEOPLE, UTC)
        fact = order_steps.raise_new(session, number, given, actor)
        with pytest.raises(NoSuchWorkOrder, match="no work order WO-9"):
            order_steps.raise_new(session, "WO-9", given, actor)
        with pytest.raises(Refused, match="raise_new needs: content"):
            order_steps.raise_new(session, number, {"type": "enquiry"}, actor)
    orders.books.write(fact)
    row = orders.order(fact.number)
    assert (row.raised_from, row.caller_number, row.type) == (number, "13800000001", "suggestion")
    orders.act(fact.number, "wrap_up_closed", 80, solution="已转达")
    with orders.store.session() as session:
        assert order_lists.raised_from(session, number) == [fact.number]


def test_w12_a_promise_is_kept_in_time_or_red(orders: Orders) -> None:
    number = orders.pending()
    with pytest.raises(Refused, match="cannot be due before now"):
        orders.act(number, "promise", due_at=after(0))
    orders.act(number, "promise", due_at=after(HOUR), what="call_back")
    assert orders.order(number).due_at == after(HOUR)
    early, late = orders.board(HOUR - 1), orders.board(HOUR + 1)
    assert (early.due_today, early.overdue) == (1, 0)
    assert (late.due_today, late.overdue) == (0, 1)
    with orders.store.session() as session:
        red = order_lists.find(session, order_lists.Asked(due_before=after(HOUR + 1)))
        assert [order.number for order in red] == [number]
        assert not order_lists.find(session, order_lists.Asked(due_before=after(HOUR)))
    orders.act(number, "contact", HOUR - 5, contact={"reached": False})
    assert orders.promises(number) == [("call_back", None)], "a try keeps nothing"
    orders.act(number, "contact", HOUR, contact=TICKED)
    assert orders.promises(number) == [("call_back", True)]
    assert orders.order(number).due_at is None
    board = orders.board(HOUR + 1)
    assert (board.overdue, board.kept_today, board.late_today) == (0, 1, 0)


def test_w13_on_time_with_no_solution_a_new_time_is_promised(orders: Orders) -> None:
    number = orders.open()
    orders.act(number, "wrap_up", **WHAT, due_at=after(HOUR))
    with pytest.raises(Refused, match="report_progress needs: due_at"):
        orders.act(number, "report_progress", HOUR, contact=TICKED)
    orders.act(number, "report_progress", HOUR, contact=TICKED, due_at=after(2 * HOUR))
    assert orders.state(number) == "pending"
    orders.act(number, "report_progress", 2 * HOUR + 1, contact=TICKED, due_at=after(9 * HOUR))
    assert orders.promises(number) == [("reply", True), ("reply", False), ("reply", None)]
    assert orders.order(number).due_at == after(9 * HOUR)
    orders.act(number, "close", 3 * HOUR, note="客户撤回")
    assert orders.promises(number)[-1] == ("reply", False), "closing keeps no promise"
    assert orders.board(3 * HOUR).late_today == 2


def test_w14_a_price_is_answered_within_eight_hours_of_office_time(orders: Orders) -> None:
    number = orders.pending()
    orders.act(number, "price")
    assert orders.order(number).due_at == datetime(2025, 3, 5, 11, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="the price is promised already"):
        orders.act(number, "price")
    with pytest.raises(Refused, match="only an enquiry asks for a price; this is of type repair"):
        orders.act(orders.open(type="repair"), "price")
    orders.act(number, "solve", 70, solution="每吨四千")
    orders.act(number, "reply_accepted", 80, contact=TICKED)
    assert orders.promises(number) == [("price", True), ("follow_up", None)]


def test_k2_a_mail_is_answered_within_one_working_day(orders: Orders) -> None:
    number = orders.pending()
    with pytest.raises(Refused, match="mail needs: received_at"):
        orders.act(number, "mail")
    with pytest.raises(Refused, match="a mail cannot have come in later than now"):
        orders.act(number, "mail", received_at=after(HOUR))
    orders.act(number, "mail", received_at=after(-HOUR), note="询问型号")
    row = orders.order(number)
    assert (row.due_at, row.contacts[0]["channel"]) == (after(23 * HOUR), "mail")
    assert row.promises[0]["made_at"] == after(-HOUR).isoformat()
    orders.act(number, "contact", contact={"channel": "mail", "note": "已回信"})
    assert orders.promises(number) == [("mail", True)]


def test_w16_a_repair_is_issued_and_followed_up(orders: Orders) -> None:
    with pytest.raises(Refused, match="only a repair is issued; this is of type enquiry"):
        orders.act(orders.pending(), "issue", issued_to="张师傅")
    number = orders.pending(type="repair")
    orders.act(number, "issue", issued_to="张师傅", due_at=after(48 * HOUR))
    row = orders.order(number)
    assert (row.state, row.issued_to, row.issued_at) == ("in_progress", "张师傅", after(60))
    assert row.due_at == after(48 * HOUR)
    orders.act(number, "solve", 70, solution="已修好")
    orders.act(number, "reply_accepted", 80, contact=TICKED)
    assert orders.promises(number) == [("follow_up", None)]
    orders.books.write(order_steps.asked(orders.order(number), True, "满意", "周涛", after(90)))
    assert (orders.state(number), orders.promises(number)) == ("closed", [("follow_up", True)])


def test_e3_the_supervisor_owns_what_is_escalated(orders: Orders) -> None:
    number = orders.pending()
    with pytest.raises(Refused, match="周涛 may not do this; it is done by: manager, supervisor"):
        orders.act(number, "escalate", escalated_to="周涛", note="客户发怒")
    orders.act(number, "escalate", escalated_to="李主管", note="客户发怒", call_id="c1")
    row = orders.order(number)
    assert (row.owner, row.escalated_to, row.escalated_call) == ("李主管", "李主管", "c1")
    assert (row.escalated_at, row.note, row.state) == (after(60), "客户发怒", "pending")


def test_e4_a_severe_one_is_proposed_approved_and_then_replied(orders: Orders) -> None:
    number = orders.pending(type="complaint", severe=True)
    with pytest.raises(Refused, match="by a proposal that a lead approves"):
        orders.act(number, "solve", solution="赔")
    with pytest.raises(NotNow, match=r"possible: .*propose"):
        orders.act(number, "approve", by="李主管")
    orders.act(number, "propose", proposal="免费更换")
    with pytest.raises(Refused, match="王芳 may not do this"):
        orders.act(number, "approve")
    orders.act(number, "send_back", 70, by="李主管", note="再加道歉信")
    with pytest.raises(Refused, match="no proposal to approve"):
        orders.act(number, "approve", by="李主管")
    orders.act(number, "propose", 80, by="李主管", proposal="免费更换并道歉")
    with pytest.raises(Refused, match="nobody approves their own"):
        orders.act(number, "approve", by="李主管")
    orders.act(number, "propose", 90, proposal="免费更换并道歉")
    orders.act(number, "approve", 100, by="李主管")
    row = orders.order(number)
    assert (row.state, row.solution, row.approved_by) == (
        "awaiting_reply",
        "免费更换并道歉",
        "李主管",
    )
    orders.act(number, "reply_not_accepted", 110, contact=TICKED, note="不够")
    assert orders.order(number).approved_by == "", "what is proposed next is approved anew"
    with pytest.raises(Refused, match="王芳 may not do this"):
        orders.act(number, "close", 120, note="不管了")
    with pytest.raises(Refused, match="王芳 may not do this"):
        orders.act(number, "correct", 120, severe=False)
    orders.act(number, "correct", 130, by="李主管", severe=False)
    orders.act(number, "solve", 140, solution="退款")


@pytest.mark.parametrize(("item", "alarm"), [("E5", "major"), ("E6", "danger")])
def test_e5_e6_is_reported_at_once(orders: Orders, item: str, alarm: str) -> None:
    number = orders.open()
    with pytest.raises(Refused, match="report needs: told, note"):
        orders.act(number, "report", alarm=alarm)
    with pytest.raises(Refused, match="no alarm 'small'; expected major or danger"):
        orders.act(number, "report", alarm="small", told=["李主管"], note="漏水")
    orders.act(number, "report", alarm=alarm, told=["李主管", "工程部"], note="一楼漏水")
    row = orders.order(number)
    (entry,) = row.reports
    assert (row.alarm, row.priority, entry["told"]) == (alarm, "urgent", ["李主管", "工程部"])
    assert (entry["at"], entry["by"]) == (after(60).isoformat(), "王芳")
    assert orders.board(70).alarms == 1
    with orders.store.session() as session:
        assert len(order_lists.find(session, order_lists.Asked(alarm=True))) == 1


def test_d18_another_appointment_is_booked(orders: Orders) -> None:
    number = orders.open()
    orders.act(number, "promise", due_at=after(26 * HOUR), what="appointment", call_id="c1")
    (promise,) = orders.order(number).promises
    assert (promise["what"], promise["call_id"], promise["made_by"]) == (
        "appointment",
        "c1",
        "王芳",
    )


def test_d20_an_agent_grants_compensation_up_to_a_limit(orders: Orders) -> None:
    number = orders.pending()
    orders.act(number, "compensate", compensation_fen=5000, note="送一次保养")
    with pytest.raises(Refused, match="王芳 may not do this; it is done by: manager, supervisor"):
        orders.act(number, "compensate", compensation_fen=5001, note="多送一次")
    orders.act(number, "compensate", by="李主管", compensation_fen=5001, note="多送一次")
    row = orders.order(number)
    assert (row.compensation_fen, row.compensated_by) == (5001, "李主管")


def test_steps_are_refused_with_what_is_possible(orders: Orders) -> None:
    number = orders.open()
    with pytest.raises(NotNow, match="is draft: solve is not possible; possible: wrap_up"):
        orders.act(number, "solve", solution="……")
    with pytest.raises(NotNow, match="explode is not possible"):
        orders.act(number, "explode")
    with pytest.raises(Refused, match="close does not take owner; it takes: note"):
        orders.act(number, "close", owner="周涛", note="误拨")
    with pytest.raises(NoSuchWorkOrder, match="no work order WO-9"):
        orders.act("WO-9", "close", note="误拨")
    with pytest.raises(Refused, match="expected their name"):
        orders.act(number, "close", by="system", note="误拨")
    orders.act(number, "close", seen=1, note="误拨")
    with pytest.raises(ChangedMeanwhile, match="was changed by 王芳"):
        orders.act(number, "reopen", seen=1, note="并非误拨")
    orders.act(number, "reopen", note="并非误拨")
    assert (orders.state(number), orders.order(number).closed_at) == ("in_progress", None)
    orders.act(number, "close", note="已答复")
    orders.act(number, "archive")
    with pytest.raises(NotNow, match="is archived: correct is not possible; possible: nothing"):
        orders.act(number, "correct", title="……")


def test_w7_every_state_but_the_last_leads_on_and_every_action_is_known() -> None:
    states = {move.to for move in MOVES.values()}
    assert {state for state, _ in MOVES} - {""} == states - {DONE[-1]}
    taken = {action for state, action in MOVES if state}
    assert taken == set(order_steps.ACTIONS)


def test_promises_are_bounded(orders: Orders) -> None:
    number = orders.pending()
    with orders.store.session(write=True) as session:
        order = order_steps.get(session, number)
        order.promises = [{"what": "reply", "ended_at": "x"}] * MOST
    with pytest.raises(Refused, match="200 promises at most"):
        orders.act(number, "promise", due_at=after(HOUR))
