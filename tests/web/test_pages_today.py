"""What an agent has to do today, as the desk asks for it, and what the desk is told beside."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from callcenter.bus.local import LocalBus
from callcenter.casework.staff.doors import Doors
from callcenter.core import events as ev
from callcenter.core.people import ADMIN, AGENT
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.fakes import FakeSeal
from tests.web.conftest import HOST, HOUSE
from tests.web.fakes import START, FakeDesk, enquiry

HOSTILE = "<script>alert(1)</script>"


def promise(due_at: datetime) -> dict[str, object]:
    stands = {"call_id": "", "promise_id": "", "ended_at": None, "kept": None}
    one = {"what": "call_back", "due_at": due_at.isoformat(), "made_at": due_at.isoformat()}
    return {"promises": [{**one, "made_by": "6018", **stands}], "due_at": due_at}


def order(desk: FakeDesk, number: str, owner: str, due_at: datetime, **more: object) -> None:
    fields = {"type": "complaint", "phone": "13900001111", "owner": owner, **promise(due_at)}
    step = ("", START, "work_order", number, "open", "6018", "pending", 0, {**fields, **more})
    desk.tell(ev.RecordStepped(*step))


def follow_up(desk: FakeDesk, number: str, agent: str, due_at: datetime) -> None:
    fields = {"reason": "member", "phone": "13700002222", "agent": agent, "due_at": due_at}
    step = ("", START, "follow_up", number, "plan", "6018", "allotted", 0, fields)
    desk.tell(ev.RecordStepped(*step))


async def numbers(client: httpx.AsyncClient, agent: str) -> list[str]:
    text = (await client.get("/parts/today", params={"agent": agent})).text
    return re.findall(r'class="what" href="/[a-z-]+/([^"]+)"', text)


async def test_w12_the_earliest_stands_on_top_and_is_ones_own(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    order(desk, "WO-2", "6018", START + timedelta(hours=2))
    order(desk, "WO-1", "林晓雯", START - timedelta(minutes=25))
    order(desk, "WO-3", "6007", START)
    order(desk, "WO-4", "6018", START + timedelta(days=2))
    follow_up(desk, "FU-1", "6018", START + timedelta(hours=1))
    assert await numbers(client, "6018") == ["WO-1", "FU-1", "WO-2"]
    assert await numbers(client, "林晓雯") == ["WO-1", "FU-1", "WO-2"]
    assert await numbers(client, "6007") == ["WO-3"]
    assert await numbers(client, "") == []


async def test_what_is_late_is_said_and_numbers_are_masked(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    order(desk, "WO-1", "6018", START - timedelta(minutes=25), concerned=HOSTILE, content=HOSTILE)
    text = (await client.get("/parts/today", params={"agent": "6018"})).text
    assert text.count("超时 25 分") == 2, "in the list, and in the top bar"
    assert "139 •••• 1111" in text
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    english = await client.get(
        "/parts/today", params={"agent": "6018"}, headers={"Cookie": "language=en"}
    )
    assert "25 min late" in english.text


async def test_a_draft_that_nobody_wrapped_up_is_listed_but_not_while_its_call_runs(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "e", START)
    desk.ring("live")
    await desk.answer("live", "6018")
    text = (await client.get("/parts/today", params={"agent": "6018"})).text
    running = desk.calls["live"].work_order
    opened = re.findall(r'data-open="([^"]+)"', text)
    assert len(opened) == 1
    assert running not in opened


@pytest.mark.parametrize(("role", "status"), [(AGENT, 200), (ADMIN, 403)])
async def test_who_may_ask(
    desk: FakeDesk, store: Store, bus: LocalBus, tmp_path: Path, role: str, status: int
) -> None:
    doors = Doors(store, lambda: START, FakeSeal())
    app: FastAPI = create_app(
        desk=desk,
        store=store,
        bus=bus,
        recordings=tmp_path,
        allowed_hosts=[HOST],
        now=lambda: START,
        doors=doors,
        house=HOUSE,
    )
    token = doors.make_token("program", (role,), 1, "test")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as asking:
        answer = await asking.get("/parts/today", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


async def test_the_desk_knows_what_each_way_of_wrapping_up_needs(client: httpx.AsyncClient) -> None:
    text = (await client.get("/")).text
    found = re.search(r'id="limits">(.*?)</script>', text)
    assert found is not None
    limits = json.loads(found[1])
    assert limits["needs"]["wrap_up"] == ["happened_at", "place", "concerned", "content", "phone"]
    assert limits["needs"]["wrap_up_closed"] == ["content", "solution"]
    assert limits["after_call"] == 0
    for name in (*limits["needs"]["wrap_up"], "solution"):
        assert f'for="order-{name}"' in text
        assert f'id="wrong-{name}"' in text
