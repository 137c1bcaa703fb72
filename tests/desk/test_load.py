"""When this machine is behind with its calls: after a row of late ticks, until it is on time."""

from __future__ import annotations

from callcenter.desk.load import FEW, IN_A_ROW, Load
from callcenter.desk.metronome import HELD, TICK

LATE = HELD + TICK
MANY = FEW + 1


def test_a_moment_s_pause_is_made_up_for():
    load = Load()
    for _ in range(3):
        assert not any(load.tick(LATE, MANY) for _ in range(IN_A_ROW - 1))
        load.tick(HELD, MANY)
    assert not load.behind


def test_a_row_of_late_ticks_is_told_once():
    load = Load()
    told = [load.tick(LATE, MANY) for _ in range(3 * IN_A_ROW)]
    assert [at for at, falls in enumerate(told) if falls] == [IN_A_ROW - 1]
    assert load.behind


def test_it_lasts_until_the_calls_are_on_time():
    load = Load()
    for late in [LATE] * IN_A_ROW:
        load.tick(late, MANY)
    load.tick(HELD / 2, MANY)
    assert load.behind, "they are still late"
    load.tick(TICK / 2, MANY)
    assert not load.behind
    assert not load.tick(LATE, MANY)


def test_few_calls_are_not_what_holds_a_machine_up():
    load = Load()
    assert not any(load.tick(LATE, FEW) for _ in range(3 * IN_A_ROW))
