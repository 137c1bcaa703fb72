"""The replay page of who judges, and of who is judged."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from callcenter.bus.local import LocalBus
from callcenter.casework.staff.doors import Doors
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.fakes import FakeSeal
from tests.web.conftest import HOST, HOUSE
from tests.web.fakes import START, FakeDesk, enquiry


async def page(desk: FakeDesk, store: Store, *roles: str) -> str:
    """The page of call e, to who has these roles; to anybody where there are none."""
    doors = Doors(store, lambda: START, FakeSeal()) if roles else None
    app = create_app(
        desk=desk,
        store=store,
        bus=LocalBus(),
        recordings=Path(),
        allowed_hosts=[HOST],
        now=lambda: START,
        house=HOUSE,
        doors=doors,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        if doors is not None:
            name = "6018" if roles == ("agent",) else "郑岚"  # agents see calls of their own
            token = doors.make_token(name, roles, 1, "test")
            client.headers["Authorization"] = f"Bearer {token}"
        answer = await client.get("/calls/e")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("role", ["qa", "supervisor", "manager"])
async def test_who_judges_gets_the_tools(desk: FakeDesk, store: Store, role: str) -> None:
    enquiry(desk, "e", START)
    text = await page(desk, store, role)
    assert 'data-judges="yes" data-ready="yes"' in text
    assert 'id="comment-form"' in text
    assert 'id="judge"' not in text, "who is logged in signs with their own name"


async def test_where_nobody_logs_in_the_name_is_asked_for(desk: FakeDesk, store: Store) -> None:
    enquiry(desk, "e", START)
    assert 'id="judge"' in await page(desk, store)


async def test_an_agent_reads_only(desk: FakeDesk, store: Store) -> None:
    enquiry(desk, "e", START)
    text = await page(desk, store, "agent")
    assert 'data-judges=""' in text
    assert 'id="scores"' in text
    for tool in ("comment-form", "judge"):
        assert f'id="{tool}"' not in text


async def test_a_call_that_nobody_answered_is_not_scored(desk: FakeDesk, store: Store) -> None:
    desk.ring("e")
    text = await page(desk, store, "qa")
    assert 'data-judges="yes" data-ready=""' in text
    for tab in ("comments", "coaching", "appeal", "records"):
        assert f'id="tab-{tab}" aria-controls="{tab}"' in text
        assert f'id="{tab}" aria-labelledby="tab-{tab}"' in text
