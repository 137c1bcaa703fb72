"""The rows of a table that somebody uploads, CSV or XLSX, one after another. Pure.

CSV in UTF-8 or GB18030, with commas, semicolons or tabs; XLSX through openpyxl, its first page.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from callcenter.casework.paper.csv_file import DANGEROUS
from callcenter.core.errors import Refused

Row = tuple[int, list[str]]
"""The line on which a row begins, from 1, and its cells as text."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, or from there on with the whole table: then it is no `row`."""

    line: int
    reason: str
    row: bool = True


MOST_ROWS = 200_000
MOST_CELLS = 50
LONGEST_CELL = 32_767
"""Characters, as Excel has it."""
UNPACKED = 512 << 20
WORDS = 128 << 20
"""The most bytes of an XLSX once unpacked, and of its list of texts, which is held in memory."""
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = (",", "\t", ";")
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_TOO_MANY = f"more than {MOST_ROWS} rows; what follows is not read"


def rows(content: bytes) -> Iterator[Row | Problem]:
    """Every row that is not empty, and what could not be read.

    MOST_ROWS at most; a row at a time, whatever the size. Raises Refused for what is no table.
    """
    if content.startswith(_OLD_EXCEL):
        raise Refused("this is an old Excel file (.xls); save it as .xlsx or CSV")
    found = _xlsx(content) if content.startswith(_ZIP) else _csv(content)
    count = 0
    for row in found:
        if isinstance(row, Problem):
            yield row
        elif any(row[1]):
            count += 1
            if count > MOST_ROWS + 1:
                yield Problem(row[0], _TOO_MANY, row=False)
                return
            yield row


def harmless(value: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{value}" if value.lstrip("'").startswith(DANGEROUS) else value


def restored(value: str) -> str:
    """What `harmless` was given."""
    runs = value.startswith("'") and value.lstrip("'").startswith(DANGEROUS)
    return value[1:] if runs else value


def _csv(content: bytes) -> Iterator[Row | Problem]:
    opened = io.TextIOWrapper(io.BytesIO(content), _encoding(content), newline="")
    first = opened.readline(LONGEST_CELL)
    opened.seek(0)
    reader = csv.reader(opened, delimiter=max(DELIMITERS, key=first.count))
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(line, f"not CSV: {error}")
        else:
            yield line, [restored(cell).strip() for cell in cells[:MOST_CELLS]]


def _encoding(content: bytes) -> str:
    """The first encoding in which all of it is text. Raises Refused."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        with suppress(UnicodeDecodeError):
            for start in range(0, len(content), 1 << 16):
                decoder.decode(content[start : start + (1 << 16)])
            decoder.decode(b"", final=True)
            return encoding
    raise Refused("this is no text; expected CSV in UTF-8 or GB18030, or XLSX")


def _xlsx(content: bytes) -> Iterator[Row | Problem]:
    try:
        _check_size(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        found = sheet.iter_rows(max_col=MOST_CELLS, values_only=True)
        for line, cells in enumerate(found, 1):
            yield line, _texts(cells)
    except Refused:
        raise
    except Exception as error:
        # Whatever is wrong inside: openpyxl says it in a dozen kinds of exceptions.
        raise Refused("this XLSX cannot be read; save it anew, or as CSV") from error


def _check_size(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        files = packed.infolist()
    words = sum(file.file_size for file in files if file.filename.endswith("sharedStrings.xml"))
    if words > WORDS or sum(file.file_size for file in files) > UNPACKED:
        raise Refused(f"this XLSX is more than {UNPACKED >> 20} MiB unpacked; split it")


def _texts(cells: Sequence[Any]) -> list[str]:
    """As people read them; a number that Excel kept as a figure is its digits."""
    return ["" if cell is None else restored(_text(cell)[:LONGEST_CELL]).strip() for cell in cells]


def _text(cell: Any) -> str:
    match cell:
        case float() if cell.is_integer() and abs(cell) < 10**15:
            return str(int(cell))
        case datetime():
            return cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
