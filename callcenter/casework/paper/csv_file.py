"""A table as CSV for spreadsheets, in which no cell can become a formula. Pure."""

from __future__ import annotations

import csv
import io

from callcenter.casework.paper.sheet import Table, text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets (OWASP, CSV injection)."""


def harmless(value: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it; numbers stay."""
    return f"'{value}" if value.startswith(DANGEROUS) and not _is_number(value) else value


def restored(value: str) -> str:
    """What `harmless` was given."""
    return value[1:] if value[:1] == "'" and value[1:].startswith(DANGEROUS) else value


def table_csv(table: Table) -> bytes:
    """UTF-8 with a mark at its beginning, so that spreadsheets read the hanzi."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([harmless(text(cell)) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return not value.startswith(("\t", "\r"))
