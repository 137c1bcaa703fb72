"""What agents do with work orders after the calls: wrapped up, dispatched, solved, told, chased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from callcenter.casework.orders import steps as order_steps
from callcenter.casework.orders.effects import Rules
from callcenter.casework.orders.moves import (
    AWAITING_FOLLOW_UP,
    AWAITING_REPLY,
    CLOSED,
    DONE,
    DRAFT,
    IN_PROGRESS,
    PENDING,
)
from callcenter.commands.seed import calls
from callcenter.commands.seed.company import Company, Person
from callcenter.commands.seed.words import Talk
from callcenter.core.records import Agent, Party
from callcenter.store.order_tables import WorkOrder

AT_ONCE = {"enquiry": 0.85, "suggestion": 0.7, "repair": 0.0, "price": 0.0, "temper": 0.4}
"""How often the caller is answered within the call."""
FORGOTTEN = 0.03
"""How often nobody goes on with it."""
LATE = 0.12
"""How often what was promised is forgotten until it is too late."""


@dataclass(frozen=True, slots=True)
class Work:
    """A work order, the call that it came from, and who has it."""

    company: Company
    number: str
    talk: Talk
    about: dict[str, str]
    who: Person
    phone: str
    agent: Agent
    call_id: str

    @property
    def order(self) -> WorkOrder:
        """As it stands."""
        return order_steps.get(self.company.session, self.number)

    def act(self, action: str, by: str = "", **given: Any) -> None:
        """A step, by its agent unless said otherwise."""
        house = self.company.house
        rules = Rules(house.hours, house.compensation_fen)
        actor = self.company.actor(by or self.agent.name)
        what = (self.number, action, given, actor, rules)
        self.company.write(order_steps.act(self.company.session, *what))

    def note(self, name: str) -> str:
        """A note of the talk."""
        return self.talk.note(name, self.about)

    def contact(self, told: str, *, reached: bool = True) -> dict[str, Any]:
        """A call out to the caller, ticked as it should be (W8 to W10)."""
        ticks = dict.fromkeys(("announced", "identity_verified", "told"), True)
        return {"channel": "outbound", "reached": reached, **ticks, "note": told}


def wrap_up(work: Work) -> None:
    """话后整理: answered at once, or taken down with time, place, person, event and phone."""
    company, order = work.company, work.order
    if order.state != DRAFT:
        return None
    known = {"title": work.note("title"), "content": work.note("content"), "phone": work.phone}
    if work.who.file:
        known["customer_number"] = work.who.file
    if work.talk.kind in ("complaint", "unfounded"):
        return _take_down(work, known | {"type": "complaint"})
    if company.likely(AT_ONCE.get(work.talk.kind, 0)):
        ended = "wrap_up_closed" if company.likely(0.45) else "wrap_up_solved"
        work.act(ended, **known, concerned=work.who.name, solution=work.note("solution"))
        return archive(work)
    if work.talk.kind == "repair":
        known["type"] = "repair"
    return _take_down(work, known)


def mail(company: Company, who: Person, agent: Agent) -> None:
    """An enquiry by mail, answered within one working day or not (K2)."""
    talk, about = company.words.talk("enquiry"), company.words.about(name=who.name)
    known = {"title": talk.note("title", about), "content": talk.note("content", about)}
    fields = {"type": "enquiry", **known, "concerned": who.name, "phone": who.phone}
    fact = order_steps.open_order(company.session, fields, company.actor(agent.name))
    company.write(fact)
    work = Work(company, fact.number, talk, about, who, who.phone, agent, "")
    received = company.now - timedelta(minutes=company.rng.randint(5, 600))
    work.act("mail", received_at=received, note="客户邮件")
    company.later(30, 1500, lambda _at: _answer(work, known))


def _answer(work: Work, known: dict[str, str]) -> None:
    if work.order.state == DRAFT:
        told = {"channel": "mail", "reached": True, "note": "已回信"}
        work.act("contact", contact=told)
        work.act("wrap_up_closed", **known, solution=work.note("solution"))


def _take_down(work: Work, known: dict[str, Any]) -> None:
    company = work.company
    hours = company.rng.choice((22, 26, 44, 50))
    due = company.hours.next_open(company.now + timedelta(hours=hours)) + timedelta(minutes=30)
    fields: dict[str, Any] = {
        "place": work.about["address"],
        "concerned": work.who.name,
        "due_at": due,
    }
    if company.likely(0.03):
        fields["priority"] = "urgent"
    work.act("wrap_up", **known, **fields, happened_at=company.now - timedelta(hours=2))
    if work.talk.kind == "price":
        work.act("price")
    if work.talk.kind == "repair" and company.likely(0.06):
        told: dict[str, Any] = {
            "alarm": "danger",
            "told": "质量部负责人",
            "note": "客户反映设备发烫，已请断电",
        }
        work.act("report", **told)
    company.later(5, 120, lambda _at: _dispatch(work))


def _dispatch(work: Work) -> None:
    company = work.company
    if work.order.state != PENDING:
        return
    department = company.words.pick("things", "departments")
    owner = company.rng.choice(company.agents).name
    work.act("dispatch", company.clerk, owner=owner, department=department)
    if company.likely(FORGOTTEN):
        return
    company.later(3, 90, partial(_accept, work, owner))
    if company.likely(0.15):
        company.later(180, 900, lambda _at: _chase(work))
    late = company.likely(LATE)
    company.later(*((2000, 5000) if late else (60, 900)), lambda _at: _solve(work, owner))


def _accept(work: Work, owner: str, _at: object) -> None:
    if work.order.state == PENDING:
        work.act("accept", owner)
        if work.talk.kind == "repair":
            work.act("issue", owner, issued_to="维修组")
        if work.company.likely(0.12):
            lead = work.company.lead
            work.act("escalate", owner, escalated_to=lead, note="客户要求主管答复", call_id="")


def _chase(work: Work) -> None:
    if work.order.state in (PENDING, IN_PROGRESS):
        work.act("chase", note="客户来电催办")


def _solve(work: Work, owner: str) -> None:
    company, order = work.company, work.order
    if order.state not in (PENDING, IN_PROGRESS):
        return None
    solution = work.note("solution") or "已按客户要求处理，见投诉记录。"
    if company.likely(0.1) and order.state == IN_PROGRESS:
        due = company.hours.next_open(company.now + timedelta(hours=24))
        told = work.contact("还在处理，先跟您说明进展")
        work.act("report_progress", owner, contact=told, due_at=due)
        return company.later(300, 1500, lambda _at: _solve(work, owner))
    if company.likely(0.12):
        return _approved(work, owner, solution)
    work.act("solve", owner, solution=solution)
    if company.likely(FORGOTTEN):
        return None
    return company.later(10, 200, lambda _at: reply(work, owner))


def _approved(work: Work, owner: str, solution: str) -> None:
    """What an agent proposes and a lead signs (E4); a compensation, too (D20)."""
    company = work.company
    work.act("propose", owner, proposal=solution)
    if company.likely(0.4):
        given = {"compensation_fen": company.rng.choice((2000, 5000, 10_000)), "note": "致歉"}
        work.act("compensate", company.lead, **given)
    work.act("approve", company.lead)
    company.later(10, 200, lambda _at: reply(work, owner))


def reply(work: Work, owner: str) -> None:
    """The agent rings the caller with the answer; it is accepted, or not (W5)."""
    company = work.company
    if work.order.state != AWAITING_REPLY:
        return None
    if company.likely(0.12):
        work.act("contact", owner, contact=work.contact("无人接听", reached=False))
        return company.later(60, 400, lambda _at: reply(work, owner))
    ring_back(
        work, f"您之前反映的{work.about['product']}的事情已经处理好了。", "好的，知道了，谢谢。"
    )
    if company.likely(0.1):
        told = work.contact("客户不接受，要求再处理")
        work.act("reply_not_accepted", owner, contact=told, note="客户不接受")
        return company.later(200, 1500, lambda _at: _solve(work, owner))
    work.act("reply_accepted", owner, contact=work.contact("客户接受"))
    return archive(work)


def ring_back(work: Work, says: str, answer: str) -> str:
    """A call out from the record (W8 to W10); its id."""
    company = work.company
    house, number = work.about["company"], work.agent.number
    opening = f"您好，这里是{house}，我是{number}号客服，请问是{work.who.name}吗？"
    lines = [
        (Party.AGENT, opening),
        (Party.CALLER, "是我。"),
        (Party.AGENT, says),
        (Party.CALLER, answer),
    ]
    rung = calls.ring(company, work.phone, work.agent, out=True)
    heard = calls.hear(company, rung, calls.segments(lines))
    calls.end(company, heard, "agent")
    company.now = heard.over
    return rung.call_id


def archive(work: Work) -> None:
    """What is closed for a week is put away."""
    company = work.company

    def away(_at: object) -> None:
        if work.order.state == CLOSED:
            work.act("archive", company.clerk)
        elif work.order.state == AWAITING_FOLLOW_UP and company.likely(0.3):
            contact = {"channel": "outbound", "reached": True, "note": "客户满意"}
            ticks = dict.fromkeys(("announced", "identity_verified", "told"), True)
            work.act("followed_up", contact=contact | ticks)

    if work.order.state not in (*DONE, AWAITING_FOLLOW_UP):
        return
    company.later(7 * 1440, 9 * 1440, away)
