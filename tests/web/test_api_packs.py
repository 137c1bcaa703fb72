"""Packs that are opened, checked and adopted over the API: real files, a real trail."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from callcenter.bus.local import LocalBus
from callcenter.casework import rule_books
from callcenter.casework.staff.doors import Doors
from callcenter.scripts.book import PACKS, Book
from callcenter.store import trail
from callcenter.store.sql import Store
from callcenter.trials import ChildTrials
from callcenter.web.app import create_app
from tests import passwords
from tests.commands.test_backtest import DRAFT, INSULT
from tests.fakes import FakeSeal
from tests.web.conftest import HOST
from tests.web.fakes import START, FakeDesk

URL = "/api/v1/rules"
OTHER = INSULT.replace('"insult"', '"other"', 1)


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "h.toml").write_text(INSULT, "utf-8")
    (folder / "h.toml").chmod(0o640)
    (tmp_path / "secret.toml").write_text(INSULT, "utf-8")
    return folder


@pytest.fixture
def book(packs: Path) -> Book:
    return Book(packs)


@pytest.fixture
def doors(store: Store, monkeypatch: pytest.MonkeyPatch) -> Doors:
    passwords.cheap(monkeypatch)
    return Doors(store, lambda: START, FakeSeal())


@pytest.fixture
async def client(
    desk: FakeDesk, store: Store, bus: LocalBus, tmp_path: Path, book: Book, doors: Doors
) -> AsyncIterator[httpx.AsyncClient]:
    """A supervisor's."""
    app = create_app(
        desk=desk,
        store=store,
        bus=bus,
        recordings=tmp_path,
        allowed_hosts=[HOST],
        now=lambda: START,
        rules=ChildTrials(book, tmp_path / "packs", tmp_path / "calls.db"),
        doors=doors,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url=f"http://{HOST}",
        headers=bearing(doors, "陈静", "supervisor"),
    ) as asking:
        yield asking


