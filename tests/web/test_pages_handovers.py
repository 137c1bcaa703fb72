"""The pages of handovers: the book, the sheet, whose turn it is, what is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from tests.web.fakes import START, FakeDesk
from tests.web.test_pages import HOSTILE, page

API = "/api/v1/handovers"


async def drawn(client: httpx.AsyncClient, **more: Any) -> str:
    made = await client.post(API, json={"by": "林晓雯", "shift": "早班", **more})
    assert made.status_code == 201, made.text
    number: str = made.json()["number"]
    return number


async def act(client: httpx.AsyncClient, number: str, by: str, action: str, **more: Any) -> None:
    answer = await client.post(f"{API}/{number}/actions", json={"by": by, "action": action, **more})
    assert answer.status_code == 201, answer.text


async def test_an_empty_book_says_what_will_appear(client: httpx.AsyncClient) -> None:
    text = await page(client, "/handovers")
    assert "还没有交接表" in text
    assert 'data-opens="draw"' in text
    assert "no handover HO-9" in await page(client, "/handovers/HO-9", 404)


async def test_j7_the_buttons_are_those_of_the_state(client: httpx.AsyncClient) -> None:
    number = await drawn(client)
    await act(client, number, "林晓雯", "add", sort="special", text=HOSTILE)
    text = await page(client, f"/handovers/{number}")
    assert "草稿" in text
    assert 'data-opens="give"' in text
    assert "data-tick" not in text
    assert "<script>alert" not in text
    assert " style=" not in text
    await act(client, number, "林晓雯", "give", taker="周涛")
    text = await page(client, "/handovers")
    assert "data-tick" in text
    assert "data-voice" in text
    assert "口头说过，确认" in text
    assert "还有 1 项没有确认" in text
    assert 'data-act="take" disabled' in text
    await act(client, number, "周涛", "tick", item=0, told_by_voice=True)
    assert 'data-act="take">' in await page(client, "/handovers")
    await act(client, number, "周涛", "take")
    text = await page(client, f"/handovers/{number}")
    assert "双方都签了字" in text
    assert 'data-opens="add"' not in text


async def test_j7_what_is_not_signed_in_time_stands_inverted(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    late = (START - timedelta(minutes=25)).isoformat()
    number = await drawn(client, starts_at=late)
    assert "未签字，超时 25 分" in await page(client, "/handovers")
    await act(client, number, "林晓雯", "give", taker="周涛")
    assert 'class="cc-tag passed"' in await page(client, "/handovers")
    await act(client, number, "周涛", "take")
    assert 'class="cc-tag passed"' not in await page(client, "/handovers")


async def test_a_book_is_read_page_by_page_and_by_person(client: httpx.AsyncClient) -> None:
    number = await drawn(client)
    assert number in await page(client, "/handovers?person=林晓雯")
    assert "还没有交接表" in await page(client, "/handovers?person=周涛")
    before = (START - timedelta(days=1)).isoformat()
    text = await page(client, "/handovers", params={"before": before})
    assert "回到最新" in text
    await page(client, "/handovers?before=yesterday", 422)
