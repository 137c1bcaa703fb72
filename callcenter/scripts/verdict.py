"""Weighs what was found in a call: harassment, complaint or ordinary, and how surely. Pure.

Proposes a label; a person decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from callcenter.core.records import Hit
from callcenter.scripts.opinion import RULE

LABELS = ("harassment", "complaint")
"""All else is ordinary, suggestions too."""
ORDINARY = "ordinary"
WEIGHT = {1: 0.35, 2: 0.6, 3: 0.75, 4: 0.9, 5: 0.97}
"""How far one certain hit of a severity carries, where nobody but the rules is asked."""
ENOUGH = 0.45
"""From here on a label is more than a suspicion: a phrase of severity 2, clearly heard."""
SURE = 0.6
"""From here on it is harassment, whatever complaint is in it."""
ADDS = {1: 0.3, 2: 0.6, 3: 1.0, 4: 1.5, 5: 2.0}
"""What one certain hit of a severity adds to the judge's opinion: natural logarithm of odds."""
MOST = 2.0
"""What all hits of a label add at most: the judge has read the same words."""
LEAST = 1e-6
"""No opinion is surer than that."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` is how surely the label holds, 0 to 1."""

    label: str
    score: float


def weigh(
    hits: Iterable[Hit],
    group: Callable[[str], str],
    judged: Sequence[Mapping[str, float]] = (),
) -> Verdict:
    """The label that the hits carry; `group` tells what a category counts as.

    `judged` is what the statistical judge says of each thing that the caller said, a number from 0
    to 1 a label: then the rules' hits move its opinion, else they stand alone.
    """
    rules = [hit for hit in hits if hit.rule != RULE]
    return _moved(_of_call(judged), rules, group) if judged else _alone(rules, group)


def _of_call(judged: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of a whole call: each label's odds against ordinary talk, the mean of all that was said.

    Many ordinary sentences do not wash an abusive one away, and of one sentence it is what the
    judge says.
    """
    odds = {
        label: sum(said[label] / max(said[ORDINARY], LEAST) for said in judged) / len(judged)
        for label in LABELS
    }
    return {label: math.log(max(value, LEAST)) for label, value in odds.items()}


def _moved(logs: Mapping[str, float], hits: Sequence[Hit], group: Callable[[str], str]) -> Verdict:
    added = dict.fromkeys(LABELS, 0.0)
    for hit in hits:
        label = group(hit.category)
        if label in added:
            added[label] = min(added[label] + hit.score * ADDS.get(hit.severity, ADDS[3]), MOST)
    odds = {label: math.exp(logs[label] + added[label]) for label in LABELS} | {ORDINARY: 1.0}
    label = max(odds, key=lambda name: odds[name])
    return Verdict(label, round(odds[label] / sum(odds.values()), 3))


def _alone(hits: Sequence[Hit], group: Callable[[str], str]) -> Verdict:
    evidence = dict.fromkeys(LABELS, 0.0)
    for hit in hits:
        label = group(hit.category)
        if label in evidence:
            weight = WEIGHT.get(hit.severity, WEIGHT[3])
            evidence[label] = _either(evidence[label], hit.score * weight)
    label = _label(evidence)
    return Verdict(label, round(evidence.get(label, 1 - max(evidence.values())), 3))


def _label(evidence: Mapping[str, float]) -> str:
    harassment, complaint = (evidence[label] for label in LABELS)
    if harassment >= ENOUGH and (harassment >= SURE or harassment >= complaint):
        return LABELS[0]
    return LABELS[1] if complaint >= ENOUGH else ORDINARY


def _either(one: float, other: float) -> float:
    """Two independent pieces of evidence together."""
    return 1 - (1 - one) * (1 - other)
