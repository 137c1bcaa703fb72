"""Logging in over HTTP as an attacker would try it, and what one does with one's own login."""

from __future__ import annotations

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from callcenter.casework.staff.doors import TRIES, Doors
from callcenter.core.people import AGENT, SUPERVISOR
from callcenter.store.sql import Store
from tests.web.access.conftest import GOOD, Enters, account, with_token
from tests.web.conftest import HOST
from tests.web.fakes import START

CHEN = "陈静"
LOGIN = {"person": CHEN, "password": GOOD}


@pytest.fixture
def known(store: Store, doors: Doors) -> str:
    """A person with a password; the cookie of their first session."""
    account(store, CHEN, (SUPERVISOR,))
    return doors.accept(doors.invite(CHEN), CHEN, GOOD)


async def test_a_cookie_that_was_planted_becomes_no_session(
    stranger: httpx.AsyncClient, known: str
) -> None:
    """Session fixation: what the browser had before is never what it has afterwards."""
    stranger.cookies.set("callcenter", "planted", domain=HOST)
    answer = await stranger.post("/api/v1/login", json=LOGIN)
    given = answer.cookies["callcenter"]
    assert given != "planted"
    planted = {"Cookie": "callcenter=planted"}
    stranger.cookies.clear()
    assert (await stranger.get("/api/v1/me", headers=planted)).status_code == 401


async def test_a_new_login_ends_the_one_that_the_browser_had(
    stranger: httpx.AsyncClient, known: str
) -> None:
    had = {"Cookie": f"callcenter={known}"}
    assert (await stranger.get("/api/v1/me", headers=had)).status_code == 200
    answer = await stranger.post("/api/v1/login", json=LOGIN, headers=had)
    assert answer.status_code == 200
    stranger.cookies.clear()
    assert (await stranger.get("/api/v1/me", headers=had)).status_code == 401


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_the_flags_of_the_cookie(app: FastAPI, known: str, scheme: str, secure: bool) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{HOST}") as client:
        answer = await client.post("/api/v1/login", json=LOGIN)
    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= flags
    assert ("secure" in flags) is secure
    assert not any(flag.startswith("domain") for flag in flags)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/login"), ("POST", "/me/password"), ("DELETE", "/me/sessions"),
     ("POST", "/me/second-factor"), ("POST", "/reveals"), ("POST", "/logout")],
)  # fmt: skip
async def test_another_sites_page_does_nothing_with_a_login(
    stranger: httpx.AsyncClient, known: str, headers: dict[str, str], method: str, path: str
) -> None:
    given = headers | {"Cookie": f"callcenter={known}"}
    answer = await stranger.request(method, f"/api/v1{path}", json=LOGIN, headers=given)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    stranger: httpx.AsyncClient, known: str
) -> None:
    told: dict[str, list[tuple[int, str]]] = {CHEN: [], "谁也不是": []}
    for person, answers in told.items():
        for _ in range(TRIES + 1):
            body = {"person": person, "password": "x"}
            answer = await stranger.post("/api/v1/login", json=body)
            answers.append((answer.status_code, answer.text))
    assert told[CHEN] == told["谁也不是"]
    assert len(set(told[CHEN])) == 2, "wrong, and at last locked out"


@pytest.mark.parametrize(
    "body",
    [{}, {"person": CHEN}, LOGIN | {"x": 1}, LOGIN | {"code": "1" * 41}, LOGIN | {"person": ""},
     LOGIN | {"password": "x" * 201}, LOGIN | {"code": None}, LOGIN | {"person": ["a"]}],
)  # fmt: skip
async def test_what_is_no_login_is_refused_without_a_word_of_it(
    stranger: httpx.AsyncClient, body: dict[str, object]
) -> None:
    answer = await stranger.post("/api/v1/login", json=body)
    assert answer.status_code == 422
    assert GOOD not in answer.text


