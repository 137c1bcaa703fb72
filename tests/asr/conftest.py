"""One engine with the bundled model for all tests of the room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callcenter.asr import VoskEngine, bundled


@pytest.fixture(scope="session")
def engine() -> Iterator[VoskEngine]:
    engine = VoskEngine(bundled(), queue_seconds=600)  # tests speak faster than people
    assert engine.ready, engine.detail
    yield engine
    engine.close()
