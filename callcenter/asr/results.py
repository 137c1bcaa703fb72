"""From the recogniser's JSON to a Segment in call time. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from callcenter.core.records import SAMPLE_RATE, Party, Segment, Word, samples_to_ms

NOT_WORDS = frozenset({"", "[unk]", "<unk>", "<UNK>", "<eps>"})
"""What stands for sound without a word."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a piece of the recogniser's stream lies in the call; samples, `end` exclusive.

    The recogniser counts only what it was fed, so its clock and the call's part at each silence.
    """

    stream_start: int
    call_start: int
    call_end: int

    def ms(self, seconds: float) -> int:
        """Milliseconds since answer of a moment in the stream, never outside the span."""
        sample = self.call_start + round(seconds * SAMPLE_RATE) - self.stream_start
        return samples_to_ms(min(max(sample, self.call_start), self.call_end))


def segment(party: Party, raw: str, span: Span, *, final: bool, live: bool) -> Segment | None:
    """What a result or partial result says, or None where it says nothing.

    Raises ValueError for what is not such a result.
    """
    result = json.loads(raw)
    spotted = _words(result.get("spotted", ()), span)
    words = _words(result.get("result" if final else "partial_result", ()), span) or spotted
    if words:
        text = joined([word.word for word in words])
        start, end = words[0].start_ms, words[-1].end_ms
        return Segment(party, start, end, text, words, final, live, spotted)
    text = joined(str(result.get("text" if final else "partial", "")).split())
    if not text:
        return None
    start, end = samples_to_ms(span.call_start), samples_to_ms(span.call_end)
    return Segment(party, start, end, text, (), final, live)


def shifted(raw: str, seconds: float) -> str:
    """A result whose words lie so much later. Raises ValueError as `segment` does."""
    if not seconds:
        return raw
    result = json.loads(raw)
    for word in result.get("result", ()):
        word["start"] += seconds
        word["end"] += seconds
    return json.dumps(result, ensure_ascii=False)


def with_spotted(raw: str, spotted: list[dict[str, Any]]) -> str:
    """A result to which the phrases that were spotted in the same sound are added."""
    return json.dumps({**json.loads(raw), "spotted": spotted}, ensure_ascii=False)


def partial_words(raw: str) -> list[str]:
    """The words of a partial result that says no times. Raises ValueError as `segment` does."""
    words = str(json.loads(raw).get("partial", "")).split()
    return [word for word in words if word not in NOT_WORDS]


def joined(words: list[str]) -> str:
    """Chinese as it is written, without spaces; one stays between two words in Latin letters."""
    text = ""
    for word in words:
        if word in NOT_WORDS:
            continue
        text += " " + word if text and _latin(text[-1]) and _latin(word[0]) else word
    return text


def _words(entries: Any, span: Span) -> tuple[Word, ...]:
    return tuple(_word(entry, span) for entry in entries if entry["word"] not in NOT_WORDS)


def _word(entry: dict[str, Any], span: Span) -> Word:
    confidence = min(max(float(entry.get("conf", 1.0)), 0.0), 1.0)
    return Word(entry["word"], span.ms(entry["start"]), span.ms(entry["end"]), confidence)


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()
