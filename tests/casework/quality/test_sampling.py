from __future__ import annotations

from sqlalchemy import event

from callcenter.casework.quality.sampling import Sampled, drawn, sample
from callcenter.core import events as ev
from tests.casework.conftest import NOON, after
from tests.casework.quality.judged import DAY, Judged

MANY = [Sampled(f"c{n:03}", "8001", NOON, 60, n % 10 == 0) for n in range(100)]


def drawn_ids(most: int, seed: str, of: list[Sampled] = MANY) -> list[str]:
    return [one.call_id for one in drawn(of, most, seed)]


def test_r6_the_lot_is_the_same_for_the_same_seed() -> None:
    first = drawn_ids(15, "2026-W47")
    assert first == drawn_ids(15, "2026-W47", MANY[::-1])
    assert set(first) >= {one.call_id for one in MANY if one.flagged}
    assert drawn_ids(15, "2026-W48") != first
    assert drawn_ids(4, "x") == [f for f in drawn_ids(4, "x") if f.endswith("0")]
    assert len(drawn_ids(500, "x")) == 100


def test_r6_a_sample_of_each_agent_keeps_what_was_judged(judged: Judged) -> None:
    for n in range(4):
        judged.call(f"a{n}", at=100.0 * n, flagged=n == 2)
    judged.call("b0", 500, "8002")
    judged.books.write(ev.CallRang("missed", after(600), "138", "400", "front"))
    judged.books.write(ev.CallEnded("missed", after(610), "caller", "missed", ""))
    number = judged.open("a3", judged.card())
    seen: list[str] = []
    with judged.store.session() as session:
        event.listen(
            session.connection(), "before_cursor_execute", lambda *told: seen.append(told[2])
        )
        found = sample(session, NOON, after(DAY), 2, "s")
        assert len(seen) == 2
        assert [(one.call_id, one.flagged, one.evaluation, one.state) for one in found] == [
            ("a2", True, "", ""), ("a3", False, number, "open"), ("b0", False, "", ""),
        ]  # fmt: skip
        assert found[0].seconds == 60
        assert [one.call_id for one in sample(session, NOON, after(DAY), 9, "s", "8002")] == ["b0"]
        assert sample(session, after(DAY), after(2 * DAY), 9, "s") == []
