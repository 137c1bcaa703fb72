from __future__ import annotations

import struct
import wave
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.audio.wav import Sound, interleave, parse_wav, read_wav, wav_header, write_wav
from callcenter.core.errors import SoundFileError

from .tones import loudness_db, purity, tone

GUID_PCM = bytes.fromhex("0100000000001000800000aa00389b71")


def form(tag: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16) -> bytes:
    block = channels * bits // 8
    return struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)


def chunk(tag: bytes, body: bytes, size: int | None = None) -> bytes:
    return tag + struct.pack("<I", len(body) if size is None else size) + body


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return chunk(b"RIFF", body)


def wav(data: bytes = bytes(320), size: int | None = None, **kind: int) -> bytes:
    return riff(chunk(b"fmt ", form(**kind)), chunk(b"data", data, size))


def extensible(guid: bytes) -> bytes:
    return form(tag=0xFFFE) + struct.pack("<HHI", 22, 16, 4) + guid


@pytest.mark.parametrize("channels", [1, 2])
def test_what_we_write_is_what_the_standard_library_reads(tmp_path: Path, channels: int) -> None:
    sides = (tone(300, 0.1), tone(900, 0.1))[:channels]
    write_wav(tmp_path / "a.wav", *sides)
    with wave.open(str(tmp_path / "a.wav")) as theirs:
        assert theirs.getparams()[:4] == (channels, 2, 8000, 800)
        assert theirs.readframes(800) == interleave(*sides)
    assert read_wav(tmp_path / "a.wav") == Sound(sides)


def test_what_the_standard_library_writes_is_what_we_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as theirs:
        theirs.setparams((2, 2, 8000, 0, "NONE", ""))
        theirs.writeframes(struct.pack("<4h", 1, -1, 2, -2))
    assert read_wav(str(path)).channels == (struct.pack("<2h", 1, 2), struct.pack("<2h", -1, -2))
    assert read_wav(path).seconds == 2 / 8000


def test_channels_of_unequal_length_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shape"):
        write_wav(tmp_path / "a.wav", bytes(4), bytes(6))


@pytest.mark.parametrize("hz", [100, 440, 1000, 3400])
def test_16_khz_keeps_speech(hz: int) -> None:
    there = tone(hz, 0.5, rate=16000)
    (here,) = parse_wav(wav(there, rate=16000), "x").channels
    assert len(here) == len(there) // 2
    assert purity(here, hz) > 0.999
    middle = here[800:-800]
    assert abs(loudness_db(middle) - loudness_db(there)) < 0.1


def test_16_khz_stays_in_place() -> None:
    wide = tone(700, 0.2, rate=16000)
    (here,) = parse_wav(wav(wide, rate=16000), "x").channels
    every_second = np.frombuffer(wide, "<i2")[::2].astype(int)
    apart = np.abs(np.frombuffer(here, "<i2").astype(int) - every_second)
    assert apart[100:-100].max() < 40


@pytest.mark.parametrize("hz", [4600, 6000, 7900])
def test_16_khz_leaves_out_what_8_khz_cannot_hold(hz: int) -> None:
    (here,) = parse_wav(wav(tone(hz, 0.5, rate=16000), rate=16000), "x").channels
    assert loudness_db(here[800:-800]) < -70


@pytest.mark.parametrize("samples", [1, 2, 3, 500])
@pytest.mark.parametrize("channels", [1, 2])
def test_16_khz_of_any_length(samples: int, channels: int) -> None:
    data = b"\xff\x7f" * samples * channels
    sound = parse_wav(wav(data, rate=16000, channels=channels), "x")
    assert [len(one) for one in sound.channels] == [(samples + 1) // 2 * 2] * channels


def test_full_scale_does_not_wrap_around() -> None:
    square = struct.pack("<16h", *[32767] * 8, *[-32768] * 8) * 50
    (here,) = parse_wav(wav(square, rate=16000), "x").channels
    samples = np.frombuffer(here, "<i2").reshape(-1, 8)[10:-10]
    assert (samples[:, 1:3] > 20000).all()
    assert (samples[:, 5:7] < -20000).all()


def test_extensible_pcm_and_strange_chunks_are_read() -> None:
    content = riff(
        chunk(b"JUNK", b"odd") + b"\0",
        chunk(b"fmt ", extensible(GUID_PCM)),
        chunk(b"LIST", b"INFO"),
        chunk(b"data", b"\1\2\3\4"),
        chunk(b"LIST", b"after"),
    )
    assert parse_wav(content, "x").channels == (b"\1\2\3\4",)


@pytest.mark.parametrize("size", [400, 401, 0xFFFFFFFF])
@pytest.mark.parametrize("there", [320, 321, 322, 323])
def test_a_file_cut_short_by_a_crash_is_read_as_far_as_it_goes(size: int, there: int) -> None:
    sound = parse_wav(wav(bytes(there), size, channels=2), "x")
    assert [len(one) for one in sound.channels] == [160, 160]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "no RIFF/WAVE header"),
        (b"ID3 an mp3", "no RIFF/WAVE header"),
        (riff(), "no sound format"),
        (riff(chunk(b"data", bytes(320))), "no sound format"),
        (riff(chunk(b"fmt ", form())), "no data chunk"),
        (riff(chunk(b"fmt ", form()[:14])), "a damaged fmt chunk"),
        (riff(chunk(b"fmt ", extensible(bytes(16)))), "sound format 0xfffe, not PCM"),
        (wav(b""), "no sound in it"),
        (wav(b"\1", 400), "no sound in it"),
        (wav(bytes(321)), "a file that ends in the middle of a sample"),
        (wav(bytes(322), channels=2), "a file that ends in the middle of a sample"),
        (wav(rate=48000), "48000 Hz"),
        (wav(rate=0), "0 Hz"),
        (wav(bits=8), "8-bit samples"),
        (wav(bits=24), "24-bit samples"),
        (wav(tag=7, bits=8), "sound format 0x0007, not PCM"),
        (wav(tag=3, bits=32), "sound format 0x0003, not PCM"),
        (wav(channels=3), "3 channels in blocks of 6 bytes"),
        (wav(channels=0), "0 channels in blocks of 0 bytes"),
    ],
)
def test_anything_else_is_refused_by_name(content: bytes, found: str) -> None:
    with pytest.raises(SoundFileError) as refused:
        parse_wav(content, "some/call.wav")
    assert str(refused.value) == (
        "some/call.wav: expected a WAV of 16-bit PCM, 8 or 16 kHz, mono or stereo; found " + found
    )


@pytest.mark.parametrize("name", ["missing.wav", ".", "nul\0.wav"])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(SoundFileError, match=r"expected a WAV .* found no file"):
        read_wav(tmp_path / name)


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_read_but_nothing_else(garbage: bytes) -> None:
    for content in (garbage, wav(bytes(8))[: len(garbage)] + garbage, riff(garbage)):
        with suppress(SoundFileError):
            assert parse_wav(content, "x").seconds > 0


@given(st.integers(1, 2), st.binary(max_size=64))
def test_a_header_tells_of_its_data(channels: int, data: bytes) -> None:
    whole = data[: len(data) // 4 * 4] or bytes(4)
    sound = parse_wav(wav_header(channels, len(whole)) + whole, "x")
    assert len(sound.channels) == channels
    assert interleave(*sound.channels) == whole
