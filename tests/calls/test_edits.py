"""Packs that are edited while the service runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter import chores
from callcenter.config import ScriptsConfig
from callcenter.scripts.book import PACKS
from tests.calls.service import config_in, running


def write(pack: Path, more: str) -> None:
    pack.write_text((PACKS / pack.name).read_text("utf-8") + more, "utf-8")


async def test_a_broken_pack_is_told_at_once_and_no_more_when_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(chores, "EDITS_SECONDS", 0.05)
    packs = tmp_path / "packs"
    packs.mkdir()
    pack = packs / "complaint.toml"
    write(pack, "")
    async with running(config_in(tmp_path, scripts=ScriptsConfig(packs=str(packs)))) as here:
        assert (await here.get("/health"))["notices"] == []
        write(pack, "\n[[rule]]\nname = 7\n")
        (told,) = await here.until(
            lambda: here.get("/health"), lambda health: health["notices"] or None
        )
        assert told.startswith(f"{pack}: rule ")
        assert "name is 7; expected" in told
        assert told.endswith("the old rules stay in force")
        write(pack, "")
        await here.until(lambda: here.get("/health"), lambda health: not health["notices"])
