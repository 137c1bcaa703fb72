"""What stands in for lost sound: level, fading, no clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import Frame
from callcenter.sip.sound.conceal import FADED, ComfortNoise, Concealer, blend, crossfade


def tone(hertz: float, frames: int, peak: float = 9000) -> list[Frame]:
    at = np.arange(frames * 160)
    sound = (peak * np.sin(2 * np.pi * hertz * at / 8000)).astype("<i2").tobytes()
    return [Frame(0, sound[i : i + 320]) for i in range(0, len(sound), 320)]


def numbers(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2").astype(float)


@pytest.mark.parametrize("hertz", [80, 125, 220, 400, 1000, 3000])
def test_a_lost_frame_of_a_tone_is_hardly_heard(hertz: float) -> None:
    """No step is bigger than the tone's own, plus what the fading takes."""
    concealer = Concealer()
    frames = tone(hertz, 6)
    sound = b""
    for number, frame in enumerate(frames):
        sound += concealer.make(160) if number == 3 else concealer.heard(frame).pcm
    own = np.abs(np.diff(numbers(b"".join(f.pcm for f in frames)))).max()
    limit = own * 1.5 + 700 if hertz >= 125 else 9000
    assert np.abs(np.diff(numbers(sound))).max() <= limit


@given(st.binary(min_size=640, max_size=640), st.lists(st.integers(1, 320), max_size=8))
def test_it_is_never_louder_than_what_was_heard(sound: bytes, pieces: list[int]) -> None:
    concealer = Concealer()
    concealer.heard(Frame(0, sound[:320]))
    concealer.heard(Frame(0, sound[320:]))
    loudest = np.abs(numbers(sound)).max()
    made = [concealer.make(count) for count in pieces]
    assert [len(piece) for piece in made] == [2 * count for count in pieces]
    assert np.abs(numbers(b"".join(made) or b"\0\0")).max() <= loudest
    back = concealer.heard(Frame(0, bytes(320)))
    assert len(back.pcm) == 320
    assert np.abs(numbers(back.pcm)).max() <= loudest
    assert not any(back.pcm[64:])


def test_it_fades_within_60_ms_to_nothing() -> None:
    concealer = Concealer()
    for frame in tone(440, 2):
        concealer.heard(frame)
    assert any(concealer.make(FADED))
    assert not concealer.fading
    assert concealer.make(160) == bytes(320)


def test_one_frame_is_enough_to_begin_with_and_none_is_silence() -> None:
    concealer = Concealer()
    assert concealer.make(160) == bytes(320)
    (frame,) = tone(440, 1)
    assert concealer.heard(frame) == frame
    assert any(concealer.make(160))
    concealer.heard(Frame(0, b"\1\0"))
    concealer.pause()
    assert concealer.make(160) == bytes(320)


def test_after_a_pause_nothing_is_blended() -> None:
    concealer = Concealer()
    first, second = tone(440, 2)
    concealer.heard(first)
    concealer.make(160)
    concealer.pause()
    assert concealer.heard(second) == second


def test_the_16_khz_form_is_blended_too() -> None:
    concealer = Concealer()
    (frame,) = tone(440, 1)
    wide = np.full(320, 5000, "<i2").tobytes()
    concealer.heard(Frame(0, frame.pcm, wide=wide))
    concealer.make(FADED)
    back = concealer.heard(Frame(0, frame.pcm, wide=wide))
    assert len(back.wide) == 640
    assert 0 <= numbers(back.wide)[0] < 200
    assert numbers(back.wide)[64:].tolist() == [5000] * 256


def test_a_crossfade_begins_as_one_and_ends_as_the_other() -> None:
    low, high = np.full(160, 100, "<i2").tobytes(), np.full(160, 4100, "<i2").tobytes()
    mixed = numbers(crossfade(low, high))
    assert (mixed[0], mixed[-1]) == (112, 4088)
    assert np.all(np.diff(mixed) > 0)
    assert blend(Frame(5, low), Frame(0, high, wide=low + high)) == Frame(5, crossfade(low, high))


def test_comfort_noise_goes_round() -> None:
    noise = ComfortNoise()
    assert noise.make(160) == bytes(320)
    noise.describe(b"\x28")
    pieces = {noise.make(160) for _ in range(50)}
    assert len(pieces) == 50
    assert noise.make(160) in pieces
