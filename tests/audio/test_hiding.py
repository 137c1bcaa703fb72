"""A number is a tone in the recording: live, at the end, and in a file that is closed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from callcenter.audio.hiding import hide_in
from callcenter.audio.recording import WavRecorder
from callcenter.audio.tone import LOUDNESS
from callcenter.audio.two_recorders import TwoRecorders
from callcenter.audio.wav import read_wav
from callcenter.core.records import FRAME_SAMPLES, Frame, Party
from callcenter.core.redaction import Hidden
from tests.waiting import until

AT = datetime(2026, 11, 23, tzinfo=UTC)
LOUD = np.full(FRAME_SAMPLES, 9000, "<i2").tobytes()
CALLER = Hidden(Party.CALLER, 200, 600, "phone", "一三八")
AGENT = Hidden(Party.AGENT, 900, 1000, "card", "六二二")


def peaks(file: Path) -> list[list[int]]:
    """The loudest sample of each 100 ms, of each channel."""
    sides = [np.frombuffer(side, "<i2").reshape(-1, 800) for side in read_wav(file).channels]
    return [np.abs(side).max(axis=1).tolist() for side in sides]


def is_tone(value: int) -> bool:
    return LOUDNESS - 30 <= value <= LOUDNESS


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[WavRecorder]:
    made = WavRecorder(tmp_path)
    yield made
    made.close()


def frames(count: int, wide: bool = False) -> Iterator[Frame]:
    for n in range(count):
        yield Frame(n * FRAME_SAMPLES, LOUD, wide=LOUD * 2 if wide else b"")


@pytest.mark.parametrize("wide", [False, True])
async def test_a_span_is_hidden_in_one_channel_before_the_hash(
    tmp_path: Path, recorder: WavRecorder, wide: bool
) -> None:
    recording = recorder.open("c1", AT)
    for frame in frames(50, wide):
        recording.write(frame, frame)
    recording.hide(CALLER)
    recording.hide(AGENT)
    info = await recording.close()
    file = tmp_path / info.path
    assert hashlib.sha256(file.read_bytes()).hexdigest() == info.sha256
    caller, agent = peaks(file)
    inside, outside = (3, 4), (0, 1, 7, 8, 9)  # at 16 kHz its halving blurs the edges
    assert all(is_tone(caller[n]) for n in inside)
    assert all(caller[n] > 5000 for n in outside)
    assert is_tone(agent[9]) or wide
    assert all(agent[n] > 5000 for n in range(8))


async def test_it_is_hidden_in_the_growing_file_too_and_sound_to_come_waits(
    tmp_path: Path, recorder: WavRecorder
) -> None:
    recording = recorder.open("c1", AT)
    file = tmp_path / "2026/11/23/c1.wav"
    recording.hide(AGENT)
    for frame in frames(25):
        recording.write(frame, frame)
    recording.hide(Hidden(Party.CALLER, 0, 100, "phone", ""))
    await until(lambda: file.exists() and file.stat().st_size > 44 and is_tone(peaks(file)[0][0]))
    for frame in list(frames(75))[25:]:
        recording.write(frame, frame)
    await until(lambda: len(peaks(file)[1]) >= 10 and is_tone(peaks(file)[1][9]))
    await recording.close()


async def test_what_is_hidden_is_given_to_who_keeps_it_first(tmp_path: Path) -> None:
    kept: list[tuple[str, Hidden, int, int]] = []

    def keep(path: str, hidden: Hidden, pcm: bytes, rate: int) -> None:
        kept.append((path, hidden, int(np.frombuffer(pcm, "<i2").max()), len(pcm) // 2))
        raise OSError("no room")  # it is hidden all the same

    recorder = WavRecorder(tmp_path, keep=keep)
    recording = recorder.open("c1", AT)
    for frame in frames(50):
        recording.write(frame, frame)
    recording.hide(CALLER)
    info = await recording.close()
    recorder.close()
    assert kept == [(info.path, CALLER, 9000, 3200)]
    assert is_tone(peaks(tmp_path / info.path)[0][3])


async def test_both_copies_are_hidden(tmp_path: Path) -> None:
    recorder = TwoRecorders(WavRecorder(tmp_path / "one"), WavRecorder(tmp_path / "two"))
    recording = recorder.open("c1", AT)
    for frame in frames(50):
        recording.write(frame, frame)
    recording.hide(CALLER)
    info = await recording.close()
    recorder.close()
    assert all(is_tone(peaks(tmp_path / one / info.path)[0][3]) for one in ("one", "two"))


async def test_a_closed_recording_is_sealed_anew_and_twice_is_once(
    tmp_path: Path, recorder: WavRecorder
) -> None:
    recording = recorder.open("c1", AT)
    for frame in frames(50):
        recording.write(frame, frame)
    before = await recording.close()
    beyond = Hidden(Party.CALLER, 900, 5000, "phone", "")
    after = hide_in(tmp_path, before.path, [CALLER, beyond])
    assert after.sha256 != before.sha256
    assert after.seconds == before.seconds
    assert hide_in(tmp_path, before.path, [CALLER, beyond]) == after
    nowhere = Hidden(Party.CALLER, 60_000, 70_000, "phone", "")
    assert hide_in(tmp_path, before.path, [nowhere]) == after
