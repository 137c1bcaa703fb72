"""Minutes of abuse per agent and day."""

from __future__ import annotations

from datetime import UTC, date

from callcenter.casework.harassment.exposure import Exposure, exposure
from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    HitFound,
    ProposalDismissed,
    RecoveryBreakEnded,
    RecoveryBreakOffered,
    RecoveryBreakTaken,
    VerdictGiven,
)
from callcenter.core.records import Hit, Party
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.casework.conftest import GROUPS, NOON, after

DAY = 86_400.0


def call(
    store: Store,
    call_id: str,
    at: float = 0,
    *,
    hits: tuple[tuple[str, int], ...] = (("insult", 10_000),),
    agent: str = "8001",
    disposition: str = "harassment",
    party: Party = Party.CALLER,
) -> SqlBooks:
    """A call of 60 seconds after its answer."""
    books = SqlBooks(store)
    books.write(CallRang(call_id, after(at), "13800000001", "4008000000", "front"))
    books.write(CallAnswered(call_id, after(at + 2), agent))
    for n, (category, start_ms) in enumerate(hits):
        hit = Hit(f"{category}-{n}", category, party, start_ms, start_ms + 900, "……")
        books.write(HitFound(call_id, after(at + 2), hit))
    books.write(CallEnded(call_id, after(at + 62), "system", "answered", disposition))
    return books


GROUPS_HERE = {**GROUPS, "silent": "harassment"}


def days(store: Store) -> list[Exposure]:
    with store.session() as session:
        return exposure(session, lambda name: GROUPS_HERE.get(name, ""), NOON.replace(day=1), UTC)


def test_h24_abuse_lasts_from_the_first_harassing_words_to_the_end(store: Store) -> None:
    call(store, "c1", hits=(("quality", 1_000), ("insult", 40_000), ("insult", 10_000)))
    call(store, "c2", 600, disposition="suspected")
    call(store, "c3", DAY, agent="8002")
    assert days(store) == [
        Exposure(date(2025, 3, 5), "8002", 1, 50, 0),
        Exposure(date(2025, 3, 4), "8001", 2, 100, 0),
    ]


def test_h24_what_is_no_abuse_does_not_count(store: Store) -> None:
    call(store, "complaint", hits=(("quality", 1_000),))
    call(store, "agent", hits=(("insult", 1_000),), party=Party.AGENT)
    call(store, "silent", hits=(("silent", 1_000),))
    call(store, "blocked", agent="")
    judged = VerdictGiven("judged", after(99), "complaint", "只是生气", "李主管")
    call(store, "judged").write(judged)
    dismissed = call(store, "dismissed", disposition="suspected")
    dismissed.write(ProposalDismissed("dismissed", after(30), "8001"))
    assert days(store) == []


def test_h23_recovery_stands_beside_abuse(store: Store) -> None:
    books = call(store, "c1")
    books.write(RecoveryBreakOffered("c1", after(62), "8001"))
    books.write(RecoveryBreakTaken("c1", after(70), "8001"))
    assert days(store) == [Exposure(date(2025, 3, 4), "8001", 1, 50, 0)], "it still runs"
    books.write(RecoveryBreakEnded("c1", after(670), "8001"))
    assert days(store) == [Exposure(date(2025, 3, 4), "8001", 1, 50, 600)]
