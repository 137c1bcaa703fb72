"""How good the judge is on lines whose topics it has not learnt: F1, and false alarms. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from callcenter.scripts.judge import LABELS

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]
HARASSMENT = LABELS.index("harassment")
COMPLAINT = LABELS.index("complaint")
ORDINARY = LABELS.index("ordinary")


def folds(topics: Sequence[str], count: int) -> Labels:
    """The fold of each line; all lines of a topic are in the same."""
    return np.array([zlib.crc32(topic.encode()) % count for topic in topics])


def table(name: str, truth: Labels, odds: Floats, thresholds: Sequence[float]) -> list[str]:
    """For people: F1 of each label, then harassment at each threshold.

    Each label's lines weigh the same together, however many they are; false alarms are counted.
    """
    shares = confusion(truth, odds.argmax(axis=1))
    found = f1(shares)
    each = ", ".join(f"{label} {value:.3f}" for label, value in zip(LABELS, found, strict=True))
    lines = [f"noise {name}: macro-F1 {found.mean():.3f} ({each})"]
    for threshold in thresholds:
        told = odds[:, HARASSMENT] >= threshold
        recall = float(told[truth == HARASSMENT].mean())
        lines.append(
            f"  harassment from {threshold}: recall {recall:.3f}, false per thousand ordinary "
            f"{1000 * told[truth == ORDINARY].mean():.1f}, per thousand complaints "
            f"{1000 * told[truth == COMPLAINT].mean():.1f}"
        )
    return lines


def false_alarms(odds: Floats, thresholds: Sequence[float]) -> str:
    """Among lines that are all ordinary; for people."""
    each = (f"{1000 * (odds[:, HARASSMENT] >= t).mean():.1f} from {t}" for t in thresholds)
    return f"{len(odds)} public lines, harassment per thousand: {', '.join(each)}"


def confusion(truth: Labels, said: Labels) -> Floats:
    """[true label, label said]: shares of the true label's lines."""
    counts = np.zeros((len(LABELS), len(LABELS)))
    np.add.at(counts, (truth, said), 1)
    shares: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares


def f1(shares: Floats) -> Floats:
    """F1 of each label, from what confusion() gives."""
    right = np.diag(shares)
    both: Floats = 2 * right / np.maximum(shares.sum(axis=0) + shares.sum(axis=1), 1e-9)
    return both
