"""`python -m bench.redaction_heard [--numbers N] [--snr DB] [--json FILE]`: hidden in real sound.

Numbers are spoken by synthetic voices that no training has heard, recognised by the bundled model,
and hidden; counted is what of them is left in the text, and in the sound. Needs the extra `train`
and libespeak-ng.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

from bench.redaction import OPENS, READABLE, SPOKEN, Teller, tell
from callcenter.asr import models
from callcenter.asr.train.exams import Question, synthetic
from callcenter.asr.vosk_engine import VoskEngine
from callcenter.core.records import Party
from callcenter.core.redaction import Settled, redacted

KINDS = ("phone", "id", "card")
DIGITS = frozenset(SPOKEN.values()) | {"幺"}
PAUSE = bytes(16_000)


def sentences(numbers: int, seed: int) -> list[tuple[str, str, str]]:
    """Kind, number and what is said; X is left out, which is no syllable of Chinese."""
    dice, teller = random.Random(seed), Teller(seed)  # noqa: S311
    told = []
    for kind in KINDS:
        openings = [one for one in OPENS[kind] if one]
        for _ in range(numbers):
            number = teller.number(kind).removesuffix("X")
            one = "幺" if kind == "phone" else "一"
            said = "".join(one if digit == "1" else SPOKEN[digit] for digit in number)
            told.append((kind, number, dice.choice(openings) + said))
    return told


def sound_left(question: Question, number: str, found: Settled) -> float:
    """The share of the number's milliseconds in which no tone stands."""
    first, last = len(question.syllables) - len(number), len(question.syllables)
    spans = range(first, last)
    said = [(round(question.starts[i] * 1000), round(question.ends[i] * 1000)) for i in spans]
    hidden = {ms for one in found.hidden for ms in range(one.start_ms, one.end_ms)}
    all_ms = {ms for start, end in said for ms in range(start, end)}
    return len(all_ms - hidden) / max(1, len(all_ms))


def measure(numbers: int, seed: int, snr_db: float | None) -> dict[str, Any]:
    """By kind: how many were told, found, and what of them is left; `snr_db`: with noise."""
    engine, counts = VoskEngine(models.bundled()), Counter[tuple[str, str]]()
    told = sentences(numbers, seed)
    by_text = {text: (kind, number) for kind, number, text in told}
    for question in synthetic([text for _, _, text in told], seed, snr_db):
        kind, number = by_text[question.text]
        found = redacted(engine.transcribe(Party.CALLER, question.samples.tobytes() + PAUSE))
        left = sum(char in DIGITS for one in found.segments for char in one.text)
        counts[kind, "numbers"] += 1
        counts[kind, "hidden"] += bool(found.hidden) and left < READABLE
        counts[kind, "digits left"] += left
        counts[kind, "sound left, ppm"] += round(1e6 * sound_left(question, number, found))
    engine.close()
    return {kind: {name: n for (k, name), n in counts.items() if k == kind} for kind in KINDS}


def main() -> None:
    """Print the table, and the JSON where a file is named."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--numbers", type=int, default=50, help="of each kind")
    asked.add_argument("--seed", type=int, default=5)
    asked.add_argument("--snr", type=float, help="noise on the line: decibels below the voice")
    asked.add_argument("--json", type=Path)
    wish = asked.parse_args()
    found = measure(wish.numbers, wish.seed, wish.snr)
    tell("kind    numbers  hidden  digits left each  sound left")
    for kind, row in found.items():
        count = max(1, row["numbers"])
        left, sound = row["digits left"] / count, row["sound left, ppm"] / count / 1e6
        tell(f"{kind:6} {count:8}  {row['hidden'] / count:6.1%}  {left:16.2f}  {sound:10.2%}")
    if wish.json:
        wish.json.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
