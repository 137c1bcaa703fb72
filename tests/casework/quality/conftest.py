"""Calls to judge."""

from __future__ import annotations

import pytest

from callcenter.store.sql import Store
from tests.casework.quality.judged import Judged


@pytest.fixture
def judged(store: Store) -> Judged:
    return Judged(store)
