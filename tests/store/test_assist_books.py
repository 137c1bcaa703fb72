"""Cards, promises and banned words in the books."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter.casework.promises import consequence, decide
from callcenter.core.cards import Card, Situation
from callcenter.core.errors import NoSuchPromise, NotNow, Refused
from callcenter.core.events import CardOffered, HitFound, PromiseDecided, PromiseHeard, SegmentHeard
from callcenter.core.records import Hit, Party, Promise, Segment
from callcenter.store import calls, promises, transcripts
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.store.conftest import NOON, after, answer, end, ring

DUE = NOON + timedelta(days=1)
HEARD = PromiseHeard("c1", after(20), Promise("c1-1", "reply", DUE, "明天给您答复", 100, 900))
CARD = Card("ask", "何时提问", (Situation.ANGER,), ("一。", "二。"), "D11", 60)
OWN = Hit("flat_no", "banned", Party.AGENT, 100, 900, "不知道")
INSULT = Hit("insult-1", "insult", Party.CALLER, 1000, 1900, "难听的话")


@pytest.fixture
def call(books: SqlBooks) -> SqlBooks:
    ring(books, "c1")
    answer(books, "c1")
    return books


def test_w12_a_promise_written_twice_is_one(call: SqlBooks, store: Store) -> None:
    call.write(HEARD)
    call.write(HEARD)
    with store.session() as session:
        [row] = promises.of_call(session, "c1")
    assert (row.status, row.agent, row.due_at, row.heard_due_at) == ("offered", "8001", DUE, DUE)


def test_w12_the_first_decision_stands(call: SqlBooks, store: Store) -> None:
    call.write(HEARD)
    later = DUE + timedelta(hours=2)
    call.write(PromiseDecided("c1", after(30), "c1-1", True, "李主管", later))
    call.write(PromiseDecided("c1", after(31), "c1-1", False, "8001", DUE))
    with store.session() as session:
        row = promises.get(session, "c1-1")
        assert (row.status, row.decided_by, row.due_at) == ("accepted", "李主管", later)
        assert row.heard_due_at == DUE
        with pytest.raises(NotNow, match="is accepted already, by 李主管"):
            decide(session, "c1-1", accepted=True, by="8001", at=after(40))


def test_w12_a_decision_needs_a_name_and_a_time_to_come(call: SqlBooks, store: Store) -> None:
    call.write(HEARD)
    with store.session() as session:
        with pytest.raises(Refused, match="named person"):
            decide(session, "c1-1", accepted=True, by=" ", at=after(40))
        with pytest.raises(Refused, match="due before now"):
            decide(session, "c1-1", accepted=True, by="8001", at=after(40), due_at=after(39))
        with pytest.raises(NoSuchPromise):
            decide(session, "c2-1", accepted=True, by="8001", at=after(40))


def test_w12_what_the_agent_says_is_heard_live_or_afterwards(store: Store) -> None:
    books = SqlBooks(store, [consequence(NOON.tzinfo)])
    ring(books, "c1")
    said = Segment(Party.AGENT, 60_000, 62_000, "我半小时后给您回电", live=False)
    early = Segment(Party.AGENT, 0, 2_000, "我半小时后给您回电", live=False)
    unanswered = SegmentHeard("c1", after(3), early)
    assert books.write(unanswered) == []
    answer(books, "c1")
    [fact] = books.write(SegmentHeard("c1", after(70), said))
    assert isinstance(fact, PromiseHeard)
    assert fact.promise.due_at == after(5 + 60 + 1800)
    caller = Segment(Party.CALLER, 60_000, 62_000, "我半小时后给您回电")
    assert books.write(SegmentHeard("c1", after(70), caller)) == []


def test_d14_the_card_that_was_shown_is_kept(call: SqlBooks, store: Store) -> None:
    for _ in range(2):
        call.write(CardOffered("c1", after(9), CARD, "客户发火"))
    with store.session() as session:
        [row] = promises.cards_of_call(session, "c1")
        assert (row.name, row.title, row.handbook) == ("ask", "何时提问", "D11")
        assert not calls.is_flagged(calls.get_call(session, "c1"))


def test_d6_banned_words_are_kept_and_flag_nothing(call: SqlBooks, store: Store) -> None:
    call.write(HitFound("c1", after(9), OWN))
    end(call, "c1", disposition="ordinary")
    with store.session() as session:
        whole = calls.get_call(session, "c1")
        assert not calls.is_flagged(whole)
        assert calls.list_calls(session, flagged=True) == []
        assert whole.hits == []
        assert [hit.text for hit in whole.banned] == ["不知道"]


def test_d6_beside_them_other_hits_flag_as_ever(call: SqlBooks, store: Store) -> None:
    call.write(HitFound("c1", after(9), OWN))
    call.write(HitFound("c1", after(10), INSULT))
    with store.session() as session:
        [whole] = calls.list_calls(session, flagged=True)
        assert [hit.rule for hit in whole.hits] == ["insult-1"]


def test_d6_a_transcript_made_again_leaves_them_out(call: SqlBooks, store: Store) -> None:
    for _ in range(2):
        with store.session(write=True) as session:
            transcripts.keep(session, "c1", "mini", NOON, [], [OWN, INSULT])
    with store.session() as session:
        [again] = calls.get_call(session, "c1").transcripts
        assert [hit.rule for hit in again.hits] == ["insult-1"]
