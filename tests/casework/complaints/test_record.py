from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from callcenter.casework import steps
from callcenter.casework.complaints import lists as complaint_lists
from callcenter.casework.complaints import record as complaints
from callcenter.casework.complaints import statistics as complaint_statistics
from callcenter.casework.complaints.lists import Asked
from callcenter.casework.paper.sheet import Share, Table, plain, text
from callcenter.casework.steps import Actor
from callcenter.core.errors import NoSuchCall, NotNow, Refused
from callcenter.core.people import AGENT, MANAGER, People
from callcenter.core.steps import NOT_YET
from callcenter.scripts.phrases import read_phrases
from callcenter.store import trail
from callcenter.store.books import SqlBooks
from callcenter.store.complaint_tables import Complaint
from callcenter.store.sql import Store
from tests.casework.conftest import NOON, Day, after

DAY = 86_400
STAFF = People({"王芳": {AGENT}, "陈静": {AGENT}, "李主管": {MANAGER}})
WANTED: dict[str, Any] = {
    "complainant": "赵先生",
    "company": "远达公司",
    "phone": "+86 138-0000-0001",
    "address": "建设路 3 号",
    "content": "空调装好三天就漏水，打过两次电话没有人来",
    "wanted": "今天派人来修，赔偿地板",
    "category": "quality",
}
FOUND: dict[str, Any] = {
    "judgement": "安装记录证实漏水",
    "department": "工程部",
    "investigate_by": after(2 * DAY),
}
CAUSE: dict[str, Any] = {
    "cause": "排水管没有接紧",
    "responsible": "安装工老周",
    "impact": "客厅地板泡坏两平方米",
    "loss_fen": 80_000,
}
PLAN: dict[str, Any] = {
    "measures": "当天上门重装并赔偿地板",
    "owner": "工程部刘工",
    "due_at": after(3 * DAY),
}


class Register:
    """The complaints of one house, and the people who work on them."""

    def __init__(self, store: Store) -> None:
        self.store, self.books = store, SqlBooks(store)
        self.at = 0.0

    def open(self, by: str = "王芳", **given: Any) -> str:
        with self.store.session() as session:
            fact = complaints.register(session, WANTED | given, self._actor(by))
        self.books.write(fact)
        return fact.number

    def act(self, number: str, action: str, by: str = "王芳", **given: Any) -> Complaint:
        self.at += 60
        with self.store.session() as session:
            self_made = complaints.act(session, number, action, given, self._actor(by))
        self.books.write(self_made)
        return self.row(number)

    def row(self, number: str) -> Complaint:
        with self.store.session() as session:
            return steps.get(session, Complaint, number)

    def walk(self, number: str, to: str) -> Complaint:
        """The straight way until this state."""
        way: list[tuple[str, str, dict[str, Any]]] = [
            ("acknowledge", "王芳", {"process_told": "两天内查明", "feedback_due_at": after(DAY)}),
            ("found", "王芳", FOUND),
            ("investigate", "陈静", CAUSE),
            ("propose", "陈静", PLAN),
            ("approve", "李主管", {"chosen": 0}),
            ("implement", "陈静", {"customer_signature": "赵先生", "feedback": "同意"}),
            ("satisfied", "王芳", {"feedback": "满意"}),
            ("close", "李主管", {"summary": "安装验收缺失"}),
        ]
        row = self.row(number)
        for action, by, given in way:
            if row.state == to:
                break
            if (row.state, action) in complaints.MOVES:
                row = self.act(number, action, by, **given)
        assert row.state == to
        return row

    def _actor(self, by: str) -> Actor:
        return Actor(by, after(self.at), STAFF)


@pytest.fixture
def register(store: Store) -> Register:
    return Register(store)


def test_c1_c2_c3_the_register_holds_who_what_and_what_they_want(register: Register) -> None:
    number = register.open()
    row = register.row(number)
    assert number == "CP-20250304-0001"
    assert (row.complainant, row.company, row.address) == ("赵先生", "远达公司", "建设路 3 号")
    assert (row.phone, row.opened_by, row.opened_at) == ("13800000001", "王芳", NOON)
    assert row.wanted == WANTED["wanted"]
    with pytest.raises(Refused, match="register needs: wanted"):
        register.open(wanted="  ")
    with pytest.raises(Refused, match="category cannot be 'noise'; expected quality"):
        register.open(category="noise")
    with pytest.raises(Refused, match="路人 has no open account"):
        People({"王芳": {AGENT}}, ()).check("路人")


