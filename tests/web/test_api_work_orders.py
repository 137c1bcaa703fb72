from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.web.fakes import START, FakeDesk, complaint, enquiry


@pytest.fixture(autouse=True)
def kept(desk: FakeDesk) -> None:
    complaint(desk, "k", START)
    enquiry(desk, "e", START + timedelta(minutes=5))


async def number_of(client: httpx.AsyncClient, call_id: str) -> str:
    number: str = (await client.get(f"/api/v1/calls/{call_id}/work-order")).json()["number"]
    return number


async def link(client: httpx.AsyncClient, **body: str | None) -> httpx.Response:
    return await client.put("/api/v1/calls/e/work-order", json={"agent": "6018", **body})


async def test_a_work_order_with_its_calls(client: httpx.AsyncClient) -> None:
    number = await number_of(client, "k")
    order = (await client.get(f"/api/v1/work-orders/{number}")).json()
    assert order["calls"] == ["k"]
    assert order["type"] == "complaint"
    assert order["state"] == "draft"
    assert [step["person"] for step in order["steps"]] == ["system", "system"]


async def test_a_person_corrects_the_link(client: httpx.AsyncClient) -> None:
    number = await number_of(client, "k")
    answer = await link(client, number=number)
    assert answer.status_code == 200
    assert (answer.json()["number"], answer.json()["linked_by"]) == (number, "6018")
    order = (await client.get(f"/api/v1/work-orders/{number}")).json()
    assert order["calls"] == ["k", "e"]


async def test_a_person_asks_for_a_new_one(client: httpx.AsyncClient) -> None:
    before = await number_of(client, "e")
    answer = (await link(client, number=None, type="suggestion")).json()
    assert answer["number"] not in ("", before)
    assert answer["type"] == "suggestion"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"number": "WO-none"}, 404),
        ({"number": ""}, 422),
        ({"number": None, "type": "other"}, 422),
        ({}, 422),
        ({"number": None, "agent": "system"}, 422),
    ],
)
async def test_a_wrong_link_is_refused(
    client: httpx.AsyncClient, body: dict[str, str | None], status: int
) -> None:
    before = await number_of(client, "e")
    answer = await link(client, **body)
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)
    assert await number_of(client, "e") == before


async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/work-orders/WO-none")).status_code == 404
    body = {"number": None, "agent": "6018"}
    assert (await client.put("/api/v1/calls/x/work-order", json=body)).status_code == 404


API = "/api/v1/work-orders"
OPEN = {"by": "林晓雯", "type": "enquiry", "caller_number": "138 0000 0009", "title": "问价"}
TICKED = {"announced": True, "identity_verified": True, "told": True}


async def step(client: httpx.AsyncClient, number: str, action: str, **given: Any) -> httpx.Response:
    body = {"by": "林晓雯", "action": action, **given}
    return await client.post(f"{API}/{number}/actions", json=body)


async def test_w2_w5_w11_an_order_over_the_api(client: httpx.AsyncClient) -> None:
    made = (await client.post(API, json=OPEN)).json()
    number = made["number"]
    assert (made["state"], made["owner"], made["phone"]) == ("draft", "林晓雯", "13800000009")
    what = {"happened_at": START.isoformat(), "place": "上海", "concerned": "张先生"}
    due = (START + timedelta(hours=2)).isoformat()
    wrapped = await step(client, number, "wrap_up", **what, content="钢管多少钱", due_at=due)
    assert wrapped.status_code == 201, wrapped.text
    assert wrapped.json()["state"] == "pending"
    assert "solve" in wrapped.json()["possible"]
    late = await step(client, number, "accept", version=1)
    assert late.status_code == 409
    assert "was changed by 林晓雯" in late.json()["detail"]
    await step(client, number, "solve", solution="每吨四千")
    unticked = await step(client, number, "reply_accepted", contact={})
    assert unticked.status_code == 422
    done = (await step(client, number, "reply_accepted", contact=TICKED)).json()
    assert (done["state"], done["promises"][0]["kept"]) == ("awaiting_follow_up", True)
    again = OPEN | {"raised_from": number, "content": "还要弯头"}
    del again["caller_number"]
    raised = (await client.post(API, json=again)).json()
    assert (raised["raised_from"], raised["caller_number"]) == (number, "13800000009")
    whole = (await client.get(f"{API}/{number}")).json()
    assert whole["raised"] == [raised["number"]]
    assert [one["action"] for one in whole["steps"]] == [
        "open",
        "wrap_up",
        "solve",
        "reply_accepted",
    ]


async def test_w12_w15_lists_counts_and_the_board(client: httpx.AsyncClient) -> None:
    number = (await client.post(API, json=OPEN)).json()["number"]
    due = START + timedelta(minutes=5)
    await step(client, number, "promise", due_at=due.isoformat())
    await step(client, number, "report", alarm="danger", told=["李主管"], note="漏气")
    board = (await client.get(f"{API}/board")).json()
    assert (board["due_today"], board["overdue"], board["alarms"]) == (1, 0, 1)
    assert board["states"] == {"draft": 3}
    (mine,) = (await client.get(API, params={"owner": "林晓雯", "alarm": True})).json()
    assert (mine["number"], mine["overdue"], mine["steps"]) == (number, False, [])
    assert (await client.get(API, params={"overdue": True})).json() == []
    soon = {"due_before": (due + timedelta(seconds=1)).isoformat(), "phone": "+8613800000009"}
    assert len((await client.get(API, params=soon)).json()) == 1
    assert len((await client.get(API, params={"state": "draft", "limit": 2})).json()) == 2
    owners = (await client.get(f"{API}/owners")).json()
    assert [(one["owner"], one["open"]) for one in owners] == [
        ("6007", 1),
        ("6018", 1),
        ("林晓雯", 1),
    ]
    for wrong in ({"state": "lost"}, {"limit": 0}, {"due_before": "soon"}):
        assert (await client.get(API, params=wrong)).status_code == 422


async def test_w6_w7_the_standard_is_told(client: httpx.AsyncClient) -> None:
    standard = (await client.get(f"{API}/standard")).json()
    wrap_up = next(move for move in standard["moves"] if move["action"] == "wrap_up")
    assert wrap_up["needs"] == ["happened_at", "place", "concerned", "content", "phone"]
    assert [line["item"] for line in standard["script"]] == ["W8", "W9", "W10"]


async def test_what_is_wrong_with_a_step_is_told(client: httpx.AsyncClient) -> None:
    strange = await client.post(API, json=OPEN | {"type": "praise"})
    assert strange.status_code == 422
    lost = await client.post(API, json=OPEN | {"raised_from": "WO-9", "content": "……"})
    assert lost.status_code == 404
    number = (await client.post(API, json=OPEN)).json()["number"]
    naive = await step(client, number, "promise", due_at="2026-11-22T10:00:00")
    assert naive.status_code == 422
    assert (await step(client, number, "explode")).status_code == 409
    assert (await step(client, "WO-9", "close", note="误拨")).status_code == 404
    assert (await step(client, number, "close", owner="周涛")).status_code == 422
