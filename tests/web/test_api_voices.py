"""How agents' sound stands, and a browser that becomes a headset, by the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from callcenter.core.errors import NotNow, Refused
from callcenter.core.ports import Gone, Leg
from callcenter.core.records import Level, VoiceState
from callcenter.desk.agents import ReadsAlong
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.fakes import FakeLeg
from tests.web.fakes import START, FakeDesk


class FakeBrowser:
    """A BrowserVoice that answers every offer but one."""

    async def open(self, gone: Gone) -> Leg:
        return FakeLeg()

    def state(self) -> VoiceState:
        return VoiceState("browser", "connected", "", Level(-6.0, -9.0))

    async def close(self) -> None: ...

    async def connect(self, offer: str) -> str:
        if offer == "bad":
            raise Refused("this is no offer of a headset")
        return f"answer to {offer}"


class FakeHeadset:
    """A LocalVoice; in a call where `busy`."""

    device = "USB"
    busy = False

    async def open(self, gone: Gone) -> Leg:
        return FakeLeg()

    def state(self) -> VoiceState:
        return VoiceState("headset")

    async def close(self) -> None: ...

    async def try_out(self) -> VoiceState:
        if self.busy:
            raise NotNow("this headset is in use")
        return VoiceState("headset", "idle", "USB Headset", Level(-6.0, -9.0))


@pytest.fixture
def app(desk: FakeDesk, store: Store, recordings: Path) -> Any:
    voices = {"6018": FakeBrowser(), "6007": ReadsAlong(), "6009": FakeHeadset()}
    what: dict[str, Any] = {"desk": desk, "store": store, "bus": desk.bus, "voices": voices}
    hosts = ["desk.test"]
    return create_app(**what, recordings=recordings, allowed_hosts=hosts, now=lambda: START)


async def test_how_a_voice_stands_and_how_loud_it_is(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/agents/6018/voice")).json()
    quiet = {"peak": -96.0, "rms": -96.0}
    loud = {"peak": -6.0, "rms": -9.0}
    what = {"kind": "browser", "state": "connected", "detail": ""}
    assert told == {**what, "microphone": loud, "ear": quiet, "device": ""}
    for who in ("6007", "somebody"):
        told = (await client.get(f"/api/v1/agents/{who}/voice")).json()
        assert (told["kind"], told["state"]) == ("none", "idle")


@pytest.mark.parametrize(
    ("who", "body", "status", "told"),
    [
        ("6018", {"sdp": "v=0"}, 200, "answer to v=0"),
        ("6018", {"sdp": "bad"}, 422, "no offer of a headset"),
        ("6018", {"sdp": "x" * 40_000}, 422, "sdp"),
        ("6018", {}, 422, "sdp"),
        ("6007", {"sdp": "v=0"}, 409, "has no headset at the browser"),
        ("nobody", {"sdp": "v=0"}, 409, "has no headset at the browser"),
    ],
)
async def test_a_page_offers_itself_as_a_headset(
    client: httpx.AsyncClient, who: str, body: dict[str, str], status: int, told: str
) -> None:
    answer = await client.post(f"/api/v1/agents/{who}/voice", json=body)
    assert answer.status_code == status
    assert told in answer.text


async def test_a_headset_at_this_machine_is_tried(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/api/v1/agents/6009/voice")).json()["device"] == "USB"
    answer = await client.post("/api/v1/agents/6009/voice/echo", json={})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["device"], told["detail"]) == ("USB", "USB Headset")
    assert told["microphone"] == {"peak": -6.0, "rms": -9.0}
    monkeypatch.setattr(FakeHeadset, "busy", True)
    here = "has no headset at this machine"
    for who, why in (("6009", "in use"), ("6018", here), ("nobody", here)):
        refused = await client.post(f"/api/v1/agents/{who}/voice/echo", json={})
        assert refused.status_code == 409
        assert why in refused.text
