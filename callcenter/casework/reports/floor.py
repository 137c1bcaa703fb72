"""现场 (R4, R5): how today goes so far, by agent and for the house. Reads the session given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from callcenter.casework.reports.answering import Answered, Line, answered, inbound, span
from callcenter.casework.staff import seats


@dataclass(frozen=True, slots=True)
class Today:
    """The calls that came in since midnight on the wall, and who is missing since when (K3)."""

    house: Answered
    by_agent: Mapping[str, Answered]
    unattended: Mapping[str, datetime]


NOTHING = answered([])


def today(session: Session, now: datetime, zone: tzinfo | None, allowed: timedelta) -> Today:
    """As of now, `allowed` as House.away; four queries."""
    since, until = span("day", now, zone)
    calls = inbound(session, since, until)
    taken: dict[str, list[Line]] = defaultdict(list)
    for one in calls:
        if one.waited is not None:
            taken[one.agent].append(one)
    by_agent = {agent: answered(mine) for agent, mine in taken.items()}
    return Today(answered(calls), by_agent, seats.unattended(session, now, allowed))
