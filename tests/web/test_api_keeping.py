"""Retention, holds and erasures over the API, and the page of all three."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx

from callcenter.bus.local import LocalBus
from callcenter.core import events as ev
from callcenter.store.sql import Store
from tests.web.fakes import START, FakeDesk, enquiry
from tests.web.readers import Readers
from tests.web.test_pages import page

CALLER = "13912345678"


def kept(desk: FakeDesk, call_id: str = "c1", number: str = CALLER) -> None:
    """A call that came in and was answered."""
    at = START - timedelta(days=1)
    desk.tell(ev.CallRang(call_id, at, number, "4008200001", "demo"))
    desk.tell(ev.CallAnswered(call_id, at, "6018"))
    desk.tell(ev.CallEnded(call_id, at + timedelta(minutes=1), "caller", "answered", "ordinary"))


async def test_a_hold_is_placed_and_lifted(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    kept(desk)
    asked = {"by": "陈静", "subject": "call", "about": "c1", "reason": "警方调取"}
    made = (await client.post("/api/v1/holds", json=asked)).json()
    assert (made["state"], made["possible"]) == ("standing", ["lift"])
    assert (await client.get("/api/v1/retention")).json()["held_by"]["placed"] == 1
    lift = {"by": "王芳", "action": "lift", "remark": "结案"}
    lifted = await client.post(f"/api/v1/holds/{made['number']}/actions", json=lift)
    assert [step["action"] for step in lifted.json()["steps"]] == ["place", "lift"]
    standing = (await client.get("/api/v1/holds", params={"standing": True})).json()
    assert standing == []


async def test_an_erasure_needs_a_second_person_and_gives_a_paper_when_done(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    kept(desk)
    order = (await client.get("/api/v1/calls/c1")).json()["work_order_number"]
    asked = {"by": "陈静", "subject": "number", "about": CALLER, "reason": "本人来函"}
    held = await client.post("/api/v1/erasures", json=asked)
    assert held.status_code == 422, "the work order of the call is open"
    done = {"by": "陈静", "action": "wrap_up_closed", "content": "问", "solution": "答"}
    await client.post(f"/api/v1/work-orders/{order}/actions", json=done)
    made = (await client.post("/api/v1/erasures", json=asked)).json()
    where = f"/api/v1/erasures/{made['number']}"
    again = await client.post(f"{where}/actions", json={"by": "陈静", "action": "approve"})
    assert again.status_code == 422
    assert "second person" in again.json()["detail"]
    early = await client.get(f"{where}/certificate")
    assert early.status_code == 422
    approved = await client.post(f"{where}/actions", json={"by": "王芳", "action": "approve"})
    assert (approved.json()["state"], approved.json()["decided_by"]) == ("approved", "王芳")
    what = ("erasure", made["number"], "erase", "system", "done", 2)
    changes = {"done_at": START, "erased": {"call": 1}, "certificate_sha256": "ab" * 32}
    desk.tell(ev.RecordStepped("", START, *what, changes))
    paper = await client.get(f"{where}/certificate", params={"form": "pdf"})
    assert paper.content.startswith(b"%PDF")
    told = (await client.get(f"{where}/certificate", params={"form": "json"})).json()
    assert told["tables"][0]["rows"][0][1]["value"] == 1


async def test_nonsense_is_told(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    kept(desk)
    for body in (
        {"subject": "number", "about": "13000000000", "reason": "x"},
        {"subject": "number", "about": "anonymous", "reason": "x"},
        {"subject": "nobody", "about": CALLER, "reason": "x"},
        {"subject": "number", "about": CALLER, "reason": ""},
    ):
        answer = await client.post("/api/v1/erasures", json={"by": "陈静", **body})
        assert answer.status_code == 422
    assert (await client.get("/api/v1/erasures/ER-1")).status_code == 404
    assert (await client.get("/api/v1/holds/HD-1")).status_code == 404


async def test_the_page_shows_the_terms_holds_and_wishes(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "c2", START - timedelta(days=1))
    asked = {"by": "陈静", "subject": "source", "about": CALLER, "reason": "<script>x</script>"}
    await client.post("/api/v1/holds", json=asked)
    text = await page(client, "/staff/keeping")
    assert "什么都不会自动删除" in text
    assert "139 •••• 5678" in text
    assert CALLER not in text
    assert "<script>x" not in text
    assert 'hx-trigger="load"' in text, "it is counted once the page is there"
    counted = await page(client, "/staff/keeping", params={"counted": "true"})
    assert "不删的通话" in counted
    assert 'hx-trigger="load"' not in counted
    client.cookies.set("language", "en")
    assert "Legal holds" in await page(client, "/staff/keeping")


async def test_the_page_is_for_the_office(
    desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path
) -> None:
    readers = Readers(desk, store, bus, recordings)
    allowed = {"supervisor": 200, "manager": 200, "admin": 200, "agent": 403, "qa": 403}
    found = {role: await readers.status("/staff/keeping", role) for role in allowed}
    await readers.close()
    assert found == allowed
