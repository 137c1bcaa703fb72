"""What the statistical judge thinks of a call, as evidence beside the rules' hits. Pure.

Asked only of what a caller has said to its end: half a sentence is no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from callcenter.core.ports import Listener
from callcenter.core.records import Hit, Noticed, Party, Segment
from callcenter.scripts.normalise import plain

RULE = "judge"
"""The name that its hits carry instead of a rule's."""
CATEGORIES = {"harassment": "likely_harassment", "complaint": "likely_complaint"}
GROUPS = {category: label for label, category in CATEGORIES.items()}
SURE = 0.85
"""From here on it is worth telling in a call."""
MOST_TOLD = 0.99
"""Nobody is told that it is certain."""
SEVERITY = 2
"""A caller is steered back first; no statistics alone propose to end a call."""
NAMES = {"harassment": "骚扰", "complaint": "投诉"}


class Judge(Protocol):
    """See callcenter.scripts.judge."""

    def score(self, text: str) -> Mapping[str, float]: ...

    def reasons(self, text: str, n: int = 3) -> Sequence[str]: ...


class SecondOpinion:
    """A listener that asks the judge as well; implements core.ports.Listener."""

    def __init__(self, rules: Listener, judge: Judge) -> None:
        self._rules, self._judge = rules, judge

    def heard(self, segment: Segment) -> Sequence[Hit]:
        """The rules' new hits, and the judge's where it is sure."""
        hits = list(self._rules.heard(segment))
        opinion = self._opinion(segment)
        return hits if opinion is None else [*hits, opinion]

    def noticed(self, notice: Noticed) -> Sequence[Hit]:
        """The rules' new hits: the judge knows words only."""
        return self._rules.noticed(notice)

    def closed(self, end_ms: int) -> Sequence[Hit]:
        """The rules' new hits."""
        return self._rules.closed(end_ms)

    def _opinion(self, segment: Segment) -> Hit | None:
        if not segment.final or segment.party is not Party.CALLER or not segment.text:
            return None
        scores = self._judge.score(segment.text)
        label = max(CATEGORIES, key=lambda name: scores[name])
        if scores[label] < SURE:
            return None
        return _hit(segment, label, scores[label], self._judge.reasons(segment.text))


def _hit(segment: Segment, label: str, score: float, reasons: Sequence[str]) -> Hit:
    start_ms, end_ms = _where(segment, reasons[0] if reasons else segment.text)
    because = "、".join(f"“{piece}”" for piece in reasons)
    return Hit(
        RULE,
        CATEGORIES[label],
        segment.party,
        start_ms,
        end_ms,
        segment.text,
        operator="judge",
        score=round(score, 3),
        severity=SEVERITY,
        why=f"统计判断：像是{NAMES[label]}（{min(score, MOST_TOLD):.0%}），主要凭 {because}",
    )


def _where(segment: Segment, piece: str) -> tuple[int, int]:
    """When `piece` was said; all of the segment where its words do not tell."""
    first = plain("".join(word.word for word in segment.words)).find(piece)
    last, at, times = first + len(piece), 0, []
    for word in segment.words:
        if first < at + len(word.word) and at < last:
            times += [word.start_ms, word.end_ms]
        at += len(word.word)
    return (min(times), max(times)) if first >= 0 and times else (segment.start_ms, segment.end_ms)
