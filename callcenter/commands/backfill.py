"""`callcenter backfill`: transcribe now, from the recordings, what was not heard live."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callcenter.app import backfill_once
from callcenter.config import load


def backfill(file: Path) -> int:
    """Work through the backlog once and say how much it was. Raises ModelMissing."""
    done = asyncio.run(backfill_once(load(file)))
    print(f"{done} calls transcribed")
    return 0
