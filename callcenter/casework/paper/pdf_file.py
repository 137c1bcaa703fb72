"""A sheet as an A4 page to print and sign; the only file that touches reportlab.

Hanzi are set in STSong-Light, which every PDF reader brings or replaces: no font is needed here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from callcenter.casework.paper.sheet import Cell, Sheet, Table, text, width

_FONT = "STSong-Light"
_MARGIN = 16 * mm
_GREY = colors.HexColor("#98a2b3")
_GRID = (
    ("GRID", (0, 0), (-1, -1), 0.4, _GREY),
    ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef1f5")),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
)


def page(sheet: Sheet) -> bytes:
    """The PDF: title, facts, tables that go on over pages with their head, lines to sign."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
    made = SimpleDocTemplate(out, pagesize=A4, title=sheet.title, **margins)
    made.build(list(_flow(sheet)), onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _flow(sheet: Sheet) -> Sequence[Flowable]:
    parts: list[Flowable] = [_text(sheet.title, 16), Spacer(1, 4 * mm)]
    if sheet.facts:
        parts += [_grid([[_text(k), _text(text(v))] for k, v in sheet.facts], (0.28, 0.72))]
    for table in sheet.tables:
        parts += _table(table)
    if sheet.signatures:
        parts += [Spacer(1, 14 * mm), _signing(sheet.signatures)]
    return parts


def _table(table: Table) -> list[Flowable]:
    rows = [list(table.columns), *([text(cell) for cell in row] for row in table.rows)]
    shares = _shares(rows)
    parts: list[Flowable] = [Spacer(1, 5 * mm), _text(table.title, 12), Spacer(1, 2 * mm)]
    parts.append(_grid([[_text(cell) for cell in row] for row in rows], shares, head=1))
    return [*parts, _text(table.note, 8)] if table.note else parts


def _grid(rows: list[list[Paragraph]], shares: Sequence[float], head: int = 0) -> LongTable:
    room = A4[0] - 2 * _MARGIN
    made = LongTable(rows, colWidths=[room * share for share in shares], repeatRows=head)
    made.setStyle(TableStyle(_GRID if head else [*_GRID[:1], *_GRID[2:]]))
    return made


def _shares(rows: Sequence[Sequence[str]]) -> list[float]:
    """Of the width for each column: as its longest text is wide, within bounds."""
    widest = (max(width(cell) for cell in column) for column in zip(*rows, strict=True))
    wanted = [max(8, min(60, one)) for one in widest]
    return [one / sum(wanted) for one in wanted]


def _signing(names: Sequence[str]) -> Flowable:
    """A line for the name and one for the date, side by side."""
    rows = [[_text(f"{name}："), "", _text("日期："), ""] for name in names]
    room = A4[0] - 2 * _MARGIN
    made = LongTable(rows, colWidths=[room * share for share in (0.2, 0.4, 0.12, 0.28)])
    ink = [("LINEBELOW", (column, 0), (column, -1), 0.6, colors.black) for column in (1, 3)]
    made.setStyle(TableStyle([*ink, ("TOPPADDING", (0, 0), (-1, -1), 14)]))
    return made


def _text(words: Cell, size: float = 9.5) -> Paragraph:
    style = ParagraphStyle(
        f"s{size}", fontName=_FONT, fontSize=size, leading=size * 1.4, wordWrap="CJK"
    )
    return Paragraph(escape(text(words)), style)


def _foot(canvas: Canvas, _made: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont(_FONT, 8)
    canvas.setFillColor(_GREY)
    canvas.drawRightString(A4[0] - _MARGIN, 9 * mm, f"第 {canvas.getPageNumber()} 页")
    canvas.restoreState()
