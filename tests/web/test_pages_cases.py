from __future__ import annotations

from datetime import timedelta

import httpx

from callcenter.core import events
from tests.web.fakes import START, FakeDesk, harassment
from tests.web.test_api_cases import NUMBER, bill, number_of, withheld
from tests.web.test_pages import HOSTILE, page


async def test_empty_pages_say_what_will_appear(client: httpx.AsyncClient) -> None:
    text = await page(client, "/cases")
    for sentence in ("没有反复骚扰的来源", "还没有案件", "没有隐藏号码的骚扰来电"):
        assert sentence in text


async def test_h17_repeated_sources_stand_first_and_masked(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    for n in range(3):
        harassment(desk, f"h{n}", START - timedelta(hours=n), None)
    text = await page(client, "/cases")
    assert "138 •••• 6127" in text
    assert NUMBER not in text
    assert "data-open=" in text
    assert "没有反复骚扰的来源" in await page(client, "/cases?at_least=4")
    number = await number_of(client, "h0")
    text = await page(client, "/cases")
    assert "data-open=" not in text
    assert text.count(f'href="/cases/{number}"') == 2
    await page(client, "/cases?days=0", 422)


async def test_h20_h21_calls_without_a_number_and_what_the_bill_offers(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    withheld(desk, "w1")
    lines = (f"{NUMBER},2026-11-22T02:40:05Z,25", "01088880001,2026-11-22T02:40:10Z,25")
    body = {"by": "陈静", "content": bill(*lines)}
    await client.post("/api/v1/withheld/bill", json=body)
    text = await page(client, "/cases")
    assert "不能确定，请先核对" in text
    assert "138 •••• 6127" in text
    assert NUMBER not in text
    assert text.count("data-accept=") == 2


async def test_h22_a_case_shows_who_did_what_and_what_can_be_done(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassment(desk, "h", START, None)
    number = await number_of(client, "h")
    body = {"by": HOSTILE[:60], "action": "note", "text": HOSTILE}
    answer = await client.post(f"/api/v1/cases/{number}/actions", json=body)
    assert answer.status_code == 201
    text = await page(client, f"/cases/{number}")
    assert "已立案" in text
    assert "&lt;script&gt;alert" in text
    assert "<script>alert" not in text
    assert '<option value="warning_letter">发警告函</option>' in text
    assert 'value="reopen"' not in text
    assert "导出证据包" in text
    assert " style=" not in text
    assert "no case HC-9" in await page(client, "/cases/HC-9", 404)


async def test_h22_an_export_is_seen_in_the_case(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    harassment(desk, "h", START, None)
    number = await number_of(client, "h")
    desk.tell(events.EvidenceExported("h", START, "陈静", ("h",), "ab" * 32, number))
    text = await page(client, f"/cases/{number}")
    assert "ab" * 32 in text
