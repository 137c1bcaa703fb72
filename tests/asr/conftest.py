"""One engine with the bundled model for all tests of the room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callcenter.asr import VoskEngine, bundled


@pytest.fixture(scope="session")
def engine() -> Iterator[VoskEngine]:
    engine = VoskEngine(bundled(), queue_seconds=600)  # tests speak faster than people
    assert engine.ready, engine.detail
    yield engine
    engine.close()


@pytest.fixture(autouse=True)
def no_models_of_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `callcenter models use` has chosen on this machine must not matter here."""
    monkeypatch.setenv("CALLCENTER_MODELS", str(tmp_path / "models-of-nobody"))
