"""A crash makes the ledger write again what stands in the books already: nothing comes twice.

From any moment of a day, with everything that follows from what happens: the spool is read again
from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.casework import consequences
from callcenter.core import events as ev
from callcenter.core.cards import Card
from callcenter.core.records import Gap, Hit, Party, Promise, Quality, RecordingInfo, Segment
from callcenter.desk.ledger import NOT_KEPT
from callcenter.store.books import PAGES, SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Base

NOON = datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
GROUPS = {"insult": "harassment", "quality": "complaint"}
CALLER, BILL = "13800000001", "ab" * 32
DUE = NOON + timedelta(days=1)
PROMISE = Promise("p1", "call_back", DUE, "明天给您回电", 0, 900)
GOOD = Quality(1000, 0, 0, 1.2, 20.0, 4.3)
INSULT = Hit("insult-1", "insult", Party.CALLER, 100, 900, "难听的话")
SAID = Segment(Party.AGENT, 100, 900, "我明天给您回电话")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def harassed(number: int) -> Iterator[ev.Event]:
    """A call that is ended with a prompt."""
    call, begun = f"h{number}", 1000 * number
    yield ev.CallRang(call, at(begun), "13900000009", "95000", "main")
    yield ev.CallAnswered(call, at(begun + 1), "8001")
    yield ev.HitFound(call, at(begun + 2), INSULT)
    yield ev.TerminationProposed(call, at(begun + 3), "insult", "line_fault", "难听的话")
    yield ev.TerminationConfirmed(call, at(begun + 4), "8001", "line_fault")
    yield ev.PromptStarted(call, at(begun + 4), "line_fault", 6000)
    yield ev.PromptEnded(call, at(begun + 10), "line_fault", 6000, 5000 + number)
    yield ev.CallEnded(call, at(begun + 10), "system", "answered", "harassment")


def step(seconds: float, kind: str, number: str, action: str, state: str, version: int, **changes):
    return ev.RecordStepped(
        "", at(seconds), kind, number, action, "王芳", state, version, dict(changes)
    )


DAY: list[ev.Event] = [
    ev.AgentChanged("", at(-9), "8001", "ready", "", "8001"),
    ev.CallRang("c1", at(0), CALLER, "95000", "main"),
    ev.CallAnswered("c1", at(1), "8001"),
    ev.AgentChanged("c1", at(1), "8001", "talking", "", "system"),
    ev.SegmentHeard("c1", at(2), SAID),
    ev.PromiseHeard("c1", at(2), PROMISE),
    ev.GapLeft("c1", at(3), Gap(Party.AGENT, 1000, 2000, "queue full")),
    ev.SoundLost("c1", at(3), 3000, 4000),
    ev.HitFound("c1", at(3), Hit("q-1", "quality", Party.CALLER, 900, 990, "质量太差")),
    ev.CardOffered("c1", at(3), Card("calm", "先稳住", (), ("请慢慢说",), "D11", 9), "quality"),
    ev.SteerBackOffered("c1", at(3), "insult", "我们说回订单", "难听的话"),
    ev.PromiseDecided("c1", at(4), "p1", True, "王芳", DUE),
    ev.CallHeld("c1", at(5), "8001"),
    ev.CallResumed("c1", at(6), "8001"),
    ev.AgentAway("c1", at(6), "8001", "away"),
    ev.DigitsSent("c1", at(6), "8001", "12"),
    ev.DigitsPressed("c1", at(6), "34"),
    ev.TransferStarted("c1", at(7), "8001", "8002", "要退货"),
    ev.TransferConsulted("c1", at(8), "8002"),
    ev.TransferReturned("c1", at(8), "8001", "declined"),
    ev.TransferDone("c1", at(9), "8001", "8002"),
    ev.TransferDone("c1", at(10), "8002", "8003"),
    ev.SupervisorJoined("c1", at(11), "李主管", "listen"),
    ev.SupervisorLeft("c1", at(12), "李主管"),
    ev.TerminationProposed("c1", at(13), "silent", "line_fault", "20 s"),
    ev.ProposalWithdrawn("c1", at(14)),
    ev.ProposalDismissed("c1", at(14), "8001"),
    ev.TerminationConfirmed("c1", at(15), "8001", "line_fault"),
    ev.TerminationUndone("c1", at(16), "8001"),
    ev.Ticked("c1", at(17), "8001", "laughter"),
    ev.LeadCalled("c1", at(17), "8001", "退款"),
    ev.HarassmentMarked("c1", at(17), "8001"),
    ev.PauseStarted("c1", at(17), "8001", "卡号", 17_000),
    ev.PauseEnded("c1", at(18), "8001", 17_000, 18_000),
    ev.Redacted("c1", at(18), "caller", 500, 900, "card"),
    ev.DialRefused("c1", at(18), "8001", "hours", "139****0009", "main"),
    ev.QualityMeasured("c1", at(18), "caller", "", GOOD),
    ev.RecordingClosed("c1", at(19), RecordingInfo("2025/03/04/c1.wav", 19.0, BILL)),
    ev.CallEnded("c1", at(19), "caller", "answered", "complaint", transcribed=False),
    ev.TranscriptCompleted("c1", at(30)),
    ev.WorkOrderLinked("c1", at(40), "", "enquiry", "王芳"),
    ev.WorkOrderLinked("c1", at(41), "WO-20250304-0001", "complaint", "李主管"),
    step(42, "work_order", "WO-20250304-0001", "retype", "draft", 5, type="enquiry"),
    ev.WorkOrderLinked("c1", at(43), "WO-20250304-0002", "suggestion", "王芳"),
    ev.VerdictGiven("c1", at(60), "complaint", "说得对", "李主管"),
    *(event for number in (1, 2, 3) for event in harassed(number)),
    ev.RecoveryBreakTaken("h3", at(4000), "8001"),
    ev.RecoveryBreakEnded("h3", at(4100), "8001"),
    ev.BlockDecided("h3", at(4200), "13900000009", True, "李主管", "多次", DUE),
    ev.BlockLifted("", at(4300), "13900000009", "李主管", "误会"),
    *harassed(5),
    ev.CaseOpened("h1", at(6000), "HC-1", "", "unknown", "陈静", ("h1",), "夜里"),
    ev.CaseActionTaken("h1", at(6001), "HC-1", "note", "陈静", "再听", "open", "open", ("h2",)),
    ev.BillLineMatched("h1", at(6002), "13900000009", "", NOON, 55, BILL, 7, "陈静"),
    ev.NumberRecovered("h1", at(6003), "13900000009", "陈静", BILL, 7),
    ev.EvidenceExported("h1", at(6004), "陈静", ("h1",), BILL, "HC-1"),
    ev.Accessed("c1", at(6005), "陈静", "play", "call", "c1"),
    ev.CaseActionTaken("h1", at(6006), "HC-1", "close", "陈静", "道歉", "open", "closed"),
    ev.Cleared("", at(9000), "call", ("h2",), "sound", "ER-1", "王芳"),
]  # fmt: skip


def dump(store: Store) -> dict[str, list[tuple]]:
    """Every row of every table, but for the trail's salts."""
    salted = {"salt", "changes_sha256", "digest"}
    with store.session() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in session.execute(select(*columns)).all()), key=repr
            )
            for table in Base.metadata.sorted_tables
            if (columns := [column for column in table.columns if column.name not in salted])
        }


@pytest.fixture
def books(store: Store) -> SqlBooks:
    return SqlBooks(store, consequences.all_of(GROUPS.__getitem__, 3))


def test_every_kind_that_is_kept_is_in_the_day() -> None:
    followed = {ev.BlockProposed, ev.RecoveryBreakOffered}
    assert {type(event) for event in DAY} | followed | set(NOT_KEPT) == set(PAGES)


def test_from_any_moment_everything_can_be_written_again(store: Store, books: SqlBooks) -> None:
    for number, event in enumerate(DAY):
        books.write(event)
        if number % 6 == 0 or number == len(DAY) - 1:
            once = dump(store)
            assert books.write(*DAY[: number + 1]) == []
            assert dump(store) == once
    assert len(once["work_orders"]) == 3
    assert {row.state for row in orders(store)} == {"draft"}


def orders(store: Store) -> list:
    from callcenter.store.order_tables import WorkOrder

    with store.session() as session:
        return list(session.scalars(select(WorkOrder)))
