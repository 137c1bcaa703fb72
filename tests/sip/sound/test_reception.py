"""What came of a source: numbers that wrap, jump and begin anew; jitter by RFC 3550's formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.sound.reception import Loss, Reception
from callcenter.sip.sound.rtp import RtpPacket


def packet(sequence: int, timestamp: int = 0, ssrc: int = 7) -> RtpPacket:
    return RtpPacket(0, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


def fed(*sequences: int) -> Reception:
    reception = Reception()
    for sequence in sequences:
        reception.take(packet(sequence), None)
    return reception


@pytest.mark.parametrize(
    ("sequences", "expected", "received"),
    [
        ((5,), 1, 1),
        ((5, 6, 7), 3, 3),
        ((5, 8), 4, 2),
        ((65534, 65535, 0, 1), 4, 4),
        ((5, 7, 6), 3, 3),
        ((5, 6, 6), 2, 3),
        ((5, 30000, 6), 2, 2),
        ((5, 30000, 30001, 30003), 4, 3),
        ((5, 6, 65000, 65001), 3, 3),
    ],
    ids=["one", "three", "gap", "wrap", "overtaken", "double", "stray", "anew", "back"],
)
def test_numbers(sequences: tuple[int, ...], expected: int, received: int) -> None:
    reception = fed(*sequences)
    assert (reception.expected, reception.received) == (expected, received)


def test_another_source_counts_on_from_its_second_packet() -> None:
    reception = fed(1, 2, 4)
    for sequence in (900, 901, 902):
        reception.take(packet(sequence, ssrc=9), None)
    assert (reception.expected, reception.received) == (6, 5)
    assert reception.report() == Loss(9, 0, 0, 902, 0)


def test_the_fraction_is_of_the_time_since_the_last_report() -> None:
    reception = Reception()
    assert reception.report() is None
    for sequence in (10, 11, 13, 14):
        reception.take(packet(sequence), None)
    assert reception.report() == Loss(7, 51, 1, 14, 0)
    assert reception.report() == Loss(7, 0, 1, 14, 0)
    for sequence in (16, 16):
        reception.take(packet(sequence), None)
    assert reception.report() == Loss(7, 0, 1, 16, 0)
    reception.take(packet(20), None)
    assert reception.report() == Loss(7, 192, 4, 20, 0)


def test_the_highest_number_counts_on_where_it_wraps() -> None:
    reception = fed(65535, 0, 1)
    loss = reception.report()
    assert loss is not None
    assert loss.highest == 0x10001


def test_jitter_by_hand() -> None:
    """RFC 3550 §A.8: a sixteenth of each change of the transit time."""
    reception = Reception()
    for number, late in enumerate((0.0, 0.002, 0.0, 0.004)):
        reception.take(packet(number, number * 160), 1000.0 + number * 0.02 + late)
    expected = 0.0
    for change in (16, 16, 32):
        expected += (change - expected) / 16
    assert reception.jitter == pytest.approx(expected, abs=1e-3)


def test_a_steady_stream_has_no_jitter_whatever_wraps_or_is_set_anew() -> None:
    reception = Reception()
    stamp = 2**32 - 800
    for number in range(40):
        at = 1000.0 + number * 0.02
        stamp += 160 if number != 20 else 10**9
        reception.take(packet(number, stamp), at)
    assert reception.jitter == pytest.approx(0, abs=1e-3)


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 2**32 - 1), st.integers(0, 2))))
def test_any_numbers_make_a_report_that_fits(packets: list[tuple[int, int, int]]) -> None:
    reception = Reception()
    for at, (sequence, stamp, ssrc) in enumerate(packets):
        reception.take(packet(sequence, stamp, ssrc), at * 0.02)
    loss = reception.report()
    assert (loss is None) == (not packets)
    if loss is not None:
        assert 0 <= loss.fraction <= 255
        assert -0x800000 <= loss.lost <= 0x7FFFFF
        assert 0 <= loss.highest <= 0xFFFFFFFF
        assert 0 <= loss.jitter <= 8000
