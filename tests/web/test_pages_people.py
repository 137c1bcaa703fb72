"""The pages of knowledge (知识库) and of people (人员): what is shown, and to whom."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from callcenter.bus.local import LocalBus
from callcenter.store.sql import Store
from callcenter.store.trail import Entry
from callcenter.web.pages.records.editions import MOST_LINES, Piece, difference, editions
from tests.web.fakes import START, FakeDesk
from tests.web.readers import Readers

HOSTILE = "<script>alert(1)</script>🙂\n第二行 " + "长" * 3000


@pytest.fixture
async def here(
    desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path
) -> AsyncIterator[Readers]:
    readers = Readers(desk, store, bus, recordings)
    yield readers
    await readers.close()


async def written(here: Readers, title: str, category: str, *steps: str) -> str:
    """A document that has come so far; its number."""
    made = await here.post("/documents", by="林晓雯", title=title, body=HOSTILE, category=category)
    for step in steps:
        await here.post(f"/documents/{made['number']}/actions", action=step)
    return str(made["number"])


async def test_s4_what_is_published_is_found_and_objections_open_the_page(here: Readers) -> None:
    await written(here, "太贵了怎么答", "objection", "submit", "review", "publish")
    draft = await written(here, "还没写完", "business")
    text = await here.page("/documents")
    assert text.count("太贵了怎么答") == 2, "in the list, and among the objections"
    assert "还没写完" not in text
    assert "<script>alert" not in text
    assert "太贵了怎么答" in await here.page("/documents?q=太贵")
    assert "没有这样的文档" in await here.page("/documents?q=太贵&category=product")
    assert draft in await here.page("/documents?state=draft", "agent")
    assert await here.status("/documents", "admin") == 200
    assert await here.status("/documents/KB-0") == 404


async def test_n1_who_may_what_at_which_point(here: Readers) -> None:
    number = await written(here, "门锁", "product", "submit")
    shown = {role: await here.page(f"/documents/{number}", role) for role in ("agent", "manager")}
    assert 'data-action="review"' not in shown["agent"]
    assert 'data-action="review"' in shown["manager"]
    assert 'data-opens="send_back"' in shown["manager"]
    for step in ("review", "publish"):
        await here.post(f"/documents/{number}/actions", action=step)
    path = f"/documents/{number}"
    await here.post(f"{path}/actions", action="revise", body="第二行\n新的一行")
    text = await here.page(path, "agent")
    assert "<ins>新的一行</ins>" in text
    assert 'data-opens="edit"' in text
    for step in ("submit", "review", "publish"):
        await here.post(f"{path}/actions", action=step)
    assert f'href="{path}?edition=2"' in await here.page(path)
    second = await here.page(f"{path}?edition=2")
    assert "<del>&lt;script&gt;" in second
    assert "<ins>新的一行</ins>" in second
    assert await here.status(f"{path}?edition=3") == 404
    assert "data-opens=" not in await here.page(path, "admin")


def entry(action: str, changes: str) -> Entry:
    return Entry(action=action, changes=changes, at=START, person="周涛")


def test_editions_are_told_from_the_trail_also_where_words_were_erased() -> None:
    told = json.dumps({"published_title": "门锁", "published_body": "一"})
    found = editions([entry("write", "{}"), entry("publish", ""), entry("publish", told)])
    assert [(one.number, one.body) for one in found] == [(2, "一")]


def test_the_difference_of_two_texts() -> None:
    pieces = [Piece("same", "一"), Piece("out", "二"), Piece("in", "三"), Piece("same", "四")]
    assert difference("一\n二\n四", "一\n三\n四") == pieces
    assert difference("", "") == []
    long = difference("一\n" * MOST_LINES, "一\n" * MOST_LINES)
    assert {piece.what for piece in long} == {"out", "in"}


async def test_r4_everybody_stands_somewhere_today(here: Readers) -> None:
    day = START.astimezone().date()
    shift = {"agent": "6018", "day": str(day), "start": "08:00", "end": "17:00"}
    await here.post("/shifts", **shift)
    text = await here.page("/staff")
    assert "林晓雯" in text
    assert "08:00–17:00" in text
    assert "没有排班" in text
    assert "就绪" in text


async def test_k3_a_week_of_shifts_is_changed_and_exchanged(here: Readers) -> None:
    made = []
    for agent, start, end in (("6018", "08:00", "16:00"), ("6007", "12:00", "20:00")):
        told = {"agent": agent, "day": "2026-11-25", "start": start, "end": end}
        made.append((await here.post("/shifts", **told))["number"])
    text = await here.page("/staff/shifts?day=2026-11-22")
    assert "11-25" not in text, "that is the week before"
    text = await here.page("/staff/shifts?day=2026-11-25")
    fills = [json.loads(unescape(one)) for one in re.findall(r'data-fill="([^"]*)"', text)]
    assert {"agent": "6018", "day": "2026-11-25", "start": "08:00", "end": "16:00", "kind": "duty",
            "note": ""} in fills  # fmt: skip
    assert "data-fill" not in await here.page("/staff/shifts?day=2026-11-25", "agent")
    both = await here.post(f"/shifts/{made[0]}/exchange", other=made[1], version=1)
    assert [(one["agent"], one["version"]) for one in both] == [("6007", 2), ("6018", 2)]
    for bad in ("day=x", "day=2026-13-01"):
        assert await here.status(f"/staff/shifts?{bad}") == 422
    for far in ("0001-01-01", "9999-12-31"):
        assert await here.status(f"/staff/shifts?day={far}") == 200


async def test_n2_accounts_are_seen_and_decided_by_who_may(here: Readers) -> None:
    wanted = {"person": "赵敏<b>", "agent": "6019", "roles": ["agent", "qa"], "reason": "入职"}
    made = await here.post("/accounts", by="人事", **wanted)
    asked = await here.page("/staff/accounts", "manager")
    assert "赵敏&lt;b&gt;" in asked
    assert 'data-action="approve"' in asked
    await here.post(f"/accounts/{made['number']}/actions", by="经理", action="approve")
    assert 'data-action="open"' not in await here.page("/staff/accounts", "manager")
    assert 'data-action="open"' in await here.page("/staff/accounts", "admin")
    await here.post(f"/accounts/{made['number']}/actions", by="经理", action="open")
    assert 'data-invite="赵敏&lt;b&gt;"' in await here.page("/staff/accounts", "admin")
    assert "data-invite" not in await here.page("/staff/accounts", "supervisor")
    assert await here.status("/staff/accounts", "agent") == 403


async def test_k5_appraisals_are_rated_and_confirmed_by_who_leads(here: Readers) -> None:
    told = {"agent": "林晓雯", "sort": "monthly", "period": "2026-11"}
    made = await here.post("/appraisals", **told)
    path = f"/appraisals/{made['number']}/actions"
    await here.post(path, action="rate", source="superior", score=88.0, note="稳")
    text = await here.page("/staff/appraisals")
    assert "上级 <b>88.0</b>" in text
    assert 'data-opens="confirm"' in text
    assert 'data-opens="confirm"' in await here.page("/staff/appraisals?state=rated")
    assert "没有考评" in await here.page("/staff/appraisals?agent=周涛")
    own = await here.page("/staff/appraisals", "agent")
    assert "上级 <b>88.0</b>" not in own, "an agent sees their own"


async def test_r7_coaching_has_the_steps_of_where_it_stands(here: Readers) -> None:
    made = await here.post("/coaching", agent="6018", text="先复述\n再解答", call_id="")
    path = f"/coaching/{made['number']}/actions"
    text = await here.page("/staff/coaching")
    assert "先复述" in text
    assert "待本人确认" in text
    assert 'data-opens="postpone"' in text
    assert 'data-opens="acknowledge"' not in text, "that is the agent's own"
    await here.post(path, by="林晓雯", action="acknowledge", text="明白了")
    await here.post(path, by="林晓雯", action="correct", text="已练习")
    text = await here.page("/staff/coaching")
    assert "明白了" in text
    assert 'data-opens="confirm"' in text
    assert "先复述" not in await here.page("/staff/coaching", "agent"), "another agent's"


async def test_h24_exposure_is_for_care_and_settings_are_to_read(here: Readers) -> None:
    assert "不用于考核" in await here.page("/staff/exposure?days=30")
    assert await here.status("/staff/exposure", "agent") == 403
    assert await here.status("/staff/exposure?days=0") == 422
    text = await here.page("/staff/settings", "admin")
    assert "佳和" in text
    assert "400 820 0001" in text
    assert "callcenter.toml" in text
    assert await here.status("/staff/settings", "agent") == 403
