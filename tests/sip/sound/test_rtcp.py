"""RTCP packets: golden, truncated, foreign, identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.sound.reception import Loss
from callcenter.sip.sound.rtcp import (
    Block,
    Bye,
    Cname,
    Part,
    Report,
    SenderInfo,
    middle,
    ntp_time,
    parse_rtcp,
    write_rtcp,
)

GOLDEN = bytes.fromhex(
    "81c8000c 00000007 83aa7e80 80000000 000000a0 00000005 00000320"
    "00000009 33fffffe 00010002 00000003 7e808000 00010000"
    "81ca0003 00000007 01056140 62636400"
    "81cb0001 00000007"
)
"""A sender report with one block, a CNAME, BYE."""
PARTS: tuple[Part, ...] = (
    Report(
        7,
        (Block(Loss(9, 0x33, -2, 0x10002, 3), 0x7E808000, 0x10000),),
        SenderInfo(0x83AA7E8080000000, 160, 5, 800),
    ),
    Cname(7, "a@bcd"),
    Bye((7,)),
)
WORD = st.integers(0, 2**32 - 1)


def test_golden_bytes() -> None:
    assert write_rtcp(PARTS) == GOLDEN
    assert parse_rtcp(GOLDEN) == PARTS


BLOCKS = st.builds(
    Block,
    st.builds(Loss, WORD, st.integers(0, 255), st.integers(-0x800000, 0x7FFFFF), WORD, WORD),
    WORD,
    WORD,
)
SENDERS = st.builds(SenderInfo, st.integers(0, 2**64 - 1), WORD, WORD, WORD)


@given(
    st.builds(Report, WORD, st.lists(BLOCKS, max_size=31).map(tuple), st.none() | SENDERS),
    st.builds(Cname, WORD, st.text(max_size=60).filter(lambda t: len(t.encode()) < 256)),
    st.builds(Bye, st.lists(WORD, min_size=1, max_size=31).map(tuple)),
)
def test_what_was_written_is_read(report: Report, name: Cname, bye: Bye) -> None:
    parts = (report, name, bye)
    data = write_rtcp(parts)
    assert len(data) % 4 == 0
    assert parse_rtcp(data) == parts


@given(st.binary(max_size=200) | st.binary(max_size=120).map(lambda b: GOLDEN[:52] + b))
def test_any_bytes_are_parts_or_nothing(data: bytes) -> None:
    assert len(parse_rtcp(data)) <= len(data) // 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        GOLDEN[:51],
        b"\x40" + GOLDEN[1:],
        b"\xa1" + GOLDEN[1:],
        GOLDEN[52:],
        GOLDEN[:52] + b"\x80",
        GOLDEN[:52] + b"\x80\xca\x00\x09",
        b"\x80\xc0\x00\x00",
    ],
)
def test_truncated_and_foreign_packets_are_nothing(data: bytes) -> None:
    assert parse_rtcp(data) == ()


@pytest.mark.parametrize(
    "data",
    [
        "80c90000",
        "80c80001 00000007",
        "82c90001 00000007",
        "81c90001 00000007",
        "80c90001 00000007 80cb0000",
        "80c90001 00000007 83cb0001 00000007",
        "80c90001 00000007 80ca0001 00000007",
        "80c90001 00000007 81ca0002 00000007 01206162",
        "80c90001 00000007 81ca0002 00000007 02026162",
        "80c90001 00000007 80cc0001 00000007",
    ],
)
def test_parts_that_do_not_hold_what_they_say_are_left_out(data: str) -> None:
    assert parse_rtcp(bytes.fromhex(data)) in ((), (Report(7),))


def test_the_clock_of_ntp() -> None:
    assert ntp_time(0.5) == 2_208_988_800 << 32 | 1 << 31
    assert middle(ntp_time(0.5)) == 0x7E80_8000
