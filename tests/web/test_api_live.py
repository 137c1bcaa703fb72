from __future__ import annotations

import httpx

from callcenter.core.records import Party
from tests.web.fakes import FakeDesk, said


async def test_the_live_calls(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("a")
    await desk.answer("a", "6018")
    desk.hear("a", said(Party.CALLER, 0, "喂"))
    desk.hear("a", said(Party.CALLER, 900, "你们", final=False))
    desk.propose("a", "silent", "没有声音")
    desk.said = ("没有模型",)
    live = (await client.get("/api/v1/live")).json()
    assert live["notices"] == ["没有模型"]
    assert live["at"] == "2026-11-22T02:40:00Z"
    call = live["calls"][0]
    assert call["state"] == "talking"
    assert call["agent"] == "6018"
    assert call["segments"][0]["text"] == "喂"
    assert call["partials"][0]["final"] is False
    assert call["proposal"] == {"reason": "silent", "prompt": "line_fault", "evidence": "没有声音"}
    assert call["work_order"].startswith("WO-")


async def test_the_agents(client: httpx.AsyncClient) -> None:
    agents = (await client.get("/api/v1/agents")).json()
    assert (agents[0]["number"], agents[0]["name"]) == ("6018", "林晓雯")


async def test_the_health(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/health")).json() == {
        "notices": [],
        "lines": [
            {
                "name": "demo",
                "address": "127.0.0.1:5060",
                "registered": None,
                "detail": "",
                "limited": 0,
                "turned_away": 0,
                "scanners": 0,
                "shut_out": 0,
                "wrong_logins": 0,
                "ignored": 0,
            }
        ],
    }
