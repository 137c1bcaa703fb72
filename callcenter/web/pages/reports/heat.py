"""The heat map of the harassment report: weekdays by hours, a number in every cell. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.casework.reports.harassment import leads
from callcenter.casework.reports.nuisance import Found
from callcenter.web.pages.language import say
from callcenter.web.pages.reports.leads import page_of
from callcenter.web.pages.words import word

DEPTHS = 10
"""Steps of the hue; from the eighth on the number stands in white."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday: its calls, their share of all that came then, and where to."""

    hour: int
    count: int
    share: str
    depth: int
    share_depth: int
    leads: str


@dataclass(frozen=True, slots=True)
class Row:
    """One weekday."""

    name: str
    cells: tuple[Cell, ...]
    count: int
    leads: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The whole week, the hours together, and what stands out."""

    rows: tuple[Row, ...]
    hours: tuple[tuple[int, str], ...]
    """Of each hour its calls, and where they are."""
    peak: tuple[int, int]
    """The weekday and the hour with the most."""
    says: str


def of(found: Found) -> Heat:
    """What the report found, to be drawn."""
    counts, came = found.ladder.heat, found.came
    most = max(map(max, counts))
    shares = [
        [n / of if of else 0.0 for n, of in zip(*both, strict=True)]
        for both in zip(counts, came, strict=True)
    ]
    largest = max(map(max, shares))
    where = leads(found.period)

    def cell(day: int, hour: int) -> Cell:
        count, share = counts[day][hour], shares[day][hour]
        to = page_of(where(weekday=str(day), hour=str(hour))) if count else ""
        told = f"{100 * share:.0f}%" if count else ""
        return Cell(hour, count, told, _depth(count, most), _depth(share, largest), to)

    rows = tuple(
        Row(
            word("weekday", str(day)),
            tuple(cell(day, hour) for hour in range(24)),
            total,
            page_of(where(weekday=str(day))) if total else "",
        )
        for day, total in enumerate(found.ladder.weekdays)
    )
    hours = tuple(
        (n, page_of(where(hour=str(hour))) if n else "")
        for hour, n in enumerate(found.ladder.hours)
    )
    peak = max(((d, h) for d in range(7) for h in range(24)), key=lambda at: counts[at[0]][at[1]])
    return Heat(rows, hours, peak, _says(found, peak))


def _depth(part: float, most: float) -> int:
    """From 0 for nothing to DEPTHS for the most."""
    return -int(-DEPTHS * part // most) if part and most else 0


def _says(found: Found, peak: tuple[int, int]) -> str:
    """The one sentence that the map is worth."""
    if not found.ladder.calls:
        return ""
    told = found.ladder.hours
    hour = told.index(max(told))
    day, at = peak
    name = word("weekday", str(day))
    return say("{hour} 时前后最多；{day} {peak} 时最高", hour=hour, day=name, peak=at)
