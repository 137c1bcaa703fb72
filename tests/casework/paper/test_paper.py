from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from reportlab import rl_config

from callcenter.casework.paper import csv_file, pdf_file, xlsx_file
from callcenter.casework.paper.sheet import Cell, Figure, Share, Sheet, Table, text

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROWS: list[tuple[Cell, ...]] = [
    ("三声内接起率", Share(5, 6)),
    ("空的", Share(0, 0)),
    ("平均处理时长", timedelta(seconds=185)),
    ("来电", Figure(42, "calls?state=answered")),
    ("=HYPERLINK(1)", "@x"),
    ("截至", AT),
    ("日期", AT.date()),
    ("得分", 3.25),
    ("无", None),
]
SHEET = Sheet(
    "客服日报 [1/2]",
    (("制表", "王芳"), ("时间", AT)),
    (Table("指标", ("指标", "数值"), ROWS, "接起率 = 三声内接起 ÷ 接起"),),
    ("交班人", "接班人"),
)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Share(5, 6), "83.3 %"),
        (Share(1, 0), "—"),
        (Figure(Share(1, 4), "calls"), "25.0 %"),
        (timedelta(seconds=45), "45 秒"),
        (timedelta(seconds=185), "3 分 05 秒"),
        (timedelta(hours=1, minutes=5), "1 小时 05 分"),
        (-timedelta(minutes=2), "-2 分 00 秒"),
        (date(2026, 1, 2), "2026-01-02"),
        (AT, f"{AT.astimezone():%Y-%m-%d %H:%M}"),
        (None, "—"),
        (3.25, "3.2"),
        (7, "7"),
    ],
)
def test_cells_read_as_people_write_them(cell: Cell, words: str) -> None:
    assert text(cell) == words


def test_a_workbook_holds_figures_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(xlsx_file.workbook(SHEET)))
    assert book.sheetnames == ["客服日报 _1_2_", "指标"]
    page = book["指标"]
    found = {row[0].value: row[1] for row in page.iter_rows(min_row=2, max_row=10)}
    assert found["三声内接起率"].value == pytest.approx(5 / 6)
    assert found["三声内接起率"].number_format == "0.0%"
    assert found["平均处理时长"].value == timedelta(seconds=185)
    assert found["来电"].value == 42
    assert found["截至"].value == AT.astimezone().replace(tzinfo=None)
    assert (found["空的"].value, found["无"].value) == (None, None)
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert page.freeze_panes == "A2"


def test_a_csv_holds_no_formula() -> None:
    raw = csv_file.table_csv(SHEET.tables[0])
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0] == ["指标", "数值"]
    assert ["'=HYPERLINK(1)", "'@x"] in rows


@given(st.text(max_size=20))
def test_what_is_made_harmless_comes_back(words: str) -> None:
    made = csv_file.harmless(words)
    number = made == words and words.startswith(("+", "-"))
    assert number or not made.startswith(csv_file.DANGEROUS)
    if not words.startswith("'"):
        assert csv_file.restored(made) == words


def test_j4_a_paper_copy_to_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rl_config, "pageCompression", 0)
    many = Table("工单", ("编号", "事项"), [(f"WO-{n}", "漏水 <b>" * 9) for n in range(90)])
    made = pdf_file.page(Sheet(SHEET.title, SHEET.facts, (*SHEET.tables, many), SHEET.signatures))
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", made)) >= 3
    assert b"STSong-Light" in made
