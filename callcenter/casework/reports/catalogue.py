"""Every report by its name, as whoever builds them asks for one. Reads the session given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from callcenter.casework.complaints import statistics as complaints
from callcenter.casework.follow_ups import report as follow_ups
from callcenter.casework.paper.sheet import Sheet
from callcenter.casework.quality import report as quality
from callcenter.casework.reports import agents, handovers, harassment, service
from callcenter.casework.reports.answering import span
from callcenter.core.records import Agent


@dataclass(frozen=True, slots=True)
class Asked:
    """Which time, and what of the house the reports need."""

    period: str
    """day, week or month."""
    at: datetime
    """A moment within it."""
    now: datetime
    group: Callable[[str], str]
    agents: Sequence[Agent] = ()
    zone: tzinfo | None = None
    away: timedelta = timedelta(minutes=10)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until, but without, when."""
        return span(self.period, self.at, self.zone)


def _service(session: Session, asked: Asked) -> Sheet:
    return service.sheet(session, asked.period, asked.at, asked.zone)


def _agents(session: Session, asked: Asked) -> Sheet:
    who = (asked.agents, asked.zone, asked.away)
    return agents.sheet(session, asked.period, asked.at, asked.now, *who)


def _quality(session: Session, asked: Asked) -> Sheet:
    return quality.sheet(session, *asked.span, asked.now, asked.zone)


def _complaints(session: Session, asked: Asked) -> Sheet:
    return complaints.sheet(session, *asked.span)


def _follow_ups(session: Session, asked: Asked) -> Sheet:
    return follow_ups.sheet(session, *asked.span)


def _harassment(session: Session, asked: Asked) -> Sheet:
    when = (asked.period, asked.at, asked.now, asked.zone)
    return harassment.sheet(session, asked.group, *when)


def _handovers(session: Session, asked: Asked) -> Sheet:
    return handovers.sheet(session, asked.period, asked.at, asked.zone)


REPORTS: Mapping[str, Callable[[Session, Asked], Sheet]] = {
    "service": _service,
    "agents": _agents,
    "quality": _quality,
    "complaints": _complaints,
    "follow_ups": _follow_ups,
    "harassment": _harassment,
    "handovers": _handovers,
}
"""A new report has its line here."""
