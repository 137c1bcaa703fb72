"""The drill of several nodes, short: one of two is killed under load, and the other takes over."""

from __future__ import annotations

from bench.drills.nodes import Plan, drill, failing_seconds
from bench.telephone.callers import CallMade
from tests.calls.kamailio import needs_kamailio
from tests.postgresql import needs_postgresql


@needs_kamailio
@needs_postgresql
async def test_calls_go_to_the_node_that_is_left():
    plan = Plan(5.0, 2.0, 4.0, 1.0, hasty=True, nodes=("a", "b"), comes_back=False)
    found = await drill(plan)
    assert found.calls == 30
    assert set(found.shared_before) == {"a", "b"}
    assert set(found.shared_after) == {"b"}
    assert found.failed < 5


def test_the_time_through_which_calls_fail_is_from_the_first_to_the_next_that_is_answered():
    def made(at: float, answered: bool) -> CallMade:
        return CallMade(sound=None, invited_at=at, answered_at=at + 1 if answered else 0.0)

    worked = [True, False, False, True, False, True]
    calls = [made(10.0 + number, one) for number, one in enumerate(worked)]
    assert failing_seconds(calls, 1.0) == 2.0
    assert failing_seconds([*calls, made(16.0, False)], 1.0) == 2.0
    assert failing_seconds([made(1.0, False), made(2.0, False)], 1.0) == 2.0
