"""Harassment of several sources: who they are, the ladder, blocks, cases, the carrier's bill."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from callcenter.casework.harassment import blocks, cases, withheld
from callcenter.casework.harassment.bill import BillRow
from callcenter.casework.harassment.cases import Step
from callcenter.casework.reviews import queue
from callcenter.commands.seed import calls
from callcenter.commands.seed.agenda import Deed
from callcenter.commands.seed.company import Company
from callcenter.core import events as ev
from callcenter.core.records import Agent
from callcenter.store import calls as kept_calls

REVIEWED = 0.75
"""How much of what is flagged a reviewer gets to."""
SHARES = (8, 2, 4, 3)
"""Of each source: a mobile, a customer (H4), an office, another mobile."""
CASE_FROM = 4
"""Calls of one source."""
REASONS = {
    "harassment": "听录音确认，属骚扰",
    "complaint": "客户有真实诉求，转投诉",
    "ordinary": "正常业务，误报",
}


def call(company: Company, agent: Agent) -> None:
    """A harassing call; a third withholds the number (H20)."""
    mine = company.nuisance
    number = calls.WITHHELD if company.likely(0.3) else company.rng.choices(mine.numbers, SHARES)[0]
    if number in mine.blocked:
        calls.caught(company, number)
        return
    talk = company.words.talk("harassment")
    about = company.words.about(name="", number=agent.number)
    said = calls.segments([(party, text.format_map(about)) for party, text in talk.lines])
    rung = calls.ring(company, number, agent)
    heard = calls.hear(company, rung, said)
    if heard.hits:
        calls.steer(company, heard, said)
    if company.likely(0.2):
        ticked = heard.moment(heard.words_ms - 500)
        company.write(ev.Ticked(heard.call_id, ticked, agent.number, "laughter"))
    _terminated(company, heard, agent, number)


def silent(company: Company, agent: Agent) -> None:
    """Nobody says anything."""
    number = company.words.mobile()
    about = company.words.about(name="", number=agent.number)
    said = calls.segments(
        [(party, text.format_map(about)) for party, text in company.words.talk("silent").lines]
    )
    heard = calls.hear(company, calls.ring(company, number, agent), said)
    calls.terminate(company, heard, agent, "line_fault", "silent")


def _terminated(company: Company, heard: calls.Rung, agent: Agent, number: str) -> None:
    mine = company.nuisance
    source = "" if number == calls.WITHHELD else number
    tries = company.house.prompt_a_tries
    prompt = "analysis" if mine.prompts[source] >= tries and source else "line_fault"
    mine.prompts[source] += 1
    reason = heard.hits[-1].category if heard.hits else "insult"
    company.now = calls.terminate(company, heard, agent, prompt, reason)
    mine.mine[source].append(heard.call_id)
    if company.likely(0.6):
        taken = company.now + timedelta(seconds=30)
        company.write(ev.RecoveryBreakTaken(heard.call_id, taken, agent.number))
        back = taken + timedelta(minutes=company.rng.randint(3, 12))
        company.write(ev.RecoveryBreakEnded(heard.call_id, back, agent.number))
    company.later(30, 600, lambda _at: _decide_blocks(company))
    if source and len(mine.mine[source]) == CASE_FROM:
        company.later(60, 900, lambda _at: _open_case(company, source))


def _decide_blocks(company: Company) -> None:
    """A supervisor decides; a customer is not blocked so easily (H4)."""
    for proposal in blocks.proposals(company.session):
        approved = not proposal.known_customer
        reason = "多次骚扰，同意拉黑" if approved else "是老客户，先由主管沟通"
        decided = blocks.decide(
            company.session, proposal.id, approved=approved, by=company.lead, reason=reason,
            at=company.now, supervisors=company.house.supervisors,
        )  # fmt: skip
        company.write(decided)
        if approved:
            company.nuisance.blocked.add(proposal.number)


def _open_case(company: Company, source: str) -> None:
    """A case on the source (H19), and what is done in it until it is closed."""
    kind = company.rng.choice(("home", "office", "payphone"))
    opened = cases.open_case(
        company.session, company.nuisance.mine[source], by=company.manager, at=company.now,
        source_type=kind, text="一周内多次骚扰，立案跟进", zone=company.hours.zone,
    )  # fmt: skip
    company.write(opened)
    company.nuisance.cases[source] = opened.case_number
    plan: tuple[tuple[str, str], ...] = (
        (cases.NOTE, "已整理录音与时间表"),
        (cases.WARN, "已寄出书面警告"),
    )
    if company.likely(0.5):
        plan += ((cases.REPORT_CARRIER, "已提请运营商处理"),)
    for n, (action, text) in enumerate(plan, 1):
        company.later(1440 * n, 1440 * n + 900, _acting(company, opened.case_number, action, text))
    if company.likely(0.5):
        closing = _acting(company, opened.case_number, cases.CLOSE, "两周未再来电，结案")
        company.later(1440 * 9, 1440 * 12, closing)


def _acting(company: Company, number: str, action: str, text: str) -> Deed:
    def act(at: datetime) -> None:
        step = Step(action, text)
        company.write(cases.act(company.session, number, step, by=company.manager, at=at))

    return act


def bill(company: Company) -> None:
    """The carrier's bill of the last days is read in; a manager accepts what fits (H21)."""
    rows, line = [], 2
    for call_id in company.nuisance.mine[""]:
        one = kept_calls.get_call(company.session, call_id, loaded=False)
        if one.answered_at and one.ended_at and company.likely(0.7):
            seconds = round((one.ended_at - one.answered_at).total_seconds())
            started = one.answered_at + timedelta(seconds=1)
            number = company.nuisance.numbers[-1]
            rows.append(BillRow(line, number, one.callee_number, started, seconds))
            line += 1
    sha256 = hashlib.sha256(repr(rows).encode()).hexdigest()
    facts = withheld.offered(
        company.session, rows, bill_sha256=sha256, by=company.manager, at=company.now
    )
    company.write(*facts)
    company.nuisance.mine[""] = []
    for offer in withheld.worst(company.session):
        if offer.lines and offer.number is None and not offer.ambiguous and company.likely(0.7):
            what = {"by": company.manager, "at": company.now}
            found = withheld.accept(company.session, offer.call.call_id, offer.lines[0].id, **what)
            company.write(found)


def review(company: Company) -> None:
    """QA goes through what was flagged, and gives a verdict on most of it."""
    for one in queue.queue(company.session, limit=30):
        if not company.likely(REVIEWED):
            continue
        verdict = {"harassment": "harassment", "silent": "harassment", "blocked": "harassment"}.get(
            one.disposition, "complaint" if one.disposition == "complaint" else "ordinary"
        )
        given = queue.verdict(
            company.session, one.call_id, verdict, REASONS[verdict], company.qa, company.now
        )
        company.write(given)
