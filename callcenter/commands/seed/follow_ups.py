"""Follow-up calls: planned, allotted each morning, made, tried three times, and messages (F, S)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from callcenter.casework import steps
from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.messages import record as messages
from callcenter.casework.orders import steps as order_steps
from callcenter.casework.orders.effects import Rules
from callcenter.casework.orders.moves import DRAFT
from callcenter.commands.seed import calls
from callcenter.commands.seed.company import Company
from callcenter.core.errors import Refused
from callcenter.core.messages import Template
from callcenter.core.records import Agent, Party
from callcenter.store import calls as kept_calls
from callcenter.store.follow_up_tables import FollowUp

A_DAY = 40
"""Follow-ups that are allotted of a morning, at most."""
UNREACHABLE = Template(
    "unreachable", "sms", "【示例】{customer}您好，我们多次致电回访未能接通，有问题请拨打热线。"
)
CARE = Template("care", "sms", "【示例】{customer}您好，您的服务已完成，祝您生活愉快。")
ANSWERS = ("解决了", "处理得很快", "基本满意", "师傅很专业")


def plan_members(company: Company) -> None:
    """This month's members, and whom nobody has seen for long (F2, F13)."""
    month = f"{company.now.astimezone(company.hours.zone):%Y-%m}"
    for who in company.rng.sample(company.customers, min(16, len(company.customers))):
        reason = "member" if company.likely(0.7) else "lapsed"
        fields = {
            "reason": reason,
            "plan": f"{month} {'会员回访' if reason == 'member' else '流失邀约'}",
            "about": who.file,
            "customer": who.name,
            "phone": who.phone,
            "content": "使用情况与建议",
            "due_at": company.now + timedelta(days=company.rng.randint(3, 12)),
        }
        if follow_ups.open_for(company.session, who.phone) is None:
            company.write(follow_ups.plan(company.session, fields, company.actor(company.lead)))


def allot(company: Company) -> None:
    """Each morning: who calls whom today (F5)."""
    names = [agent.name for agent in company.agents]
    query = select(FollowUp.number).where(FollowUp.state == follow_ups.DUE)
    due = list(
        company.session.scalars(query.order_by(FollowUp.due_at, FollowUp.number).limit(A_DAY))
    )
    given = follow_ups.allotment(due, follow_ups.load(company.session, dict.fromkeys(names, ())))
    lead = company.lead
    for number, agent in given.items():
        company.take(follow_ups.act, number, "allot", lead, agent=agent)
        if company.likely(0.93):
            company.later(30, 1500, partial(_call, company, number))
        elif company.likely(0.3):
            company.take(follow_ups.act, number, "cancel", lead, result="客户已另行来电")


def _call(company: Company, number: str, _at: datetime) -> None:
    row = steps.get(company.session, FollowUp, number)
    if row.state != follow_ups.ALLOTTED or not company.hours.is_open(company.now):
        return None
    agent = next(one for one in company.agents if one.name == row.agent)
    company.take(follow_ups.act, number, "begin", agent.name)
    if company.likely(0.22):
        company.now += timedelta(minutes=1)
        company.take(follow_ups.act, number, "not_reached", agent.name, result="无人接听")
        return _not_reached(company, number, agent)
    call_id = _spoken(company, row, agent)
    pleased = company.likely(0.88)
    told: dict[str, Any] = {
        "satisfied": pleased,
        "result": company.rng.choice(ANSWERS) if pleased else "仍有小问题，希望再看看",
        "call_id": call_id,
        "answers": [
            {"question": "您对我们的处理满意吗？", "answer": "满意" if pleased else "不满意"}
        ],
    }
    company.take(follow_ups.act, number, "reached", agent.name, **told)
    if pleased and company.likely(0.2):
        _message(company, CARE, row.customer or "客户", row.phone, number, agent.name)
    return None


def _not_reached(company: Company, number: str, agent: Agent) -> None:
    row = steps.get(company.session, FollowUp, number)
    if row.state == follow_ups.ALLOTTED:
        return company.later(200, 900, partial(_call, company, number))
    if company.likely(0.3):
        return None  # somebody still has to write
    sent = _message(company, UNREACHABLE, row.customer or "客户", row.phone, number, agent.name)
    return company.take(follow_ups.act, number, "message", agent.name, message=sent)


def _spoken(company: Company, row: FollowUp, agent: Agent) -> str:
    """The call of it; what it opened by itself is no matter of its own."""
    name = company.words.all["company"]
    opening = f"您好，我是{name}客服，工号{agent.number}，请问是{row.customer or '机主'}吗？"
    lines = [
        (Party.AGENT, opening),
        (Party.CALLER, "是的，什么事？"),
        (Party.AGENT, "您之前反映的问题现在解决了吗？对我们的处理满意吗？"),
        (Party.CALLER, company.rng.choice(ANSWERS) + "，谢谢。"),
        (Party.AGENT, "感谢您的配合，祝您生活愉快，再见。"),
    ]
    heard = calls.hear(
        company, calls.ring(company, row.phone, agent, out=True), calls.segments(lines)
    )
    calls.end(company, heard, "agent")
    company.now = heard.over
    _put_away(company, heard)
    return heard.call_id


def _put_away(company: Company, heard: calls.Rung) -> None:
    """A work order that this call opened, there being none."""
    call = kept_calls.get_call(company.session, heard.call_id, loaded=False)
    order = call.work_order
    if order is not None and order.state == DRAFT and order.opened_at == call.answered_at:
        given = {"content": "回访通话", "solution": "见回访记录"}
        actor = company.actor(company.named(call.agent))
        what = (order.number, "wrap_up_closed", given, actor, Rules(company.hours))
        company.write(order_steps.act(company.session, *what))


def _message(
    company: Company, template: Template, customer: str, phone: str, about: str, by: str
) -> str:
    """Written, and taken by a carrier or not: none is left that a real one might send."""
    given = {"customer": customer}
    try:
        fact = messages.write(company.session, template, phone, given, company.actor(by), about)
    except Refused:
        return ""
    company.write(fact)
    later = company.now + timedelta(minutes=company.rng.randint(1, 25))
    if company.likely(0.93):
        company.write(messages.was_sent(company.session, fact.number, "示例", later))
        return fact.number
    for _ in range(len(messages.PAUSES) + 1):
        company.write(messages.was_not_sent(company.session, fact.number, "号码无法送达", later))
    if company.likely(0.5):
        company.take(_cancel, fact.number, "cancel", by)
    return fact.number


def _cancel(session: Any, number: str, action: str, _given: object, actor: Any) -> Any:
    return messages.act(session, number, action, actor)
