"""A whole service for a test, on ports of its own, and its API through a real HTTP client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from callcenter.app import Service, open_service
from callcenter.config import AgentConfig, Config, DeskConfig, LineConfig, WebConfig
from callcenter.core.people import ROLES
from callcenter.core.ports import AgentVoice
from callcenter.core.records import Agent
from callcenter.demo.scenarios import Scenario, scenarios
from callcenter.sip.line.sip_line import SipLine

AGENT = Agent("1001", "小李")
LONGEST_SECONDS = 60.0


def config_in(folder: Path, **changes: Any) -> Config:
    """Everything in `folder`, free ports, an agent without sound."""
    return Config(
        data=str(folder / "data"),
        recordings=str(folder / "recordings"),
        web=WebConfig(port=0),
        line=(LineConfig(port=0),),
        agent=(AgentConfig(number=AGENT.number, name=AGENT.name, voice="none"),),
        desk=DeskConfig(silence_seconds=30),
    ).model_copy(update=changes)


class Running:
    """A running service and a client of its API."""

    def __init__(self, service: Service, api: httpx.AsyncClient, config: Config) -> None:
        self.service = service
        self.api = api
        self.config = config

    @property
    def uri(self) -> str:
        return f"sip:95000@127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return self.service.lines["main"].port

    async def get(self, path: str) -> Any:
        answer = await self.api.get(f"/api/v1{path}")
        answer.raise_for_status()
        return answer.json()

    async def post(self, path: str, **body: Any) -> Any:
        answer = await self.api.post(f"/api/v1{path}", json=body)
        if answer.is_error:
            raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
        return answer.json()

    async def live(self, state: str) -> dict[str, Any]:
        """The live call that is in this state; waits for it."""
        return await self.until(
            lambda: self.get("/live"),
            lambda told: next((c for c in told["calls"] if c["state"] == state), None),
        )

    async def ended(self, call_id: str) -> dict[str, Any]:
        """The call as it is kept, once its end and its recording are written."""
        return await self.until(
            lambda: self.kept(call_id), lambda call: call if call and call["ended_at"] else None
        )

    async def kept(self, call_id: str) -> Any:
        """The call as it is kept; None in the tenth of a second in which it is not yet."""
        answer = await self.api.get(f"/api/v1/calls/{call_id}")
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    async def until(self, ask: Any, find: Any) -> Any:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not (found := find(await ask())):
                await asyncio.sleep(0.05)  # between two questions, not instead of one
        return found


@asynccontextmanager
async def running(
    config: Config, voices: Iterable[tuple[Agent, AgentVoice]] | None = None
) -> AsyncIterator[Running]:
    async with open_service(config, voices) as service:
        assert service.doors is not None
        name = f"tests {config.node.name}".strip()
        token = service.doors.make_token(name, ROLES, 1, "tests", for_others=True)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=service.web_url, headers=headers, trust_env=False
        ) as api:
            yield Running(service, api, config)


@asynccontextmanager
async def phone() -> AsyncIterator[SipLine]:
    """A telephone for simulated callers."""
    line = SipLine("callers", "127.0.0.1", 0)
    await line.start(lambda call: call.reject())
    try:
        yield line
    finally:
        await line.close()


def scenario(name: str) -> Scenario:
    return next(s for s in scenarios() if s.name == name)
