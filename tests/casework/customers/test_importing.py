from __future__ import annotations

import csv
import io
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from callcenter.casework.customers import exchange as customer_exchange
from callcenter.casework.customers import importing as customer_import
from callcenter.casework.customers.importing import Checked
from callcenter.casework.paper import table_rows
from callcenter.casework.paper.table_rows import Problem, harmless, restored, rows
from callcenter.core.errors import NumberTaken, Refused
from callcenter.core.events import RecordStepped
from callcenter.store import trail
from callcenter.store.customer_tables import CustomerNumber
from callcenter.store.sql import Store
from tests.casework.conftest import after
from tests.casework.filing import MOBILE, OFFICE, RULES, Filing

PLAIN = """客户名称,联系人,手机,座机（办公）,地址,客户类别,会员,购买金额,最近购买
华宏钢管,李建国,138 0000 0001,010-88880001,"北京市
朝阳区",重点,是,"1,234.50",2025/3/1
立新,,13900000002;13900000003,,,,,,
"""


@pytest.fixture
def filing(store: Store) -> Filing:
    return Filing(store)


def checked(filing: Filing, content: bytes) -> Checked:
    with filing.store.session() as session:
        return customer_import.check(session, content, RULES)


def problems(filing: Filing, text: str) -> list[tuple[int, str]]:
    return [(p.line, p.reason) for p in checked(filing, text.encode()).problems]


def written(filing: Filing, content: bytes) -> list[str]:
    found = checked(filing, content)
    numbers: list[str] = []
    for batch in customer_import.batches(content, found, RULES):
        with filing.store.session() as session:
            facts = customer_import.opened(session, batch, filing.actor("王芳"))
        filing.books.write(*facts)
        numbers += [fact.number for fact in facts]
    return numbers


def as_xlsx(table: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_u1_a_table_becomes_files(filing: Filing, encoding: str) -> None:
    first, second = written(filing, PLAIN.encode(encoding))
    row = filing.file(first)
    assert (row.name, row.contact, row.address) == ("华宏钢管", "李建国", "北京市 朝阳区")
    assert [one["number"] for one in row.numbers] == [MOBILE, OFFICE]
    assert (row.customer_class, row.class_by, row.member) == ("key", "王芳", True)
    assert row.amount_fen == 123_450
    assert row.last_purchase_at is not None
    assert f"{row.last_purchase_at.astimezone():%Y-%m-%d}" == "2025-03-01"
    assert len(filing.file(second).numbers) == 2
    assert filing.file(second).class_by == ""


def test_u1_excel_keeps_numbers_as_figures(filing: Filing) -> None:
    table = [["客户名称", "电话", "购买次数"], ["华宏", 13800000001.0, 3], [None, None, None]]
    (number,) = written(filing, as_xlsx(table))
    assert filing.file(number).numbers[0]["number"] == MOBILE
    assert filing.file(number).purchases == 3


def test_every_line_that_is_wrong_is_told(filing: Filing) -> None:
    filing.open("旧客户", MOBILE)
    filing.open("无号码")
    table = (
        "客户名称,电话,客户类别,购买金额,传真号\n"
        ",13700000001,,,\n"
        "甲,不知道,,,\n"
        "乙,13700000002,贵宾,,\n"
        "丙,13700000002,,很多,\n"
        "丁,13700000002,,,\n"
        "戊,0137 0000 0002,,,\n"
        "己,+86 13800000001,,,\n"
        " 无号码 ,,,,\n"
        '庚,"13700000005\n'
    )
    told = problems(filing, table)
    assert told == [
        (1, "the column 传真号 is not known; it is not read"),
        (2, "name is empty"),
        (3, "this is no telephone number; expected 3 to 20 digits"),
        (4, "the class is '贵宾'; expected 重点客户 一般客户 潜在客户"),
        (5, "an amount is '很多'; expected yuan such as 1234.50"),
        (7, "a number is on line 6 too"),
        (8, "a number is in the file of customer CU-20250304-0001"),
        (9, "the name is in the file of customer CU-20250304-0002"),
    ]
    found = checked(filing, table.encode())
    assert (found.rows, found.good, found.count) == (9, 2, 8)
    assert len(written(filing, table.encode())) == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "this table is empty"),
        (
            "电话,传真\n1,2\n".encode(),
            "no column 客户名称 .name.; expected of: .* found: 电话 传真",
        ),
        ("客户名称,姓名\n甲,乙\n".encode(), "two columns are 客户名称: 姓名 is one of them"),
        (b"\xff\xfe\x00\xff", "this is no text; expected CSV in UTF-8 or GB18030, or XLSX"),
        (b"PK\x03\x04rubbish", "this XLSX cannot be read"),
        (b"\xd0\xcf\x11\xe0....", "this is an old Excel file"),
    ],
)
def test_what_is_no_table_of_customers_is_refused(filing: Filing, content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        checked(filing, content)


def test_a_packed_bomb_is_refused(filing: Filing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "UNPACKED", 1000)
    with pytest.raises(Refused, match="MiB unpacked; split it"):
        checked(filing, as_xlsx([["客户名称"]]))


def test_rows_beyond_the_most_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_rows, "MOST_ROWS", 3)
    found = list(rows(b"name\n" + b"\n".join(b"c%d" % n for n in range(9))))
    assert [one for one in found if not isinstance(one, Problem)][-1] == (4, ["c2"])
    assert isinstance(found[-1], Problem)
    assert (found[-1].line, found[-1].row) == (5, False)


