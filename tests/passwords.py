"""Passwords hashed cheaply: what is tested is who gets in, not how much a guess costs."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher


def cheap(patch: pytest.MonkeyPatch) -> None:
    """Doors that are made from here on hash in a millisecond."""
    name = "callcenter.casework.staff.doors.PasswordHasher"
    patch.setattr(name, lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
