"""What is done with a running call, calls out and quality: written down, once each."""

from __future__ import annotations

from callcenter.casework.orders import calls as work_orders
from callcenter.core.events import (
    AgentAway,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallRang,
    CallResumed,
    DigitsPressed,
    DigitsSent,
    Event,
    QualityMeasured,
    SupervisorJoined,
    SupervisorLeft,
    TransferConsulted,
    TransferDone,
    TransferReturned,
    TransferStarted,
)
from callcenter.core.records import Quality
from callcenter.store import calls, harassment, sources
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from tests.store.conftest import CALLER, NOON, after, answer, end, ring

SOUND = Quality(1500, 12, 3, 4.5, -1.0, 4.1)

RUN: list[Event] = [
    CallHeld("c1", after(10), "8001"),
    CallResumed("c1", after(12), "8001"),
    AgentAway("c1", after(13), "8001", "away"),
    DigitsSent("c1", after(14), "8001", "12#"),
    DigitsPressed("c1", after(15), "0"),
    TransferStarted("c1", after(20), "8001", "8002", "要退货", attended=True),
    TransferConsulted("c1", after(22), "8002"),
    TransferReturned("c1", after(25), "8002", "left"),
    TransferStarted("c1", after(30), "8001", "8002", "要退货"),
    TransferDone("c1", after(33), "8001", "8002"),
    SupervisorJoined("c1", after(40), "王芳", "listen"),
    SupervisorLeft("c1", after(50), "王芳"),
    QualityMeasured("c1", after(60), "caller", "", SOUND),
    QualityMeasured("c1", after(60), "agent", "8002", SOUND),
]


def whole(store: Store, call_id: str) -> Call:
    with store.session() as session:
        return calls.get_call(session, call_id)


def test_e1_what_was_done_with_a_call_is_kept_in_order_and_once(
    store: Store, books: SqlBooks
) -> None:
    ring(books, "c1")
    answer(books, "c1")
    for event in [*RUN, *RUN]:
        assert list(books.write(event)) == []
    call = whole(store, "c1")
    assert call.agent == "8002", "whoever has it last"
    deeds = [(one.at, one.kind, one.actor, one.other, one.how, one.text) for one in call.handling]
    assert deeds == [
        (after(10), "held", "8001", "", "", ""),
        (after(12), "resumed", "8001", "", "", ""),
        (after(13), "away", "8001", "", "away", ""),
        (after(14), "digits", "8001", "", "", "12#"),
        (after(15), "pressed", "", "", "", "0"),
        (after(20), "transfer", "8001", "8002", "attended", "要退货"),
        (after(22), "consulted", "8002", "", "", ""),
        (after(25), "returned", "8002", "", "", "left"),
        (after(30), "transfer", "8001", "8002", "blind", "要退货"),
        (after(33), "transferred", "8001", "8002", "", ""),
        (after(40), "joined", "王芳", "", "listen", ""),
        (after(50), "left", "王芳", "", "", ""),
    ]
    assert not calls.is_flagged(call), "none of this flags a call"


def test_quality_is_kept_for_each_leg(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    for event in RUN[-2:]:
        books.write(event)
    rows = whole(store, "c1").quality
    assert [(row.party, row.agent) for row in rows] == [("caller", ""), ("agent", "8002")]
    first = rows[0]
    kept = (first.packets, first.lost, first.late, first.jitter_ms, first.round_trip_ms, first.mos)
    assert Quality(*kept) == SOUND


def test_a_transfer_outside_leaves_the_call_its_agent(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    answer(books, "c1")
    books.write(TransferStarted("c1", after(9), "8001", "01088880001", outside=True))
    books.write(TransferDone("c1", after(12), "8001", "01088880001", outside=True))
    call = whole(store, "c1")
    assert call.agent == "8001"
    assert [(one.kind, one.how) for one in call.handling] == [
        ("transfer", "outside"),
        ("transferred", "outside"),
    ]


def dialled(books: SqlBooks, call_id: str, at: float = 0) -> None:
    """Agent 8001 calls the number that `ring` calls from."""
    out = ("95000", CALLER, "front", "outbound", "8001")
    books.write(CallRang(call_id, after(at), *out))


def test_a_call_out_is_kept_with_its_direction_agent_and_result(
    store: Store, books: SqlBooks
) -> None:
    dialled(books, "o1")
    books.write(CallEnded("o1", after(5), "caller", "busy", ""))
    call = whole(store, "o1")
    assert (call.direction, call.agent, call.call_result) == ("outbound", "8001", "busy")
    assert (call.caller_number, call.callee_number, call.source) == ("95000", CALLER, CALLER)


def test_a_call_out_is_no_attempt_of_whom_we_called(store: Store, books: SqlBooks) -> None:
    ring(books, "c1")
    end(books, "c1")
    dialled(books, "o1", 100)
    books.write(CallAnswered("o1", after(105), "8001"))
    end(books, "o1", 130, "harassment")
    with store.session() as session:
        known = sources.history(session, CALLER, after(200))
        assert (known.calls_24h, known.attempts) == (1, 1)
        assert sources.harassing_attempts(session, CALLER, NOON) == 0
        assert harassment.from_number(session, CALLER) == ["c1"]


def test_a_call_out_hangs_on_the_work_order_of_whom_we_called(store: Store) -> None:
    books = SqlBooks(store, [work_orders.consequence(lambda category: "")])
    ring(books, "c1")
    answer(books, "c1")
    end(books, "c1")
    dialled(books, "o1", 100)
    books.write(CallAnswered("o1", after(105), "8001"))
    assert whole(store, "o1").work_order_number == whole(store, "c1").work_order_number
    with store.session() as session:
        order = whole(store, "o1").work_order
        assert order is not None
        assert session.merge(order).caller_number == CALLER
