"""Strangers at the gate, people with a session, programs with a token: over the real app."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from callcenter.casework.staff import accounts
from callcenter.casework.staff.doors import Doors
from callcenter.core.people import ADMIN, AGENT, MANAGER, QA, ROLES, SUPERVISOR
from tests.web.access.conftest import GOOD, with_token
from tests.web.fakes import START


async def first(client: httpx.AsyncClient, doors: Doors, name: str = "陈静") -> None:
    """The first to come in, by their link."""
    body = {"person": name, "password": GOOD}
    answer = await client.post(f"/api/v1/invitations/{doors.invite('')}", json=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", ["/api/v1/calls", "/api/v1/events", "/api/v1/nothing"])
async def test_a_stranger_gets_nothing_of_the_api(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 401
    assert "/login" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/review", "/calls/x1", "/docs", "/nothing", "/metrics"])
async def test_a_stranger_who_asks_for_a_page_is_sent_to_the_login(
    stranger: httpx.AsyncClient, path: str
) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


async def test_the_login_and_what_it_needs_are_open(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    told = (await stranger.get("/login?next=//evil.example")).text
    assert 'data-then="/"' in told
    assert "启动服务时打印的链接" in told
    assert (await stranger.get("/static/door/door.js")).status_code == 200
    assert (await stranger.get(f"/enter/{doors.invite('')}")).status_code == 200
    assert (await stranger.get("/enter/wrong")).status_code == 401


async def test_n2_the_first_comes_in_by_the_link_and_opens_accounts_for_others(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    await first(stranger, doors)
    me = (await stranger.get("/api/v1/me")).json()
    assert me == {"name": "陈静", "agent": "", "roles": [ADMIN, MANAGER, SUPERVISOR]}
    wanted = {"person": "林晓雯", "agent": "6018", "roles": ["agent"], "reason": "入职"}
    number = (await stranger.post("/api/v1/accounts", json=wanted)).json()["number"]
    with doors._store.session() as session:
        assert accounts.first(session, "陈静", ROLES, START) == ()
    too_soon = await stranger.post("/api/v1/invitations", json={"person": "林晓雯"})
    assert too_soon.status_code == 422
    assert "no open account" in too_soon.text
    for action in ("approve", "open"):  # nobody else could approve it yet
        step = {"action": action}
        told = await stranger.post(f"/api/v1/accounts/{number}/actions", json=step)
        assert told.status_code == 201
    link = await stranger.post("/api/v1/invitations", json={"person": "林晓雯"})
    assert link.status_code == 201, link.text


async def test_a_cookie_is_kept_from_scripts_and_other_sites(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    body = {"person": "陈静", "password": GOOD}
    answer = await stranger.post(f"/api/v1/invitations/{doors.invite('')}", json=body)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


async def test_logging_out_ends_it_and_logging_in_opens_it_again(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    await first(stranger, doors)
    kept = dict(stranger.cookies)
    json = {"Content-Type": "application/json"}
    assert (await stranger.post("/api/v1/logout", headers=json)).status_code == 204
    stranger.cookies.update(kept)
    assert (await stranger.get("/api/v1/me")).status_code == 401
    stranger.cookies.clear()
    body = {"person": "陈静", "password": GOOD}
    assert (await stranger.post("/api/v1/login", json=body)).status_code == 200
    assert (await stranger.get("/api/v1/me")).status_code == 200
    assert (await stranger.get("/")).status_code == 200


async def test_a_changed_password_opens_a_new_session(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    await first(stranger, doors)
    body = {"old": GOOD, "new": "another good one"}
    assert (await stranger.post("/api/v1/me/password", json=body)).status_code == 200
    assert (await stranger.get("/api/v1/me")).status_code == 200


async def test_too_many_wrong_logins_from_one_address_wait(
    stranger: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.web.api.logins.FROM_ONE_ADDRESS", 2)
    body = {"person": "谁", "password": "wrong"}
    statuses = [(await stranger.post("/api/v1/login", json=body)).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


async def test_nobody_signs_with_another_name(stranger: httpx.AsyncClient, doors: Doors) -> None:
    await first(stranger, doors)
    body = {"person": "甲", "roles": ["agent"], "reason": "入职", "by": "高翔"}
    answer = await stranger.post("/api/v1/accounts", json=body)
    assert answer.status_code == 422
    assert "expected 陈静" in answer.text
    answer = await stranger.post("/api/v1/accounts", json=body | {"by": "陈静"})
    assert answer.json()["opened_by"] == "陈静"


async def test_a_token_does_what_its_roles_may_and_no_more(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    program = with_token(stranger, doors, QA)
    assert (await program.get("/api/v1/calls")).status_code == 200
    refused = await program.get("/api/v1/accounts")
    assert refused.status_code == 403
    assert "open to: admin, manager, supervisor" in refused.json()["detail"]
    assert (await program.get("/api/v1/nothing")).status_code == 404
    page = await program.get("/metrics")
    assert page.status_code == 403
    assert "<html" in page.text


async def test_the_rail_counts_only_what_its_reader_may_see(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    told = (await with_token(stranger, doors, AGENT).get("/parts/counts")).text
    assert "count-blocks" in told
    assert "count-review" not in told


async def test_tokens_are_made_listed_and_taken_back_by_an_administrator(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    await first(stranger, doors)
    made = await stranger.post("/api/v1/tokens", json={"name": "crm", "roles": [AGENT]})
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await stranger.get("/api/v1/me", headers=headers)).json()["name"] == "crm"
    listed = (await stranger.get("/api/v1/tokens")).json()
    assert [token["name"] for token in listed] == ["crm"]
    assert "token" not in listed[0]
    json = {"Content-Type": "application/json"}
    assert (await stranger.delete("/api/v1/tokens/crm", headers=json)).status_code == 204
    assert (await stranger.get("/api/v1/me", headers=headers)).status_code == 401


async def test_what_a_cookie_stands_for_is_asked_again_after_a_while(
    stranger: httpx.AsyncClient, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    await first(stranger, doors)
    assert (await stranger.get("/api/v1/me")).status_code == 200
    monkeypatch.setattr("callcenter.web.access.gate.FRESH_SECONDS", -1.0)
    later = START + timedelta(days=1)
    monkeypatch.setattr(doors, "_now", lambda: later)
    assert (await stranger.get("/api/v1/me")).status_code == 401
