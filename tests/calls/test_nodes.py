"""Several nodes over one PostgreSQL server: what one knows the other shows, and does for it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter import app
from callcenter.app import open_service
from callcenter.config import AgentConfig, Config, RecognitionConfig, StoreConfig
from callcenter.config.node import NodeConfig
from callcenter.core import events as ev
from callcenter.core import nodes
from callcenter.core.errors import ConfigError
from callcenter.core.keeping import CALL, SOUND
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Frame, VoiceState
from callcenter.desk.agents import NoSound
from callcenter.store import directory
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.calls.service import Running, config_in, phone, running
from tests.postgresql import needs_postgresql
from tests.waiting import until

pytestmark = needs_postgresql
AGENTS = tuple(AgentConfig(number=n, name=n, voice="none") for n in ("1001", "1002"))
NUMBER = "13800006127"
SAID, CALLED = (struct.pack("<160h", *[level, -level] * 80) for level in (9000, 5000))


def loud(pcm: bytes) -> bool:
    return max(map(abs, struct.unpack("<160h", pcm))) > 2000


@pytest.fixture
def url(postgresql_server) -> Iterator[str]:
    with postgresql_server.lent() as url:
        yield url


def config_of(name: str, folder: Path, url: str) -> Config:
    """A node without a model: it starts at once."""
    return config_in(
        folder / name,
        agent=AGENTS,
        store=StoreConfig(url=url),
        node=NodeConfig(name=name),
        recognition=RecognitionConfig(model=str(folder / "none")),
    )


@asynccontextmanager
async def two(folder: Path, url: str) -> AsyncIterator[tuple[Running, Running]]:
    async with running(config_of("a", folder, url)) as a, running(config_of("b", folder, url)) as b:
        yield a, b


def state(node: Running, agent: str) -> str:
    return next(one.state.value for one in node.service.desk.presence() if one.agent == agent)


async def test_a_call_of_one_node_is_shown_and_commanded_on_the_other(tmp_path: Path, url: str):
    async with two(tmp_path, url) as (a, b), phone() as caller:
        call = await caller.dial(a.uri, NUMBER)
        rings = await b.live("ringing")
        assert (rings["node"], rings["caller_number"]) == ("a", NUMBER)
        path = f"/calls/{rings['call_id']}"
        told = [(one["name"], one["calls"]) for one in await b.get("/nodes")]
        assert told == [("b", 0), ("a", 1)]
        page = (await b.api.get("/staff/settings")).text
        assert "b · 本机" in page
        assert "a · " in page
        assert await b.post(f"{path}/answer", agent="1001") == {
            "call_id": rings["call_id"],
            "state": "talking",
        }
        await call.answered()
        await until(lambda: state(b, "1001") == "on_call")
        await b.post(f"{path}/join", agent="1002", mode="listen")
        joined = await b.until(lambda: b.live("talking"), lambda one: one["joined"])
        assert [one["person"] for one in joined] == ["1002"]
        other = await caller.dial(b.uri, "13800006128")
        busy = await b.live("ringing")
        refused = await b.api.post(
            f"/api/v1/calls/{busy['call_id']}/answer", json={"agent": "1001"}
        )
        assert refused.status_code == 409
        assert refused.json()["detail"].endswith("of node a")
        other.hang_up()
        await b.post(f"{path}/terminate", agent="1001", prompt="line_fault")
        kept = await b.ended(rings["call_id"])
        assert (kept["ended_by"], kept["disposition"]) == ("system", "harassment")
        await b.until(lambda: b.kept(rings["call_id"]), lambda told: told["recording"])
        here, there = [await one.api.get(f"/api/v1{path}/recording") for one in (a, b)]
        assert here.content == there.content, "it is played from wherever it lies"
        assert len(here.content) > 44
        part = await b.api.get(f"/api/v1{path}/recording", headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, b"RIFF")
        assert (await b.get(f"{path}/recording/integrity"))["state"] == "intact"
        folder, erased = Path(a.config.recordings), (CALL, (rings["call_id"],), SOUND, "V", "王芳")
        await b.service.desk.record(ev.Cleared("", datetime.now(UTC), *erased))
        await until(lambda: not [*folder.glob("*/*/*/*.wav")])
        await until(lambda: state(a, "1001") == state(b, "1001") == "ready")
        assert (await b.get("/live"))["calls"] == []


async def test_where_an_agent_stands_and_who_is_blocked_is_one_for_all(tmp_path: Path, url: str):
    async with running(config_of("a", tmp_path, url)) as a:
        await a.post("/agents/1001/state", state="break", reason="用餐", by="1001")
        async with running(config_of("b", tmp_path, url)) as b, phone() as caller:
            await until(lambda: state(b, "1001") == "break")
            await b.post("/agents/1001/state", state="ready", by="1001")
            await until(lambda: state(a, "1001") == "ready")
            with a.service.store.session(write=True) as session:
                at = datetime.now(UTC)
                directory.add_block(session, NUMBER, by="王芳", reason="辱骂", at=at)
            await caller.dial(b.uri, NUMBER)
            assert (await a.live("analysis"))["node"] == "b", "a blocked caller reaches nobody"
        assert state(a, "1001") == "ready", "who ends while another goes on signs nobody out"


async def test_the_calls_of_a_dead_node_are_closed_by_one_other(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(nodes, "DEAD_SECONDS", 2.0)
    store = Store(url)
    at = datetime.now(UTC)
    with store.session(write=True) as session:
        SqlBooks(store).enter(
            session,
            ev.CallRang("c1", at, NUMBER, "95000", "main", node="dead"),
            ev.CallAnswered("c1", at, "1001"),
            ev.AgentChanged("c1", at, "1001", "on_call", "", "1001"),
        )
    store.close()
    async with two(tmp_path, url) as (a, b):
        kept = await b.ended("c1")
        assert (kept["call_result"], kept["ended_by"]) == ("interrupted", "system")
        await until(lambda: state(a, "1001") == state(b, "1001") == "ready")


async def test_two_machines_with_one_name_are_refused(tmp_path: Path, url: str):
    async with running(config_of("a", tmp_path, url)):
        with pytest.raises(ConfigError, match="another machine runs as 'a'"):
            await asyncio.to_thread(asyncio.run, begin(config_of("a", tmp_path / "2", url)))


async def begin(config: Config) -> None:
    async with open_service(config):
        """It does not come so far."""


class Headset:
    """A browser's headset that says one tone and keeps what it hears; core.ports.BrowserVoice."""

    def __init__(self, state: str) -> None:
        self._state = state
        self.heard: set[bytes] = set()

    async def open(self, gone: Gone) -> Leg:
        return Sounding(self.heard)

    def state(self) -> VoiceState:
        return VoiceState("browser", self._state)

    async def connect(self, offer: str) -> str:
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing outlives a call."""


class Sounding(NoSound):
    """The leg of such a headset."""

    def __init__(self, heard: set[bytes]) -> None:
        self._heard = heard

    def receive(self, start: int) -> Frame:
        return Frame(start, SAID)

    def send(self, frame: Frame) -> bool:
        self._heard.add(frame.pcm)
        return True


async def test_an_agent_at_the_headset_of_one_node_talks_in_a_call_of_another(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
):
    here, there = Headset("idle"), Headset("connected")
    left = iter((here, there))

    def voices(config: Config, *rest: object) -> dict[str, Headset]:
        return {"1001": next(left), "1002": Headset("idle")}

    monkeypatch.setattr(app, "voices_of", voices)
    async with two(tmp_path, url) as (a, b), phone() as caller:
        call = await caller.dial(a.uri, NUMBER)
        rings = await b.live("ringing")
        await b.post(f"/calls/{rings['call_id']}/answer", agent="1001")
        await call.answered()

        def both_hear() -> bool:
            call.leg.send(Frame(0, CALLED))
            return loud(call.leg.receive(0).pcm) and any(map(loud, there.heard))

        await until(both_hear)
        assert not here.heard
        refused = await b.api.post("/api/v1/calls", json={"agent": "1001", "number": caller_of(b)})
        assert refused.status_code == 409, "whose sound is lent has no other call"
        call.hang_up()
        await b.ended(rings["call_id"])
        await until(lambda: state(b, "1001") == "ready")


def caller_of(node: Running) -> str:
    return f"sip:1@127.0.0.1:{node.port}"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life come faster than in life."""
    monkeypatch.setattr(nodes, "BEAT_SECONDS", 0.2)