def bearing(doors: Doors, name: str, *roles: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {doors.make_token(name, roles, 1, 'test')}"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lying(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


def steps(store: Store) -> list[tuple[str, str]]:
    with store.session() as session:
        assert trail.verify(session).broken_at == 0
        found = trail.of(session, rule_books.KIND, rule_books.NUMBER)
        return [(step.action, step.person) for step in found]


async def test_a_pack_is_opened_changed_and_signed_once(
    client: httpx.AsyncClient, packs: Path, store: Store, desk: FakeDesk, book: Book
) -> None:
    for fact in rule_books.taken_up(store, book.files(), START):
        desk.tell(fact)
    opened = (await client.get(f"{URL}/h.toml")).json()
    assert opened == {"name": "h.toml", "toml": INSULT, "sha256": sha256(INSULT)}
    wish = {"text": DRAFT + "# 4008200001 13800000001\r\n", "seen": opened["sha256"]}
    put = await client.put(f"{URL}/h.toml", json=wish)
    assert put.status_code == 200, put.text
    lies = DRAFT + "# 4008200001 13800000001\n"
    assert (packs / "h.toml").read_bytes().decode() == put.json()["toml"] == lies
    assert (packs / "h.toml").stat().st_mode & 0o777 == 0o640
    assert book.refresh()
    assert rule_books.taken_up(store, book.files(), START) == []
    again = await client.put(f"{URL}/h.toml", json=wish)  # a double click
    assert again.json() == put.json()
    assert steps(store) == [("take_up", "system"), ("edit", "陈静")]
    late = await client.put(f"{URL}/h.toml", json={"text": INSULT, "seen": opened["sha256"]})
    assert late.status_code == 409
    assert "h.toml was changed by 陈静 at 2" in late.json()["detail"]
    new = await client.put(f"{URL}/新.toml", json={"text": OTHER})
    assert new.status_code == 200, new.text
    assert (packs / "新.toml").stat().st_mode & 0o777 == 0o600
    assert sorted(lying(packs)) == ["h.toml", "新.toml"]


@pytest.mark.parametrize(
    ("name", "body", "status", "told"),
    [
        ("h.toml", {"text": DRAFT}, 409, "h.toml is there already; open it first"),
        ("h.toml", {"text": DRAFT, "seen": "0" * 64}, 409, "h.toml was changed; open it again"),
        ("h.toml", {"text": DRAFT, "seen": "x"}, 422, "seen"),
        ("n.toml", {"text": OTHER, "seen": "0" * 64}, 409, "open it again"),
        ("n.toml", {"text": "group = "}, 422, "n.toml: not TOML"),
        ("n.toml", {"text": INSULT}, 422, "stands in h.toml too"),
        ("n.toml", {"text": "x" * (256 * 1024 + 1)}, 422, "text"),
        ("n.toml", {"text": OTHER, "by": "别人"}, 422, "by"),
        ("..%2Fsecret.toml", {"text": OTHER}, 404, ""),
        ("../secret.toml", {"text": OTHER}, 404, ""),
        ("..toml", {"text": OTHER}, 422, "file"),
        (".part", {"text": OTHER}, 422, "file"),
        ("a%00.toml", {"text": OTHER}, 422, "file"),
        ("a%0A.toml", {"text": OTHER}, 422, "file"),
        ("a b.toml", {"text": OTHER}, 422, "file"),
        ("n" * 90 + ".toml", {"text": OTHER}, 422, "file"),
    ],
)
async def test_what_is_refused_changes_nothing(
    client: httpx.AsyncClient,
    packs: Path,
    store: Store,
    name: str,
    body: dict[str, Any],
    status: int,
    told: str,
) -> None:
    answer = await client.put(f"{URL}/{name}", json=body)
    assert (answer.status_code, told in answer.json()["detail"]) == (status, True), answer.text
    assert lying(packs) == {"h.toml": INSULT}
    assert (packs.parent / "secret.toml").read_text("utf-8") == INSULT
    assert steps(store) == []


async def test_half_a_character_is_no_text(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    for method, url in (("PUT", f"{URL}/n.toml"), ("POST", f"{URL}/check")):
        sent = await client.request(method, url, content=b'{"text": "\\ud800"}', headers=headers)
        assert sent.status_code == 422


@pytest.mark.parametrize("name", ["..%2Fsecret.toml", "no.toml", "h.toml%00", "..", "backtest"])
async def test_what_is_no_pack_is_not_opened(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"{URL}/{name}")).status_code in (404, 307)


@pytest.mark.parametrize(
    ("text", "rules", "error", "line"),
    [
        (DRAFT, 1, "", 0),
        ("", 0, "group is None", 0),
        ('group = "harassment"\n[[rule]\n', 0, "not TOML", 2),
        (INSULT + "[[rule]]\ncategory = 1\n", 0, "rule 2: name is None", 7),
        (INSULT.replace("harassment", "rude"), 0, "group is 'rude'", 1),
        (INSULT.replace("severity", "loudness"), 0, "unknown key 'loudness'", 5),
        (INSULT + "\n\n[[ rule ]]\nname = 7\n", 0, "rule 2: name is 7", 10),
    ],
)
async def test_a_draft_is_checked_with_its_line(
    client: httpx.AsyncClient, packs: Path, text: str, rules: int, error: str, line: int
) -> None:
    told = (await client.post(f"{URL}/check", json={"name": "h.toml", "text": text})).json()
    assert (told["rules"], told["line"]) == (rules, line), told
    assert error in told["error"]
    assert (packs / "h.toml").read_text("utf-8") == INSULT


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("admin", 403), ("qa", 200)])
async def test_who_may(client: httpx.AsyncClient, doors: Doors, role: str, status: int) -> None:
    client.headers.update(bearing(doors, "某人", role))
    wish = {"text": DRAFT, "seen": sha256(INSULT)}
    assert (await client.put(f"{URL}/h.toml", json=wish)).status_code == status
    assert (await client.get(f"{URL}/h.toml")).status_code == status
    assert (await client.post(f"{URL}/check", json={"text": OTHER})).status_code == status


async def test_the_bundled_packs_are_not_changed_in_place(
    client: httpx.AsyncClient, packs: Path
) -> None:
    shelf = ChildTrials(Book(), PACKS, packs / "none").packs
    assert shelf.fixed
    client._transport.app.state.back_tests.trials.packs = shelf  # type: ignore[attr-defined]
    opened = (await client.get(f"{URL}/suggestion.toml")).json()
    wish = {"text": opened["toml"] + "#", "seen": opened["sha256"]}
    refused = await client.put(f"{URL}/suggestion.toml", json=wish)
    assert refused.status_code == 422
    assert "name it as packs in [scripts]" in refused.json()["detail"]
    assert (PACKS / "suggestion.toml").read_text("utf-8") == opened["toml"]
