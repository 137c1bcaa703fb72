"""Counts what was said against what is so: precision, recall, F1 with intervals. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.judgement.lines import LABELS
from callcenter.casework.reports import shares


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 with its 95 % interval; nan where there is nothing to count."""

    value: float
    low: float
    high: float


def wilson(good: float, of: float) -> Share:
    """As the product's back-test counts it."""
    found = shares.wilson(good, of)
    return Share(math.nan if found.value is None else found.value, found.low, found.high)


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
