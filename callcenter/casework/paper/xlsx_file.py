"""A sheet as an Excel workbook, through openpyxl. Pure."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from callcenter.casework.paper.sheet import Cell, Share, Sheet, Table, plain, width

_BOLD = Font(bold=True)
_WIDEST, _NARROWEST = 48, 8
"""Characters."""


def workbook(sheet: Sheet) -> bytes:
    """One page for the facts, one for each table; figures stay figures, no text is a formula."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _tab(sheet.title, book)
    _put(first, 1, (sheet.title,), bold=True)
    for row, (name, value) in enumerate(sheet.facts, 2):
        _put(first, row, (name, value))
    for table in sheet.tables:
        _write(book.create_sheet(_tab(table.title, book)), table)
    _widen(first)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(page: Worksheet, table: Table) -> None:
    _put(page, 1, table.columns, bold=True)
    for number, cells in enumerate(table.rows, 2):
        _put(page, number, cells)
    if table.note:
        _put(page, len(table.rows) + 3, (table.note,))
    page.freeze_panes = "A2"
    _widen(page)


def _put(page: Worksheet, row: int, cells: tuple[Cell, ...], *, bold: bool = False) -> None:
    for column, cell in enumerate(cells, 1):
        place = page.cell(row, column)
        place.value, place.number_format = _value(cell)
        if isinstance(place.value, str):
            place.data_type = "s"
        if bold:
            place.font = _BOLD


def _value(cell: Cell) -> tuple[Any, str]:
    """What is put there, and its number format; Excel knows no time zones: times are local."""
    value = plain(cell)
    match value:
        case Share(part, of):
            return (part / of if of else None), "0.0%"
        case timedelta():
            return value, "[h]:mm:ss"
        case datetime():
            return value.astimezone().replace(tzinfo=None), "yyyy-mm-dd hh:mm"
        case date():
            return value, "yyyy-mm-dd"
        case float():
            return value, "0.0"
        case _:
            return value, "General"


def _tab(title: str, book: Workbook) -> str:
    """A name for a page: at most 31 characters, none of []:*?/\\, once."""
    kept = "".join("_" if sign in "[]:*?/\\" else sign for sign in title)[:28] or "_"
    return kept if kept not in book.sheetnames else f"{kept}{len(book.sheetnames)}"


def _widen(page: Worksheet) -> None:
    for number, column in enumerate(page.iter_cols(), 1):
        longest = max(width(str(one.value or "")) for one in column)
        set_to = max(_NARROWEST, min(_WIDEST, longest + 2))
        page.column_dimensions[get_column_letter(number)].width = set_to
