"""Every report by its name, as whoever builds them asks for one. Reads the session given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from callcenter.casework.complaints import statistics as complaints
from callcenter.casework.follow_ups import report as follow_ups
from callcenter.casework.paper.sheet import Sheet
from callcenter.casework.quality import report as quality
from callcenter.casework.reports import agents, handovers, harassment, nuisance, service
from callcenter.casework.reports.periods import Period
from callcenter.core.records import Agent


@dataclass(frozen=True, slots=True)
class Asked:
    """Which time, and what of the house the reports need."""

    period: Period
    now: datetime
    group: Callable[[str], str]
    agents: Sequence[Agent] = ()
    away: timedelta = timedelta(minutes=10)
    exposed: bool = True
    """With how much each agent had to bear (H24): for who leads them."""

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when until, but without, when."""
        return self.period.since, self.period.until


def _service(session: Session, asked: Asked) -> Sheet:
    return service.sheet(session, asked.period)


def _agents(session: Session, asked: Asked) -> Sheet:
    return agents.sheet(session, asked.period, asked.now, asked.agents, asked.away)


def _quality(session: Session, asked: Asked) -> Sheet:
    return quality.sheet(session, *asked.span, asked.now, asked.period.zone)


def _complaints(session: Session, asked: Asked) -> Sheet:
    return complaints.sheet(session, *asked.span)


def _follow_ups(session: Session, asked: Asked) -> Sheet:
    return follow_ups.sheet(session, *asked.span)


def _harassment(session: Session, asked: Asked) -> Sheet:
    found = nuisance.find(session, asked.period, asked.now, asked.group)
    return harassment.sheet(found, exposed=asked.exposed)


def _handovers(session: Session, asked: Asked) -> Sheet:
    return handovers.sheet(session, asked.period)


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
USUAL: Mapping[str, str] = {
    "quality": "month",
    "complaints": "month",
    "follow_ups": "month",
    "harassment": "week",
    "handovers": "week",
}
"""The time that is reported where none is asked for; a day for the others."""
