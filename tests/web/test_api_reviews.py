"""The review queue over the API: claims, the number's history, a verdict with its block."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from tests.web.fakes import START, FakeDesk, complaint, harassment, sound

JUDGED = {"verdict": "harassment", "reason": "两次低俗提问", "reviewer": "陈静"}


@pytest.fixture
def kept(desk: FakeDesk, recordings: Path) -> FakeDesk:
    """A harassing call with sound, one before it, and a complaint."""
    info = sound(recordings, "h.wav", seconds=1)
    real = hashlib.sha256((recordings / "h.wav").read_bytes()).hexdigest()
    harassment(desk, "h0", START - timedelta(days=1), None)
    harassment(desk, "h", START - timedelta(minutes=9), replace(info, sha256=real))
    complaint(desk, "k", START - timedelta(minutes=20))
    return desk


async def act(
    client: httpx.AsyncClient, action: str, by: str = "陈静", call: str = "h", **more: str
) -> httpx.Response:
    path = f"/api/v1/reviews/{call}/actions"
    return await client.post(path, json={"action": action, "by": by, **more})


async def judge(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await client.post("/api/v1/calls/h/verdict", json={**JUDGED, **more})


async def test_a_claim_is_seen_by_all_and_keeps_others_out(
    client: httpx.AsyncClient, kept: FakeDesk
) -> None:
    claimed = (await act(client, "claim")).json()
    assert (claimed["state"], claimed["changed_by"]) == ("claimed", "陈静")
    assert claimed["claimed_until"] == "2026-11-22T02:55:00Z"
    seen = await client.get("/api/v1/reviews", params={"call_id": ["h", "k"]})
    assert [(one["call_id"], one["person"]) for one in seen.json()] == [("h", "陈静")]
    other = await act(client, "claim", by="高翔")
    assert (other.status_code, "claimed by 陈静" in other.json()["detail"]) == (409, True)
    refused = await judge(client, reviewer="高翔")
    assert refused.status_code == 409
    assert (await act(client, "put_back")).json()["state"] == "waiting"
    assert (await judge(client, reviewer="高翔")).status_code == 201
    assert [step["action"] for step in (await client.get("/api/v1/reviews/h")).json()["steps"]] == [
        "claim", "put_back",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "action", "status"),
    [("x", "claim", 404), ("h", "observe", 409), ("h", "steal", 422), ("h", "put_back", 409)],
)
async def test_a_step_that_is_none(
    client: httpx.AsyncClient, kept: FakeDesk, call: str, action: str, status: int
) -> None:
    assert (await act(client, action, call=call)).status_code == status


async def test_the_number_behind_a_call(client: httpx.AsyncClient, kept: FakeDesk) -> None:
    found = (await client.get("/api/v1/reviews/h/source")).json()
    assert (found["calls"], found["harassment"], found["known_customer"]) == (2, 2, False)
    assert [one["call_id"] for one in found["recent"]] == ["h0"]
    assert (found["blocked_by"], found["case_number"], found["proposal"]) == ("", "", None)


async def test_a_verdict_blocks_and_opens_a_case(client: httpx.AsyncClient, kept: FakeDesk) -> None:
    assert (await judge(client, block_days=7, to_case=True)).status_code == 201
    found = (await client.get("/api/v1/reviews/h/source")).json()
    assert (found["blocked_by"], found["blocked_until"]) == ("陈静", "2026-11-29T02:40:00Z")
    assert found["case_number"].startswith("HC-")
    again = await judge(client, block_days=7)
    assert (again.status_code, again.json()["detail"]) == (409, "this number is blocked already")
    assert (await judge(client, verdict="ordinary", block_days=7)).status_code == 422


async def test_an_agent_asks_for_a_block(client: httpx.AsyncClient, kept: FakeDesk) -> None:
    wish = {"call_id": "h", "agent": "6018", "reason": "今天第 2 次 <b>"}
    answer = await client.post("/api/v1/blocks/proposals", json=wish)
    assert answer.status_code == 201
    (asked,) = answer.json()["proposals"]
    assert (asked["proposed_by"], asked["reason"]) == ("6018", "今天第 2 次 <b>")
    assert (await client.post("/api/v1/blocks/proposals", json=wish)).status_code == 409
    page = (await client.get("/review?show=asked")).text
    assert "林晓雯申请" in page
    assert "今天第 2 次 &lt;b&gt;" in page


async def test_the_evidence_of_one_call(client: httpx.AsyncClient, kept: FakeDesk) -> None:
    answer = await client.post("/api/v1/calls/h/export", json={"by": "陈静"})
    assert answer.status_code == 200
    assert answer.headers["x-problems"] == "0"
    assert 'filename="evidence-h-' in answer.headers["content-disposition"]
    names = ZipFile(BytesIO(answer.content)).namelist()
    assert any(name.endswith(".wav") for name in names)


async def test_the_seal_is_checked(
    client: httpx.AsyncClient, kept: FakeDesk, recordings: Path
) -> None:
    path = "/api/v1/calls/h/recording/integrity"
    assert (await client.get(path)).json()["state"] == "intact"
    file = recordings / "h.wav"
    file.write_bytes(file.read_bytes()[:-2] + b"\1\1")
    assert (await client.get(path)).json()["state"] == "altered"
    file.unlink()
    gone = (await client.get(path)).json()
    assert (gone["state"], gone["found_sha256"]) == ("unknown", "")
    assert (await client.get("/api/v1/calls/k/recording/integrity")).status_code == 404


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", {"h", "h0", "k"}),
        ("?group=complaint", {"k"}),
        ("?group=harassment", {"h", "h0"}),
        ("?show=mine", {"h0"}),
        ("?show=observed", {"k"}),
        ("?show=judged", set()),
    ],
)
async def test_the_lists_of_the_page(
    client: httpx.AsyncClient, kept: FakeDesk, query: str, there: set[str]
) -> None:
    await act(client, "claim", call="h0")
    await act(client, "claim", call="k")
    await act(client, "observe", call="k", note="等回电")
    if not query or "group=complaint" in query:
        await act(client, "claim", call="k")
    text = (await client.get(f"/review{query}")).text
    assert {call for call in ("h", "h0", "k") if f'data-call="{call}"' in text} == there
