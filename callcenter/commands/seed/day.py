"""What callers do, day by day: enquiries, repairs, complaints, tempers, and those who hang up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from callcenter.casework import promises as heard_promises
from callcenter.commands.seed import calls, complaints, harassment, orders
from callcenter.commands.seed.calls import Rung
from callcenter.commands.seed.company import Company, Person
from callcenter.commands.seed.words import Talk
from callcenter.core import events as ev
from callcenter.core.cards import Situation
from callcenter.core.records import Agent
from callcenter.store.assist_tables import PromiseRow
from callcenter.store.tables import Call

KINDS: Mapping[str, int] = {
    "enquiry": 40, "price": 5, "suggestion": 6, "repair": 12, "complaint": 12, "unfounded": 3,
    "temper": 4, "silent": 2, "lost": 6, "mail": 3, "harassment": 10,
}  # fmt: skip
"""How often, of a hundred."""
COMPLAINT = Situation.COMPLAINT
WORKDAY, WEEKEND = 26, 15
"""Calls."""
HELD, JOINED, TRANSFERRED = 0.1, 0.04, 0.05
"""Of the calls that are talked."""


def calls_of(company: Company, day: datetime) -> None:
    """Put a day's calls on the agenda; more come in the late morning than in the evening."""
    rng = company.rng
    many = WORKDAY if day.weekday() < 5 else WEEKEND
    opens = company.hours.next_open(day)
    for _ in range(rng.randint(many - 5, many + 5)):
        at = opens + timedelta(minutes=rng.triangular(0, 535, 130))
        (kind,) = rng.choices(list(KINDS), list(KINDS.values()))
        company.agenda.put(at, lambda _at, kind=kind: _call(company, kind))  # type: ignore[misc]


def _call(company: Company, kind: str) -> None:
    free = [one for one in company.agents if company.is_free(one.number)]
    agent = company.rng.choice(free or company.agents)
    if kind == "harassment":
        return harassment.call(company, agent)
    who = company.rng.choice(company.customers)
    number = who.phone if company.likely(0.85) else company.words.mobile()
    if kind == "lost":
        return calls.lost(company, number)
    if kind == "mail":
        return orders.mail(company, who, agent)
    if kind == "silent":
        return harassment.silent(company, agent)
    _conversation(company, company.words.talk(kind), who, number, agent)
    return None


def _conversation(company: Company, talk: Talk, who: Person, number: str, agent: Agent) -> None:
    about = company.words.about(name=who.name, number=agent.number)
    lines = [(party, text.format_map(about)) for party, text in talk.lines]
    rung = calls.ring(company, number, agent)
    heard = calls.hear(company, rung, calls.segments(lines))
    _handled(company, heard, agent)
    calls.end(company, heard, company.rng.choice(("caller", "caller", "agent")))
    company.now = heard.over
    for one in _promised(company, heard.call_id):
        company.later(2, 40, _decider(company, one, agent.name))
    order = _order_of(company, heard.call_id)
    work = orders.Work(company, order, talk, about, who, number, agent, heard.call_id)
    company.later(1, 12, lambda _at: orders.wrap_up(work))
    if talk.kind in ("complaint", "unfounded"):
        company.later(5, 45, lambda _at: complaints.register(work))


def _handled(company: Company, heard: Rung, agent: Agent) -> None:
    """Now and then a card is shown, the caller is put on hold, a supervisor listens in, or the
    call goes on to a colleague."""
    call_id, middle = heard.call_id, heard.words_ms // 2
    if any(company.scripts.group(hit.category) == "complaint" for hit in heard.hits):
        card = company.rng.choice([c for c in company.scripts.cards() if COMPLAINT in c.when])
        company.write(ev.CardOffered(call_id, heard.moment(middle), card, heard.hits[0].text))
    if company.likely(HELD):
        company.write(
            ev.CallHeld(call_id, heard.moment(middle), agent.number),
            ev.CallResumed(call_id, heard.moment(middle + 20_000), agent.number),
        )
    if company.likely(TRANSFERRED):
        other = company.rng.choice([one for one in company.agents if one is not agent])
        notes = "客户要求找负责人" if heard.hits else "客户问的是他的单子"
        begun = (heard.moment(middle), agent.number, other.number)
        company.write(
            ev.TransferStarted(call_id, *begun, notes=notes),
            ev.TransferDone(call_id, heard.moment(middle + 4000), agent.number, other.number),
        )
    if company.likely(JOINED):
        lead = company.lead
        company.write(
            ev.SupervisorJoined(call_id, heard.moment(middle), lead, "listen"),
            ev.SupervisorLeft(call_id, heard.over, lead),
        )


def _promised(company: Company, call_id: str) -> list[str]:
    query = select(PromiseRow.promise_id).where(PromiseRow.call_id == call_id)
    return list(company.session.scalars(query.order_by(PromiseRow.start_ms)))


def _decider(company: Company, promise_id: str, by: str) -> Callable[[datetime], None]:
    accepted = company.likely(0.8)

    def decide(at: datetime) -> None:
        fact = heard_promises.decide(company.session, promise_id, accepted=accepted, by=by, at=at)
        company.write(fact)

    return decide


def _order_of(company: Company, call_id: str) -> str:
    query = select(Call.work_order_number).where(Call.call_id == call_id)
    return company.session.scalar(query) or ""
