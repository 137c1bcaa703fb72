"""The interpreter's settings: changed while the service runs, then as they were."""

from __future__ import annotations

import gc
import sys

from callcenter.desk.steady import MIDDLE, OLD, TURN_S, YOUNG, steady


def test_the_loop_is_not_held_up_and_all_is_as_before_afterwards():
    before = sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()
    with steady():
        assert abs(sys.getswitchinterval() - TURN_S) < 1e-6
        assert gc.get_threshold() == (YOUNG, MIDDLE, OLD)
        assert gc.get_freeze_count() > 10_000
    assert (sys.getswitchinterval(), gc.get_threshold(), gc.get_freeze_count()) == before
