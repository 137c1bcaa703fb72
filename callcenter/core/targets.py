"""How a place that recordings go to stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A recordings folder (录音目录), as it stands now."""

    folder: str
    trouble: str = ""
    """Why it takes no sound; "" where it does."""
    lost_ms: int = 0
    """Sound that it did not take since the service began."""
    free_bytes: int | None = None
    """Room on its disk; None where nobody could look yet."""
