"""A sheet as the answer to a request: JSON, an Excel workbook, a PDF, or a CSV.

Telephone numbers in it are hidden as on the pages; a lead who says why gets them whole, and that
stands in the trail before anything leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, HTTPException, Query, Request
from starlette.responses import JSONResponse, Response

from callcenter.casework.paper import sheet as papers
from callcenter.casework.paper.csv_file import table_csv
from callcenter.casework.paper.pdf_file import page
from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table, plain, text
from callcenter.casework.paper.xlsx_file import workbook
from callcenter.core.events import Accessed
from callcenter.core.people import LEADS
from callcenter.web.access.masking import in_text
from callcenter.web.access.told import Told
from callcenter.web.access.visiting import ASKING
from callcenter.web.access.witness import REVEAL, about
from callcenter.web.room import InRoom

Form = Literal["json", "xlsx", "pdf", "csv"]

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES: Mapping[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "xlsx": (_XLSX, workbook),
    "pdf": ("application/pdf", page),
    "csv": ("text/csv; charset=utf-8", lambda sheet: b"".join(map(table_csv, sheet.tables))),
}


async def whole_numbers(
    request: Request, room: InRoom, reason: Annotated[str, Query(max_length=200)] = ""
) -> bool:
    """`reason`: why the telephone numbers in it are to be whole; a lead's."""
    visitor, why = ASKING.get(), reason.strip()
    if not why:
        return False
    if visitor.name and not visitor.roles & LEADS:
        raise HTTPException(403, f"{visitor.name} may not have whole numbers; leads may")
    if visitor.name:
        what = (REVEAL, *about(request.url.path), why)
        await room.desk.record(Accessed("", room.now(), visitor.name, *what))
    return True


Whole = Annotated[bool, Depends(whole_numbers)]
"""Whether the numbers of a sheet are told whole."""


def as_paper(sheet: Sheet, form: Form, name: str, whole: bool = False) -> Response:
    """The sheet in this form; files are called `name` with their ending."""
    if whole:
        sheet = papers.whole(sheet)
    elif not ASKING.get().for_others:
        sheet = papers.hidden(sheet, in_text)
    if form == "json":
        return (JSONResponse if whole else Told)(_sheet(sheet))
    return as_file(_FILES[form][1](sheet), form, name)


def as_file(content: bytes, form: Literal["xlsx", "pdf", "csv"], name: str) -> Response:
    """A file to download, called `name` with its ending."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=_FILES[form][0], headers=headers)


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "title": sheet.title,
        "facts": [{"name": name, **_cell(value)} for name, value in sheet.facts],
        "tables": [_table(table) for table in sheet.tables],
        "signatures": list(sheet.signatures),
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
        "note": table.note,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    """`text` is for people, `value` for programs: shares as fractions, lengths in seconds."""
    told = {"text": text(cell), "value": _value(cell)}
    return {**told, "counts": cell.counts} if isinstance(cell, Figure) else told


def _value(cell: Cell) -> str | int | float | None:
    match plain(cell):
        case Share(part, of):
            return part / of if of else None
        case timedelta() as length:
            return length.total_seconds()
        case datetime() | date() as moment:
            return moment.isoformat()
        case value:
            return value
