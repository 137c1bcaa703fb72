from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.harassment.bill import Bill, read_bill
from callcenter.core.errors import Refused

CHINA = timezone(timedelta(hours=8))
HEAD = "主叫号码,被叫号码,开始时间,通话时长\n"
START = datetime(2026, 11, 22, 21, 15, 4, tzinfo=CHINA)


def bill(text: str, encoding: str = "utf-8") -> Bill:
    return read_bill(text.encode(encoding), CHINA)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_h21_a_bill_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    text = HEAD + "13800006127,4008200001,2026-11-22 21:15:04,30\r\n"
    read = bill(text.replace(",", delimiter), encoding)
    (row,) = read.rows
    assert (row.line, row.caller_number, row.callee_number) == (2, "13800006127", "4008200001")
    assert (row.started_at, row.seconds, read.problems) == (START, 30, ())


@pytest.mark.parametrize(
    "head",
    [
        "主叫,开始时间,时长",
        "主叫号码,通话时间,通话时长",
        "caller,start,duration",
        "Caller,Start Time,Duration (s)",
        "来电号码,起始时间,计费时长（秒）",
        '"主叫","开始时间","时长"',
    ],
)
def test_h21_headings_are_found_by_their_names(head: str) -> None:
    (row,) = bill(f"{head}\n13800006127,2026-11-22 21:15:04,30\n").rows
    assert (row.caller_number, row.started_at, row.seconds) == ("13800006127", START, 30)


def test_h21_columns_stand_in_any_order_below_a_title() -> None:
    text = "某某电信话单\n客户：某公司,账期：11月\n\n序号,通话时长,通话日期,开始时间,主叫\n"
    (row,) = bill(f"{text}1,30,2026-11-22,21:15:04,13800006127\n").rows
    assert (row.line, row.started_at, row.seconds) == (5, START, 30)


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-22 21:15:04",
        "2026/11/22 21:15:04",
        "2026.11.22 21:15:04",
        "2026-11-22T21:15:04",
        "2026-11-22T13:15:04Z",
        "2026-11-22T21:15:04+08:00",
        "20261122211504",
        "20261122 211504",
        "2026年11月22日 21时15分04秒",
        "2026-11-22 21:15:04.0",
        "\t2026-11-22 21:15:04",
    ],
)
def test_h21_times_as_carriers_write_them(start: str) -> None:
    (row,) = bill(f"主叫;开始时间;时长\n13800006127;{start};30\n").rows
    assert row.started_at == START


def test_a_time_without_a_zone_is_this_machines() -> None:
    read = read_bill(f"{HEAD}13800006127,,2026-11-22 21:15:04,30\n".encode())
    assert read.rows[0].started_at == datetime(2026, 11, 22, 21, 15, 4).astimezone()


@pytest.mark.parametrize(
    ("length", "seconds"),
    [
        ("65", 65), ("65.0", 65), ("65秒", 65), ("1:05", 65), ("00:01:05", 65), ("1分5秒", 65),
        ("1小时1分5秒", 3665), ("2分钟", 120), ("0", 0), ("01:01:05", 3665),
    ],
)  # fmt: skip
def test_h21_lengths_as_carriers_write_them(length: str, seconds: int) -> None:
    (row,) = bill(f"{HEAD}13800006127,,2026-11-22 21:15:04,{length}\n").rows
    assert row.seconds == seconds


@pytest.mark.parametrize("number", ['="13800006127"', "'13800006127", '"13800006127"'])
def test_numbers_as_spreadsheets_keep_them(number: str) -> None:
    (row,) = bill(f"{HEAD}{number},,2026-11-22 21:15:04,30\n").rows
    assert row.caller_number == "13800006127"


def test_h21_every_bad_line_is_told_and_the_rest_is_read() -> None:
    lines = [
        "13800006127,,2026-11-22 21:15:04,30",
        ",,2026-11-22 21:15:04,30",
        "anonymous,,2026-11-22 21:15:04,30",
        "合计,,,300",
        "13800006127,,2026-11-22,30",
        "13800006127,,2026-02-30 21:15:04,30",
        "13800006127,,0001-01-01 00:00:00,30",
        "13800006127,,2026-11-22 21:15:04,long",
        "13800006127,,2026-11-22 21:15:04,-5",
        "13800006127,,2026-11-22 21:15:04,9999999",
        "13800006127",
        '"13800006127,,2026-11-22 21:15:04,30',
        "1" * 20_000,
        "",
        ",,,",
        "13800006128,,2026-11-22 21:15:04,30",
    ]
    read = bill(HEAD + "\n".join(lines) + "\n")
    assert [row.line for row in read.rows] == [2, 17]
    assert [one.line for one in read.problems] == list(range(3, 15))
    told = " ".join(one.reason for one in read.problems)
    for reason in (
        "empty or withheld",
        "not a telephone number",
        "no time; expected such as 2026-11-22 20:15:30",
        "no duration; expected seconds or hh:mm:ss",
        "more than a week",
        "longer than 10000 characters",
    ):
        assert reason in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no headings"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", "no text; expected CSV in UTF-8 or GB18030"),
        ("甲,乙,丙\n1,2,3\n".encode(), "expected columns such as 主叫 / 主叫号码"),
        (b"caller,start\n1,2\n", "no headings"),
    ],
)
def test_what_is_no_bill_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read_bill(content, UTC)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_stands_in_a_bill_is_told(garbage: bytes) -> None:
    read = None
    try:
        read = read_bill(HEAD.encode() + garbage, UTC)
    except Refused:
        return
    assert all(one.line >= 2 and one.reason for one in read.problems)
