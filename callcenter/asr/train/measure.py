"""How well a model hears, through the real Vosk: `python -m callcenter.asr.train.measure`.

Vosk is loaded here only inside `hear`, in a process that loads no other FST library.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from callcenter.asr.pinyin import read_aloud
from callcenter.asr.spotting import in_words, vocabulary
from callcenter.asr.train import exams
from callcenter.asr.train.augment import RATE, telephone
from callcenter.asr.train.exams import Question

CHUNK = 2 * RATE // 5
"""Bytes fed at once: 200 ms."""
SILENT, PEOPLE = "line sounds", "people"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the recogniser wrote, and its words with (start, end) in seconds."""

    text: str
    words: tuple[tuple[str, float, float], ...]


def hear(model: Any, question: Question, grammar: str | None = None) -> Heard:
    """One call, after G.711, through a recogniser of its own."""
    from vosk import KaldiRecognizer

    ear = KaldiRecognizer(model, RATE, grammar) if grammar else KaldiRecognizer(model, RATE)
    ear.SetWords(True)
    sound = telephone(question.samples).tobytes()
    pieces = (sound[at : at + CHUNK] for at in range(0, len(sound), CHUNK))
    results = [ear.Result() for piece in pieces if ear.AcceptWaveform(piece)]
    results.append(ear.FinalResult())
    found = [
        w for r in map(json.loads, results) for w in r.get("result", []) if w["word"] != "[unk]"
    ]
    words = tuple((w["word"], w["start"], w["end"]) for w in found)
    return Heard("".join(word for word, _, _ in words), words)


def distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """The least number of insertions, deletions and replacements."""
    row = list(range(len(heard) + 1))
    for at, one in enumerate(said, 1):
        last, row[0] = row[0], at
        for place, other in enumerate(heard, 1):
            last, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, last + (one != other)),
            )
    return row[-1]


def toneless(syllables: Sequence[str]) -> list[str]:
    """The syllables without their tone digits."""
    return [syllable.rstrip("12345") for syllable in syllables]


def figures(questions: Sequence[Question], answers: Sequence[Heard]) -> dict[str, float]:
    """CER, toneless syllable error, share of exact answers, and how far word times are off."""
    pairs = list(zip(questions, answers, strict=True))
    letters = sum(len(q.text) for q in questions)
    wrong = sum(distance(q.text, a.text) for q, a in pairs)
    syllables = sum(distance(toneless(q.syllables), toneless(read_aloud(a.text))) for q, a in pairs)
    found = {
        "n": len(pairs),
        "cer": round(100 * wrong / letters, 2),
        "syllable_error": round(100 * syllables / sum(len(q.syllables) for q in questions), 2),
        "exact": round(100 * sum(q.text == a.text for q, a in pairs) / len(pairs), 1),
    }
    off = sorted(abs(x) for q, a in pairs if q.starts and q.text == a.text for x in _off(q, a))
    if off:
        found["time_median_ms"] = round(1000 * median(off))
        found["time_p90_ms"] = round(1000 * off[int(0.9 * len(off))])
        found["within_100_ms"] = round(100 * sum(x <= 0.1 for x in off) / len(off), 1)
    return found


def _off(question: Question, answer: Heard) -> Iterator[float]:
    """How late each word starts and ends, in seconds, where the text is right."""
    at = 0
    for word, start, end in answer.words:
        yield start - question.starts[at]
        at += len(word)
        yield end - question.ends[at - 1]


def closed_list(model: Any, questions: Sequence[Question], words: frozenset[str]) -> float:
    """The share (%) of calls for which the right one of all the sentences is chosen.

    The recogniser is given the sentences as its grammar; of these the one is chosen whose toneless
    syllables are nearest to what it wrote.
    """
    grammar = json.dumps([" ".join(in_words(q.text, words)) for q in questions], ensure_ascii=False)
    choices = [toneless(q.syllables) for q in questions]
    right = 0
    for at, question in enumerate(questions):
        heard = toneless(read_aloud(hear(model, question, grammar).text))
        gaps = [distance(choice, heard) / max(len(choice), len(heard)) for choice in choices]
        right += gaps.index(min(gaps)) == at
    return round(100 * right / len(questions), 1)


def measure(model_folder: Path, folder: Path, only: str = "") -> dict[str, dict[str, float]]:
    """All exams of the folder; prints nothing."""
    from vosk import Model, SetLogLevel

    SetLogLevel(-1)
    model = Model(str(model_folder))
    words = vocabulary(model_folder)
    result: dict[str, dict[str, float]] = {}
    for file in sorted(folder.glob(f"{only}*.npz")):
        questions = exams.read(file)
        answers = [hear(model, question) for question in questions]
        if file.stem == SILENT:
            spoke = sum(bool(answer.text) for answer in answers)
            result[file.stem] = {"n": len(answers), "with_words": spoke}
            continue
        result[file.stem] = figures(questions, answers)
        if file.stem.startswith(PEOPLE):
            result[file.stem]["closed_list"] = closed_list(model, questions, words)
    return result


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure a Vosk model on the exams.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--exams", type=Path, required=True)
    parser.add_argument("--only", default="", help="how the exams' names begin")
    parser.add_argument("--json", type=Path, help="write the figures here")
    words = parser.parse_args()
    found = json.dumps(measure(words.model, words.exams, words.only), indent=1)
    if words.json:
        words.json.write_text(found + "\n", "utf-8")
    else:
        print(found)  # noqa: T201 — that is what it is for


if __name__ == "__main__":
    main()
