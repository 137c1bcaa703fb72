"""G.711 against the recommendation's own levels, and by signal-to-noise ratio."""

from __future__ import annotations

import numpy as np
import pytest

from callcenter.sip.sound.g711 import decode, encode


def reference(code: int, codec: str) -> int:
    """One code's level, as the recommendation's tables spell it out."""
    if codec == "PCMU":
        code = ~code & 0xFF
        level = ((2 * (code & 15) + 33) << (code >> 4 & 7)) - 33
        return -4 * level if code & 0x80 else 4 * level
    code ^= 0x55
    segment, step = code >> 4 & 7, code & 15
    level = 2 * step + 1 if segment == 0 else (2 * step + 33) << (segment - 1)
    return 8 * level if code & 0x80 else -8 * level


def samples(pcm: bytes) -> list[int]:
    return np.frombuffer(pcm, "<i2").tolist()


def pcm_of(values: object) -> bytes:
    return np.asarray(values, "<i2").tobytes()


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_every_code_has_the_recommended_level(codec: str) -> None:
    assert samples(decode(bytes(range(256)), codec)) == [reference(c, codec) for c in range(256)]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_every_level_keeps_its_code(codec: str) -> None:
    everything = bytes(range(256))
    again = encode(decode(everything, codec), codec)
    assert decode(again, codec) == decode(everything, codec)


def step(code: int, codec: str) -> int:
    """How wide the interval of one code is, in 16-bit samples."""
    if codec == "PCMU":
        return 8 << (~code >> 4 & 7)
    return 16 << max((code ^ 0x55) >> 4 & 7, 1) - 1


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_every_sample_lies_in_the_interval_of_its_level(codec: str) -> None:
    everything = np.arange(-32600, 32601)
    codes = encode(pcm_of(everything), codec)
    got = np.array(samples(decode(codes, codec)))
    half = np.array([step(c, codec) / 2 for c in codes])
    assert np.all(np.abs(got - everything) <= half)
    assert np.all(np.diff(got) >= 0)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize(("loudness", "least_db"), [(3000, 36), (300, 30)])
def test_signal_to_noise(codec: str, loudness: int, least_db: float) -> None:
    noise = np.random.default_rng(7).laplace(0, loudness, 80000)
    sound = np.clip(noise, -32000, 32000).astype("<i2")
    back = np.array(samples(decode(encode(sound.tobytes(), codec), codec)))
    error = sound.astype(float) - back
    assert 10 * np.log10(np.mean(sound.astype(float) ** 2) / np.mean(error**2)) >= least_db


def test_golden_values_and_edges() -> None:
    assert encode(pcm_of([0, 32767, -32768]), "PCMU") == b"\xff\x80\x00"
    assert encode(pcm_of([0, 32767, -32768]), "PCMA") == b"\xd5\xaa\x2a"
    assert encode(b"\0\0\1", "PCMU") == b"\xff"
    assert encode(b"", "PCMA") == decode(b"", "PCMA") == b""
