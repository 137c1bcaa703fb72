"""Promises over the API: listed, taken as follow-ups, dismissed; and what nobody may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from callcenter.core import events as ev
from callcenter.core.records import Party
from callcenter.store.sql import Store
from tests.web.fakes import CARD, START, FakeDesk, complaint, hit_in, said

WORDS = "我明天给您回电，三天内给您退款。"


@pytest.fixture
def promised(desk: FakeDesk) -> FakeDesk:
    """A call on a Sunday morning in which the agent promised two things."""
    for event in (
        ev.CallRang("p1", START, "13800006127", "4008200001", "demo"),
        ev.CallAnswered("p1", START, "6018"),
        ev.SegmentHeard("p1", START, said(Party.AGENT, 8000, WORDS)),
    ):
        desk.tell(event)
    return desk


async def listed(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/promises", params=query)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["promises"]
    return found


async def test_w12_what_an_agent_promised_is_listed_by_its_time(
    client: httpx.AsyncClient, promised: FakeDesk
) -> None:
    first, second = await listed(client)
    assert first == {
        "promise_id": "p1-8000-1",
        "call_id": "p1",
        "at": "2026-11-22T02:40:00Z",
        "agent": "6018",
        "what": "call_back",
        "text": "明天给您回电",
        "start_ms": 8000,
        "end_ms": 10800,
        "due_at": "2026-11-23T02:00:00Z",
        "heard_due_at": "2026-11-23T02:00:00Z",
        "status": "offered",
        "decided_at": None,
        "decided_by": "",
    }
    assert (second["what"], second["text"]) == ("refund", "三天内给您退款")


async def test_w12_the_same_segment_heard_again_is_one_promise(
    client: httpx.AsyncClient, promised: FakeDesk
) -> None:
    promised.tell(ev.SegmentHeard("p1", START, said(Party.AGENT, 8000, WORDS)))
    assert len(await listed(client)) == 2


async def test_w12_a_promise_becomes_a_follow_up_by_a_named_person(
    client: httpx.AsyncClient, promised: FakeDesk
) -> None:
    answer = await client.post("/api/v1/promises/p1-8000-1/accept", json={"agent": "6018"})
    assert answer.status_code == 200
    kept = answer.json()
    assert (kept["status"], kept["decided_by"]) == ("accepted", "6018")
    assert kept["due_at"] == "2026-11-23T02:00:00Z"
    assert [one["promise_id"] for one in await listed(client, status="accepted")] == ["p1-8000-1"]
    assert len(await listed(client, status="offered")) == 1


async def test_w13_another_time_can_be_given(client: httpx.AsyncClient, promised: FakeDesk) -> None:
    later = "2026-11-23T14:30:00+08:00"
    wish = {"agent": "6018", "due_at": later}
    kept = (await client.post("/api/v1/promises/p1-8000-1/accept", json=wish)).json()
    assert kept["due_at"] == "2026-11-23T06:30:00Z"
    assert kept["heard_due_at"] == "2026-11-23T02:00:00Z"


async def test_d9_what_was_no_promise_is_dismissed(
    client: httpx.AsyncClient, promised: FakeDesk
) -> None:
    kept = (
        await client.post("/api/v1/promises/p1-8000-2/dismiss", json={"agent": "林晓雯"})
    ).json()
    assert (kept["status"], kept["decided_by"]) == ("dismissed", "林晓雯")


async def test_it_is_decided_once(client: httpx.AsyncClient, promised: FakeDesk) -> None:
    await client.post("/api/v1/promises/p1-8000-1/dismiss", json={"agent": "6018"})
    again = await client.post("/api/v1/promises/p1-8000-1/accept", json={"agent": "6007"})
    assert again.status_code == 409
    assert again.json()["detail"] == "promise p1-8000-1 is dismissed already, by 6018"
    at = START + timedelta(minutes=1)
    promised.tell(ev.PromiseDecided("p1", at, "p1-8000-1", True, "6007", at))
    assert (await listed(client, status="dismissed"))[0]["decided_by"] == "6018"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "agent"),
        ({"agent": "  "}, "agent"),
        ({"agent": "6018", "due_at": "tomorrow"}, "due_at"),
        ({"agent": "6018", "due_at": "2026-11-23T14:30:00"}, "due_at"),
        ({"agent": "6018", "due_at": "2026-11-01T14:30:00Z"}, "due before now"),
        ({"agent": "6018", "colour": "red"}, "colour"),
    ],
)
async def test_what_is_refused(
    client: httpx.AsyncClient, promised: FakeDesk, body: dict[str, str], told: str
) -> None:
    answer = await client.post("/api/v1/promises/p1-8000-1/accept", json=body)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


async def test_no_such_promise(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/promises/none/dismiss", json={"agent": "6018"})
    assert answer.status_code == 404
    assert answer.json() == {"detail": "no promise none"}


async def test_due_before_narrows_and_odd_questions_are_refused(
    client: httpx.AsyncClient, promised: FakeDesk
) -> None:
    soon = await listed(client, due_before="2026-11-24T00:00:00Z")
    assert [one["what"] for one in soon] == ["call_back"]
    for odd in ({"due_before": "soon"}, {"status": "lost"}, {"limit": "0"}, {"limit": "201"}):
        assert (await client.get("/api/v1/promises", params=odd)).status_code == 422


async def test_the_live_call_shows_its_card_and_promises(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("c1")
    await desk.answer("c1", "6018")
    desk.hear("c1", said(Party.AGENT, 4000, "我十分钟后给您回电。"))
    desk.offer("c1", CARD, "客户发火：“什么破公司”")
    [call] = (await client.get("/api/v1/live")).json()["calls"]
    assert call["card"]["card"]["title"] == "何时提问"
    assert call["card"]["because"] == "客户发火：“什么破公司”"
    assert [one["text"] for one in call["promises"]] == ["十分钟后给您回电"]
    promise_id = call["promises"][0]["promise_id"]
    await client.post(f"/api/v1/promises/{promise_id}/accept", json={"agent": "6018"})
    [call] = (await client.get("/api/v1/live")).json()["calls"]
    assert call["promises"][0]["status"] == "accepted"


async def test_the_replay_shows_promises_and_cards(
    client: httpx.AsyncClient, promised: FakeDesk
) -> None:
    promised.tell(ev.CardOffered("p1", START, CARD, "客户发火：“<b>”"))
    page = (await client.get("/calls/p1")).text
    assert "三天内给您退款" in page
    assert "待确认" in page
    assert "何时提问" in page
    assert "客户发火：“&lt;b&gt;”" in page


async def test_d6_banned_words_flag_no_call_and_stand_on_no_page_but_the_agents(
    client: httpx.AsyncClient, desk: FakeDesk, store: Store
) -> None:
    own = said(Party.AGENT, 4000, "这事不归我管。")
    for event in (
        ev.CallRang("own-words-1", START, "13800006127", "4008200001", "demo"),
        ev.CallAnswered("own-words-1", START, "6018"),
        ev.SegmentHeard("own-words-1", START, own),
        ev.HitFound("own-words-1", START, hit_in(own, "不归我管", "brush_off", "banned")),
        ev.CallEnded("own-words-1", START + timedelta(minutes=1), "caller", "answered", "ordinary"),
    ):
        desk.tell(event)
    complaint(desk, "k1", datetime.now(UTC) - timedelta(hours=1))
    flagged = (await client.get("/api/v1/calls", params={"flagged": "true"})).json()["calls"]
    assert [call["call_id"] for call in flagged] == ["k1"]
    assert "own-words-1" not in (await client.get("/review")).text
    assert (await client.get("/api/v1/calls/own-words-1/hits")).json() == []
    replay = (await client.get("/calls/own-words-1")).text
    assert "服务忌语</span>" not in replay
    assert "去审核" not in replay
    order = (await client.get("/api/v1/calls/own-words-1/work-order")).json()
    assert order["type"] == "enquiry"
