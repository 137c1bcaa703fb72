"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` is None for what is missing but not needed to take calls."""

    what: str
    good: bool | None
    detail: str
