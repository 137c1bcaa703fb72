"""Finds how a model should spot phrases: `python -m callcenter.asr.train.calibrate`.

The yardstick is a person whom the model has never heard: phrases that occur in one sentence or
another of the exam, and how often each is found where it was said (hits) and where it was not
(false alarms). The most eager setting with few enough false alarms is written to the model's
folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from callcenter.asr.spotting import FILE, Calibration, Spotter, in_words, vocabulary
from callcenter.asr.train import exams
from callcenter.asr.train.augment import RATE, telephone
from callcenter.asr.train.exams import Question

EXAM = "people, unseen speaker"
PHRASES = 100
"""About as many as the packs of call scripts have of that length."""
SHORTEST, LONGEST = 3, 6
WEIGHTS = (5, 20)
LEAST = tuple(at / 100 for at in range(50, 100, 5))
MOST_FALSE = 1.0
"""False alarms for each ten minutes of speech, all phrases together, that may be."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a setting gave: `said` and `hits` in phrases, `false` alarms in `minutes` of speech."""

    calibration: Calibration
    said: int
    hits: int
    false: int
    minutes: float

    @property
    def false_in_ten_minutes(self) -> float:
        return 10 * self.false / self.minutes


def phrases(questions: Sequence[Question], known: frozenset[str], seed: int = 5) -> list[str]:
    """Some of the pieces of whole words, three to six characters, that are said in the exam."""
    pieces = {piece for question in questions for piece in _pieces(question.text, known)}
    return Random(seed).sample(sorted(pieces), min(PHRASES, len(pieces)))  # noqa: S311


def _pieces(text: str, known: frozenset[str]) -> Iterator[str]:
    words = in_words(text, known)
    for start in range(len(words)):
        for end in range(start + 1, min(start + 4, len(words) + 1)):
            piece = "".join(words[start:end])
            if SHORTEST <= len(piece) <= LONGEST:
                yield piece


def scores(
    model: Any, questions: Sequence[Question], wanted: Sequence[str], known: frozenset[str]
) -> list[Score]:
    """Every setting's score."""
    from vosk import KaldiRecognizer

    minutes = sum(len(question.samples) for question in questions) / RATE / 60
    said = [{phrase for phrase in wanted if phrase in q.text} for q in questions]
    result = []
    for weight in WEIGHTS:
        spotter = Spotter(wanted, known, Calibration(weight, 0.0, SHORTEST))
        ear = KaldiRecognizer(model, RATE, spotter.grammar)
        ear.SetWords(True)
        found = [_found(ear, spotter, question) for question in questions]
        for least in LEAST:
            sure = [{p for p, confidence in one.items() if confidence >= least} for one in found]
            pairs = list(zip(said, sure, strict=True))
            result.append(
                Score(
                    Calibration(weight, least, SHORTEST),
                    sum(map(len, said)),
                    sum(len(there & heard) for there, heard in pairs),
                    sum(len(heard - there) for there, heard in pairs),
                    minutes,
                )
            )
    return result


def _found(ear: Any, spotter: Spotter, question: Question) -> dict[str, float]:
    """The phrases found in a call, with the confidence of the surest."""
    sound = telephone(question.samples).tobytes()
    pieces = (sound[at : at + RATE] for at in range(0, len(sound), RATE))
    results = [ear.Result() for piece in pieces if ear.AcceptWaveform(piece)]
    results.append(ear.FinalResult())
    found: dict[str, float] = {}
    for entry in (entry for result in results for entry in spotter.found(result)):
        found[entry["word"]] = max(found.get(entry["word"], 0.0), entry["conf"])
    return found


def best(found: Sequence[Score], most_false: float = MOST_FALSE) -> Score:
    """The most hits with few enough false alarms; of equals the one with fewer, then the surer."""
    good = [score for score in found if score.false_in_ten_minutes <= most_false]
    return max(good or found, key=lambda s: (s.hits, -s.false, s.calibration.confidence))


def write(model_folder: Path, chosen: Calibration) -> None:
    """Let the model spot that way."""
    lines = f"weight = {chosen.weight}\nconfidence = {chosen.confidence}\n"
    (model_folder / FILE).write_text(f"{lines}shortest = {chosen.shortest}\n", "utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Calibrate the spotting of phrases.")
    parser.add_argument("model", type=Path, help="a model that has never heard the exam's speaker")
    parser.add_argument("--exams", type=Path, required=True)
    parser.add_argument("--write", type=Path, help="the model's folder to write the setting to")
    parser.add_argument("--speech", type=Path, help="people's speech, to make the exam from")
    parser.add_argument("--speaker", default="", help="whose speech the exam is")
    words = parser.parse_args()
    file = words.exams / f"{EXAM}.npz"
    if not file.exists():
        exams.write(file, list(exams.people(words.speech, words.speaker)))
    from vosk import Model, SetLogLevel

    SetLogLevel(-1)
    known = vocabulary(words.model)
    questions = exams.read(file)
    found = scores(Model(str(words.model)), questions, phrases(questions, known), known)
    for score in found:
        print(score)  # noqa: T201 — that is what it is for
    chosen = best(found)
    print("chosen:", chosen)  # noqa: T201
    if words.write:
        write(words.write, chosen.calibration)


if __name__ == "__main__":
    main()
