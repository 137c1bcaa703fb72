from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from callcenter.core.records import RecordingInfo
from tests.counting import questions
from tests.web.fakes import START, FakeDesk, complaint, harassment

pytestmark = pytest.mark.both_databases
INFO = RecordingInfo("2026/11/22/h.wav", 29.0, "5f" * 32)


@pytest.fixture(autouse=True)
def kept(desk: FakeDesk) -> None:
    harassment(desk, "h", START, INFO)
    complaint(desk, "k", START + timedelta(minutes=5))


async def ask(client: httpx.AsyncClient, **given: object) -> httpx.Response:
    return await client.get("/api/v1/search", params=given)  # type: ignore[arg-type]


async def test_what_was_said_is_found_with_its_place(client: httpx.AsyncClient) -> None:
    told = (await ask(client, q="微信")).json()
    (hit,) = told["hits"]
    assert (hit["kind"], hit["call_id"], hit["party"]) == ("segment", "h", "caller")
    assert hit["rang_at"] == "2026-11-22T02:40:00Z"
    ((begin, end),) = hit["excerpt"]["marks"]
    assert hit["excerpt"]["text"][begin:end] == "微信"
    words = [
        word
        for segment in (await client.get("/api/v1/calls/h/segments")).json()
        for word in segment["words"]
    ]
    assert hit["start_ms"] in [word["start_ms"] for word in words if word["word"][0] == "微"]
    assert told["more"] == []


async def test_a_list_says_where_there_is_more(client: httpx.AsyncClient) -> None:
    told = (await ask(client, q="您", limit=1, kinds="segment")).json()
    assert len(told["hits"]) == 1
    assert told["more"] == ["segment"]


async def test_no_question_is_an_error(client: httpx.AsyncClient) -> None:
    for q in ("", "   ", '"', "*", "NEAR(", "' OR 1=1 --", "微" * 256, "\0"):
        answer = await ask(client, q=q)
        assert (answer.status_code, answer.json()) == (200, {"hits": [], "more": []})


async def test_a_search_has_bounds(client: httpx.AsyncClient) -> None:
    for given in ({"q": "微" * 257}, {"kinds": "agents"}, {"limit": 0}, {"limit": 101}):
        assert (await ask(client, **{"q": "微信"} | given)).status_code == 422


async def test_lists_and_pages_ask_as_much_for_many_calls_as_for_few(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    paths = (
        "/api/v1/calls",
        "/api/v1/calls?flagged=true",
        "/api/v1/calls/h",
        "/api/v1/work-orders",
        "/api/v1/work-orders/board",
        "/api/v1/promises",
        "/api/v1/reports/service?period=month",
        "/api/v1/search?q=您",
        "/calls",
        "/review",
        "/calls/h",
    )

    async def counted() -> dict[str, int]:
        counts = {}
        for path in paths:
            with questions() as asked:
                assert (await client.get(path)).status_code == 200
            counts[path] = len(asked)
        return counts

    few = await counted()
    for number in range(3):
        harassment(desk, f"h{number}", START + timedelta(hours=1 + number), INFO)
        complaint(desk, f"k{number}", START + timedelta(hours=5 + number))
    assert await counted() == few
    assert max(few.values()) <= 16, few