def test_c1_a_complaint_comes_from_its_call(register: Register, day: Day) -> None:
    link = day.take("c1", 0, "13900000002")
    number = register.open(call_id="c1", phone="13900000002")
    row = register.row(number)
    assert (row.call_id, row.work_order_number, row.phone) == ("c1", link.number, "13900000002")
    with pytest.raises(NoSuchCall):
        register.open(call_id="c9")


def test_c4_the_caller_is_told_the_process_and_when_they_hear_again(register: Register) -> None:
    number = register.open()
    with pytest.raises(Refused, match="acknowledge needs: feedback_due_at"):
        register.act(number, "acknowledge", process_told="先核实")
    row = register.walk(number, "acknowledged")
    assert (row.process_told, row.feedback_due_at) == ("两天内查明", after(DAY))
    with register.store.session() as session:
        assert not complaint_lists.find(session, Asked(overdue_at=after(DAY - 1)))
        (late,) = complaint_lists.find(session, Asked(overdue_at=after(DAY + 1)))
    assert late.number == number
    row = register.act(number, "tell_more", process_told="在等厂家", feedback_due_at=after(2 * DAY))
    assert row.feedback_due_at == after(2 * DAY)


def test_c5_c7_a_founded_one_has_a_department_and_time(register: Register) -> None:
    number = register.open()
    with pytest.raises(NotNow, match="found is not possible; possible: acknowledge, correct"):
        register.act(number, "found", **FOUND)
    register.walk(number, "acknowledged")
    with pytest.raises(Refused, match="found needs: department, investigate_by"):
        register.act(number, "found", judgement="属实")
    row = register.act(number, "found", **FOUND)
    assert (row.founded, row.department, row.investigate_by) == (True, "工程部", after(2 * DAY))


def test_c6_an_unfounded_one_is_declined_politely(register: Register) -> None:
    number = register.open()
    register.walk(number, "acknowledged")
    row = register.act(number, "refuse", judgement="超过保修期两年。")
    assert (row.state, row.founded) == ("unfounded", False)
    said = complaints.refusal(row, read_phrases())
    assert complaints.refusal(row, {}) == ""
    assert said.startswith("您好")
    assert "超过保修期两年，所以" in said
    assert register.act(number, "reply", reply=said).state == "followed_up"


def test_c8_c9_the_cause_the_responsible_and_the_loss(register: Register) -> None:
    number = register.open()
    register.walk(number, "assessed")
    with pytest.raises(Refused, match="investigate needs: responsible, impact, loss_fen"):
        register.act(number, "investigate", cause="管子松了")
    row = register.act(number, "investigate", **CAUSE)
    assert (row.responsible, row.loss_fen) == ("安装工老周", 80_000)


def test_c10_c11_a_lead_picks_one_of_several_plans_and_signs(register: Register) -> None:
    number = register.open()
    register.walk(number, "investigated")
    register.act(number, "propose", "陈静", **PLAN)
    row = register.act(number, "propose", "王芳", **PLAN | {"measures": "退货退款"})
    assert [one["by"] for one in row.proposals] == ["陈静", "王芳"]
    assert row.proposals[0]["due_at"] == after(3 * DAY).isoformat()
    with pytest.raises(Refused, match="王芳 may not do this; it is done by: manager, supervisor"):
        register.act(number, "approve", chosen=1)
    with pytest.raises(Refused, match="one of 2 proposals, from 0; got 2"):
        register.act(number, "approve", "李主管", chosen=2)
    assert register.act(number, "send_back", "李主管", remark="价格再核").state == "investigated"
    row = register.act(number, "approve", "李主管", chosen=1, remark="同意")
    assert (row.chosen, row.signed_by, row.remark) == (1, "李主管", "同意")


def test_e4_no_plan_no_approval(register: Register) -> None:
    number = register.open()
    register.walk(number, "investigated")
    with pytest.raises(Refused, match="one of 0 proposals"):
        register.act(number, "approve", "李主管", chosen=0)


def test_c12_c13_the_customer_signs_and_the_responsible_answers_for_it(register: Register) -> None:
    number = register.open()
    register.walk(number, "approved")
    with pytest.raises(Refused, match="implement needs: customer_signature"):
        register.act(number, "implement", feedback="好")
    register.walk(number, "implemented")
    with pytest.raises(Refused, match="may not do this"):
        register.act(number, "sanction", sanction="扣当月奖金")
    assert register.act(number, "sanction", "李主管", sanction="扣当月奖金").sanction


