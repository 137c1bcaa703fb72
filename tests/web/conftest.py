"""An app over a fake desk, a real store and a real bus; asked in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from callcenter.bus.local import LocalBus
from callcenter.core.house import House
from callcenter.scripts.message_templates import read_templates
from callcenter.scripts.phrases import read_phrases
from callcenter.scripts.scorecards import read_scorecards
from callcenter.scripts.talks import read_talks
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.web.fakes import START, FakeDesk

HOST = "desk.test"
HOUSE = House(
    "佳和",
    "4008200001",
    templates=read_templates(),
    talks=read_talks(),
    phrases=read_phrases(),
    scorecards=read_scorecards(),
)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    kept = Store(database)
    yield kept
    kept.close()


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
def desk(store: Store, bus: LocalBus) -> FakeDesk:
    return FakeDesk(store, bus)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


@pytest.fixture
def app(desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path) -> FastAPI:
    return create_app(
        desk=desk,
        store=store,
        bus=bus,
        recordings=recordings,
        allowed_hosts=[HOST],
        now=lambda: START,
        house=HOUSE,
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as asking:
        yield asking
