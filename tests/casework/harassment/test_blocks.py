"""Proposed blocks: when the desk proposes, who decides, what is lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from callcenter.casework.harassment import blocks
from callcenter.core.errors import NoSuchBlock, Refused
from callcenter.core.events import (
    BlockDecided,
    BlockProposed,
    CallAnswered,
    CallEnded,
    CallRang,
    Event,
    VerdictGiven,
)
from callcenter.store.books import SqlBooks
from callcenter.store.directory import SqlDirectory
from callcenter.store.sql import Store
from tests.casework.conftest import GROUPS, Day, after

NUMBER = "13800000001"
DAY = 86_400.0


class Desk(Day):
    """A day whose books propose blocks from the third attempt on."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.books = SqlBooks(store, [blocks.consequence(GROUPS.__getitem__, 3)])

    def harassed(self, call_id: str, at: float, number: str = NUMBER) -> list[Event]:
        """A call that a person ended with a prompt; what follows."""
        self.books.write(CallRang(call_id, after(at), number, "4008000000", "front"))
        self.books.write(CallAnswered(call_id, after(at + 1), "8001"))
        ended = CallEnded(call_id, after(at + 20), "system", "answered", "harassment")
        return list(self.books.write(ended))

    def proposed(self, number: str = NUMBER) -> list[Event]:
        """Three attempts; what the last one brings."""
        for n in range(2):
            assert self.harassed(f"{number}-{n}", n * 1000, number) == []
        return self.harassed(f"{number}-2", 2000, number)

    def waiting(self) -> Sequence[int]:
        with self.store.session() as session:
            return [row.id for row in blocks.proposals(session)]

    def decide(self, proposal: int, approved: bool = True, **more: object) -> BlockDecided:
        given = {"by": "王芳", "reason": "多次骚扰", "at": after(DAY), **more}
        with self.store.session() as session:
            fact = blocks.decide(session, proposal, approved=approved, **given)  # type: ignore[arg-type]
        self.books.write(fact)
        return fact

    def blocked(self, seconds: float) -> bool:
        return SqlDirectory(self.store, lambda: after(seconds)).history(NUMBER).blocked


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_h18_the_third_harassing_attempt_in_30_days_proposes_a_block(desk: Desk) -> None:
    (fact,) = desk.proposed()
    assert fact == BlockProposed(
        f"{NUMBER}-2", after(2020), NUMBER, 3, "30 天内骚扰 3 次", known_customer=False
    )
    assert len(desk.waiting()) == 1
    assert not desk.blocked(3000), "only a person blocks"
    assert desk.harassed("more", 9000) == [], "it waits already"


def test_calls_within_a_minute_are_one_attempt_and_old_ones_do_not_count(desk: Desk) -> None:
    for n in range(4):
        assert desk.harassed(f"quick-{n}", n * 15) == []
    assert desk.harassed("next", 1000) == []
    assert desk.harassed("late", 31 * DAY) == []


def test_h20_a_withheld_number_is_never_proposed(desk: Desk) -> None:
    assert desk.proposed("anonymous") == []
    assert desk.waiting() == []


def test_a_harassing_call_with_complaint_in_it_goes_no_further_than_its_proposal(
    desk: Desk,
) -> None:
    for n in range(2):
        desk.harassed(f"c{n}", n * 1000)
    desk.ring("c2", 2000, NUMBER)
    desk.books.write(CallAnswered("c2", after(2001), "8001"))
    desk.hit("c2", "quality")
    desk.hit("c2", "insult")
    ended = CallEnded("c2", after(2020), "system", "answered", "harassment")
    assert list(desk.books.write(ended)) == []


def test_h4_a_known_customer_is_marked_and_needs_the_explicit_choice(desk: Desk) -> None:
    desk.ring("served", -500, NUMBER)
    desk.books.write(CallAnswered("served", after(-490), "8001"))
    desk.books.write(CallEnded("served", after(-400), "caller", "answered", "ordinary"))
    desk.books.write(VerdictGiven("served", after(-300), "ordinary", "没事", "李主管"))
    (fact,) = desk.proposed()
    assert isinstance(fact, BlockProposed)
    assert fact.known_customer
    (proposal,) = desk.waiting()
    with pytest.raises(Refused, match="known customer's; expected known_customer = true"):
        desk.decide(proposal)
    assert not desk.blocked(2 * DAY)
    desk.decide(proposal, known_customer=True)
    assert desk.blocked(2 * DAY)


def test_h18_an_approved_block_holds_until_it_expires(desk: Desk) -> None:
    desk.proposed()
    (proposal,) = desk.waiting()
    fact = desk.decide(proposal, days=7)
    assert fact.expires_at == after(DAY) + timedelta(days=7)
    assert desk.waiting() == []
    assert desk.blocked(8 * DAY - 1)
    assert not desk.blocked(8 * DAY)
    with pytest.raises(NoSuchBlock, match=f"no block proposal {proposal} waits"):
        desk.decide(proposal)


def test_a_refused_proposal_blocks_nobody_and_the_next_attempt_proposes_anew(desk: Desk) -> None:
    desk.proposed()
    fact = desk.decide(desk.waiting()[0], approved=False)
    assert fact.expires_at is None
    assert not desk.blocked(2 * DAY)
    (again,) = desk.harassed("again", 2 * DAY)
    assert isinstance(again, BlockProposed)
    assert again.attempts == 4


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"by": " "}, "a named person"),
        ({"by": "张三"}, "张三 is no supervisor; this is decided by one of: 王芳, 8001"),
        ({"reason": " "}, "a reason of 1 to 500"),
        ({"reason": "x" * 501}, "a reason of 1 to 500"),
        ({"days": 0}, "1 to 3650 days"),
        ({"days": 3651}, "1 to 3650 days"),
    ],
)
def test_a_decision_that_is_refused(desk: Desk, wrong: dict[str, object], told: str) -> None:
    desk.proposed()
    with pytest.raises(Refused, match=told):
        desk.decide(desk.waiting()[0], **{"supervisors": ("王芳", "8001"), **wrong})
    assert len(desk.waiting()) == 1


def test_a_block_is_lifted_by_a_supervisor_and_written_again_it_stays_lifted(desk: Desk) -> None:
    desk.proposed()
    decided = desk.decide(desk.waiting()[0])
    with desk.store.session() as session:
        fact = blocks.lift(
            session, "+86 138 0000 0001", by="王芳", reason="误判", at=after(2 * DAY)
        )
    for _ in range(2):
        desk.books.write(fact)
    assert not desk.blocked(2 * DAY)
    desk.books.write(decided)
    assert not desk.blocked(2 * DAY), "an old decision does not block anew"
    with desk.store.session() as session, pytest.raises(NoSuchBlock):
        blocks.lift(session, NUMBER, by="王芳", reason="误判", at=after(2 * DAY))


def test_h18_attempts_that_a_block_caught_are_counted(desk: Desk) -> None:
    desk.proposed()
    desk.decide(desk.waiting()[0])
    for n, at in enumerate((2 * DAY, 2 * DAY + 30, 3 * DAY)):
        desk.ring(f"b{n}", at, NUMBER)
        desk.books.write(CallEnded(f"b{n}", after(at + 9), "system", "blocked", "blocked"))
    with desk.store.session() as session:
        ((block, attempts),) = blocks.in_force(session, after(4 * DAY))
    assert (block.number, block.blocked_by, attempts) == (NUMBER, "王芳", 2)
