"""How tests wait: for a condition, never for a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 30.0
"""After so long it will not come true any more."""


async def until(holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Return as soon as `holds` says so. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)  # between two looks, not instead of one
