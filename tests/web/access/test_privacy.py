"""Secure pauses by API, tokens for nothing else, hidden originals, numbers for the agent."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from callcenter.audio.hiding import hide_in
from callcenter.casework.originals import Originals
from callcenter.casework.staff.doors import Doors
from callcenter.core import events
from callcenter.core.people import AGENT, MANAGER, QA, SUPERVISOR
from callcenter.core.records import Party
from callcenter.core.redaction import Hidden
from callcenter.core.visitor import ANYBODY, Visitor
from callcenter.store import calls, trail
from callcenter.store.sql import Store
from callcenter.web.access.reach import Audience
from tests.fakes import FakeSeal
from tests.web.access.conftest import with_token
from tests.web.fakes import START, FakeDesk, enquiry, sound

Enters = Callable[..., httpx.AsyncClient]


async def ringing(desk: FakeDesk) -> None:
    desk.ring("a")
    await desk.answer("a", "6018")


async def test_an_agent_pauses_and_goes_on(desk: FakeDesk, enters: Enters, store: Store) -> None:
    await ringing(desk)
    client = enters("林晓雯", AGENT, agent="6018")
    answer = await client.post("/api/v1/calls/a/pause", json={})
    assert answer.json() == {"call_id": "a", "state": "talking"}
    shown = (await client.get("/api/v1/live")).json()["calls"][0]["paused"]
    assert (shown["by"], shown["why"], shown["reminded"]) == ("6018", "敏感信息", False)
    assert (await client.post("/api/v1/calls/a/unpause", json={})).status_code == 200
    refused = await client.post("/api/v1/calls/a/unpause", json={})
    assert refused.status_code == 409
    assert desk.commands[1:3] == [("pause", "a", "6018", "敏感信息"), ("unpause", "a", "6018")]
    with store.session() as session:
        kept = calls.get_call(session, "a")
        assert [(d.kind, d.actor, d.text) for d in kept.handling] == [
            ("paused", "6018", "敏感信息"),
            ("unpaused", "6018", ""),
        ]
        gaps = {(gap.party, gap.reason, gap.filled) for gap in kept.gaps}
        assert gaps == {("agent", "pause", True), ("caller", "pause", True)}
        actions = [one.action for one in trail.of(session, "call", "a")]
    assert actions == ["pause_recording", "resume_recording"]


async def test_a_pages_token_may_pause_and_nothing_else(
    desk: FakeDesk, stranger: httpx.AsyncClient, doors: Doors
) -> None:
    await ringing(desk)
    page = with_token(stranger, doors, "pause")
    wish = {"agent": "6018", "why": "付款页"}
    assert (await page.post("/api/v1/calls/a/pause", json=wish)).status_code == 200
    assert desk.commands[-1] == ("pause", "a", "6018", "付款页（program）")
    assert (await page.post("/api/v1/calls/a/unpause", json={"agent": "6018"})).status_code == 200
    for path in ("/api/v1/live", "/api/v1/calls", "/api/v1/calls/a", "/api/v1/events", "/"):
        assert (await page.get(path)).status_code == 403, path
    for path in ("hangup", "hold", "originals", "join"):
        assert (
            await page.post(f"/api/v1/calls/a/{path}", json={"agent": "6018"})
        ).status_code == 403


@pytest.mark.parametrize("why", ["", " ", "x" * 61, 7])
async def test_a_wrong_reason_names_the_field(desk: FakeDesk, enters: Enters, why: object) -> None:
    await ringing(desk)
    client = enters("林晓雯", AGENT, agent="6018")
    answer = await client.post("/api/v1/calls/a/pause", json={"why": why})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("why: ")


@pytest.fixture
def hidden(app: FastAPI, desk: FakeDesk, recordings: Path) -> Originals:
    """A kept call in whose recording something is hidden, and what it was kept sealed."""
    enquiry(desk, "k", START)
    info = sound(recordings, "2026/k.wav")
    originals = Originals(recordings, FakeSeal())
    span = Hidden(Party.CALLER, 1000, 2000, "phone", "一三八零零一三八零零零")
    found = hide_in(recordings, info.path, [span], originals.keep)
    desk.tell(events.Redacted("k", START, "caller", 1000, 2000, "phone"))
    desk.tell(events.RecordingClosed("k", START, found))
    room = app.state.room
    object.__setattr__(room, "originals", originals)
    return originals


async def test_originals_are_opened_by_a_manager_who_says_why(
    hidden: Originals, enters: Enters, store: Store
) -> None:
    manager = enters("陈静", MANAGER)
    kept = (await manager.get("/api/v1/calls/k")).json()
    assert kept["redactions"] == [
        {"party": "caller", "start_ms": 1000, "end_ms": 2000, "kind": "phone"}
    ]
    whole = (await manager.get("/api/v1/calls/k/recording/integrity")).json()
    assert whole["state"] == "intact"
    assert (
        await manager.post("/api/v1/calls/k/originals", json={"reason": " "})
    ).status_code == 422
    answer = await manager.post("/api/v1/calls/k/originals", json={"reason": "核对退款账户"})
    (piece,) = answer.json()
    assert piece["text"] == "一三八零零一三八零零零"
    with wave.open(io.BytesIO(base64.b64decode(piece["wav"]))) as wav:
        assert (wav.getnchannels(), wav.getframerate(), wav.getnframes()) == (1, 8000, 8000)
    assert "no-store" in answer.headers["cache-control"]
    with store.session() as session:
        (entry,) = trail.find(session, trail.Wanted(action="open_original"))
    assert (entry.person, entry.number) == ("陈静", "k")
    assert "核对退款账户" in entry.changes
    assert "打开原声" in (await manager.get("/calls/k")).text


async def test_nobody_else_opens_originals(hidden: Originals, enters: Enters) -> None:
    for name, role in (("周涛", SUPERVISOR), ("李敏", QA)):
        client = enters(name, role)
        answer = await client.post("/api/v1/calls/k/originals", json={"reason": "x"})
        assert answer.status_code == 403
        page = (await client.get("/calls/k")).text
        assert "open-originals" not in page
        assert "处号码换成了轻音" in page


async def test_where_none_are_kept_there_is_nothing_to_open(desk: FakeDesk, enters: Enters) -> None:
    enquiry(desk, "k", START)
    answer = await enters("陈静", MANAGER).post("/api/v1/calls/k/originals", json={"reason": "x"})
    assert answer.status_code == 404


async def test_a_number_that_was_heard_is_told_to_its_agent_alone(
    desk: FakeDesk, doors: Doors
) -> None:
    await ringing(desk)
    heard = events.NumberHeard("a", START, "caller", "13800138000", 0)
    told = {
        "agent": Visitor("林晓雯", frozenset({AGENT}), "6018"),
        "other": Visitor("周涛", frozenset({AGENT}), "6007"),
        "lead": Visitor("陈静", frozenset({MANAGER})),
        "program": Visitor("crm", frozenset({MANAGER}), for_others=True),
        "demo": ANYBODY,
    }
    hears = {who: Audience(one, desk.live()).hears(heard) for who, one in told.items()}
    assert hears == {"agent": True, "other": False, "lead": False, "program": False, "demo": True}
