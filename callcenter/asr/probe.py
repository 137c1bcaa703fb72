"""A child process that tries a model out: `probe.py FOLDER`; may touch vosk. Exit 0: it works.

Run as a file, so that it imports nothing of this package and starts fast.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator

import vosk

RATE = 8000
SECONDS = 2


def buzz() -> bytes:
    """A gliding voice-like hum with pauses: recognisers hear syllables in it, whatever they are."""
    return b"".join(round(sample).to_bytes(2, "little", signed=True) for sample in _hum())


def _hum() -> Iterator[float]:
    phase = 0.0
    for at in range(SECONDS * RATE):
        pitch = 110 + 60 * math.sin(at / 3000)
        formant = 500 + 400 * math.sin(at / 2500)
        phase += 2 * math.pi * pitch / RATE
        silent = at // 1600 % 2
        yield 0.0 if silent else 4000 * _tone(phase, pitch, formant)


def _tone(phase: float, pitch: float, formant: float) -> float:
    return sum(math.sin(phase * k) / (1 + ((k * pitch - formant) / 150) ** 2) for k in range(1, 20))


def main(folder: str) -> None:
    """Load and listen; any failure ends the process with a line on standard error."""
    vosk.SetLogLevel(-1)
    recogniser = vosk.KaldiRecognizer(vosk.Model(folder), RATE)
    recogniser.SetWords(True)
    sound, step = buzz(), RATE // 5
    for start in range(0, len(sound), step):
        if recogniser.AcceptWaveform(sound[start : start + step]):
            known(recogniser.Result())
    known(recogniser.FinalResult())


def known(raw: str) -> None:
    """Raise ValueError where a word has no name: the word list belongs to another graph."""
    if any(not entry["word"] for entry in json.loads(raw).get("result", ())):
        raise ValueError("its words.txt does not fit its graph")


if __name__ == "__main__":
    main(sys.argv[1])
