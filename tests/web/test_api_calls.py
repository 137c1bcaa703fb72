from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from callcenter.core.records import RecordingInfo
from callcenter.store.sql import Store
from tests.web.fakes import START, FakeDesk, complaint, enquiry, harassment, hear_again

INFO = RecordingInfo("2026/11/22/h.wav", 29.0, "5f" * 32)


@pytest.fixture(autouse=True)
def kept(desk: FakeDesk) -> None:
    harassment(desk, "h", START, INFO)
    complaint(desk, "k", START + timedelta(minutes=5))
    enquiry(desk, "e", START + timedelta(minutes=10))


async def ids(client: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/v1/calls{query}")
    assert answer.status_code == 200
    return [call["call_id"] for call in answer.json()["calls"]]


async def test_calls_come_newest_first_page_by_page(client: httpx.AsyncClient) -> None:
    first = (await client.get("/api/v1/calls?limit=2")).json()
    assert [call["call_id"] for call in first["calls"]] == ["e", "k"]
    rest = (await client.get(f"/api/v1/calls?limit=2&before={first['before']}")).json()
    assert [call["call_id"] for call in rest["calls"]] == ["h"]
    assert rest["before"] is None


async def test_calls_can_be_narrowed(client: httpx.AsyncClient) -> None:
    assert await ids(client, "?flagged=true") == ["k", "h"]
    assert await ids(client, "?flagged=false") == ["e"]
    assert await ids(client, "?caller_number=13800006127") == ["h"]


@pytest.mark.parametrize("query", ["?limit=0", "?limit=x", "?limit=100000", "?flagged=maybe"])
async def test_a_wrong_question_is_told_in_one_sentence(
    client: httpx.AsyncClient, query: str
) -> None:
    answer = await client.get(f"/api/v1/calls{query}")
    assert answer.status_code == 422
    assert query[1:].partition("=")[0] in answer.json()["detail"]


async def test_a_page_after_an_unknown_call_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/calls?before=none")).status_code == 404


async def test_one_call_with_everything(client: httpx.AsyncClient) -> None:
    call = (await client.get("/api/v1/calls/h")).json()
    assert call["caller_number"] == "13800006127"
    assert call["rang_at"] == "2026-11-22T02:40:00Z"
    assert call["ended_by"] == "system"
    assert call["disposition"] == "harassment"
    assert [segment["party"] for segment in call["segments"]] == [
        "agent", "caller", "agent", "caller",
    ]  # fmt: skip
    assert call["segments"][0]["words"][0] == {
        "word": "您",
        "start_ms": 400,
        "end_ms": 600,
        "confidence": 0.93,
    }
    assert call["hits"][1]["text"] == "加个微信"
    assert [d["kind"] for d in call["decisions"]] == ["proposed", "confirmed"]
    assert [d["actor"] for d in call["decisions"]] == ["system", "6018"]
    prompt = call["prompts"][0]
    assert (prompt["name"], prompt["file_ms"], prompt["sent_ms"]) == ("line_fault", 6800, 6800)
    assert call["recording"] == {
        "path": INFO.path,
        "channels": 2,
        "seconds": 29.0,
        "sha256": INFO.sha256,
    }
    assert call["work_order"]["type"] == "enquiry"
    assert call["work_order"]["linked_by"] == "system"
    assert call["verdicts"] == []
    assert call["gaps"] == []
    assert call["transcripts"] == []


async def test_a_call_with_what_another_model_heard(
    client: httpx.AsyncClient, store: Store
) -> None:
    before = (await client.get("/api/v1/calls/h")).json()
    hear_again(store, "h", "vosk-model-cn-0.22", "先生，您要报修什么？")
    call = (await client.get("/api/v1/calls/h")).json()
    (made,) = call.pop("transcripts")
    assert {**call, "transcripts": []} == before
    assert (made["model"], made["made_at"]) == ("vosk-model-cn-0.22", "2026-11-23T02:40:00Z")
    (segment,) = made["segments"]
    assert (segment["party"], segment["text"]) == ("caller", "先生，您要报修什么？")
    assert segment["words"][0]["start_ms"] == segment["start_ms"] == 3400
    assert not segment["live"]
    assert [hit["rule"] for hit in made["hits"]] == ["heard-01"]


@pytest.mark.parametrize("part", ["segments", "hits", "prompts"])
async def test_the_parts_are_those_of_the_call(client: httpx.AsyncClient, part: str) -> None:
    whole = (await client.get("/api/v1/calls/h")).json()
    assert (await client.get(f"/api/v1/calls/h/{part}")).json() == whole[part]


async def test_the_work_order_of_a_call(client: httpx.AsyncClient) -> None:
    whole = (await client.get("/api/v1/calls/h")).json()
    assert (await client.get("/api/v1/calls/h/work-order")).json() == whole["work_order"]


async def test_a_call_without_a_work_order(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("r")
    answer = await client.get("/api/v1/calls/r/work-order")
    assert answer.status_code == 404
    assert "no work order" in answer.json()["detail"]


@pytest.mark.parametrize(
    "tail", ["", "/segments", "/hits", "/prompts", "/work-order", "/recording"]
)
async def test_an_unknown_call_is_not_found(client: httpx.AsyncClient, tail: str) -> None:
    answer = await client.get(f"/api/v1/calls/none{tail}")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "no call none"}
