"""Who was there: the spans of agents' states (座席状态), closed after a crash and taken up again.

Reads through the session given; what follows comes out as facts for the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from callcenter.casework.staff import recovery
from callcenter.core.events import AgentChanged, RecoveryBreakTaken
from callcenter.core.people import SYSTEM
from callcenter.core.presence import INTERRUPTED, STOPPED, AgentState
from callcenter.core.records import Agent
from callcenter.store.staff_tables import AgentSpan
from callcenter.store.tables import Call

NOT_RUNNING = (STOPPED, INTERRUPTED)
_UNKNOWN = and_(
    AgentSpan.state == AgentState.OFFLINE.value,
    AgentSpan.by == SYSTEM,
    AgentSpan.reason.in_(NOT_RUNNING),
)
_LASTS = (AgentState.READY, AgentState.BREAK, AgentState.OFFLINE, AgentState.RECOVERY)
"""What an agent comes back to when the service does; whoever was on a call is ready."""


def interrupted(session: Session) -> list[AgentChanged]:
    """The end of the spans that a crash left open, at the last that the books have of the house.

    For start-up, once the calls are closed. Nobody knows who was there from then on, so nothing is
    counted as absence.
    """
    lasting = session.scalars(select(AgentSpan.agent).where(AgentSpan.until.is_(None), ~_UNKNOWN))
    agents = lasting.all()
    if not agents:
        return []
    signs = (func.max(AgentSpan.since), func.max(Call.rang_at), func.max(Call.ended_at))
    last = max(at for at in (session.scalar(select(sign)) for sign in signs) if at is not None)
    told = (AgentState.OFFLINE.value, INTERRUPTED, SYSTEM)
    return [AgentChanged("", last, agent, *told) for agent in agents]


def resumed(
    session: Session, agents: Iterable[Agent], at: datetime
) -> list[AgentChanged | RecoveryBreakTaken]:
    """Where these agents stand when the service starts: where they stood when it ended, and the
    recovery breaks that go on.

    Whoever was never seen is ready: a house without signing in takes calls at once.
    """
    stood = _last(session)
    known = [_resumed(agent.number, stood.get(agent.number), at) for agent in agents]
    return [*known, *recovery.being_taken(session)]


def standing(session: Session, agents: Iterable[Agent]) -> list[AgentChanged]:
    """Where these agents stand now, as other nodes have written it; whoever was never seen, or
    stood nowhere while no node ran, is ready."""
    lasting = select(AgentSpan).where(AgentSpan.until.is_(None), ~_UNKNOWN)
    found = {span.agent: span for span in session.scalars(lasting)}
    return [_stands(found[agent.number]) for agent in agents if agent.number in found]


def freed(session: Session, calls: Collection[str], at: datetime) -> list[AgentChanged]:
    """Whoever was in these calls, which broke off with their machine, is ready again."""
    cut = select(AgentSpan.agent).where(AgentSpan.until.is_(None), AgentSpan.call_id.in_(calls))
    told = (AgentState.READY.value, "", SYSTEM)
    return [AgentChanged("", at, agent, *told) for agent in session.scalars(cut)]


class Span(NamedTuple):
    """A time in one state, as AgentSpan; `until` is None where it lasts."""

    state: str
    reason: str
    by: str
    since: datetime
    until: datetime | None

    @property
    def is_known(self) -> bool:
        """Whether the service ran, so that it knows where the agent was."""
        signed_out = self.state == AgentState.OFFLINE.value and self.by == SYSTEM
        return not (signed_out and self.reason in NOT_RUNNING)


def spans(
    session: Session, since: datetime, until: datetime, states: Collection[str] = ()
) -> Mapping[str, Sequence[Span]]:
    """The spans of each agent that reach into this time, in order; in these states, or in all."""
    columns = (AgentSpan.state, AgentSpan.reason, AgentSpan.by, AgentSpan.since, AgentSpan.until)
    asked = select(AgentSpan.agent, *columns).where(_reaches(since, until))
    if states:
        asked = asked.where(AgentSpan.state.in_(states))
    found: dict[str, list[Span]] = defaultdict(list)
    for row in session.execute(asked.order_by(AgentSpan.since, AgentSpan.id)):
        found[row.agent].append(Span(row.state, row.reason, row.by, row.since, row.until))
    return found


def totals(
    session: Session, since: datetime, until: datetime
) -> Mapping[str, Mapping[str, timedelta]]:
    """How long each agent stood in each state within this time; two queries.

    What lies in it wholly is added up by the database: a month has hundreds of thousands.
    """
    inside = and_(AgentSpan.since >= since, AgentSpan.until <= until)
    key = (AgentSpan.agent, AgentSpan.state)
    summed = select(*key, func.sum(AgentSpan.lasted_ms)).where(inside).group_by(*key)
    found: dict[str, dict[str, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    for agent, state, lasted in session.execute(summed):
        found[agent][state] += timedelta(milliseconds=int(lasted))
    crossing = or_(AgentSpan.since < since, AgentSpan.until.is_(None), AgentSpan.until > until)
    edges = select(*key, AgentSpan.since, AgentSpan.until).where(_reaches(since, until), crossing)
    for agent, state, began, ended in session.execute(edges):
        found[agent][state] += min(ended or until, until) - max(began, since)
    return found


def first_seen(session: Session, agents: Collection[str]) -> Mapping[str, datetime]:
    """Since when anything is known of each of these agents."""
    first = func.min(AgentSpan.since).label("at")
    asked = select(AgentSpan.agent, first).where(AgentSpan.agent.in_(agents))
    return {row.agent: row.at for row in session.execute(asked.group_by(AgentSpan.agent))}


def _reaches(since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(AgentSpan.since < until, or_(AgentSpan.until.is_(None), AgentSpan.until > since))


def _last(session: Session) -> Mapping[str, AgentSpan]:
    """Where each agent stood last while the service ran."""
    newest = select(func.max(AgentSpan.id)).where(~_UNKNOWN).group_by(AgentSpan.agent)
    found = session.scalars(select(AgentSpan).where(AgentSpan.id.in_(newest)))
    return {span.agent: span for span in found}


def _stands(span: AgentSpan) -> AgentChanged:
    return AgentChanged(span.call_id, span.since, span.agent, span.state, span.reason, span.by)


def _resumed(agent: str, stood: AgentSpan | None, at: datetime) -> AgentChanged:
    if stood is None or stood.state not in _LASTS:
        return AgentChanged("", at, agent, AgentState.READY.value, "", SYSTEM)
    return AgentChanged("", at, agent, stood.state, stood.reason, stood.by)
