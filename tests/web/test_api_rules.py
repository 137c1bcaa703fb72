"""The rules and their back-tests over a port that does what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from callcenter.bus.local import LocalBus
from callcenter.casework.reviews.backtest import as_dict, back_test
from callcenter.core.errors import PackError, TrialFailed
from callcenter.core.trials import Draft, HeardCall, Judged, RuleInForce
from callcenter.store.sql import Store
from callcenter.web.app import create_app
from tests.web.conftest import HOST
from tests.web.fakes import START, FakeDesk, harassment

INSULT = RuleInForce("harassment.toml", "sexual-07", "sexual", "harassment", 4, "说下流话")
HOSTILE = RuleInForce("x.toml", "<script>alert(1)</script>", "insult", "harassment", 3, "骂人")
URL = "/api/v1/rules/backtest"


class Nothing:
    """core.trials.Rules that find nothing."""

    def listed(self) -> Sequence[RuleInForce]:
        return [INSULT]

    def judge(self, call: HeardCall) -> Judged:
        return Judged("ordinary")


class FakeTrials:
    """core.ports.RuleTrials; a run waits until `go` is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[Draft | None, int]] = []
        self.began = asyncio.Event()
        self.go = asyncio.Event()
        self.fails = ""
        self.bad: list[str] = []

    @property
    def packs(self) -> Any:
        return self

    fixed = False

    def listed(self) -> Sequence[RuleInForce]:
        return [INSULT, HOSTILE]

    def problems(self) -> Sequence[str]:
        return self.bad

    def check(self, draft: Draft) -> int:
        if "bad" in draft.text:
            raise PackError(f"{draft.name}: rule 1: unknown key 'bad'")
        return 1

    async def back_test(
        self, draft: Draft | None, limit: int, progress: Callable[[int, int], None]
    ) -> Mapping[str, Any]:
        self.asked.append((draft, limit))
        progress(3, limit)
        self.began.set()
        await self.go.wait()
        if self.fails:
            raise TrialFailed(self.fails)
        return as_dict(back_test([], Nothing(), Nothing() if draft else None))


@pytest.fixture
def trials() -> FakeTrials:
    return FakeTrials()


