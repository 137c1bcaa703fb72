from __future__ import annotations

from datetime import timedelta

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
    assert order["status"] == "draft"


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
