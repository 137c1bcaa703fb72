"""Agents at their seats: shifts planned for a week, signed in, off to eat, signed out (K3, R4)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from callcenter.casework.staff import shifts
from callcenter.commands.seed.company import Company
from callcenter.core.events import AgentChanged
from callcenter.core.presence import BREAKS, AgentState

MEAL = timedelta(minutes=40)
START, END = "09:00", "18:00"


def plan(company: Company) -> None:
    """Each Monday, and on the first day: who is there this week; one of them takes leave."""
    wall = company.now.astimezone(company.hours.zone)
    if wall.weekday() and company.planned:
        return
    company.planned = True
    rules = shifts.Rules([agent.number for agent in company.agents], company.hours.zone)
    away = company.rng.choice(company.agents)
    drafts = []
    for n in range(7 - wall.weekday()):
        day = wall.date() + timedelta(days=n)
        for agent in company.agents:
            kind = shifts.LEAVE if agent is away and n == 2 else shifts.DUTY
            given = {"agent": agent.number, "day": day, "kind": kind, "start": START, "end": END}
            drafts.append(shifts.filled(given, rules))
    company.write(*shifts.plan_all(company.session, drafts, company.actor(company.leads[0])))


def sign_in(company: Company) -> None:
    """Everybody is ready; at noon they eat, one after the other, and in the evening they go."""
    for n, agent in enumerate(company.agents):
        _stands(company, agent.number, AgentState.READY)
        company.later(170 + 12 * n, 180 + 12 * n, partial(_eat, company, agent.number))
        company.later(535, 539, partial(_leave, company, agent.number), office=False)


def _eat(company: Company, agent: str, _at: object) -> None:
    if company.is_free(agent):
        _stands(company, agent, AgentState.BREAK, BREAKS[0])
        company.free[agent] = company.now + MEAL
        company.later(40, 40, partial(_back, company, agent), office=False)


def _back(company: Company, agent: str, _at: object) -> None:
    _stands(company, agent, AgentState.READY)


def _leave(company: Company, agent: str, _at: object) -> None:
    company.now = max(company.now, company.free.get(agent, company.now))
    _stands(company, agent, AgentState.OFFLINE)


def _stands(company: Company, agent: str, state: AgentState, reason: str = "") -> None:
    company.write(AgentChanged("", company.now, agent, state.value, reason, agent))
