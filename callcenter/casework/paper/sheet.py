"""A form or a report as people read it: facts, tables, lines to sign. Pure.

Every figure may say which calls or records it counts, as a query of the API: it drills down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from callcenter.core.numbers import mask

Value = str | int | float | date | datetime | timedelta | None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, printed as a percentage with its formula; nothing where `of` is 0."""

    part: float
    of: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and the API path whose answer lists what it counts."""

    value: Value | Share
    counts: str


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone number: on paper its middle is hidden, but on one that is `whole`."""

    number: str


Cell = Value | Share | Figure | Telephone


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under titles; `note` says how the figures are meant."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""
    series: bool = False
    """Each row is a moment, in order: its figures can be drawn as lines."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole paper; `signatures` are the names under lines to sign."""

    title: str
    facts: tuple[tuple[str, Cell], ...] = ()
    tables: tuple[Table, ...] = ()
    signatures: tuple[str, ...] = ()


def spanned(path: str, name: str, since: datetime, until: datetime) -> str:
    """A path of the API whose list is of this time: complaints?opened_since=…&opened_until=…"""
    start, end = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (since, until))
    return f"{path}?{name}_since={start}&{name}_until={end}"


def plain(cell: Cell) -> Value | Share:
    """Without what it counts."""
    if isinstance(cell, Telephone):
        return mask(cell.number)
    return cell.value if isinstance(cell, Figure) else cell


def hidden(sheet: Sheet, hide: Callable[[str], str]) -> Sheet:
    """The same with what people wrote in it passed through `hide`."""

    def told(cell: Cell) -> Cell:
        if isinstance(cell, Figure) and isinstance(cell.value, str):
            return replace(cell, value=hide(cell.value))
        return hide(cell) if isinstance(cell, str) else cell

    return _each(sheet, told)


def whole(sheet: Sheet) -> Sheet:
    """The same with its telephone numbers whole: for who has said why."""
    return _each(sheet, lambda cell: cell.number if isinstance(cell, Telephone) else cell)


def _each(sheet: Sheet, change: Callable[[Cell], Cell]) -> Sheet:
    tables = (
        replace(table, rows=[tuple(map(change, row)) for row in table.rows])
        for table in sheet.tables
    )
    facts = tuple((name, change(value)) for name, value in sheet.facts)
    return replace(sheet, facts=facts, tables=tuple(tables))


def text(cell: Cell) -> str:
    """As people read it: 12:30:05 on the wall of this machine, 1 小时 05 分, 83.3 %."""
    value = plain(cell)
    match value:
        case None:
            return "—"
        case Share(part, of):
            return f"{100 * part / of:.1f} %" if of else "—"
        case timedelta():
            return span(value)
        case datetime():
            return f"{value.astimezone():%Y-%m-%d %H:%M}"
        case float():
            return f"{value:.1f}"
        case _:
            return str(value)


def span(length: timedelta) -> str:
    """A length of time: 45 秒, 3 分 05 秒, 1 小时 05 分."""
    seconds = round(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{sign}{hours} 小时 {minutes:02d} 分"
    return f"{sign}{minutes} 分 {seconds % 60:02d} 秒" if minutes else f"{sign}{seconds} 秒"


def width(words: str) -> int:
    """How wide a text is set, in digits; a hanzi is two."""
    return sum(1 + (sign > "\xff") for sign in words)
