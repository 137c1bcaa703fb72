"""8 and 16 kHz: what a filter keeps, what it leaves out, and that pieces make a whole."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.halfband import DOWN_LATE, UP_LATE, Doubler, Halver, Widener, halve
from callcenter.core.records import FRAME_BYTES, Frame
from tests.audio.tones import loudness_db, purity, tone


@pytest.mark.parametrize("hz", [50, 440, 1000, 3400])
def test_speech_keeps_its_level_both_ways(hz: int) -> None:
    narrow, wide = tone(hz, 0.5), tone(hz, 0.5, rate=16_000)
    down, up = Halver()(wide)[800:], Doubler()(narrow)[1600:]
    assert purity(down, hz) > 0.9999
    assert purity(up, hz, rate=16_000) > 0.9999
    assert abs(loudness_db(down) - loudness_db(narrow)) < 0.1
    assert abs(loudness_db(up) - loudness_db(narrow)) < 0.1


@pytest.mark.parametrize("hz", [4500, 6000, 7900])
def test_what_8_khz_cannot_hold_is_left_out(hz: int) -> None:
    assert loudness_db(Halver()(tone(hz, 0.5, rate=16_000))[800:]) < -70


def test_a_sound_comes_back_later_by_both_delays() -> None:
    narrow = tone(700, 0.2)
    back = struct.unpack("<1600h", Halver()(Doubler()(narrow)))
    sent = struct.unpack("<1600h", narrow)
    late = DOWN_LATE + UP_LATE
    apart = max(abs(a - b) for a, b in zip(sent[100:], back[100 + late :], strict=False))
    assert apart < 10


@given(st.lists(st.integers(0, 400), max_size=8))
def test_pieces_make_the_same_whole(lengths: list[int]) -> None:
    sound = tone(900, 0.4, rate=16_000)
    for one, other, unit in ((Halver(), Halver(), 4), (Doubler(), Doubler(), 2)):
        pieces, at = [], 0
        for length in lengths:
            pieces.append(one(sound[at : at + length * unit]))
            at += length * unit
        assert b"".join(pieces) == other(sound[:at])


def test_full_scale_does_not_wrap_around() -> None:
    square = struct.pack("<16h", *[32767] * 8, *[-32768] * 8) * 50
    for filtered in (Halver()(square), Doubler()(square)):
        samples = struct.unpack(f"<{len(filtered) // 2}h", filtered)
        assert max(samples) == 32767
        assert min(samples) == -32768


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5])
def test_a_whole_sound_of_any_length(size: int) -> None:
    assert len(halve(bytes(size))) == (size // 2 + 1) // 2 * 2


def test_frames_that_are_wide_already_leave_no_edge_behind() -> None:
    narrow = tone(1000, 0.1)
    frames = [Frame(0, narrow[at : at + FRAME_BYTES]) for at in range(0, 1600, FRAME_BYTES)]
    widen, double = Widener(), Doubler()
    expected = [double(frame.pcm) for frame in frames]
    assert widen(frames[0]) == expected[0]
    assert widen(Frame(0, frames[1].pcm, wide=b"as it is")) == b"as it is"
    assert [widen(frame) for frame in frames[2:]] == expected[2:]
