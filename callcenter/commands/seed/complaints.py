"""Complaints through their six stages, some round and round (C1 to C20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from callcenter.casework import steps
from callcenter.casework.complaints import record as complaints
from callcenter.commands.seed.company import Company
from callcenter.commands.seed.orders import Work
from callcenter.store.complaint_tables import Complaint

CHANNELS = ("phone", "phone", "phone", "phone", "mail", "online", "visit")
COSTS = (33_800, 9_600)
"""Of the plans, in fen."""
EVERY = 7
"""Of so many complaints one is left lying, each at another stage."""


def register(work: Work) -> None:
    """顾客投诉登记表, while the caller's words are fresh."""
    company = work.company
    severity = company.rng.choices(("ordinary", "severe", "major"), (80, 15, 5))[0]
    fields = {
        "call_id": work.call_id,
        "work_order_number": work.number,
        "customer_number": work.who.file,
        "complainant": work.who.name,
        "phone": work.phone,
        "address": work.about["address"],
        "channel": company.rng.choice(CHANNELS),
        "category": str(work.talk.notes["category"]),
        "severity": severity,
        "content": work.note("content"),
        "wanted": work.note("wanted"),
    }
    fact = complaints.register(company.session, fields, company.actor(work.agent.name))
    company.write(fact)
    number = fact.number
    if severity == "major":
        _act(company, number, "report", work.agent.name, to="客服经理")
    company.complaints += 1
    if company.complaints % EVERY == 0:
        company.left[number] = complaints.OPEN[company.complaints // EVERY % len(complaints.OPEN)]
    slow = company.likely(0.15)
    _go_on(work, number, _acknowledge, *((1500, 4000) if slow else (10, 240)))


def _act(company: Company, number: str, action: str, by: str, **given: object) -> None:
    company.take(complaints.act, number, action, by, **given)


def _go_on(
    work: Work, number: str, what: Callable[[Work, str], None], least: float, most: float
) -> None:
    """The next stage, so many minutes from now; unless this complaint is left lying there."""
    company = work.company

    def next_stage(_at: object) -> None:
        if company.left.get(number) != _state(company, number):
            what(work, number)

    company.later(least, most, next_stage)


def _state(company: Company, number: str) -> str:
    return steps.get(company.session, Complaint, number).state


def _acknowledge(work: Work, number: str) -> None:
    company = work.company
    due = company.hours.day_end(company.now, company.rng.choice((1, 2, 3)))
    told = "先核实，再由责任部门调查，主管批示方案后电话答复您"
    _act(company, number, "acknowledge", work.agent.name, process_told=told, feedback_due_at=due)
    late = company.likely(0.15)
    _go_on(work, number, _judge, *((4500, 6000) if late else (100, 1400)))


def _judge(work: Work, number: str) -> None:
    company = work.company
    if work.talk.kind == "unfounded":
        judgement = work.note("judgement")
        _act(company, number, "refuse", company.lead, judgement=judgement)
        return _go_on(work, number, _refuse, 60, 3000) if company.likely(0.7) else None
    by = company.now + timedelta(days=2)
    given = {"judgement": "情况属实，成立", "investigate_by": by}
    department = company.words.pick("things", "departments")
    _act(company, number, "found", company.lead, department=department, **given)
    return _go_on(work, number, _investigate, 200, 2500)


def _refuse(work: Work, number: str) -> None:
    company = work.company
    row = steps.get(company.session, Complaint, number)
    _act(
        company,
        number,
        "reply",
        work.agent.name,
        reply=complaints.refusal(row, company.house.phrases),
    )
    _go_on(work, number, _close, 600, 3000)


def _investigate(work: Work, number: str) -> None:
    company = work.company
    given = {
        "cause": work.note("cause"),
        "responsible": company.words.name(),
        "impact": "客户无法正常使用，耽误数日",
        "loss_fen": company.rng.choice((0, 0, 5000, 12_000, 39_900)),
    }
    _act(company, number, "investigate", work.agent.name, **given)
    _go_on(work, number, _propose, 30, 600)


def _propose(work: Work, number: str) -> None:
    company = work.company
    for cost_fen, measures in zip(COSTS, work.talk.notes["measures"], strict=False):
        due_at = company.now + timedelta(days=2)
        given = {"measures": measures, "due_at": due_at, "cost_fen": cost_fen}
        _act(company, number, "propose", work.agent.name, owner="售后部", **given)
    _go_on(work, number, _approve, 60, 1200)


def _approve(work: Work, number: str) -> None:
    company = work.company
    if company.likely(0.1):
        _act(company, number, "send_back", company.lead, remark="补偿偏高，请再核算")
    proposals = len(steps.get(company.session, Complaint, number).proposals)
    chosen = company.rng.randrange(proposals)
    _act(company, number, "approve", company.lead, chosen=chosen, remark="同意，尽快落实")
    _go_on(work, number, _implement, 200, 2000)


def _implement(work: Work, number: str) -> None:
    company = work.company
    if company.likely(0.08):
        _act(company, number, "not_accepted", work.agent.name, feedback="客户不同意方案")
        return _go_on(work, number, _propose, 100, 900)
    signed = {"customer_signature": work.who.name, "feedback": "客户确认方案"}
    _act(company, number, "implement", work.agent.name, **signed)
    if company.likely(0.2):
        _act(company, number, "sanction", company.lead, sanction="扣当月绩效五分")
    return _go_on(work, number, _satisfied, 3000, 6500)


def _satisfied(work: Work, number: str) -> None:
    """Where no follow-up call has heard it yet, the agent who knows the case asks."""
    company = work.company
    if _state(company, number) == complaints.IMPLEMENTED:
        if company.likely(0.12):
            _act(company, number, "not_satisfied", work.agent.name, feedback="问题又出现")
            return _go_on(work, number, _propose, 100, 900)
        _act(company, number, "satisfied", work.agent.name, feedback="客户满意")
    elif _state(company, number) == complaints.INVESTIGATED:
        return _go_on(work, number, _propose, 100, 900)
    return _go_on(work, number, _close, 300, 2000)


def _close(work: Work, number: str) -> None:
    company = work.company
    if _state(company, number) != complaints.FOLLOWED_UP:
        return
    _act(company, number, "close", company.lead, summary="处理及时，客户认可")
    if improvement := work.note("improvement"):
        given = {"owner": "质量部", "due_at": company.now + timedelta(days=10)}
        _act(company, number, "improve", company.lead, measure=improvement, **given)
        _go_on(work, number, _check, 5000, 12_000)


def _check(work: Work, number: str) -> None:
    company = work.company
    given = {"improvement": 0, "result": "同类投诉未再出现"}
    _act(company, number, "check_improvement", company.lead, **given)
    _act(company, number, "archive", work.agent.name)