async def test_a_login_with_a_second_factor_says_that_the_code_is_needed(
    stranger: httpx.AsyncClient, known: str, doors: Doors
) -> None:
    mine = {"Cookie": f"callcenter={known}"}
    begun = await stranger.post("/api/v1/me/second-factor", json={"password": GOOD}, headers=mine)
    assert begun.status_code == 201
    secret = begun.json()["secret"]
    assert secret in begun.json()["address"]
    totp = pyotp.TOTP(secret)
    wrong = await stranger.put("/api/v1/me/second-factor", json={"code": "x"}, headers=mine)
    assert wrong.status_code == 422
    step = int(START.timestamp()) // 30
    code = {"code": totp.generate_otp(step)}
    codes = (await stranger.put("/api/v1/me/second-factor", json=code, headers=mine)).json()
    assert (await stranger.get("/api/v1/me/second-factor", headers=mine)).json() == {
        "on": True,
        "codes_left": len(codes["codes"]),
    }
    asked = await stranger.post("/api/v1/login", json=LOGIN)
    assert asked.status_code == 401
    assert asked.json()["code_needed"] is True
    assert "set-cookie" not in asked.headers
    wrong = await stranger.post("/api/v1/login", json=LOGIN | {"code": "000000"})
    assert (wrong.status_code, wrong.json()["code_needed"]) == (401, True)
    right = LOGIN | {"code": totp.generate_otp(step + 1)}
    assert (await stranger.post("/api/v1/login", json=right)).status_code == 200
    off = {"password": GOOD, "code": codes["codes"][0]}
    gone = await stranger.post("/api/v1/me/second-factor/off", json=off, headers=mine)
    assert gone.status_code == 204
    assert (await stranger.post("/api/v1/login", json=LOGIN)).status_code == 200


async def test_codes_that_go_wrong_from_one_address_wait(
    stranger: httpx.AsyncClient, known: str, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.web.api.logins.FROM_ONE_ADDRESS", 2)
    secret = doors.begin_factor(CHEN, GOOD)
    doors.confirm_factor(CHEN, pyotp.TOTP(secret).at(START))
    asked = [(await stranger.post("/api/v1/login", json=LOGIN)).status_code for _ in range(3)]
    assert asked == [401, 401, 401], "who is asked for the code did nothing wrong"
    bad = LOGIN | {"code": "000000"}
    statuses = [(await stranger.post("/api/v1/login", json=bad)).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]


async def test_where_one_is_logged_in_and_signing_out_elsewhere(
    stranger: httpx.AsyncClient, known: str, doors: Doors
) -> None:
    other = doors.enter(CHEN, GOOD, browser="Mozilla/5.0 (Windows) Firefox/128.0")
    mine, theirs = {"Cookie": f"callcenter={known}"}, {"Cookie": f"callcenter={other}"}
    assert (await stranger.get("/api/v1/me", headers=theirs)).status_code == 200
    found = (await stranger.get("/api/v1/me/sessions", headers=mine)).json()
    assert sorted(one["here"] for one in found) == [False, True]
    page = (await stranger.get("/me", headers=mine)).text
    assert "Firefox · Windows" in page
    left = await stranger.request("DELETE", "/api/v1/me/sessions", json={}, headers=mine)
    assert left.status_code == 204
    assert (await stranger.get("/api/v1/me", headers=theirs)).status_code == 401
    assert (await stranger.get("/api/v1/me", headers=mine)).status_code == 200


async def test_a_program_has_no_password_and_no_second_factor(
    stranger: httpx.AsyncClient, doors: Doors
) -> None:
    program = with_token(stranger, doors, AGENT)
    begun = await program.post("/api/v1/me/second-factor", json={"password": "x"})
    assert begun.status_code == 401
    assert (await program.get("/api/v1/me/sessions")).json() == []


async def test_ones_own_page_says_what_one_sees(enters: Enters) -> None:
    page = (await enters("林晓雯", AGENT, agent="6018").get("/me")).text
    assert "自己的" in page
    assert "6018" in page
    assert 'href="/audit"' not in page
    page = (await enters(CHEN, SUPERVISOR, lines=("前台线",)).get("/me")).text
    assert "前台线" in page
    assert 'href="/audit"' in page


async def test_an_account_is_asked_for_with_its_lines(enters: Enters) -> None:
    boss = enters(CHEN, SUPERVISOR, "manager", "admin")
    body = {"person": "吴敏", "roles": ["qa"], "reason": "入职", "lines": ["back"]}
    made = await boss.post("/api/v1/accounts", json=body)
    assert made.json()["lines"] == ["back"]


@pytest.mark.parametrize("path", ["/login", "/enter/"])
async def test_the_door_speaks_english(
    stranger: httpx.AsyncClient, doors: Doors, path: str
) -> None:
    where = path if path == "/login" else path + doors.invite("")
    page = (await stranger.get(where, headers={"Cookie": "language=en"})).text
    assert '<html lang="en">' in page
    assert "Password" in page
