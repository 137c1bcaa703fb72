"""What the demo company does, and when: one line for each kind of thing that is seeded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from callcenter.commands.seed import day, follow_ups, harassment, house, quality, shifts
from callcenter.commands.seed.company import Company

DAYS = 30

Part = Callable[[Company], None]

FIRST: Sequence[Part] = (
    house.people,
    house.files,
    house.knowledge,
    quality.card,
    follow_ups.plan_members,
)
"""Done once, before the first call."""
DAILY: Sequence[tuple[float, Part]] = (
    (0.0, shifts.plan),
    (0.0, shifts.sign_in),
    (0.2, follow_ups.allot),
    (7.5, harassment.review),
    (8.5, quality.judge),
    (8.7, house.hand_over),
)
"""Each day, so many hours after the house has opened. A new kind of record has its line here."""
ONCE: Sequence[tuple[float, Part]] = (
    (0.45, harassment.bill),
    (0.65, house.appraise),
    (0.85, harassment.bill),
)
"""When so much of the time is over, before noon."""


def plan(company: Company, since: datetime, days: int) -> None:
    """Put all of it on the agenda."""
    for n in range(days):
        morning = company.hours.next_open(since + timedelta(days=n))
        for part in FIRST if n == 0 else ():
            company.agenda.put(morning, _deed(company, part))
        company.agenda.put(morning, lambda at: day.calls_of(company, at))
        for hours, part in DAILY:
            company.agenda.put(morning + timedelta(hours=hours), _deed(company, part))
        for on, part in ONCE:
            if int(on * days) == n:
                company.agenda.put(morning + timedelta(hours=2), _deed(company, part))


def _deed(company: Company, part: Part) -> Callable[[datetime], None]:
    return lambda _at: part(company)
