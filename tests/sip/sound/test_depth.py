"""How deep the buffer wants to be, from how early packets come."""

from __future__ import annotations

import pytest

from callcenter.sip.sound.depth import DEEPEST, LONG_LOOK, SHORT_LOOK, SPARE, Depth

MS = 8


def ticks(depth: Depth, count: int, margin: int | None = None) -> None:
    """So many ticks, with a packet of this margin each."""
    for _ in range(count):
        if margin is not None:
            depth.arrived(margin)
        depth.tick()


@pytest.mark.parametrize(
    ("margin_ms", "wish"),
    [(40, 0), (20, 0), (19, 1), (0, 1), (-1, 2), (-60, 4), (-150, 9), (-190, 10), (-200, 0)],
)
def test_what_came_too_late_is_asked_for(margin_ms: int, wish: int) -> None:
    """A spare frame on top; what no buffer of 200 ms can help is left alone."""
    depth = Depth()
    depth.arrived(margin_ms * MS)
    assert depth.wish == wish


@pytest.mark.parametrize(("quickest_ms", "wish"), [(0, 9), (100, 5), (180, 1), (200, 0), (500, 0)])
def test_the_quickest_packet_waits_no_longer_than_200_ms(quickest_ms: int, wish: int) -> None:
    depth = Depth()
    depth.arrived(quickest_ms * MS)
    depth.wish = 0
    depth.arrived(-160 * MS)
    assert depth.wish == wish


@pytest.mark.parametrize(
    ("margin_ms", "wish"), [(20, 0), (39, 0), (40, -1), (60, -2), (140, -6), (200, -9)]
)
def test_what_is_not_needed_for_ten_seconds_is_given_up(margin_ms: int, wish: int) -> None:
    depth = Depth()
    ticks(depth, LONG_LOOK - 1, margin_ms * MS)
    assert depth.wish == 0
    ticks(depth, 1, margin_ms * MS)
    assert depth.wish == wish


def test_far_too_much_is_given_up_after_one_second() -> None:
    depth = Depth()
    ticks(depth, SHORT_LOOK - 1, DEEPEST + 160)
    assert depth.wish == 0
    ticks(depth, 1, DEEPEST + 160)
    assert depth.wish == -10


def test_one_tight_packet_forbids_to_give_up() -> None:
    depth = Depth()
    ticks(depth, LONG_LOOK - 1, 100 * MS)
    depth.arrived(SPARE)
    ticks(depth, 1, 100 * MS)
    assert depth.wish == 0
    ticks(depth, LONG_LOOK, 100 * MS)
    assert depth.wish == -4
    depth.arrived(SPARE)
    assert depth.wish == 0


def test_a_change_shifts_what_was_seen() -> None:
    depth = Depth()
    depth.arrived(-100 * MS)
    assert depth.wish == 6
    depth.changed(2)
    assert depth.wish == 4
    depth.arrived(-60 * MS)
    assert depth.wish == 4
    depth.changed(4)
    depth.arrived(0)
    assert depth.wish == 1
    ticks(depth, LONG_LOOK)
    depth.changed(-1)
    assert depth.wish == 2


def test_a_pause_is_no_evidence() -> None:
    depth = Depth()
    ticks(depth, 3 * LONG_LOOK)
    assert (depth.wish, depth.typical) == (0, 0.0)
