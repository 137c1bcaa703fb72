"""Frames from packets over bad networks, with clocks that differ: in simulated time."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.core.records import FRAME_SAMPLES, SILENCE, Frame
from callcenter.sip.sound import g711
from callcenter.sip.sound.codecs import new_codec
from callcenter.sip.sound.depth import DEEPEST
from callcenter.sip.sound.playout import PATIENCE, Playout
from callcenter.sip.sound.rtp import RtpPacket
from tests.sip.network import LOUD, QUIET, ROUND, Network, music, words


def steady(number: int, dice: random.Random) -> float:
    return 0.05 + 0.003 * dice.random()


def loss_30_percent(number: int, dice: random.Random) -> float | None:
    return None if dice.random() < 0.3 else 0.05


def jitter_200_ms(number: int, dice: random.Random) -> float:
    """Each packet by itself, so many overtake others."""
    return 0.05 + 0.2 * dice.random()


def packet(number: int, payload: bytes = LOUD, kind: int = 0) -> RtpPacket:
    return RtpPacket(kind, number & 0xFFFF, number * FRAME_SAMPLES, 7, payload)


def playing(packets: int = 3, payload: bytes = LOUD) -> Playout:
    """With so many packets in it; nothing was pulled yet."""
    playout = Playout({0: new_codec("PCMU"), 9: new_codec("G722")})
    for number in range(packets):
        playout.buffer.push(packet(number, payload))
    return playout


def peak(frame: Frame) -> int:
    return int(np.abs(np.frombuffer(frame.pcm, "<i2").astype(int)).max())


@pytest.mark.parametrize("ppm", [200, -200])
def test_clocks_that_differ_stay_together_for_half_an_hour(ppm: float) -> None:
    """A word that begins at a time of the sender is heard as much later at the end as before.

    Ticks are the agent's channel of a recording, so this is how far the channels drift apart.
    """
    playout, frames = Network(delay=steady, ppm=ppm).play(1800)
    starts = words(frames)[1:]
    spoken = [i * ROUND * 0.02 / (1 + ppm * 1e-6) for i in range(1, len(starts) + 1)]
    lags = [tick * 0.02 - at for tick, at in zip(starts, spoken, strict=True)]
    assert max(lags) - min(lags) <= 0.04 + 1e-9
    assert (playout.concealed, playout.buffer.stats.late) == (0, 0)
    changes = playout.buffer.stats.added + playout.buffer.stats.left_out
    assert changes <= 25


@pytest.mark.parametrize("ppm", [200, -200])
def test_without_a_quiet_place_it_is_done_in_the_sound(ppm: float) -> None:
    playout, frames = Network(says=music, delay=steady, ppm=ppm).play(400)
    assert playout.buffer.stats.added + playout.buffer.stats.left_out >= 3
    assert playout.samples <= 3 * FRAME_SAMPLES
    assert not any(frame.lost for frame in frames[10:])


def test_30_percent_loss() -> None:
    playout, frames = Network(delay=loss_30_percent).play(120)
    lost = sum(frame.lost for frame in frames)
    assert 0.25 < lost / len(frames) < 0.35
    assert playout.buffer.stats.late == 0
    assert playout.samples <= 3 * FRAME_SAMPLES
    assert max(map(peak, frames)) <= 8200


def test_jitter_of_200_ms_with_overtaking() -> None:
    """Once the depth has settled, next to nothing comes too late, and the delay has a bound."""
    playout, frames = Network(delay=jitter_200_ms).play(120)
    assert playout.buffer.stats.late <= 10
    assert sum(frame.lost for frame in frames[500:]) <= 5
    assert playout.buffer.depth.typical <= DEEPEST


def test_jitter_that_ends_leaves_no_delay_behind() -> None:
    def delay(number: int, dice: random.Random) -> float:
        return jitter_200_ms(number, dice) if number < 1000 else 0.05

    playout, frames = Network(delay=delay).play(80)
    assert playout.samples <= 3 * FRAME_SAMPLES
    assert playout.buffer.stats.left_out >= 5
    assert words(frames)[-1] % ROUND <= 8


def test_a_stall_of_the_network_is_caught_up_with() -> None:
    """600 ms in which nothing comes and then all of it; a second later the cutting begins."""

    def delay(number: int, dice: random.Random) -> float:
        return 0.05 + max(0, 530 - number) * 0.02 if 500 <= number < 530 else 0.05

    playout, frames = Network(delay=delay).play(30)
    assert playout.samples <= 3 * FRAME_SAMPLES
    assert words(frames)[-1] % ROUND <= 8


@settings(max_examples=25)
@given(st.lists(st.none() | st.floats(0, 0.5), min_size=50, max_size=200))
def test_a_frame_each_tick_whatever_the_network_does(delays: list[float | None]) -> None:
    playout, frames = Network(delay=lambda number, dice: delays[number % len(delays)]).play(6)
    assert [frame.start for frame in frames] == list(range(0, 300 * 160, 160))
    assert all(len(frame.pcm) == 320 for frame in frames)
    assert max(map(peak, frames)) <= 8200
    assert playout.concealed <= sum(frame.lost for frame in frames) + 1


def test_nothing_came_is_silence_marked_lost() -> None:
    assert playing(0).pull(320) == Frame(320, SILENCE, lost=True)


def test_a_lost_frame_is_a_fading_repeat() -> None:
    playout = playing()
    frames = [playout.pull(0) for _ in range(7)]
    assert [frame.lost for frame in frames] == [False] * 3 + [True] * 4
    peaks = list(map(peak, frames))
    assert peaks[2] == peaks[3] > peaks[4] > peaks[5] > peaks[6] == 0
    assert playout.concealed == 3


def test_who_stops_where_it_is_quiet_has_not_been_lost() -> None:
    """A sender without comfort noise pauses (DTX): silence, and nothing made up."""
    playout = playing(payload=QUIET)
    frames = [playout.pull(0) for _ in range(40)]
    assert not any(frame.lost for frame in frames)
    playout.buffer.push(packet(3))
    assert playout.concealed == 0


@pytest.mark.parametrize(("level", "rms"), [(40, 327.7), (60, 32.8), (127, 0.0)])
def test_comfort_noise_has_the_level_that_was_told(level: int, rms: float) -> None:
    playout = playing()
    playout.comfort(packet(3, bytes([level, 1, 2]), 13))
    frames = [playout.pull(0) for _ in range(60)][3:]
    sound = np.frombuffer(b"".join(frame.pcm for frame in frames), "<i2").astype(float)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(rms, rel=0.05, abs=0.1)
    assert not any(frame.lost for frame in frames)
    playout.comfort(packet(4, b"", 13))
    assert playout.pull(0) == Frame(0)


def test_talk_after_comfort_noise_is_exact() -> None:
    playout = playing()
    playout.comfort(packet(3, b"\x30", 13))
    for _ in range(12):
        playout.pull(0)
    for number in range(12, 15):
        playout.buffer.push(RtpPacket(0, number - 8, number * 160, 7, LOUD))
    assert playout.pull(0).pcm == g711.decode(LOUD, "PCMU")


def test_a_type_that_is_understood_no_more_is_lost_sound() -> None:
    codecs = {0: new_codec("PCMU")}
    playout = Playout(codecs)
    for number in range(3):
        playout.buffer.push(packet(number))
    del codecs[0]
    assert playout.pull(0).lost


def test_16_khz_sound_goes_through_every_path() -> None:
    """Whole, lost, in halves, added to and left out: the wide form is 320 samples or none."""
    playout = playing(0)
    for number in range(12):
        playout.buffer.push(packet(number, bytes(range(160)), 9))
    frames = [playout.pull(0) for _ in range(3)]
    playout.buffer.depth.wish = 1
    frames += [playout.pull(0) for _ in range(3)]
    playout.buffer.depth.wish = -1
    frames += [playout.pull(0) for _ in range(PATIENCE + 8)]
    playout.buffer.push(RtpPacket(9, 12, 12 * 160, 7, bytes(80)))
    frames += [playout.pull(0) for _ in range(4)]
    assert {len(frame.wide) for frame in frames} == {0, 640}
    assert {len(frame.pcm) for frame in frames} == {320}


def test_sound_that_waits_is_counted() -> None:
    playout = playing(4, QUIET)
    assert playout.samples == 640
    playout.pull(0)
    playout.buffer.depth.wish = 1
    playout.pull(0)
    assert playout.samples == 480
    assert playout.buffer.stats.added == 1
