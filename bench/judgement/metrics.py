"""Counts what was said against what is so: precision, recall, F1 with intervals. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.judgement.lines import LABELS

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 with its 95 % interval; nan where there is nothing to count."""

    value: float
    low: float
    high: float


def wilson(good: float, of: float) -> Share:
    """E. B. Wilson 1927: an interval that stays within 0 and 1 and is right for small counts."""
    if of <= 0:
        return Share(math.nan, 0.0, 1.0)
    share, z2 = good / of, Z95 * Z95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half))


class Confusion:
    """How often each label was told as each label."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """`pairs`: what it is, what it was told to be."""
        self.counts: Mapping[tuple[str, str], int] = Counter(pairs)

    def count(self, so: str, told: str) -> int:
        """Lines that are `so` and were told to be `told`."""
        return self.counts.get((so, told), 0)

    def precision(self, label: str) -> Share:
        """Of those told to be `label`, how many are."""
        return wilson(self.count(label, label), sum(self.count(so, label) for so in LABELS))

    def recall(self, label: str) -> Share:
        """Of those that are `label`, how many were told to be."""
        return wilson(self.count(label, label), sum(self.count(label, told) for told in LABELS))

    def f1(self, label: str) -> Share:
        """Its interval is that of the overlap TP / (TP + FP + FN), of which F1 is 2x / (1 + x)."""
        right = self.count(label, label)
        either = sum(n for pair, n in self.counts.items() if label in pair)
        overlap = wilson(right, either)
        return Share(*(2 * x / (1 + x) for x in (overlap.value, overlap.low, overlap.high)))

    def macro_f1(self) -> float:
        """The mean of the labels' F1; a label that neither is nor was told is left out."""
        values = [f1 for label in LABELS if not math.isnan(f1 := self.f1(label).value)]
        return sum(values) / len(values) if values else math.nan

    def false_alarms(self) -> float:
        """Harassment told for each thousand ordinary lines."""
        ordinary = sum(self.count("ordinary", told) for told in LABELS)
        return 1000 * self.count("ordinary", "harassment") / ordinary if ordinary else math.nan


def worst_kinds(kinds: Sequence[tuple[str, bool]]) -> list[tuple[str, int, int]]:
    """(kind, wrong, of), the largest share of wrong first; `kinds`: a line's kind, was it right."""
    of = Counter(kind for kind, _ in kinds)
    wrong = Counter(kind for kind, right in kinds if not right)
    return sorted(((k, wrong[k], of[k]) for k in of), key=lambda row: (-row[1] / row[2], row[0]))


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; nan of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
