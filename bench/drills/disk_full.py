"""The disk of the recordings is full for a while: calls go on, and recording resumes."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import sounds
from bench.drills.callers import callers
from bench.drills.outcome import Outcome
from bench.drills.serving import DEAF, Serving, serving
from callcenter.audio.wav import read_wav

WHAT = (
    "a full disk under the recordings: calls go on, people and metrics are told, what is missing "
    "is registered, and recording resumes with the room (needs root: it mounts a small tmpfs)"
)
SIZE = 8 << 20
SECOND = 'recordings_second = "second"'


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long it is full, and whether there is a second folder."""
    parser.add_argument("--seconds", type=float, default=30.0, help="for which it is full")
    parser.add_argument("--before", type=float, default=3.0, help="seconds that fit")
    parser.add_argument("--folders", type=int, nargs="*", choices=(1, 2), default=(1, 2))


@contextmanager
def small_disk(folder: Path, size: int = SIZE) -> Iterator[Path]:
    """A file system of so many bytes. Raises PermissionError where only root may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        raise PermissionError("only root can mount a small disk")
    words = ["-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
    if subprocess.run([mount, *words], check=False).returncode:  # noqa: S603
        raise PermissionError("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run([umount, str(folder)], check=False)  # noqa: S603


async def hold(options: argparse.Namespace) -> Outcome:
    """See WHAT."""
    outcome = Outcome("disk full")
    for folders in options.folders:
        hold_one, top = (_alone, "") if folders == 1 else (_with_second, SECOND)
        with tempfile.TemporaryDirectory() as name, small_disk(Path(name) / "recordings") as disk:
            async with serving(Path(name), top=top, more=DEAF) as service:
                await hold_one(service, disk, options, outcome)
    return outcome


async def _alone(
    service: Serving, disk: Path, options: argparse.Namespace, outcome: Outcome
) -> None:
    call = await _through(service, disk, options, outcome)
    gaps = [gap for gap in call["gaps"] if gap["reason"] == "disk" and gap["party"] == "caller"]
    lost = sum(gap["end_ms"] - gap["start_ms"] for gap in gaps) / 1000
    outcome.figures |= {"missing_s": lost, "missing_stretches": len(gaps)}
    outcome.figures["recorded_s"] = call["recording"]["seconds"]
    outcome.must(gaps, "the gap is not registered")
    outcome.must(lost <= options.seconds + 1, f"{lost:.1f} s are missing")
    sound = read_wav(disk / call["recording"]["path"]).channels[0]
    tail = sound[-16000 * 2 :]
    outcome.must(any(tail), "recording did not resume: the last two seconds are silent")
    for gap in gaps:
        hole = sound[gap["start_ms"] * 16 : gap["end_ms"] * 16]
        outcome.must(not any(hole), "what is registered as missing is there")


async def _with_second(
    service: Serving, disk: Path, options: argparse.Namespace, outcome: Outcome
) -> None:
    call = await _through(service, disk, options, outcome)
    outcome.must(
        not any(gap["reason"] == "disk" for gap in call["gaps"]), "second folder: a gap is told"
    )
    path = call["recording"]["path"]
    whole = (service.folder / "second" / path).read_bytes()
    for _ in range(300):
        if (disk / path).exists() and (disk / path).read_bytes() == whole:
            break
        await asyncio.sleep(0.1)
    else:
        outcome.wrong.append("second folder: the first one has not got its copy")
    outcome.figures["second_folder_recorded_s"] = call["recording"]["seconds"]


async def _through(
    service: Serving, disk: Path, options: argparse.Namespace, outcome: Outcome
) -> dict[str, Any]:
    """One call, in which the disk is full for a while; as it is kept."""
    seconds = options.before + options.seconds + 6
    async with callers() as people:
        call = await people.ring(service.uri, sounds.triggers(seconds))
        await people.answered(call)
        live = await service.until("/live", lambda told: told["calls"] or None)
        await asyncio.sleep(options.before)
        ballast = disk / "ballast"
        _fill(ballast)
        told = await service.until("/health", lambda health: _of_disk(health["notices"]))
        outcome.figures["notice"] = told
        folder = f'callcenter_recording_folder_fine{{folder="{disk}"}}'
        outcome.must((await service.metrics())[folder] == 0, "the metric says that it is fine")
        heard = call.heard_frames
        await asyncio.sleep(options.seconds)
        outcome.must(call.talks, "the call did not go on")
        outcome.must(call.heard_frames > heard, "the caller heard nothing meanwhile")
        ballast.unlink()
        await service.until("/health", lambda health: not _of_disk(health["notices"]))
        await asyncio.sleep(3.0)
        call.hang_up()
        await call.over()
        call_id = live[0]["call_id"]
        kept = await service.until(
            f"/calls/{call_id}", lambda one: one if one["ended_at"] else None
        )
    outcome.must("Traceback" not in service.log(), "the log has a traceback")
    return dict(kept)


def _of_disk(notices: list[str]) -> str:
    return next((text for text in notices if "录音写不进" in text), "")


def _fill(file: Path) -> None:
    """Until there is no room."""
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            return
