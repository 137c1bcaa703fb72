"""What the page of the harassment report draws: shares with their intervals, bars, lines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from callcenter.casework.paper.sheet import Share as Part
from callcenter.casework.reports import harassment
from callcenter.casework.reports.answering import listed
from callcenter.casework.reports.ladder import RungEffect
from callcenter.casework.reports.nuisance import Found
from callcenter.casework.reports.shares import Share, wilson
from callcenter.web.pages.reports import heat
from callcenter.web.pages.reports.leads import page_of
from callcenter.web.pages.words import category

MANY = 10
"""So many attempts of one source, or more, stand together."""


def of(found: Found) -> dict[str, Any]:
    """Everything that the template of the page asks for."""
    told, period = found.ladder, found.period
    span = (period.since, period.until)
    types = _types(found)
    return {
        "found": found,
        "where": harassment.leads(period),
        "heat": heat.of(found),
        "of_all": _share(found.of_all),
        "judged": _share(found.judged),
        "overruled": page_of(listed(*span, direction="inbound", overruled="true")),
        "borne": _borne(found),
        "rungs": [(one, _rate(one)) for one in told.rungs],
        "types": types,
        "most_calls": max((calls for _, _, calls in types), default=1),
        "series": harassment.kinds(found),
        "attempts": _attempts(told.attempts),
        "most_abuse": max((one.abuse for one in found.bearing), default=timedelta()),
        "worst": max((one.most.total_seconds() / 60 for one in found.bearing), default=0.0),
        "ended": _clock(found.to_end),
        "ended_before": _clock(found.earlier_to_end),
        "word_of": lambda name: category(name).rpartition(" · ")[2],
    }


def _borne(found: Found) -> Callable[[str], str]:
    within = partial(listed, found.period.since, found.period.until, exposed="true")
    return lambda agent: within(agent=agent)


def _share(part: Part) -> Share:
    return wilson(part.part, part.of)


def _rate(one: RungEffect) -> Share:
    return wilson(one.gave_up, one.gave_up + one.came_back)


def _types(found: Found) -> Sequence[tuple[str, int, int]]:
    """The most calls first; nobody knows how many numbers were withheld."""
    withheld = found.ladder.withheld_calls
    rows = [*found.types, *([("withheld", 0, withheld)] if withheld else [])]
    return sorted(rows, key=lambda one: -one[2])


def _attempts(counts: Sequence[int]) -> list[tuple[str, int]]:
    """How many sources tried once, twice and so on; MANY times or more together."""
    found = Counter(min(count, MANY) for count in counts)
    last = max(found, default=0)
    return [(str(n) if n < MANY else f"≥{MANY}", found[n]) for n in range(1, last + 1)]


def _clock(length: timedelta | None) -> str:
    if length is None:
        return "—"
    seconds = round(length.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02d}"
