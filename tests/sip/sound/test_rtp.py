"""RTP packets: golden, truncated, identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.sound.rtp import RtpPacket, parse_rtp

GOLDEN = bytes.fromhex("80 88 1234 000000a0 deadbeef") + b"abc"


def test_golden_bytes() -> None:
    packet = RtpPacket(8, 0x1234, 160, 0xDEADBEEF, b"abc", marker=True)
    assert bytes(packet) == GOLDEN
    assert parse_rtp(GOLDEN) == packet


@given(
    st.builds(
        RtpPacket,
        st.integers(0, 63) | st.integers(96, 127),
        st.integers(0, 2**16 - 1),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=40),
        st.booleans(),
    )
)
def test_a_packet_reads_what_it_wrote(packet: RtpPacket) -> None:
    assert parse_rtp(bytes(packet)) == packet


@given(st.binary(max_size=64))
def test_any_bytes_are_a_packet_or_none(data: bytes) -> None:
    packet = parse_rtp(data)
    assert packet is None or len(packet.payload) <= len(data)


def test_sources_extension_and_padding_are_left_out() -> None:
    head = bytes.fromhex("b2 00 0001 00000001 00000001")
    rest = bytes(8) + bytes.fromhex("bede 0001") + bytes(4)
    data = head + rest + b"sound" + b"\0\0\3"
    packet = parse_rtp(data)
    assert packet is not None
    assert packet.payload == b"sound"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        GOLDEN[:11],
        b"\x40" + GOLDEN[1:],
        b"\x81" + GOLDEN[1:14],
        b"\x90" + GOLDEN[1:15],
        b"\x90" + GOLDEN[1:12] + b"\0\0\xff\xff",
        b"\xa0" + GOLDEN[1:14] + b"\0",
        b"\xa0" + GOLDEN[1:14] + b"\xff",
        b"\x80\xc8" + bytes(26),
    ],
)
def test_truncated_and_foreign_packets_are_none(data: bytes) -> None:
    assert parse_rtp(data) is None