def test_a_cell_without_end_spoils_its_row_only() -> None:
    text = "name\n甲\n" + '"' + "x" * 200_000 + "\n乙\n"
    found = list(rows(text.encode()))
    assert [one for one in found if not isinstance(one, Problem)][:2] == [
        (1, ["name"]),
        (2, ["甲"]),
    ]
    assert any(isinstance(one, Problem) and one.line == 3 for one in found)


@given(st.text(st.sampled_from("'=+-@\t\ra1"), max_size=6))
def test_formulas_are_neutralised_and_read_back_the_same(value: str) -> None:
    assert not harmless(value).startswith(table_rows.DANGEROUS)
    assert restored(harmless(value)) == value


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_read(content: bytes) -> None:
    for start in (b"", b"name\n", b"PK\x03\x04"):
        with suppress(Refused):
            list(islice(rows(start + content), 300))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_u8_what_goes_out_comes_in_the_same(filing: Filing, form: str, tmp_path: Any) -> None:
    wild = {"contact": "=HYPERLINK(1)", "address": "'+86", "remarks": '-1\n@x, "y"'}
    numbers = ("+49 30 123456", f"{OFFICE}转12")
    old = filing.open("=1+1", *numbers, **wild, amount_fen=105, purchases=2, member=True)
    filing.act(old, "classify", customer_class="key", reason="x")
    filing.open("第二家", MOBILE)
    with filing.store.session() as session:
        file = customer_exchange.export(session, form)  # type: ignore[arg-type]
    assert file.rows == 2
    for cells in _cells(form, file.content):
        assert not any(str(cell).startswith(("=", "+", "-", "@", "\t")) for cell in cells if cell)
    again = Filing(_fresh(tmp_path))
    new, _ = written(again, file.content)
    names = ("name", "numbers", *wild, "amount_fen", "purchases", "member", "customer_class")
    for name in names:
        assert getattr(again.file(new), name) == getattr(filing.file(old), name), name
    again.store.close()


def _fresh(folder: Any) -> Store:
    store = Store(f"sqlite:///{folder / 'again.db'}")
    store.upgrade()
    return store


def _cells(form: str, content: bytes) -> list[Any]:
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_files_that_are_opened_together_are_as_if_they_came_alone(filing: Filing) -> None:
    fields = {"name": "甲", "customer_class": "potential", "name_key": "甲"}
    one = {"number": "13800000009", "e164": "", "kind": "mobile", "extension": ""}

    def opening(number: str, **more: Any) -> RecordStepped:
        what = ("customer", number, "import", "王芳", "active", 0, {**fields, **more})
        return RecordStepped("", after(0), *what)

    many = [opening("CU-1", numbers=[one]), opening("CU-2", remarks="无电话"), opening("CU-3")]
    filing.books.write(*many)
    with filing.store.session() as session:
        held = session.scalars(select(CustomerNumber)).all()
        assert [(row.customer_number, row.number) for row in held] == [("CU-1", one["number"])]
        assert (trail.verify(session).entries, trail.verify(session).broken_at) == (3, 0)
        assert [step.version for step in trail.of(session, "customer", "CU-2")] == [1]
    assert filing.file("CU-2").remarks == "无电话"
    filing.books.write(*many)
    with pytest.raises(NumberTaken):
        filing.books.write(opening("CU-4"), replace(opening("CU-3"), person="别人"))
    with filing.store.session() as session:
        assert trail.verify(session).entries == 3
