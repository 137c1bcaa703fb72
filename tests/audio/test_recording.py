from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from callcenter.audio.growing import MAX_SAMPLES, NOTHING
from callcenter.audio.recording import WavRecorder
from callcenter.audio.two_recorders import TwoRecorders
from callcenter.audio.wav import read_wav
from callcenter.core.records import FRAME_SAMPLES, SILENCE, WIDE_SILENCE, Frame
from tests.waiting import until

from .recorder_child import AT, numbered
from .tones import loudness_db, purity, tone

CHILD = Path(__file__).with_name("recorder_child.py")


class SlowDisk:
    """A disk that stands still until told to go on."""

    def __init__(self) -> None:
        self.reached = Event()
        self.go_on = Event()

    def __call__(self, fd: int, data: bytes, offset: int) -> int:
        self.reached.set()
        assert self.go_on.wait(30)
        return os.pwrite(fd, data, offset)


class FullDisk:
    """A disk without room while `full`; tells of each refusal."""

    def __init__(self, full: bool = True) -> None:
        self.full = full
        self.refused = Event()

    def __call__(self, fd: int, data: bytes, offset: int) -> int:
        if self.full:
            self.refused.set()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.pwrite(fd, data, offset)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., WavRecorder]]:
    """Makes recorders over the test's folder and closes them."""
    made: list[WavRecorder] = []

    def _make(**options: object) -> WavRecorder:
        made.append(WavRecorder(tmp_path, **options))  # type: ignore[arg-type]
        return made[-1]

    yield _make
    for recorder in made:
        recorder.close()


