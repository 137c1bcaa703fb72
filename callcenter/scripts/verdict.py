"""Weighs what was found in a call: harassment, complaint or ordinary, and how surely. Pure.

Proposes a label; a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from callcenter.core.records import Hit

LABELS = ("harassment", "complaint")
"""All else is ordinary, suggestions too."""
ORDINARY = "ordinary"
WEIGHT = {1: 0.35, 2: 0.6, 3: 0.75, 4: 0.9, 5: 0.97}
"""How far one certain hit of a severity carries."""
ENOUGH = 0.45
"""From here on a label is more than a suspicion: a phrase of severity 2, clearly heard."""
SURE = 0.6
"""From here on it is harassment, whatever complaint is in it."""
JUDGE = 0.7
"""How far the statistical judge carries at most, where one is asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is how surely the label holds, 0 to 1."""

    label: str
    score: float


def weigh(
    hits: Iterable[Hit],
    group: Callable[[str], str],
    judged: Mapping[str, float] | None = None,
) -> Verdict:
    """The label that the hits carry; `group` tells what a category counts as.

    `judged` is what a statistical judge says of the same words, a number from 0 to 1 a label: one
    more piece of evidence, beside the rules' and never instead of them.
    """
    evidence = _evidence(hits, group)
    for label in LABELS:
        evidence[label] = _either(evidence[label], JUDGE * (judged or {}).get(label, 0.0))
    label = _label(evidence)
    against = max(evidence.values())
    return Verdict(label, round(evidence.get(label, 1 - against), 3))


def _label(evidence: Mapping[str, float]) -> str:
    harassment, complaint = (evidence[label] for label in LABELS)
    if harassment >= ENOUGH and (harassment >= SURE or harassment >= complaint):
        return LABELS[0]
    return LABELS[1] if complaint >= ENOUGH else ORDINARY


def _evidence(hits: Iterable[Hit], group: Callable[[str], str]) -> dict[str, float]:
    evidence = dict.fromkeys(LABELS, 0.0)
    for hit in hits:
        label = group(hit.category)
        if label in evidence:
            weight = WEIGHT.get(hit.severity, WEIGHT[3])
            evidence[label] = _either(evidence[label], hit.score * weight)
    return evidence


def _either(one: float, other: float) -> float:
    """Two independent pieces of evidence together."""
    return 1 - (1 - one) * (1 - other)
