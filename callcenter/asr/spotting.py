"""Phrases picked out of sound that is not understood word for word. Pure but for reading a file.

A second recogniser may say nothing but the phrases that are listened for or `[unk]`, any sounds at
all: so a phrase is found also in a voice whose free transcript is wrong. How eagerly, and how sure
it must be, was measured when the model was built and lies in the model's folder; a model without
that file is not asked to spot.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "spotting.toml"
UNKNOWN = "[unk]"
LONGEST_WORD = 8


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a model spots. `shortest`: characters of the shortest phrase that is listened for."""

    weight: int
    """How often each phrase stands in the grammar against one `[unk]`: more is more eager."""
    confidence: float
    """The least confidence (0 to 1) of every word of a phrase."""
    shortest: int = 3


def calibration(model: Path) -> Calibration | None:
    """What the model's folder says, or None where it does not spot or the file is damaged."""
    try:
        return Calibration(**tomllib.loads((model / FILE).read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError):
        return None


def vocabulary(model: Path) -> frozenset[str]:
    """The words that the model knows. Raises OSError, UnicodeDecodeError."""
    lines = (model / "graph" / "words.txt").read_text("utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if line)


class Spotter:
    """What to listen for, as a grammar for the recogniser, and what its results say."""

    def __init__(
        self, phrases: Iterable[str], known: frozenset[str], calibrated: Calibration
    ) -> None:
        cut = {phrase: in_words(phrase, known) for phrase in phrases}
        self._phrases = {
            words: phrase
            for phrase, words in cut.items()
            if len(phrase) >= calibrated.shortest and known.issuperset(words)
        }
        self._least = calibrated.confidence
        entries = [" ".join(words) for words in self._phrases] * calibrated.weight
        self.grammar = json.dumps([*entries, UNKNOWN], ensure_ascii=False)

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def found(self, raw: str) -> list[dict[str, Any]]:
        """The phrases in a result, each as one word in the recogniser's form. ValueError."""
        words = json.loads(raw).get("result", [])
        return [entry for entry in self._entries(words) if entry["conf"] >= self._least]

    def _entries(self, words: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for start in range(len(words)):
            for end in range(start + 1, len(words) + 1):
                piece = words[start:end]
                phrase = self._phrases.get(tuple(word["word"] for word in piece))
                if phrase is not None:
                    yield {
                        "word": phrase,
                        "start": piece[0]["start"],
                        "end": piece[-1]["end"],
                        "conf": min(word["conf"] for word in piece),
                    }


def in_words(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """The text in the longest words that are known; unknown characters stay as they are."""
    found: list[str] = []
    while text:
        sizes = range(min(LONGEST_WORD, len(text)), 1, -1)
        size = next((n for n in sizes if text[:n] in known), 1)
        found.append(text[:size])
        text = text[size:]
    return tuple(found)
