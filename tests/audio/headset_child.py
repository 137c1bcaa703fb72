"""Uses the headset as a call does, in a process of its own: PortAudio starts once a process.

Usage: headset_child.py NAME, one of the checks below. Exits 0, or says what was wrong.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread

from tones import purity, tone

from callcenter.audio.headset import HeadsetLeg, find_device, list_devices, open_headset
from callcenter.core.errors import MissingPiece
from callcenter.core.records import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, Frame

PATIENCE_S = 60.0
WINDOW_FRAMES = 20
RAW = ("--format=s16le", "--rate=8000", "--channels=1", "--raw", "--latency-msec=50")


def ticks() -> Iterator[int]:
    """Sample indices at the pace of a call, until patience ends."""
    began = time.monotonic()
    number = 0
    while (now := time.monotonic()) < began + PATIENCE_S:
        due = began + number * FRAME_MS / 1000
        time.sleep(max(0.0, due - now))
        yield number * FRAME_SAMPLES
        number += 1
    raise SystemExit(f"nothing of the kind in {PATIENCE_S} s")


@contextmanager
def said_into_the_microphone(hz: float) -> Iterator[None]:
    """A tone on the virtual microphone, until the end of the block."""
    with subprocess.Popen(["pacat", "--playback", "--device=mic", *RAW], stdin=-1) as player:
        assert player.stdin is not None
        feeder = Thread(target=_feed, args=(player.stdin, tone(hz, 1)), daemon=True)
        feeder.start()
        try:
            yield
        finally:
            player.kill()
            feeder.join()


def _feed(pipe: object, second: bytes) -> None:
    try:
        while True:
            pipe.write(second)  # type: ignore[attr-defined]
            pipe.flush()  # type: ignore[attr-defined]
    except OSError:
        return


@contextmanager
def heard_in_the_ear() -> Iterator[deque[bytes]]:
    """What is played to the agent, as the last 400 ms of it."""
    held: deque[bytes] = deque(maxlen=WINDOW_FRAMES)
    with subprocess.Popen(["parec", "--device=ear.monitor", *RAW], stdout=-1) as recorder:
        assert recorder.stdout is not None
        pipe = recorder.stdout
        reader = Thread(target=lambda: held.extend(iter(lambda: pipe.read(FRAME_BYTES), b"")))
        reader.start()
        try:
            yield held
        finally:
            recorder.kill()
            reader.join()


def wait_for(leg: HeadsetLeg, fits: Callable[[list[Frame]], bool]) -> list[Frame]:
    """Take frames at a call's pace until the last 400 ms of them fit."""
    held: deque[Frame] = deque(maxlen=WINDOW_FRAMES)
    for start in ticks():
        frame = leg.receive(start)
        assert (frame.start, len(frame.pcm)) == (start, FRAME_BYTES)
        held.append(frame)
        if len(held) == WINDOW_FRAMES and fits(list(held)):
            break
    return list(held)


def is_tone(hz: float) -> Callable[[list[Frame]], bool]:
    """Whether the frames are one whole tone."""
    return lambda frames: purity(b"".join(frame.pcm for frame in frames), hz) > 0.95


def hear(device: str | None) -> None:
    """What is said arrives."""
    with closing(open_headset(device)) as leg, said_into_the_microphone(440):
        wait_for(leg, is_tone(440))


def speak(device: str | None) -> None:
    """What is sent is heard, and silence is heard where nothing more is sent."""
    wave = tone(600, 1)
    with closing(open_headset(device)) as leg, heard_in_the_ear() as ear:
        for start in ticks():
            at = start * 2 % len(wave)
            leg.send(Frame(start, wave[at : at + FRAME_BYTES]))
            if len(ear) == WINDOW_FRAMES and purity(b"".join(ear), 600) > 0.95:
                break
        for _ in ticks():
            if not any(b"".join(ear)):
                break


def refuse() -> None:
    """A device that is not there is named, with those that are; closing twice is fine."""
    _refused("Nobody's headset")
    assert find_device("puls", "output", list_devices()).name == "pulse"
    leg = open_headset("pulse")
    leg.close()
    leg.close()
    assert leg.receive(0).lost or leg.receive(0).pcm
    leg.send(Frame(0))


def none() -> None:
    """There is no device: the default is not there either."""
    _refused(None)


def gone() -> None:
    """A device that was listed and is not there any more."""
    list_devices()
    print("listed", flush=True)  # noqa: T201
    sys.stdin.readline()
    _refused("pulse")


def _refused(device: str | None) -> None:
    try:
        open_headset(device).close()
    except MissingPiece as missing:
        print(missing)  # noqa: T201


CHECKS: dict[str, Callable[[], None]] = {
    "hear": lambda: hear("pulse"),
    "hear-default": lambda: hear(None),
    "speak": lambda: speak("PULSE"),
    "refuse": refuse,
    "none": none,
    "gone": gone,
}

if __name__ == "__main__":
    CHECKS[sys.argv[1]]()
