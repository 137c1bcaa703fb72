"""The voice detector on speech, noise, tones and silence."""

from __future__ import annotations

import numpy as np
import pytest

from callcenter.asr.webrtc_gate import VoiceDetector, loudness
from callcenter.core.records import SILENCE

from .sound import SAID, frames, load, noise, pcm, samples, silence, tone


def share(sound: bytes) -> float:
    """How much of the sound is taken for a voice."""
    detector = VoiceDetector()
    judged = [detector.voiced(frame.pcm) for frame in frames(sound)]
    return sum(judged) / len(judged)


@pytest.mark.parametrize("name", SAID)
def test_speech_is_voiced(name: str) -> None:
    assert share(load(name)) > 0.9


@pytest.mark.parametrize("name", SAID)
def test_a_quiet_caller_is_voiced(name: str) -> None:
    assert share(pcm(samples(load(name)) / 8)) > 0.7


NO_VOICES = {
    "silence": silence(5),
    "comfort noise": noise(5, -66),
    "line noise": noise(5, -45),
    "hum": tone(5, 50, peak=3000),
    "ring-back": tone(5, 425, peak=3000),
    "DC offset": pcm(np.full(40000, 9000)),
}


@pytest.mark.parametrize("sound", NO_VOICES.values(), ids=NO_VOICES)
def test_what_is_not_a_voice(sound: bytes) -> None:
    assert share(sound) < 0.03


def test_comfort_noise_does_not_open_a_call() -> None:
    assert share(noise(0.2, -66)) == 0


def test_a_dc_offset_is_not_loud() -> None:
    assert loudness(SILENCE) == 0
    assert loudness(pcm(np.full(160, 12000))) == 0


@pytest.mark.parametrize("length", [0, 1, 160, 319, 321, 640])
def test_a_frame_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="a frame has 320 bytes"):
        VoiceDetector().voiced(bytes(length))
