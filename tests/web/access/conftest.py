"""The app behind its doors, and people and programs to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from callcenter.bus.local import LocalBus
from callcenter.casework.staff import accounts
from callcenter.casework.staff.doors import Doors
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests import passwords
from tests.fakes import FakeSeal
from tests.web.conftest import HOST, HOUSE
from tests.web.fakes import START, FakeDesk

GOOD = "a good password"
Enters = Callable[..., httpx.AsyncClient]


@pytest.fixture
def doors(store: Store, monkeypatch: pytest.MonkeyPatch) -> Doors:
    passwords.cheap(monkeypatch)
    return Doors(store, lambda: START, FakeSeal())


@pytest.fixture
def app(desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path, doors: Doors) -> FastAPI:
    return create_app(
        desk=desk,
        store=store,
        bus=bus,
        recordings=recordings,
        allowed_hosts=[HOST],
        now=lambda: START,
        house=HOUSE,
        doors=doors,
    )


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as asking:
        yield asking


def with_token(client: httpx.AsyncClient, doors: Doors, *roles: str) -> httpx.AsyncClient:
    token = doors.make_token("program", roles, 1, "test")
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def account(
    store: Store, person: str, roles: tuple[str, ...], agent: str = "", lines: tuple[str, ...] = ()
) -> None:
    """An open account."""
    with store.session() as session:
        facts = accounts.first(session, person, roles, START)
    facts[0].changes.update(agent=agent, lines=list(lines))
    SqlBooks(store).write(*facts)


@pytest.fixture
async def enters(app: FastAPI, store: Store, doors: Doors) -> AsyncIterator[Enters]:
    """Open an account and a session, without a password: a client with that person's cookie."""
    opened: list[httpx.AsyncClient] = []

    def enter(
        person: str, *roles: str, agent: str = "", lines: tuple[str, ...] = ()
    ) -> httpx.AsyncClient:
        account(store, person, roles, agent, lines)
        with store.session(write=True) as session:
            cookie = doors._open(session, person, "test")
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")
        client.cookies.set("callcenter", cookie)
        opened.append(client)
        return client

    yield enter
    for client in opened:
        await client.aclose()
