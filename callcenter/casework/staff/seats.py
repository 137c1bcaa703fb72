"""空岗 (K3): who is to be at the seat and is not, and how far shifts were kept.

Nobody is blamed for recovery breaks (H23), nor for times in which the service did not run. Reads
through the session given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from callcenter.casework.staff import attendance, shifts
from callcenter.casework.staff.attendance import Span
from callcenter.casework.staff.stretches import (
    Stretch,
    Stretches,
    joined,
    length,
    within,
    without,
)
from callcenter.core.presence import AgentState
from callcenter.store.sql import Store
from callcenter.store.staff_tables import Shift

AWAY = (AgentState.OFFLINE.value, AgentState.BREAK.value)
LOOKED_AT = (*AWAY, AgentState.RECOVERY.value)
_ALL = 100_000
"""Shifts that are looked at: those of 500 people in a quarter."""


@dataclass(frozen=True, slots=True)
class Duty:
    """An agent's time at the seat, as it should have been and as it was."""

    due: Stretches
    """On shift, and known, and not recovering."""
    there: Stretches
    """Of that, the time in which they were there."""
    gaps: Stretches
    """Of that, the times without them that are longer than allowed."""

    @property
    def absent(self) -> timedelta:
        """How long nobody was there."""
        return length(self.gaps)


def duty(
    absent: Iterable[Span],
    seen: datetime | None,
    planned: Iterable[Shift],
    time: Stretch,
    allowed: timedelta,
) -> Duty:
    """How one agent kept their shifts within this time; it ends now where it lasts.

    `absent` are their spans in the states of LOOKED_AT; `seen`: since when anything is known.
    """
    spans, kept = list(absent), list(planned)
    away = _times((one for one in spans if one.is_known and one.state in AWAY), time)
    excused = [
        *_times((one for one in spans if not one.is_known or one.state not in AWAY), time),
        *((one.starts_at, one.ends_at) for one in kept if one.kind not in shifts.ON_SEAT),
        (time[0], max(time[0], seen) if seen else time[1]),
    ]
    on = [(one.starts_at, one.ends_at) for one in kept if one.kind in shifts.ON_SEAT]
    due = without(within(on, [time]), excused)
    gaps = [gap for gap in within(due, away) if gap[1] - gap[0] > allowed]
    return Duty(due, without(due, away), gaps)


def duties(session: Session, time: Stretch, allowed: timedelta) -> Mapping[str, Duty]:
    """The same of everybody who has a shift in this time; three queries."""
    planned: dict[str, list[Shift]] = {}
    for one in shifts.listing(session, *time, limit=_ALL):
        planned.setdefault(one.agent, []).append(one)
    absent = attendance.spans(session, *time, LOOKED_AT)
    seen = attendance.first_seen(session, planned)
    return {
        who: duty(absent.get(who, ()), seen.get(who), mine, time, allowed)
        for who, mine in planned.items()
    }


def unattended(session: Session, at: datetime, allowed: timedelta) -> Mapping[str, datetime]:
    """Whose seat nobody attends now, since when; three queries."""
    time = (at - shifts.LONGEST, at)
    found = duties(session, time, allowed)
    return {who: one.gaps[-1][0] for who, one in found.items() if _lasts(one.gaps, at)}


class Seats:
    """The seats as the store knows them; implements core.office.Seats."""

    def __init__(self, store: Store, now: Callable[[], datetime], allowed: timedelta) -> None:
        self._store = store
        self._now = now
        self._allowed = allowed

    def unattended(self) -> Mapping[str, datetime]:
        with self._store.session() as session:
            return unattended(session, self._now(), self._allowed)


def _lasts(gaps: Sequence[Stretch], at: datetime) -> bool:
    return bool(gaps) and gaps[-1][1] == at


def _times(spans: Iterable[Span], time: Stretch) -> Stretches:
    return within(joined((span.since, span.until or time[1]) for span in spans), [time])
