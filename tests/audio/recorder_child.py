"""Records a call in its own process, to be killed or to meet a full disk.

Usage: recorder_child.py FOLDER live | limit BYTES
"""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from json import dumps

from callcenter.audio.recording import WavRecorder
from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame

AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def numbered(number: int, sign: int = 1) -> Frame:
    """A frame whose samples all say its number."""
    value = (sign * (number + 1)).to_bytes(2, "little", signed=True)
    return Frame(number * FRAME_SAMPLES, value * FRAME_SAMPLES)


def live(folder: str) -> None:
    """Frames at the pace of a call, for ever; each one's number on standard output."""
    recording = WavRecorder(folder).open("call", AT)
    began = time.monotonic()
    for number in count():
        recording.write(numbered(number), numbered(number, -1))
        print(number, flush=True)  # noqa: T201
        time.sleep(max(0.0, began + (number + 1) * FRAME_MS / 1000 - time.monotonic()))


async def limited(folder: str, limit: int) -> None:
    """Four seconds onto a disk that is full after `limit` bytes; the outcome as JSON."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    recorder = WavRecorder(folder)
    recording = recorder.open("call", AT)
    for number in range(200):
        recording.write(numbered(number), numbered(number, -1))
    info = await recording.close()
    recorder.close()
    outcome = asdict(info) | {"lost_ms": recording.lost_ms, "errors": recording.errors}
    print(dumps(outcome))  # noqa: T201


if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(message)s")
    if sys.argv[2] == "live":
        live(sys.argv[1])
    else:
        asyncio.run(limited(sys.argv[1], int(sys.argv[3])))
