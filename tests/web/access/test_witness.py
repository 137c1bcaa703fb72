"""Who played, looked and took out stands in the trail; the whole number is for who has a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.core import events as ev
from callcenter.core.people import ADMIN, AGENT, QA, SUPERVISOR
from callcenter.store import trail
from callcenter.store.sql import Store
from callcenter.store.trail import Entry
from callcenter.web.access.witness import about, leaves
from tests.web.access.conftest import Enters
from tests.web.fakes import START, FakeDesk, harassment, sound

NUMBER = "13800006127"


def deeds(store: Store) -> list[tuple[str, str, str, str]]:
    """What people played, saw and took, in order."""
    with store.session() as session:
        rows = session.scalars(select(Entry).order_by(Entry.id)).all()
        wanted = ("play", "reveal", "export")
        return [(r.person, r.action, r.kind, r.number) for r in rows if r.action in wanted]


@pytest.fixture
def kept(desk: FakeDesk, recordings: Path) -> None:
    harassment(desk, "h", START, sound(recordings, "2026/h.wav", seconds=1))


@pytest.mark.usefixtures("kept")
async def test_a_recording_is_noted_once_however_many_pieces_are_asked_for(
    enters: Enters, store: Store
) -> None:
    wu, chen = enters("吴敏", QA), enters("陈静", SUPERVISOR)
    path = "/api/v1/calls/h/recording"
    await wu.head(path)
    assert deeds(store) == []
    for first in (0, 4000, 8000):
        answer = await wu.get(path, headers={"Range": f"bytes={first}-{first + 3999}"})
        assert answer.status_code == 206
    etag = answer.headers["etag"]
    assert deeds(store) == [("吴敏", "play", "call", "h")]
    kept = await chen.get(path, headers={"If-None-Match": etag})
    assert kept.status_code == 304
    assert deeds(store)[1:] == [("陈静", "play", "call", "h")]
    await wu.get("/api/v1/calls/nothing/recording")
    assert len(deeds(store)) == 2
    with store.session() as session:
        assert trail.verify(session).broken_at == 0


@pytest.mark.usefixtures("kept")
async def test_a_file_that_leaves_is_noted_with_what_was_asked_for(
    enters: Enters, store: Store
) -> None:
    chen = enters("陈静", SUPERVISOR)
    name = "harassment"
    for form in ("json", "xlsx", "csv", "pdf"):
        answer = await chen.get(f"/api/v1/reports/{name}", params={"form": form})
        assert answer.status_code == 200, answer.text
    assert deeds(store) == [("陈静", "export", "reports", name)], "the clock stands: one entry"
    with store.session() as session:
        last = session.scalars(select(Entry).where(Entry.action == "export")).first()
        assert last is not None
        assert "form=xlsx" in last.changes


@pytest.mark.usefixtures("kept")
async def test_the_whole_number_is_for_a_lead_with_a_reason(enters: Enters, store: Store) -> None:
    chen = enters("陈静", SUPERVISOR)
    shown = (await chen.get("/api/v1/calls/h")).json()
    assert shown["caller_number"] == "138****6127"
    assert NUMBER not in (await chen.get("/calls/h")).text
    wanted = {"kind": "call", "number": "h", "reason": "报警用"}
    told = await chen.post("/api/v1/reveals", json=wanted)
    assert told.json() == {"numbers": [NUMBER]}
    assert deeds(store) == [("陈静", "reveal", "call", "h")]
    with store.session() as session:
        last = session.scalars(select(Entry).where(Entry.action == "reveal")).one()
        assert "报警用" in last.changes
        assert NUMBER not in last.changes


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("roles", "body", "status"),
    [
        ((AGENT,), {"kind": "call", "number": "h", "reason": "想看"}, 403),
        ((QA,), {"kind": "call", "number": "h", "reason": "想看"}, 403),
        ((ADMIN,), {"kind": "call", "number": "h", "reason": "想看"}, 403),
        ((SUPERVISOR,), {"kind": "call", "number": "h", "reason": " "}, 422),
        ((SUPERVISOR,), {"kind": "call", "number": "h"}, 422),
        ((SUPERVISOR,), {"kind": "agent", "number": "h", "reason": "想看"}, 422),
        ((SUPERVISOR,), {"kind": "call", "number": "nothing", "reason": "想看"}, 404),
        ((SUPERVISOR,), {"kind": "customer", "number": "CU-1", "reason": "想看"}, 404),
        ((SUPERVISOR,), {"kind": "call", "number": "h", "reason": "想看", "by": "高翔"}, 422),
    ],
)
async def test_who_may_not_or_says_not_why_sees_nothing(
    enters: Enters, store: Store, roles: tuple[str, ...], body: dict[str, str], status: int
) -> None:
    answer = await enters("某人", *roles).post("/api/v1/reveals", json=body)
    assert answer.status_code == status, answer.text
    assert NUMBER not in answer.text
    assert deeds(store) == []


@pytest.mark.usefixtures("kept")
async def test_a_call_of_another_line_is_not_revealed(enters: Enters, store: Store) -> None:
    chen = enters("陈静", SUPERVISOR, lines=("back",))
    body = {"kind": "call", "number": "h", "reason": "想看"}
    assert (await chen.post("/api/v1/reveals", json=body)).status_code == 404
    assert deeds(store) == []


async def test_the_numbers_of_each_kind_of_record(enters: Enters, desk: FakeDesk) -> None:
    chen = enters("陈静", SUPERVISOR)
    opening = ev.RecordStepped(
        "", START, "work_order", "WO-20261122-0009", "open", "林晓雯", "draft", 0,
        {"type": "enquiry", "phone": NUMBER, "caller_number": "01088880001"},
    )  # fmt: skip
    desk.tell(opening)
    body = {"kind": "work_order", "number": "WO-20261122-0009", "reason": "回电"}
    told = (await chen.post("/api/v1/reveals", json=body)).json()
    assert told == {"numbers": [NUMBER, "01088880001"]}
    order = (await chen.get("/api/v1/work-orders/WO-20261122-0009")).json()
    assert order["phone"] == "138****6127"
    assert NUMBER not in str(order["steps"])
    lin = enters("林晓雯", AGENT, agent="6018")
    mine = (await lin.get("/api/v1/work-orders/WO-20261122-0009")).json()
    assert mine["phone"] == NUMBER


async def test_a_form_saved_as_it_was_shown_keeps_the_number(
    enters: Enters, desk: FakeDesk, store: Store
) -> None:
    number = "WO-20261122-0009"
    desk.tell(
        ev.RecordStepped(
            "", START, "work_order", number, "open", "林晓雯", "draft", 0,
            {"type": "enquiry", "phone": NUMBER, "content": f"请回{NUMBER}"},
        )
    )  # fmt: skip
    chen = enters("陈静", SUPERVISOR)
    shown = (await chen.get(f"/api/v1/work-orders/{number}")).json()
    step = {
        "action": "correct", "phone": shown["phone"], "content": shown["content"] + "，急",
        "title": "回电",
    }  # fmt: skip
    path = f"/api/v1/work-orders/{number}/actions"
    answer = await chen.post(path, json=step)
    assert answer.status_code == 201, answer.text
    lin = enters("林晓雯", AGENT, agent="6018")
    kept = (await lin.get(f"/api/v1/work-orders/{number}")).json()
    assert (kept["phone"], kept["content"]) == (NUMBER, f"请回{NUMBER}，急")


async def test_a_hidden_number_cannot_be_dialled_or_written_down(
    enters: Enters, desk: FakeDesk
) -> None:
    chen = enters("陈静", SUPERVISOR)
    for number in ("138****6127", "138 •••• 6127"):
        answer = await chen.post("/api/v1/calls", json={"number": number})
        assert answer.status_code == 422
    assert desk.commands == []
    body = {"type": "enquiry", "title": "回电", "phone": "138****6127"}
    answer = await chen.post("/api/v1/work-orders", json=body)
    assert answer.status_code == 422


@pytest.mark.usefixtures("kept")
async def test_the_trail_is_read_by_leads_and_admin_with_filters(
    enters: Enters, store: Store
) -> None:
    wu, chen = enters("吴敏", QA), enters("陈静", SUPERVISOR)
    await wu.get("/api/v1/calls/h/recording")
    assert (await wu.get("/api/v1/audit")).status_code == 403
    assert (await wu.get("/audit")).status_code == 403
    found = (await chen.get("/api/v1/audit", params={"person": "吴敏", "action": "play"})).json()
    assert [one["number"] for one in found["entries"]] == ["h"]
    assert found["before"] is None
    of_call = {"kind": "call", "number": "h", "limit": 1}
    first = (await chen.get("/api/v1/audit", params=of_call)).json()
    rest = (await chen.get("/api/v1/audit", params=of_call | {"before": first["before"]})).json()
    ids = [one["id"] for one in first["entries"] + rest["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 2
    admin = enters("高翔", ADMIN)
    page = (await admin.get("/audit", params={"person": "吴敏"})).text
    assert "听录音" in page
    assert 'href="/calls/h"' in page
    assert 'aria-current="page"' in page, "an administrator has it in the rail"
    assert 'href="/audit"' not in (await chen.get("/calls")).text
    hostile = {"person": "<script>alert(1)</script>", "action": "x" * 64, "kind": "'; drop"}
    page = (await admin.get("/audit", params=hostile)).text
    assert "<script>alert" not in page
    assert "没有这样的记录" in page


@pytest.mark.parametrize(
    ("path", "kind", "is_file"),
    [
        ("/api/v1/calls/x/recording", "audio/wav", True),
        ("/api/v1/reports/agents", "text/csv; charset=utf-8", True),
        ("/api/v1/reports/agents", "application/json", False),
        ("/api/v1/events", "text/event-stream; charset=utf-8", False),
        ("/api/v1/logout", "", False),
    ],
)
def test_what_counts_as_a_file(path: str, kind: str, is_file: bool) -> None:
    start = {"status": 200, "headers": [(b"content-type", kind.encode())]}
    assert leaves(path, start) is is_file
    assert not leaves(path, start | {"status": 404})


def test_what_a_path_is_about() -> None:
    assert about("/api/v1/calls/h/recording") == ("call", "h")
    assert about("/api/v1/reports/agents") == ("reports", "agents")
    assert about("/api/v1/reports") == ("reports", "")
