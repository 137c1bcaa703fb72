"""The tones that the house makes: whole frames, soft, without a click."""

from __future__ import annotations

from array import array
from itertools import pairwise

import pytest

from callcenter.core.records import FRAME_BYTES, SAMPLE_RATE
from callcenter.desk.tones import PLAIN, SOFT, Loop, hold_tone, ringing_tone


def test_the_hold_tone_is_soft_and_begins_at_once():
    samples = array("h", hold_tone())
    assert len(samples) == 4 * SAMPLE_RATE
    assert max(map(abs, samples)) <= SOFT
    assert max(map(abs, samples[:800])) > SOFT / 2, "it is heard within 100 ms"
    steps = (abs(after - before) for before, after in pairwise(samples))
    assert max(steps) < SOFT, "no click"


def test_the_ringing_tone_is_the_network_s():
    samples = array("h", ringing_tone())
    assert len(samples) == 5 * SAMPLE_RATE
    first = samples[:SAMPLE_RATE]
    crossings = sum((a < 0) != (b < 0) for a, b in pairwise(first))
    assert crossings == pytest.approx(2 * 450, abs=4)
    assert max(map(abs, samples)) <= PLAIN
    assert not any(samples[SAMPLE_RATE:])


def test_a_loop_goes_round():
    loop = Loop(b"\1" * FRAME_BYTES + b"\2" * FRAME_BYTES)
    frames = [loop.next(160 * at) for at in range(5)]
    assert [frame.pcm[0] for frame in frames] == [1, 2, 1, 2, 1]
    assert [frame.start for frame in frames] == [0, 160, 320, 480, 640]


@pytest.mark.parametrize("tone", [hold_tone, ringing_tone])
def test_a_tone_is_whole_frames(tone):
    assert len(tone()) % FRAME_BYTES == 0