def test_c15_who_is_not_satisfied_goes_round_again(register: Register) -> None:
    number = register.open()
    register.walk(number, "implemented")
    row = register.act(number, "not_satisfied", feedback="又漏了")
    assert (row.state, row.rounds, row.chosen, row.satisfied) == ("investigated", 1, None, False)
    register.act(number, "propose", "陈静", **PLAN | {"measures": "换新机"})
    register.act(number, "approve", "李主管", chosen=1)
    row = register.act(number, "not_accepted", feedback="要求退款")
    assert (row.state, row.rounds, len(row.proposals)) == ("investigated", 2, 2)


def test_c16_c17_c18_closed_archived_and_improved(register: Register) -> None:
    number = register.open()
    register.walk(number, "implemented")
    with pytest.raises(NotNow, match="close is not possible"):
        register.act(number, "close", "李主管", summary="完")
    row = register.walk(number, "closed")
    assert row.closed_at is not None
    register.act(
        number, "improve", measure="安装后试水十分钟", owner="工程部", due_at=after(9 * DAY)
    )
    with pytest.raises(Refused, match="there are 1 improvements, from 0; got 1"):
        register.act(number, "check_improvement", improvement=1, result="好")
    row = register.act(number, "check_improvement", improvement=0, result="返修率下降一半")
    assert row.improvements[0]["result"] == "返修率下降一半"
    assert register.act(number, "archive").state == "archived"
    with register.store.session() as session:
        taken = [step.action for step in trail.of(session, "complaint", number)]
        assert trail.verify(session).broken_at == 0
    assert taken[0] == "register"
    assert taken[-1] == "archive"


def test_e5_a_major_one_is_reported_at_once(register: Register) -> None:
    number = register.open()
    row = register.act(number, "report", to="总经理", severity="major")
    assert (row.state, row.severity) == ("received", "major")
    assert row.reported_to[0]["to"] == "总经理"


def test_corrections_touch_only_what_may_be_corrected(register: Register) -> None:
    number = register.open()
    row = register.act(number, "correct", phone="139 0000 0002", signed_by="我")
    assert (row.phone, row.signed_by) == ("13900000002", "")
    with pytest.raises(Refused, match="correct needs one of"):
        register.act(number, "correct", signed_by="我")


def row_of(table: Table, name: str) -> dict[str, Any]:
    (row,) = [row for row in table.rows if row[0] == name]
    return dict(zip(table.columns, map(plain, row), strict=True))


def test_c14_c19_c20_r9_the_statistics_by_class_department_and_channel(register: Register) -> None:
    for category in ("quality", "quality", "attitude"):
        register.walk(register.open(category=category), "closed")
    refused = register.open(category="price", channel="mail")
    register.walk(refused, "acknowledged")
    register.act(refused, "refuse", judgement="价格公示过")
    register.open(category="other")
    with register.store.session() as session:
        sheet = complaint_statistics.sheet(session, NOON, NOON + timedelta(days=30))
        assert not complaint_statistics.sheet(session, NOON - timedelta(9), NOON).tables[3].rows
    by_class, by_department, by_channel, _ = sheet.tables
    quality = row_of(by_class, "质量")
    assert (quality["件数"], quality["成立率"], quality["满意率"]) == (2, Share(2, 2), Share(2, 2))
    assert quality["损失（元）"] == 1600
    everything = row_of(by_class, "合计")
    assert (everything["件数"], everything["成立率"]) == (5, Share(3, 4))
    assert everything["按时判定率"] == Share(4, 4)
    assert text(everything["平均处理时长"]) == "8 分 00 秒"
    assert row_of(by_department, "工程部")["件数"] == 3
    assert row_of(by_channel, "邮件")["件数"] == 1
    assert sheet.signatures == ("客服主管",)


def test_every_state_can_be_left_and_reached() -> None:
    reached = {move.to for move in complaints.MOVES.values()}
    left = {state for state, _ in complaints.MOVES}
    assert reached - left == {complaints.ARCHIVED}
    assert left - reached == {NOT_YET}


def test_times_given_as_text_are_refused_by_the_columns(register: Register) -> None:
    number = register.open()
    told = {"process_told": "x", "feedback_due_at": datetime(2025, 3, 5)}  # noqa: DTZ001
    with pytest.raises(Exception, match="a time without a zone cannot be kept"):
        register.act(number, "acknowledge", **told)
