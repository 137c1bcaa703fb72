"""Where a figure of a report leads on the pages: the list that shows what it counts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from callcenter.casework.paper.sheet import Cell, Figure
from callcenter.web.access.rights import line_of
from callcenter.web.pages.render import may

LISTS: Mapping[str, str] = {
    "calls": "/calls",
    "work-orders": "/orders",
    "work-orders/promises": "/reports/counts/promises",
    "complaints": "/complaints",
    "follow-ups": "/follow-ups",
    "evaluations": "/reports/counts/evaluations",
    "coaching": "/staff/coaching",
}
"""By the path of the API that lists the same."""
RECORDS: Mapping[str, str] = {
    "calls": "/calls",
    "work-orders": "/orders",
    "complaints": "/complaints",
    "follow-ups": "/follow-ups",
    "handovers": "/handovers",
}
"""By the path of the API under which one of them is shown."""
MOST = "limit=1000"


def page_of(counts: str) -> str:
    """The page that shows what this path of the API does; "" where there is none, or the reader
    may not see it."""
    path, _, query = counts.partition("?")
    where = LISTS.get(path) or _record(path)
    if not where or not line_of(where) or not may(where):
        return ""
    asked = [query, MOST] if where.startswith("/reports/") else [query] if query else []
    return f"{where}?{'&'.join(asked)}" if asked else where


def leads_to(cell: Cell) -> str:
    """Where the figure in this cell leads; "" for nowhere."""
    if not isinstance(cell, Figure) or cell.value in (0, None):
        return ""
    return page_of(cell.counts)


def _record(path: str) -> str:
    kind, _, number = path.partition("/")
    return f"{RECORDS[kind]}/{quote(number, safe='')}" if number and kind in RECORDS else ""
