"""Blocks, breaks and the ladder's reports through the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.web.fakes import START, FakeDesk, complaint, harassment

NUMBER = "13800006127"
GIVEN = {"supervisor": "王芳", "approved": True, "reason": "多次骚扰"}
WELL = {"verdict": "ordinary", "reason": "误会", "reviewer": "陈静"}


def harassed(desk: FakeDesk, times: int = 3) -> None:
    """Confirmed harassment, the last some minutes ago."""
    for n in range(times):
        harassment(desk, f"h{n}", START - timedelta(minutes=30 * (times - n)), None)


async def listed(client: httpx.AsyncClient) -> dict[str, list[dict[str, object]]]:
    answer = await client.get("/api/v1/blocks")
    assert answer.status_code == 200
    found: dict[str, list[dict[str, object]]] = answer.json()
    return found


async def decide(client: httpx.AsyncClient, proposal: object, **changes: object) -> httpx.Response:
    path = f"/api/v1/blocks/proposals/{proposal}/decision"
    return await client.post(path, json={**GIVEN, **changes})


async def test_h18_a_block_from_proposal_to_lifting(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassed(desk)
    (proposal,) = (await listed(client))["proposals"]
    assert (proposal["caller_number"], proposal["attempts"]) == (NUMBER, 3)
    assert (proposal["known_customer"], proposal["call_id"]) == (False, "h2")
    answer = await decide(client, proposal["id"], days=7)
    assert answer.status_code == 201
    assert answer.json()["expires_at"] == "2026-11-29T02:40:00Z"
    found = await listed(client)
    assert found["proposals"] == []
    (block,) = found["blocks"]
    assert (block["caller_number"], block["blocked_by"], block["attempts"]) == (NUMBER, "王芳", 0)
    wish = {"supervisor": "王芳", "reason": "误判"}
    lifted = await client.post(f"/api/v1/blocks/{NUMBER}/lift", json=wish)
    assert lifted.status_code == 201
    assert await listed(client) == {"proposals": [], "blocks": []}
    again = await client.post(f"/api/v1/blocks/{NUMBER}/lift", json=wish)
    assert (again.status_code, again.json()) == (404, {"detail": "this number is not blocked"})


async def test_h4_a_known_customer_needs_the_explicit_choice(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassment(desk, "well", START - timedelta(days=2), None)
    await client.post("/api/v1/calls/well/verdict", json=WELL)
    harassed(desk)
    (proposal,) = (await listed(client))["proposals"]
    assert proposal["known_customer"] is True
    answer = await decide(client, proposal["id"])
    assert answer.status_code == 422
    assert "known_customer = true" in answer.json()["detail"]
    assert (await decide(client, proposal["id"], known_customer=True)).status_code == 201


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"supervisor": " "}, "supervisor"),
        ({"reason": ""}, "reason"),
        ({"days": 0}, "days"),
        ({"days": "long"}, "days"),
        ({"more": 1}, "more"),
    ],
)
async def test_a_wrong_decision_names_the_field(
    client: httpx.AsyncClient, desk: FakeDesk, change: dict[str, object], named: str
) -> None:
    harassed(desk)
    (proposal,) = (await listed(client))["proposals"]
    answer = await decide(client, proposal["id"], **change)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{named}: ")
    assert len((await listed(client))["proposals"]) == 1


async def test_a_proposal_that_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await decide(client, 7)).status_code == 404
    assert (await decide(client, "x")).status_code == 422


async def test_only_a_named_supervisor_decides_where_there_are_some(
    desk: FakeDesk, store: Store, tmp_path: Path
) -> None:
    app = create_app(
        desk=desk,
        store=store,
        bus=desk.bus,
        recordings=tmp_path,
        allowed_hosts=["*"],
        now=lambda: START,
        supervisors=["王芳"],
    )
    harassed(desk)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        (proposal,) = (await listed(client))["proposals"]
        answer = await decide(client, proposal["id"], supervisor="张三")
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("张三 is no supervisor")
        assert (await decide(client, proposal["id"], approved=False)).status_code == 201
        page = (await client.get("/blocks")).text
        assert '<option value="王芳">' in page
        assert '<optgroup label="主管"><option value="王芳">' in (await client.get("/")).text


async def test_h23_a_break_is_taken_and_ended(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    nothing = await client.post("/api/v1/agents/6018/break", json={})
    assert nothing.status_code == 422
    assert "no recovery break is offered to agent 6018" in nothing.json()["detail"]
    harassment(desk, "h", START - timedelta(minutes=5), None)
    (offer,) = (await client.get("/api/v1/live")).json()["breaks"]
    assert offer == {"agent": "6018", "call_id": "h", "taken_at": None}
    taken = await client.post("/api/v1/agents/6018/break", json={})
    assert taken.json() == {**offer, "taken_at": "2026-11-22T02:40:00Z"}
    back = await client.post("/api/v1/agents/6018/back", json={})
    assert (back.status_code, back.json()) == (200, None)
    assert (await client.get("/api/v1/live")).json()["breaks"] == []


async def test_h12_the_ladder_s_report(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    harassed(desk)
    report = (await client.get("/api/v1/reports/ladder")).json()
    rungs = {each["rung"]: each for each in report["rungs"]}
    assert list(rungs) == ["steer_back", "line_fault", "analysis", "block"]
    assert rungs["line_fault"] == {
        "rung": "line_fault", "used": 3, "gave_up": 0, "came_back": 2, "open": 1, "withheld": 0,
    }  # fmt: skip
    assert (len(report["hours"]), sum(report["hours"])) == (24, 3)
    (source,) = report["sources"]
    assert (source["caller_number"], source["attempts"], source["prompts_a"]) == (NUMBER, 3, 3)
    assert (await client.get("/api/v1/reports/ladder?days=0")).status_code == 422
    assert (await client.get("/api/v1/reports/ladder?days=367")).status_code == 422


async def test_h24_exposure_per_agent_and_day(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    complaint(desk, "k", START - timedelta(hours=1))
    harassed(desk, 1)
    (day,) = (await client.get("/api/v1/reports/exposure")).json()
    assert (day["agent"], day["calls"], day["break_seconds"]) == ("6018", 1, 0)
    assert 0 < day["abuse_seconds"] < 25


async def test_the_page_shows_masked_numbers_and_what_waits(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    empty = (await client.get("/blocks")).text
    assert "没有待决定的建议" in empty
    assert "没有拉黑的号码" in empty
    harassed(desk)
    text = (await client.get("/blocks")).text
    assert "138 •••• 6127" in text
    assert NUMBER not in text
    assert "3 次骚扰" in text
    assert "林晓雯 6018" in text
    assert 'href="/calls/h2"' in text
    (proposal,) = (await listed(client))["proposals"]
    await decide(client, proposal["id"])
    text = (await client.get("/blocks")).text
    assert "data-lift=" in text
    assert NUMBER not in text
    assert " style=" not in text
    assert " onclick=" not in text
    for part in text.split('"'):
        if part.startswith("/static/"):
            assert (await client.get(part.partition("#")[0])).status_code == 200, part


async def test_undo_and_dismiss(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("a")
    await desk.answer("a", "6018")
    desk.propose("a", "sexual", "加个微信")
    dismissed = await client.post("/api/v1/calls/a/dismiss", json={"agent": "6018"})
    assert dismissed.json() == {"call_id": "a", "state": "talking"}
    assert (await client.post("/api/v1/calls/a/undo", json={"agent": "6018"})).status_code == 409
    await desk.terminate("a", "line_fault", "6018")
    undone = await client.post("/api/v1/calls/a/undo", json={"agent": "6018"})
    assert undone.json() == {"call_id": "a", "state": "talking"}
    kinds = [d["kind"] for d in (await client.get("/api/v1/calls/a")).json()["decisions"]]
    assert kinds == ["proposed", "dismissed", "confirmed", "undone"]


async def test_a_number_that_no_database_keeps_is_refused(client: httpx.AsyncClient) -> None:
    body = {"supervisor": "李主管", "approved": True, "reason": "x", "days": 30}
    for number in (2**31, 2**63, 11013210962482792759296):
        path = f"/api/v1/blocks/proposals/{number}/decision"
        assert (await client.post(path, json=body)).status_code == 422
        assert (await client.get(f"/api/v1/audit?before={number}")).status_code == 422