@pytest.fixture
async def client(
    desk: FakeDesk, store: Store, bus: LocalBus, recordings: Path, trials: FakeTrials
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        desk=desk,
        store=store,
        bus=bus,
        recordings=recordings,
        allowed_hosts=[HOST],
        now=lambda: START,
        rules=trials,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as asking:
        yield asking


async def over(client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    """What it says when it no longer runs."""
    while (told := (await client.get(f"{URL}/{id}")).json())["state"] == "running":
        await asyncio.sleep(0)
    return dict(told)


async def test_the_rules_with_their_hits(
    client: httpx.AsyncClient, desk: FakeDesk, trials: FakeTrials
) -> None:
    harassment(desk, "h", START, None)
    trials.bad = ["x.toml: not TOML"]
    told = (await client.get("/api/v1/rules")).json()
    assert told["rules"][0] == {
        "file": "harassment.toml",
        "name": "sexual-07",
        "category": "sexual",
        "group": "harassment",
        "severity": 4,
        "why": "说下流话",
        "hits": 1,
    }
    assert told["rules"][1]["hits"] == 0
    assert told["problems"] == ["x.toml: not TOML"]


async def test_one_at_a_time_with_its_progress(
    client: httpx.AsyncClient, trials: FakeTrials
) -> None:
    body = {"name": "h.toml", "text": "group = 1", "calls": 50}
    started = await client.post(URL, json=body)
    assert started.status_code == 202
    await trials.began.wait()
    id = started.json()["id"]
    told = (await client.get(f"{URL}/{id}")).json()
    assert (told["state"], told["done"], told["of"], told["outcome"]) == ("running", 3, 50, None)
    busy = await client.post(URL, json=body)
    assert busy.status_code == 503
    assert busy.json()["detail"].startswith("a back-test is running (3 of 50 calls done)")
    assert trials.asked == [(Draft("h.toml", "group = 1"), 50)]
    trials.go.set()
    told = await over(client, id)
    assert (told["state"], told["draft_file"]) == ("done", "h.toml")
    assert told["outcome"]["draft"]["labels"]["harassment"]["recall"]["value"] is None
    again = await client.post(URL, json={})
    assert again.status_code == 202
    assert (await over(client, again.json()["id"]))["outcome"]["draft"] is None
    assert trials.asked[-1] == (None, 1000)
    assert (await client.get(f"{URL}/{id}")).status_code == 404


async def test_one_that_fails_says_why_and_makes_room(
    client: httpx.AsyncClient, trials: FakeTrials
) -> None:
    trials.fails = "c.toml: not TOML"
    trials.go.set()
    started = await client.post(URL, json={})
    told = await over(client, started.json()["id"])
    assert (told["state"], told["error"]) == ("failed", "c.toml: not TOML")
    assert (await client.post(URL, json={})).status_code == 202


async def test_a_bad_draft_is_refused_and_nothing_runs(
    client: httpx.AsyncClient, trials: FakeTrials
) -> None:
    refused = await client.post(URL, json={"name": "d.toml", "text": "bad"})
    assert refused.status_code == 422
    assert refused.json() == {"detail": "d.toml: rule 1: unknown key 'bad'"}
    assert trials.asked == []
    assert (await client.post(URL, json={})).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {"name": "../h.toml", "text": "x"},
        {"name": "h.txt", "text": "x"},
        {"name": "a\nb.toml", "text": "x"},
        {"calls": 0},
        {"calls": 20_001},
        {"calls": "many"},
        {"text": "x" * (256 * 1024 + 1)},
        {"other": 1},
    ],
)
async def test_a_wish_that_makes_no_sense(
    client: httpx.AsyncClient, trials: FakeTrials, body: dict[str, object]
) -> None:
    assert (await client.post(URL, json=body)).status_code == 422
    assert trials.asked == []


async def test_a_long_draft_is_let_in_an_endless_one_is_not(client: httpx.AsyncClient) -> None:
    assert (await client.post(URL, json={"text": "长" * 250_000})).status_code == 202
    assert (await client.post(URL, json={"text": "长" * 700_000})).status_code == 413


async def test_what_never_was(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{URL}/none")).status_code == 404


async def test_the_page(client: httpx.AsyncClient, desk: FakeDesk, trials: FakeTrials) -> None:
    harassment(desk, "h", START, None)
    trials.bad = ["z.toml: <b>not TOML"]
    text = (await client.get("/rules")).text
    for part in ("harassment.toml", "sexual-07", "骚扰 · 低俗", "说下流话", "还没有回测"):
        assert part in text
    assert "旧规则仍在用：z.toml: &lt;b&gt;not TOML" in text
    assert "<script>alert" not in text
    assert ' aria-current="page">' in text
    for forbidden in (" style=", " onclick=", "https://"):
        assert forbidden not in text
    for part in text.split('"'):
        if part.startswith("/static/"):
            assert (await client.get(part.partition("#")[0])).status_code == 200, part


async def test_the_page_knows_the_last_one(client: httpx.AsyncClient, trials: FakeTrials) -> None:
    started = await client.post(URL, json={})
    assert f'data-last="{started.json()["id"]}"' in (await client.get("/rules")).text


async def test_without_rules_it_says_so(desk: FakeDesk, store: Store, tmp_path: Path) -> None:
    app = create_app(
        desk=desk,
        store=store,
        bus=desk.bus,
        recordings=tmp_path,
        allowed_hosts=[HOST],
        now=lambda: START,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as asking:
        assert (await asking.get("/api/v1/rules")).status_code == 503
        assert "no rules are shown here" in (await asking.get("/rules")).text
