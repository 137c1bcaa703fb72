"""Speaks lines of Chinese into WAV with pyttsx3 over espeak-ng; makes prompts, never in a call.

espeak-ng reads many hanzi as English letters in its `cmn` voice, so the text is given as pinyin
with tone digits to `cmn-latn-pinyin`. Each line is spoken in a process of its own: espeak-ng may be
set up only once in a process, and a crash there must not end ours.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callcenter.core.errors import MissingPiece, PackError
from callcenter.core.records import SAMPLE_RATE

SIT_HZ = (950, 1400, 1800)
"""The special information tone of ITU-T E.180: three rising tones."""
SIT_SECONDS = 0.33
PAUSE = np.zeros(SAMPLE_RATE // 4, np.int16)
TRIES = 4
"""libespeak-ng 1.51 crashes now and then, with the same words that it speaks the next time."""
PEAK = 0.5
"""Loudest sample of a rendered line, of full scale: as loud as a caller near the telephone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line to speak: `say` holds sentences and "tone:sit"; `voice` is an espeak-ng variant."""

    name: str
    say: tuple[str, ...]
    voice: str = "f2"
    rate: int = 170
    """Words a minute, as espeak-ng counts."""


def read_lines(file: Path) -> list[Line]:
    """The `[[line]]` entries of a TOML file. Raises PackError."""
    try:
        entries = tomllib.loads(file.read_text("utf-8")).get("line", [])
        return [Line(**{**entry, "say": tuple(entry["say"])}) for entry in entries]
    except (OSError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise PackError(f"{file}: {error}; expected [[line]] with name, say, voice, rate") from None


def render(file: Path) -> Iterator[Path]:
    """Speak every line of `file` into NAME.wav beside it (8 kHz mono 16-bit), one at a time.

    Raises PackError for the file, MissingPiece where espeak-ng is not installed.
    """
    for line in read_lines(file):
        target = file.parent / f"{line.name}.wav"
        write_mono(target, np.concatenate([sound_of(part, line) for part in line.say]))
        yield target


def sound_of(part: str, line: Line) -> NDArray[np.int16]:
    """One sentence, or the tone, followed by a short pause."""
    sound = special_information_tone() if part == "tone:sit" else speak(part, line)
    return np.concatenate([sound, PAUSE])


def special_information_tone() -> NDArray[np.int16]:
    """Three rising tones that say "this is a machine" in every country."""
    moments = np.arange(int(SAMPLE_RATE * SIT_SECONDS)) / SAMPLE_RATE
    tones = [np.sin(2 * np.pi * hertz * moments) for hertz in SIT_HZ]
    return np.asarray(np.concatenate(tones) * 0.3 * 32767, np.int16)


def speak(text: str, line: Line) -> NDArray[np.int16]:
    """`text` in hanzi, spoken at 8 kHz. Raises MissingPiece."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "line.wav"
        words = [to_pinyin(text), line.voice, str(line.rate), str(target)]
        command = [sys.executable, "-m", "callcenter.audio.voice", *words]
        if not any(_wrote(command, target) for _ in range(TRIES)):
            raise MissingPiece(f"cannot speak {text!r}; install with: apt install espeak-ng")
        with wave.open(str(target)) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
            return to_telephone(samples, sound.getframerate())


def _wrote(command: list[str], target: Path) -> bool:
    done = subprocess.run(command, capture_output=True)  # noqa: S603 — our own module
    return done.returncode == 0 and target.exists() and target.stat().st_size > 1000


def _speak_to_file(pinyin: str, variant: str, rate: str, target: str) -> None:
    import pyttsx3  # loads espeak-ng: only here, only when asked

    engine = pyttsx3.init("espeak")
    engine.setProperty("voice", f"cmn-latn-pinyin+{variant}")
    engine.setProperty("rate", int(rate))
    engine.save_to_file(pinyin, target)
    engine.runAndWait()


def to_pinyin(text: str) -> str:
    """Syllables with tone digits, punctuation as pauses: 您好，再见 → nin2 hao3 , zai4 jian4 ."""
    from pypinyin import Style, lazy_pinyin

    spaced = re.sub(r"[，、；：]", " , ", re.sub(r"[。！？]", " . ", text))
    syllables = lazy_pinyin(spaced, style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(syllable.replace("ü", "v") for syllable in syllables)


def to_telephone(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """Any rate to 8 kHz through the spectrum (offline only), silence trimmed, level set."""
    spectrum = np.fft.rfft(samples.astype(np.float64))
    length = len(samples) * SAMPLE_RATE // rate
    sound = np.fft.irfft(spectrum[: length // 2 + 1], length)
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 0.01)
    sound = sound[loud[0] : loud[-1] + 1]
    return np.asarray(sound / np.abs(sound).max() * PEAK * 32767, np.int16)


def write_mono(target: Path, samples: NDArray[np.int16]) -> None:
    """An 8 kHz mono 16-bit WAV."""
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(samples.tobytes())


if __name__ == "__main__":
    _speak_to_file(*sys.argv[1:])
