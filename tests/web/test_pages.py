from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from callcenter.core.events import SegmentHeard
from callcenter.core.records import Party
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from callcenter.web.pages.calls.views import PAGE_CALLS, WORDS_AT_ONCE
from tests.web.fakes import (
    START,
    FakeDesk,
    complaint,
    enquiry,
    harassment,
    hear_again,
    said,
    sound,
)

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


async def page(
    client: httpx.AsyncClient, path: str, status: int = 200, params: dict[str, str] | None = None
) -> str:
    answer = await client.get(path, params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


async def test_the_live_desk(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.said = ("没有识别模型",)
    text = await page(client, "/")
    assert 'lang="zh-CN"' in text
    assert "林晓雯 6018" in text
    assert "没有识别模型" in text
    assert 'role="region" aria-live="assertive"' in text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/review", "没有待判定的通话"),
        ("/calls", "还没有通话"),
        ("/calls?flagged=true", "没有带红标的通话"),
    ],
)
async def test_an_empty_page_says_what_will_appear(
    client: httpx.AsyncClient, path: str, sentence: str
) -> None:
    assert sentence in await page(client, path)


async def test_the_queue_shows_masked_numbers_and_why(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassment(desk, "h", START, None)
    complaint(desk, "k", START + timedelta(minutes=5))
    enquiry(desk, "e", START + timedelta(minutes=9))
    text = await page(client, "/review")
    assert "138 •••• 6127" in text
    assert "13800006127" not in text
    assert "骚扰 · 低俗" in text
    assert "投诉 · 退款" in text
    assert text.index('data-call="k"') < text.index('data-call="h"')
    assert 'data-call="e"' not in text


async def test_the_list_shows_masked_numbers_and_pages(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    for number in range(PAGE_CALLS + 1):
        enquiry(desk, f"e{number:02}", START + timedelta(minutes=number))
    first = await page(client, "/calls")
    assert "01088880001" not in first
    assert 'href="/calls?before=e01"' in first
    rest = await page(client, "/calls?before=e01")
    assert 'href="/calls/e00"' in rest
    assert "没有更早的通话" in rest


async def test_the_replay_shows_who_did_what(
    client: httpx.AsyncClient, desk: FakeDesk, recordings: Path
) -> None:
    harassment(desk, "h", START, sound(recordings, "2026/h.wav", seconds=1))
    text = await page(client, "/calls/h")
    assert "正在核对录音" in text
    assert "5f" * 32 in text
    assert "已送出 6.8 / 6.8 秒" in text
    assert "建议终止" in text
    assert "确认终止" in text
    assert 'src="/api/v1/calls/h/recording"' in text


async def test_the_replay_of_a_call_that_runs_and_of_one_that_was_never_answered(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("a")
    assert "没有录音" in await page(client, "/calls/a")
    await desk.answer("a", "6018")
    assert "通话中，录音未完" in await page(client, "/calls/a")


async def test_the_replay_switches_between_transcripts(
    client: httpx.AsyncClient, desk: FakeDesk, store: Store
) -> None:
    harassment(desk, "h", START, None)
    live = await page(client, "/calls/h")
    assert "哪一份转写" not in live
    hear_again(store, "h", "vosk-model-cn-0.22", "先生您要报修")
    hear_again(store, "h", "/srv/a b/our&own", "好的")
    live = await page(client, "/calls/h")
    assert "当时的转写" in live
    assert 'href="/calls/h?transcript=vosk-model-cn-0.22"' in live
    assert ">our&amp;own</a>" in live
    assert "你一个人上夜班" in live
    assert "先生您要报修" not in live
    other = await page(client, "/calls/h?transcript=vosk-model-cn-0.22")
    assert "先生您要报修" in other
    assert "你一个人上夜班" not in other
    assert "heard-01" in other
    assert "1 处 · 出自重新转写，不改变处置" in other
    assert "<q>加个微信</q>" in other  # the proposal and its evidence stand
    assert 'data-start="3400"' in other
    own = await page(client, "/calls/h", params={"transcript": "/srv/a b/our&own"})
    assert "好的" in own


async def test_the_link_to_a_transcript_leads_there(
    client: httpx.AsyncClient, desk: FakeDesk, store: Store
) -> None:
    enquiry(desk, "e", START)
    hear_again(store, "e", '/srv/"a&b"/?x=1', "好的")
    text = await page(client, "/calls/e")
    (link,) = re.findall(r'href="(/calls/e\?[^"]*)"', text)
    assert "好的" in await page(client, unescape(link))


async def test_a_transcript_that_is_not_there(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "e", START)
    for name in ("none", "", "<script>"):
        text = await page(client, "/calls/e", 404, params={"transcript": name})
        assert "call e has no transcript of that model" in text


async def test_what_a_caller_says_is_never_markup(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "e", START, HOSTILE)
    text = await page(client, "/calls/e")
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;script&gt;alert" in text


async def test_a_page_that_is_not_there_is_a_page(client: httpx.AsyncClient) -> None:
    assert "no call none" in await page(client, "/calls/none", 404)
    assert "回到工作台" in await page(client, "/nowhere", 404)
    assert "回到工作台" in await page(client, "/calls?before=none", 404)


@pytest.mark.parametrize("path", ["/", "/review", "/calls", "/docs"])
async def test_no_page_needs_anything_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    text = await page(client, path)
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    assert " style=" not in text
    assert " onclick=" not in text


async def test_every_static_file_of_a_page_is_there(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "e", START)
    for path in ("/", "/review", "/calls", "/calls/e", "/docs"):
        text = await page(client, path)
        for part in text.split('"'):
            if part.startswith("/static/"):
                assert (await client.get(part.partition("#")[0])).status_code == 200, part


def test_create_app_serves_no_documentation_from_elsewhere(desk: FakeDesk, tmp_path: Path) -> None:
    app = create_app(
        desk=desk,
        store=None,  # type: ignore[arg-type]
        bus=desk.bus,
        recordings=tmp_path,
        allowed_hosts=["*"],
        now=lambda: START,
    )
    assert app.docs_url is None
    assert app.redoc_url is None


async def test_the_documentation_names_every_operation(client: httpx.AsyncClient) -> None:
    text = await page(client, "/docs")
    described = (await client.get("/openapi.json")).json()
    assert len(described["paths"]) >= 15
    for path in described["paths"]:
        assert path in text
    for field in ("caller_number", "sent_ms", "linked_by", "reviewer"):
        assert field in text


async def test_of_a_long_call_the_words_of_its_beginning_come_with_the_page(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "long", START)
    for number in range(WORDS_AT_ONCE + 5):
        heard = said(Party.CALLER, 5000 * (number + 1), "请问几点下班")
        desk.tell(SegmentHeard("long", START, heard))
    text = await page(client, "/calls/long")
    told = json.loads(re.search(r'id="call">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    assert told["words_follow"] is True
    assert [bool(one["words"]) for one in told["segments"]] == [True] * WORDS_AT_ONCE
    assert text.count("data-index=") == WORDS_AT_ONCE + 6
    assert text.count("请问几点下班") >= WORDS_AT_ONCE + 5
