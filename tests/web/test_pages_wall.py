"""The wall board's page: for leads, in both languages, with nothing of a caller in it."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from callcenter.casework.staff.doors import Doors
from callcenter.core.people import AGENT, MANAGER, QA, SUPERVISOR
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.fakes import FakeSeal
from tests.web.conftest import HOST, HOUSE
from tests.web.fakes import START, FakeDesk
from tests.web.test_pages import page


@pytest.fixture
def doors(store: Store) -> Doors:
    return Doors(store, lambda: START, FakeSeal())


@pytest.fixture
def guarded(app: FastAPI, doors: Doors) -> FastAPI:
    """The app with a gate before it."""
    room = app.state.room
    return create_app(
        desk=room.desk,
        store=room.store,
        bus=room.bus,
        recordings=room.recordings.folder,
        allowed_hosts=[HOST],
        now=lambda: START,
        house=HOUSE,
        doors=doors,
    )


async def test_r4_the_board_names_its_formulas_and_keeps_numbers_to_itself(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("c1")
    await desk.answer("c1", "6018")
    desk.propose("c1", "sexual", "加个微信")
    text = await page(client, "/wall")
    for said in ("20 秒内接通 ÷ 全部进线", "红标进行中", "待我审批", "不用于考核", "林晓雯 6018"):
        assert said in text
    assert 'role="listbox"' in text
    assert "13800006127" not in text
    assert " style=" not in text
    client.cookies.set("language", "en")
    assert "Red flags now" in await page(client, "/wall")


@pytest.mark.parametrize(
    ("role", "status"), [(SUPERVISOR, 200), (MANAGER, 200), (AGENT, 403), (QA, 403)]
)
async def test_n1_the_board_is_for_leads(
    guarded: FastAPI, doors: Doors, role: str, status: int
) -> None:
    token = doors.make_token("program", (role,), 1, "test")
    transport = httpx.ASGITransport(guarded)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url=f"http://{HOST}", headers=headers
    ) as asking:
        assert (await asking.get("/wall")).status_code == status
        first = (await asking.get("/calls")).text
    assert ('href="/wall"' in first) == (status == 200), "nobody is led where they may not go"
