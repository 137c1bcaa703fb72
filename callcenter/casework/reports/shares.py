"""Shares of a count, with what chance leaves open. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Z95 = 1.959964
WIDE = 0.3
"""An interval as wide as this is said to be wide: such shares are not compared."""


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `of`, as a share from 0 to 1 with its 95 % interval; None of nothing."""

    good: float
    of: float
    value: float | None
    low: float
    high: float

    @property
    def is_wide(self) -> bool:
        """Whether chance leaves too much open to compare it."""
        return self.value is not None and self.high - self.low >= WIDE

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types, rounded to four digits."""
        value = None if self.value is None else round(self.value, 4)
        low, high = round(self.low, 4), round(self.high, 4)
        return {"good": self.good, "of": self.of, "value": value, "low": low, "high": high}


def wilson(good: float, of: float) -> Share:
    """E. B. Wilson 1927: an interval that stays within 0 and 1 and is right for small counts."""
    if of <= 0:
        return Share(good, of, None, 0.0, 1.0)
    share, z2 = good / of, Z95 * Z95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Share(good, of, share, max(0.0, middle - half), min(1.0, middle + half))
