"""WAV files in and out, strictly: 16-bit PCM, mono or stereo. Touches the file it is given.

What is read comes at 8 kHz: 16 kHz is brought down to it, other rates are refused with a sentence.
Layout: Microsoft, Multimedia Programming Interface 1.0 (RIFF), and WAVEFORMATEXTENSIBLE.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from callcenter.core.errors import SoundFileError
from callcenter.core.halfband import halve
from callcenter.core.records import SAMPLE_RATE, WIDE_RATE

HEADER_BYTES = 44
"""Length of the header that `wav_header` makes."""
EXPECTED = "expected a WAV of 16-bit PCM, 8 or 16 kHz, mono or stereo"

_PCM = 1
_EXTENSIBLE = 0xFFFE
_PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound file as read: one 8 kHz mono signed 16-bit little-endian string a channel."""

    channels: tuple[bytes, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.channels[0]) / 2 / SAMPLE_RATE


def read_wav(path: str | os.PathLike[str]) -> Sound:
    """The sound in a WAV file; a file cut short by a crash is read as far as it goes.

    Raises SoundFileError naming the file, what was expected and what was found.
    """
    try:
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SoundFileError(f"{os.fspath(path)}: {EXPECTED}; found no file: {reason}") from error
    return parse_wav(content, os.fspath(path))


def parse_wav(content: bytes, name: str) -> Sound:
    """The sound in the bytes of a WAV file; `name` is for the message.

    Raises SoundFileError.
    """
    try:
        return _parse(content)
    except _Unfit as unfit:
        raise SoundFileError(f"{name}: {EXPECTED}; found {unfit}") from None


def write_wav(path: str | os.PathLike[str], *channels: bytes) -> None:
    """Write one or two channels of 8 kHz mono 16-bit sound as a WAV file.

    Raises ValueError where the channels differ in length, OSError where the disk refuses.
    """
    data = interleave(*channels)
    Path(path).write_bytes(wav_header(len(channels), len(data)) + data)


def wav_header(channels: int, data_bytes: int, rate: int = SAMPLE_RATE) -> bytes:
    """The 44 bytes before the samples of a 16-bit WAV."""
    block = channels * 2
    form = struct.pack("<HHIIHH", _PCM, channels, rate, rate * block, block, 16)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", data_bytes + 36, b"WAVE", b"fmt ", len(form))
        + form
        + struct.pack("<4sI", b"data", data_bytes)
    )


def interleave(*channels: bytes) -> bytes:
    """The channels' samples in turn, as a WAV keeps them. Raises ValueError on unequal lengths."""
    if len(channels) == 1:
        return channels[0]
    if len(set(map(len, channels))) > 1:
        raise ValueError("channels that differ in shape; expected equal lengths")
    both = np.empty((len(channels[0]) // 2, len(channels)), "<i2")
    for at, one in enumerate(channels):
        both[:, at] = np.frombuffer(one, "<i2")
    return both.tobytes()


class _Unfit(Exception):
    """Why the bytes are not for us; its text completes "found …"."""


def _parse(content: bytes) -> Sound:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise _Unfit("no RIFF/WAVE header")
    rate, channels, data = _form_and_data(content)
    if not data:
        raise _Unfit("no sound in it")
    sides = np.frombuffer(data, "<i2").reshape(-1, channels)
    told = [sides[:, i].tobytes() for i in range(channels)]
    return Sound(tuple(map(halve, told) if rate == WIDE_RATE else told))


def _form_and_data(content: bytes) -> tuple[int, int, bytes]:
    form: tuple[int, int] | None = None
    for tag, size, body in _chunks(content):
        if tag == b"fmt ":
            form = _form(body)
        elif tag == b"data" and form is not None:
            return *form, _whole_samples(body, size, form[1] * 2)
    raise _Unfit("no sound format" if form is None else "no data chunk")


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Each chunk: its tag, the size that it claims, and what is there of it."""
    at = 12
    while at + 8 <= len(content):
        tag, size = struct.unpack_from("<4sI", content, at)
        yield tag, size, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _form(body: bytes) -> tuple[int, int]:
    """(rate, channels) of a fmt chunk."""
    if len(body) < 16:
        raise _Unfit("a damaged fmt chunk")
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", body)
    if not _is_pcm(tag, body):
        raise _Unfit(f"sound format {tag:#06x}, not PCM")
    if bits != 16:
        raise _Unfit(f"{bits}-bit samples")
    if channels not in (1, 2) or block != channels * 2:
        raise _Unfit(f"{channels} channels in blocks of {block} bytes")
    if rate not in (SAMPLE_RATE, WIDE_RATE):
        raise _Unfit(f"{rate} Hz")
    return rate, channels


def _is_pcm(tag: int, body: bytes) -> bool:
    return tag == _PCM or (tag == _EXTENSIBLE and body[24:40] == _PCM_GUID)


def _whole_samples(body: bytes, size: int, block: int) -> bytes:
    beyond = len(body) % block
    if beyond and len(body) == size:
        raise _Unfit("a file that ends in the middle of a sample")
    return body[: len(body) - beyond]
