"""A full disk: calls go on, what is missing is registered, recording resumes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.drills.disk_full import small_disk
from tests.drills.short import held


async def test_a_disk_that_is_full_for_a_while(tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path / "disk"):
            pass
    except PermissionError as error:
        pytest.skip(str(error))
    # Of one call ten seconds wait in memory.
    outcome = await held("disk_full", before=0.5, seconds=11.5, folders=[1])
    assert outcome.figures["missing_stretches"] >= 1
