"""Codecs behind one port: what a frame sounds like after the wire."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import FRAME_BYTES, FRAME_SAMPLES, Frame
from callcenter.sip.signal.formats import FORMATS
from callcenter.sip.sound import g711
from callcenter.sip.sound.codecs import Codec, new_codec
from tests.audio.tones import loudness_db, purity, tone

NAMES = tuple(FORMATS)


def frames(pcm: bytes, wide: bytes = b"") -> list[Frame]:
    return [
        Frame(n * FRAME_SAMPLES, pcm[at : at + FRAME_BYTES], wide=wide[2 * at : 2 * at + 640])
        for n, at in enumerate(range(0, len(pcm), FRAME_BYTES))
    ]


def through(codec: Codec, other: Codec, spoken: list[Frame]) -> tuple[bytes, bytes]:
    """What is heard, at 8 kHz and at 16 kHz."""
    heard = [other.decode(codec.encode(frame)) for frame in spoken]
    return b"".join(f.pcm for f in heard), b"".join(f.wide for f in heard)


def snr_db(sent: bytes, heard: bytes, most_late: int) -> float:
    """Signal to noise after the best gain, the two being apart by up to `most_late` samples."""
    one, two = (np.frombuffer(pcm, "<i2").astype(float) for pcm in (sent, heard))
    best = -100.0
    for late in range(most_late):
        a, b = one[2000 - late : -200 - late], two[2000:-200]
        noise = b - a * (a @ b / (a @ a))
        best = max(best, 10 * np.log10((b @ b) / (noise @ noise)))
    return float(best)


def speech_like(rate: int) -> bytes:
    """Two seconds of a buzz as a voice has it, louder and softer."""
    at = np.arange(2 * rate) / rate
    buzz = sum(np.sin(2 * np.pi * 130 * k * at + k * k) / k for k in range(1, 26))
    return (buzz * (1.1 + np.sin(2 * np.pi * 3 * at)) * 2500).astype("<i2").tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_one_byte_is_one_tick_of_a_clock_of_8000_hz(name: str) -> None:
    codec = new_codec(name)
    assert (FORMATS[name].clock_rate, FORMATS[name].wide) == (8000, codec.wide)
    assert codec.name == name
    assert len(codec.encode(Frame(0))) == FRAME_SAMPLES
    heard = codec.decode(bytes(FRAME_SAMPLES))
    assert len(heard.pcm) == FRAME_BYTES
    assert len(heard.wide) == (2 * FRAME_BYTES if codec.wide else 0)


def test_payload_types_are_those_of_rfc_3551() -> None:
    assert {n: f.payload_type for n, f in FORMATS.items()} == {"PCMU": 0, "PCMA": 8, "G722": 9}


@pytest.mark.parametrize("name", ["PCMU", "PCMA"])
def test_g711_is_what_its_tables_say(name: str) -> None:
    sound = tone(440, 0.1)
    heard, wide = through(new_codec(name), new_codec(name), frames(sound))
    assert heard == g711.decode(g711.encode(sound, name), name)
    assert wide == b""


@pytest.mark.parametrize(("name", "least"), [("PCMU", 36), ("PCMA", 36), ("G722", 37)])
def test_speech_comes_through(name: str, least: float) -> None:
    sound = speech_like(8000)
    heard, _ = through(new_codec(name), new_codec(name), frames(sound))
    assert snr_db(sound, heard, 120) > least


@pytest.mark.parametrize("hz", [100, 440, 1000, 2500, 3300])
def test_a_tone_keeps_its_level_at_both_rates(hz: int) -> None:
    narrow, wide = tone(hz, 0.5), tone(hz, 0.5, rate=16_000)
    for spoken in (frames(narrow, wide), frames(narrow)):
        heard, heard_wide = through(new_codec("G722"), new_codec("G722"), spoken)
        assert purity(heard[1600:], hz) > 0.999
        assert purity(heard_wide[3200:], hz, rate=16_000) > 0.999
        assert abs(loudness_db(heard[1600:]) - loudness_db(narrow)) < 0.5
        assert abs(loudness_db(heard_wide[3200:]) - loudness_db(wide)) < 0.5


@pytest.mark.parametrize("hz", [5000, 6500])
def test_what_only_16_khz_can_hold_is_there_and_nowhere_else(hz: int) -> None:
    wide = tone(hz, 0.5, rate=16_000)
    silent = bytes(len(wide) // 2)
    heard, heard_wide = through(new_codec("G722"), new_codec("G722"), frames(silent, wide))
    assert purity(heard_wide[3200:], hz, rate=16_000) > 0.98
    assert abs(loudness_db(heard_wide[3200:]) - loudness_db(wide)) < 1
    assert loudness_db(heard[1600:]) < -40


def test_silence_is_silence() -> None:
    heard, wide = through(new_codec("G722"), new_codec("G722"), [Frame(0)] * 20)
    assert max(map(abs, np.frombuffer(heard + wide, "<i2").tolist())) < 40


def test_g722_finds_its_way_back_after_lost_packets() -> None:
    codec, other = new_codec("G722"), new_codec("G722")
    payloads = [codec.encode(frame) for frame in frames(tone(1000, 1.0))]
    heard = b"".join(other.decode(p).wide for p in [*payloads[:20], *payloads[25:]])
    assert purity(heard[-640 * 15 :], 1000, rate=16_000) > 0.999


@given(st.sampled_from(NAMES), st.lists(st.binary(max_size=400), max_size=4))
def test_any_payload_is_as_long_as_its_bytes(name: str, payloads: list[bytes]) -> None:
    codec = new_codec(name)
    for payload in payloads:
        heard = codec.decode(payload)
        assert len(heard.pcm) == 2 * len(payload)
        assert len(heard.wide) == (4 * len(payload) if codec.wide else 0)


def test_each_party_has_its_own() -> None:
    one, other = new_codec("G722"), new_codec("G722")
    for frame in frames(tone(1000, 0.2)):
        one.encode(frame)
    fresh = new_codec("G722")
    assert other.encode(Frame(0)) == fresh.encode(Frame(0))
