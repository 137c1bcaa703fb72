"""Speaks pinyin with libespeak-ng (ctypes) in a subprocess that is restarted when it crashes.

libespeak-ng 1.51 crashes now and then, so it never runs in the builder's own process: `Speaker`
keeps one child process, hands it one `Utterance` at a time and starts another child after a crash.
The child is this module run with `-m`; one JSON line goes in, one JSON line and raw samples come
out.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ESPEAK_RATE = 22050
"""Samples a second that libespeak-ng makes."""
LIBRARY = "libespeak-ng.so.1"
LANGUAGE = "cmn-latn-pinyin"
TRAINING_VOICES = (
    "m1", "m3", "m4", "m5", "m7", "m8", "f1", "f2", "f4", "f5", "klatt", "klatt2", "klatt3",
    "klatt5", "klatt6", "adam", "Alex", "Andy", "Annie", "belinda", "benjamin", "boris", "david",
    "edward", "Gene", "Lee", "linda", "Michael", "pablo", "steph", "steph3", "victor",
)  # fmt: skip
HELD_OUT_VOICES = ("m2", "m6", "f3", "klatt4", "Denis", "steph2", "Mario", "Alicia")
"""Never used in training (nor `rob`, which always crashes): the model is measured on them."""
SYNCHRONOUS, PHONEME_EVENTS, UTF8 = 2, 1, 1
RATE, PITCH, RANGE = 1, 3, 4
WORD_EVENT, PHONEME_EVENT = 1, 7


@dataclass(frozen=True, slots=True)
class Utterance:
    """What to speak: words of pinyin syllables with tone digits, and how.

    `rate` is in espeak's words a minute, `pitch` and `range` from 0 to 99; `joined` writes the
    syllables of a word together, which sounds more fluent.
    """

    words: tuple[tuple[str, ...], ...]
    voice: str = "f2"
    rate: int = 170
    pitch: int = 50
    range: int = 50
    joined: bool = False

    @property
    def syllables(self) -> tuple[str, ...]:
        return tuple(syllable for word in self.words for syllable in word)

    @property
    def text(self) -> str:
        between = "" if self.joined else " "
        return " ".join(between.join(word) for word in self.words)


@dataclass(frozen=True, slots=True)
class Event:
    """A word (name "") or a phoneme begins at `sample` (of ESPEAK_RATE)."""

    sample: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Samples at ESPEAK_RATE, and where words and phonemes begin in them."""

    samples: NDArray[np.int16]
    events: tuple[Event, ...]


class Speaker:
    """A child process that speaks; close it after use."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def speak(self, utterance: Utterance) -> Spoken | None:
        """The sound, or None where libespeak-ng crashed or said nothing."""
        child = self._child = self._child or self._start()
        request = {**asdict(utterance), "text": utterance.text}
        try:
            return _exchange(child, request)
        except (OSError, ValueError):
            self.close()
            return None

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
        self._child = None

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "callcenter.asr.train.synth"]
        return subprocess.Popen(  # noqa: S603 — our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def _exchange(child: subprocess.Popen[bytes], request: dict[str, Any]) -> Spoken | None:
    if child.stdin is None or child.stdout is None:
        raise OSError("no pipes")
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.flush()
    answer = json.loads(child.stdout.readline())
    raw = child.stdout.read(answer["bytes"])
    events = tuple(Event(sample, name) for sample, name in answer["events"])
    return Spoken(np.frombuffer(raw, np.int16), events) if raw else None


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """`espeak_EVENT` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Engine:
    """libespeak-ng in this process; only the child has one."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self._sound: list[bytes] = []
        self._events: list[tuple[int, str]] = []
        if self._library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS) != ESPEAK_RATE:
            raise OSError(f"{LIBRARY}: cannot be set up at {ESPEAK_RATE} Hz")
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, request: dict[str, Any]) -> tuple[bytes, list[tuple[int, str]]]:
        self._sound, self._events = [], []
        self._library.espeak_SetVoiceByName(f"{LANGUAGE}+{request['voice']}".encode())
        for parameter, name in ((RATE, "rate"), (PITCH, "pitch"), (RANGE, "range")):
            self._library.espeak_SetParameter(parameter, request[name], 0)
        text = request["text"].encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)
        self._library.espeak_Synchronize()
        return b"".join(self._sound), self._events

    def _take(self, samples: Any, count: int, events: Any) -> int:
        if samples and count:
            self._sound.append(ctypes.string_at(samples, 2 * count))
        at = 0
        while events[at].type:
            self._note(events[at])
            at += 1
        return 0

    def _note(self, event: Any) -> None:
        if event.type == WORD_EVENT:
            self._events.append((event.sample, ""))
        elif event.type == PHONEME_EVENT:
            self._events.append((event.sample, bytes(event.id.string).decode("latin-1")))


def serve(read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
    """The child's loop: a line in, a line and samples out, until the input ends."""
    engine = _Engine()
    while line := read():
        sound, events = engine.speak(json.loads(line))
        write(json.dumps({"bytes": len(sound), "events": events}).encode() + b"\n" + sound)


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer.readline, _write)
