from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callcenter.audio.ring import Ring

MS = 16  # bytes in a millisecond


def test_it_waits_until_enough_is_there_and_again_after_it_ran_dry() -> None:
    ring = Ring(prefill_ms=60, limit_ms=240)
    assert ring.pull(20 * MS) is None
    ring.push(b"a" * 40 * MS)
    assert ring.pull(20 * MS) is None
    ring.push(b"b" * 20 * MS)
    assert ring.pull(40 * MS) == b"a" * 40 * MS
    assert ring.pull(20 * MS) == b"b" * 20 * MS
    assert ring.underruns == 0
    assert ring.pull(20 * MS) is None
    ring.push(b"c" * 20 * MS)
    assert ring.pull(20 * MS) is None
    assert ring.underruns == 1
    ring.push(b"d" * 40 * MS)
    assert ring.pull(20 * MS) == b"c" * 20 * MS


def test_it_drops_the_oldest_and_counts() -> None:
    ring = Ring(prefill_ms=60, limit_ms=240)
    ring.push(b"a" * 220 * MS)
    ring.push(b"b" * 60 * MS)
    assert ring.dropped_ms == 220
    assert ring.pull(60 * MS) == b"b" * 60 * MS


def test_a_pull_larger_than_the_prefill_waits_for_all_of_it() -> None:
    ring = Ring(prefill_ms=20, limit_ms=240)
    ring.push(b"a" * 20 * MS)
    assert ring.pull(40 * MS) is None
    ring.push(b"a" * 20 * MS)
    assert ring.pull(40 * MS) == b"a" * 40 * MS


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60).map(lambda ms: ms * MS))))
def test_sound_comes_out_in_order_and_never_more_than_went_in(
    steps: list[tuple[bool, int]],
) -> None:
    ring = Ring(prefill_ms=40, limit_ms=100)
    pushed = pulled = 0
    for push, size in steps:
        if push:
            ring.push(bytes((pushed + i) % 251 for i in range(size)))
            pushed += size
        elif (got := ring.pull(size)) is not None:
            first = pulled + ring.dropped_ms * MS
            assert got == bytes((first + i) % 251 for i in range(size))
            pulled += size
        assert 0 <= pushed - pulled - ring.dropped_ms * MS <= 100 * MS
