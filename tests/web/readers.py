"""The app with a login: programs that sign for others, and readers of one role."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from callcenter.bus.local import LocalBus
from callcenter.casework.staff.doors import Doors
from callcenter.core.people import ROLES
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.fakes import FakeSeal
from tests.web.conftest import HOST, HOUSE
from tests.web.fakes import START, FakeDesk


class Readers:
    """Asks the API as a program, and for pages as people of a role see them."""

    def __init__(self, desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path) -> None:
        self._doors = Doors(store, lambda: START, FakeSeal())
        self._tokens: dict[str, str] = {}
        self.app: FastAPI = create_app(
            desk=desk,
            store=store,
            bus=bus,
            recordings=recordings,
            allowed_hosts=[HOST],
            now=lambda: START,
            house=HOUSE,
            doors=self._doors,
        )
        transport = httpx.ASGITransport(self.app)
        self._client = httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")

    async def close(self) -> None:
        await self._client.aclose()

    def _as(self, role: str) -> Mapping[str, str]:
        if role not in self._tokens:
            roles, others = (ROLES, True) if role == "program" else ((role,), False)
            self._tokens[role] = self._doors.make_token(role, roles, 1, "tests", for_others=others)
        return {"Authorization": f"Bearer {self._tokens[role]}"}

    async def post(self, path: str, by: str = "周涛", **body: Any) -> Any:
        """A command in this name."""
        answer = await self._client.post(
            f"/api/v1{path}", json={"by": by, **body}, headers=self._as("program")
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def page(self, path: str, role: str = "supervisor", language: str = "zh") -> str:
        """The page as this role sees it."""
        headers = {**self._as(role), "Cookie": f"language={language}"}
        answer = await self._client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def status(self, path: str, role: str = "supervisor") -> int:
        """How the page is answered."""
        return (await self._client.get(path, headers=self._as(role))).status_code
