"""Calls that are judged by a scorecard: opened, filled, submitted, seen, some appealed (R6, R7)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from callcenter.casework import steps
from callcenter.casework.quality import coaching, evaluations, scorecards
from callcenter.commands.seed.company import Company
from callcenter.core.errors import Refused
from callcenter.core.scorecards import form_of
from callcenter.store.quality_tables import Coaching, Evaluation, Scorecard
from callcenter.store.tables import Call

A_DAY = 4


def card(company: Company) -> None:
    """The house's scorecard is written and put to use."""
    fact = scorecards.draft(company.session, company.house.scorecard, company.actor(company.qa))
    company.write(fact)
    company.take(scorecards.act, fact.number, "use", company.leads[0])


def judge(company: Company) -> None:
    """A few of the day's calls, chosen by chance."""
    since = company.now - timedelta(hours=12)
    query = select(Call.call_id).where(
        Call.rang_at > since, Call.direction == "inbound", Call.agent != "",
        Call.ended_at < company.now, Call.disposition != "silent",
    )  # fmt: skip
    found = list(company.session.scalars(query.order_by(Call.rang_at, Call.call_id)))
    using = select(Scorecard.number).where(Scorecard.state == scorecards.IN_USE)
    number = company.session.scalar(using.limit(1))
    for call_id in company.rng.sample(found, min(A_DAY, len(found))) if number else ():
        fields = {"call_id": call_id, "scorecard": number}
        fact = evaluations.open_(company.session, fields, company.actor(company.qa))
        company.write(fact)
        if company.likely(0.9):
            company.later(5, 60, partial(_submit, company, fact.number), office=False)


def _submit(company: Company, number: str, _at: object) -> None:
    row = steps.get(company.session, Evaluation, number)
    good = company.likely(0.8)
    answers: list[dict[str, Any]] = [
        {"item": item.key, "points": item.points if good or company.likely(0.6) else 0}
        for item in form_of(row.form).items
        if not item.measure
    ]
    act = partial(company.take, evaluations.act, number)
    act("fill", company.qa, answers=answers)
    if company.likely(0.5):
        act("comment", company.qa, text="这里先复述一遍会更好", start_ms=4000)
    try:
        act("submit", company.qa, verdict="approved" if good else "rejected")
    except Refused:
        act("submit", company.qa, verdict="observed")
    agent = company.named(row.agent)
    company.later(60, 1500, partial(_answer, company, number, agent))


def _answer(company: Company, number: str, agent: str, _at: object) -> None:
    act = partial(company.take, evaluations.act, number)
    act("see", agent)
    if company.likely(0.1):
        act("appeal", agent, reason="客户一直在说，没有机会复述")
        return
    if company.likely(0.7):
        act("accept", agent)
    about = select(Coaching.number).where(Coaching.evaluation == number)
    if (open_one := company.session.scalar(about.limit(1))) and company.likely(0.7):
        text = "明白了，以后先复述再解答"
        company.take(coaching.act, open_one, "acknowledge", agent, text=text)