def told(pcm: bytes) -> list[int]:
    """The numbers that a channel's frames say; each must be whole."""
    numbers = []
    for at in range(0, len(pcm), len(SILENCE)):
        frame = pcm[at : at + len(SILENCE)]
        assert frame == frame[:2] * (len(frame) // 2)
        numbers.append(int.from_bytes(frame[:2], "little", signed=True))
    return numbers


async def test_caller_is_left_and_agent_right_and_the_hash_is_right(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    recording = make().open("call-1", AT)
    for number in range(137):
        recording.write(numbered(number), numbered(number, -1))
    info = await recording.close()
    assert await recording.close() == info
    assert (info.path, info.channels) == ("2024/05/06/call-1.wav", 2)
    file = tmp_path / info.path
    assert info.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    sound = read_wav(file)
    assert sound.seconds == info.seconds == 137 * 0.02
    assert told(sound.channels[0]) == list(range(1, 138))
    assert told(sound.channels[1]) == list(range(-1, -138, -1))
    assert (recording.lost_ms, recording.errors) == (0, 0)


async def test_sound_stands_where_the_clock_says(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    recording = make().open("call", AT)
    for number in (2, 3, 30, 30, 29, 31, 100):
        recording.write(numbered(number), Frame(number * FRAME_SAMPLES, lost=True))
    info = await recording.close()
    recording.write(numbered(200), numbered(200))
    left, right = read_wav(tmp_path / info.path).channels
    expected = [0] * 101
    for number in (2, 3, 30, 31, 100):
        expected[number] = number + 1
    assert told(left) == expected
    assert not any(right)


async def test_frames_of_a_wrong_length_stay_in_their_20_ms(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    recording = make().open("call", AT)
    recording.write(Frame(0, b"\1" * 999), Frame(0, b"\2" * 3))
    left, right = read_wav(tmp_path / (await recording.close()).path).channels
    assert left == b"\1" * 320
    assert right == b"\2" * 3 + bytes(317)


def wideband(frames: int, hz: float) -> list[Frame]:
    """A tone as a wideband line brings it."""
    pcm, wide = tone(hz, frames / 50), tone(hz, frames / 50, rate=16_000)
    return [
        Frame(n * FRAME_SAMPLES, pcm[n * 320 : n * 320 + 320], wide=wide[n * 640 : n * 640 + 640])
        for n in range(frames)
    ]


async def test_a_wideband_call_is_kept_at_16_khz(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    recording = make().open("call", AT)
    callers, agents = wideband(137, 6000), wideband(137, 3000)
    for number, (caller, agent) in enumerate(zip(callers, agents, strict=True)):
        # The agent's microphone has 8 kHz now and then: that is brought up.
        recording.write(caller, agent if number < 50 else Frame(agent.start, agent.pcm))
    info = await recording.close()
    with wave.open(str(tmp_path / info.path)) as file:
        assert file.getparams()[:4] == (2, 2, 16_000, 137 * 320)
        both = np.frombuffer(file.readframes(137 * 320), "<i2").reshape(-1, 2)
    left, right = (both[:, side].tobytes() for side in range(2))
    assert left == b"".join(frame.wide for frame in callers)
    assert right[: 50 * 640] == b"".join(frame.wide for frame in agents[:50])
    assert purity(right[60 * 640 :], 3000, rate=16_000) > 0.9999
    assert abs(loudness_db(right[60 * 640 :]) - loudness_db(agents[0].wide)) < 0.1
    assert info.seconds == 137 * 0.02
    # Whoever reads it gets 8 kHz, of which a tone of 6 kHz is no part.
    sound = read_wav(tmp_path / info.path)
    assert sound.seconds == info.seconds
    assert loudness_db(sound.channels[0][800:-800]) < -70
    assert purity(sound.channels[1], 3000) > 0.99


async def test_the_first_frame_decides_the_rate(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    recorder = make()
    wide, narrow = recorder.open("wide", AT), recorder.open("narrow", AT)
    lost = Frame(0, lost=True, wide=WIDE_SILENCE)
    for recording, first in ((wide, lost), (narrow, Frame(0, lost=True))):
        recording.write(first, Frame(0))
        recording.write(Frame(160, wide=b"\1" * 640), Frame(160))
        recording.write(Frame(480), Frame(480))
        info = await recording.close()
        assert info.seconds == 0.08
        with wave.open(str(tmp_path / info.path)) as file:
            assert file.getframerate() == (16_000 if recording is wide else 8000)
            assert file.getnframes() == file.getframerate() * 8 // 100


async def test_a_wideband_chunk_that_the_disk_refuses_is_put_as_it_was(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    disk = FullDisk()
    recording = make(write_at=disk).open("call", AT)
    narrow = [
        Frame(f.start, f.pcm, wide=WIDE_SILENCE if not f.start else b"") for f in wideband(50, 1000)
    ]
    for frame in narrow:
        recording.write(frame, Frame(frame.start))
    await asyncio.to_thread(disk.refused.wait, 30)
    disk.full = False
    info = await recording.close()
    left, _ = read_wav(tmp_path / info.path).channels
    assert recording.errors
    assert purity(left[1600:], 1000) > 0.9999


async def test_a_day_is_a_day_in_utc(make: Callable[..., WavRecorder]) -> None:
    shanghai = timezone(timedelta(hours=8))
    recording = make().open("call", datetime(2024, 1, 1, 7, 59, tzinfo=shanghai))
    assert (await recording.close()).path == "2023/12/31/call.wav"


async def test_a_call_without_sound_has_an_empty_file(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    info = await make().open("call", AT).close()
    assert info.seconds == 0
    assert (tmp_path / info.path).stat().st_size == 44


@pytest.mark.parametrize(
    "call_id", ["", ".", "..", "../x", "/x", "a/b", "a\\b", "a\0", "a\n", "-x", ".x", "x" * 129]
)
def test_no_call_id_leads_out_of_the_folder(make: Callable[..., WavRecorder], call_id: str) -> None:
    with pytest.raises(ValueError, match="expected 1 to 128 letters"):
        make().open(call_id, AT)


def test_a_time_needs_its_zone(make: Callable[..., WavRecorder]) -> None:
    with pytest.raises(ValueError, match="its zone"):
        make().open("call", datetime(2024, 1, 1))  # noqa: DTZ001


async def test_a_full_queue_loses_sound_and_keeps_its_time(
    tmp_path: Path, make: Callable[..., WavRecorder], caplog: pytest.LogCaptureFixture
) -> None:
    disk = SlowDisk()
    recording = make(backlog_ms=1000, write_at=disk).open("call", AT)
    assert disk.reached.wait(30)
    for number in range(175):
        recording.write(numbered(number), numbered(number))
    assert recording.lost_ms == 2500
    disk.go_on.set()
    info = await recording.close()
    assert info.seconds == 3.5
    left, _ = read_wav(tmp_path / info.path).channels
    assert told(left) == list(range(1, 51)) + [0] * 125
    assert recording.lost_ms == 2500
    assert [record.getMessage() for record in caplog.records] == ["recording call: 2500 ms lost"]


async def test_sound_after_a_stall_stands_in_its_place(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    disk = SlowDisk()
    recorder = make(backlog_ms=500, write_at=disk)
    recording = recorder.open("call", AT)
    assert disk.reached.wait(30)
    for number in range(75):
        recording.write(numbered(number), numbered(number))
    disk.go_on.set()
    await recorder.open("other", AT).close()  # one thread: all that waited has been written
    for number in range(75, 100):
        recording.write(numbered(number), numbered(number))
    left, _ = read_wav(tmp_path / (await recording.close()).path).channels
    assert told(left) == [*range(1, 26), *[0] * 50, *range(76, 101)]
    assert recording.lost_ms == 1000


async def test_a_disk_that_was_full_for_a_while_costs_nothing(
    tmp_path: Path, make: Callable[..., WavRecorder], caplog: pytest.LogCaptureFixture
) -> None:
    disk = FullDisk()
    recording = make(write_at=disk).open("call", AT)
    for number in range(50):
        recording.write(numbered(number), numbered(number))
        if number == 25:
            assert await asyncio.to_thread(disk.refused.wait, 30)
    disk.full = False
    for number in range(50, 75):
        recording.write(numbered(number), numbered(number))
    left, _ = read_wav(tmp_path / (await recording.close()).path).channels
    assert told(left) == list(range(1, 76))
    assert recording.errors > 0
    assert recording.lost_ms == 0
    (complaint,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "recording call: not written, will retry: [Errno 28]" in complaint.getMessage()


async def test_a_disk_that_stays_full_loses_the_call_but_raises_nothing(
    make: Callable[..., WavRecorder],
) -> None:
    recording = make(backlog_ms=1000, write_at=FullDisk()).open("call", AT)
    for number in range(101):
        recording.write(numbered(number), numbered(number))
    assert await recording.close() == NOTHING
    assert recording.lost_ms == 2020


async def test_a_folder_that_cannot_be_made_is_told_by_an_empty_path(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    (tmp_path / "2024").write_text("in the way")
    recording = make().open("call", AT)
    recording.write(numbered(0), numbered(0))
    assert await recording.close() == NOTHING
    assert recording.lost_ms == 20


async def test_longer_than_a_header_can_tell_is_lost_and_counted(
    make: Callable[..., WavRecorder],
) -> None:
    recording = make(write_at=FullDisk()).open("call", AT)
    recording.write(Frame(MAX_SAMPLES), Frame(MAX_SAMPLES))
    recording.write(Frame(0), Frame(0))
    recording.finish()
    assert recording.lost_ms >= 20


def test_the_recorder_finishes_what_is_open_and_then_takes_no_more(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    recorder = make()
    recordings = [recorder.open(f"call-{i}", AT) for i in range(3)]
    for recording in recordings:
        recording.write(numbered(7), numbered(7))
    recorder.close()
    recorder.close()
    assert all(recording.finished for recording in recordings)
    assert read_wav(tmp_path / "2024/05/06/call-2.wav").seconds == 0.16
    with pytest.raises(RuntimeError, match="closed"):
        recorder.open("late", AT)


async def test_a_taker_that_gives_up_waiting_does_not_harm_the_file(
    tmp_path: Path, make: Callable[..., WavRecorder]
) -> None:
    disk = SlowDisk()
    recording = make(write_at=disk).open("call", AT)
    recording.write(numbered(0), numbered(0))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(recording.close(), 0.01)
    disk.go_on.set()
    assert (await recording.close()).seconds == 0.02


def test_kill_9_in_mid_call_leaves_all_but_the_last_second(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, CHILD, tmp_path, "live"], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) == 130:
                child.send_signal(signal.SIGKILL)
                break
        written = 131 + len(child.stdout.read().split())
    assert child.returncode == -signal.SIGKILL
    left, right = (told(side) for side in read_wav(tmp_path / "2024/05/06/call.wav").channels)
    assert written - 50 <= len(left) <= written + 1
    assert left == list(range(1, len(left) + 1))
    assert right == [-number for number in left]


def test_a_really_full_disk_leaves_what_fitted_and_counts_the_rest(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, CHILD, tmp_path, "limit", "60000"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    outcome = json.loads(child.stdout)
    file = tmp_path / outcome["path"]
    assert outcome["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert outcome["seconds"] == 1.5
    assert outcome["lost_ms"] == 2500
    assert outcome["errors"] >= 1
    left, _ = read_wav(file).channels
    assert told(left) == list(range(1, 76))
    assert child.stderr.count("ERROR") == 1


async def test_what_a_full_disk_cost_is_told_and_recording_resumes(
    make: Callable[..., WavRecorder], tmp_path: Path
) -> None:
    disk = FullDisk(full=False)
    recorder = make(backlog_ms=1000, write_at=disk)
    recording = recorder.open("call", AT)
    for number in range(50):
        recording.write(numbered(number), numbered(number))
    file = tmp_path / "2024/05/06/call.wav"
    await until(lambda: file.exists() and file.stat().st_size > 50 * 640)
    disk.full = True
    for number in range(50, 200):
        recording.write(numbered(number), numbered(number))
    await until(disk.refused.is_set)
    (target,) = recorder.targets()
    assert target.trouble == "No space left on device"
    assert target.lost_ms == recording.lost_ms > 0
    assert target.free_bytes
    disk.full = False
    for number in range(200, 250):
        recording.write(numbered(number), numbered(number))
    await until(lambda: not recorder.targets()[0].trouble)
    info = await recording.close()
    assert info.seconds == 5.0
    caller, _ = read_wav(tmp_path / info.path).channels
    found = told(caller)
    lost = {n for start, end in recording.lost for n in range(start // 20, end // 20)}
    assert len(lost) * 20 == recording.lost_ms
    assert lost <= set(range(50, 250))
    assert found == [0 if n in lost else n + 1 for n in range(250)]


async def test_a_full_disk_is_no_trouble_once_it_has_room_and_nobody_records(
    make: Callable[..., WavRecorder],
) -> None:
    disk = FullDisk()
    recorder = make(write_at=disk)
    recording = recorder.open("call", AT)
    recording.write(numbered(0), numbered(0))
    await recording.close()
    await until(lambda: not recorder.targets()[0].trouble)
    assert recording.lost == [(0, 20)]


@pytest.mark.parametrize("failing", [0, 1])
async def test_two_folders_where_one_fails_the_other_is_whole(tmp_path: Path, failing: int) -> None:
    disks = [FullDisk(full=number == failing) for number in range(2)]
    folders = [tmp_path / "first", tmp_path / "second"]
    made = (WavRecorder(folder, write_at=disk) for folder, disk in zip(folders, disks, strict=True))
    both = TwoRecorders(*made)
    recording = both.open("call", AT)
    for number in range(200):
        recording.write(numbered(number), numbered(number))
    await until(disks[failing].refused.is_set)
    assert [bool(target.trouble) for target in both.targets()] == [failing == 0, failing == 1]
    info = await recording.close()
    assert (info.seconds, list(recording.lost)) == (4.0, [])
    await asyncio.to_thread(both.close)
    caller, _ = read_wav(folders[0] / info.path).channels
    assert told(caller) == [n + 1 for n in range(200)]
    content = (folders[0] / info.path).read_bytes()
    assert info.sha256 == hashlib.sha256(content).hexdigest()
    assert (folders[0] / info.path).stat().st_mode & 0o777 == 0o600
    assert not list(folders[0].glob("*/*/*/.*"))
