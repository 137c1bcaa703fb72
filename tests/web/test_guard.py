from __future__ import annotations

import httpx
import pytest

from callcenter.web.guard import BODY_BYTES, host_name
from tests.web.conftest import HOST
from tests.web.fakes import FakeDesk

ANSWER = "/api/v1/calls/a/answer"
BODY = {"agent": "6018"}


@pytest.mark.parametrize(
    ("host", "name"),
    [("Desk.test:8080", "desk.test"), ("[::1]:80", "::1"), ("127.0.0.1", "127.0.0.1"), ("", "")],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


async def test_another_host_name_is_not_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/live", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "host name" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/review", "/api/v1/live", "/static/desk.css", "/nowhere"])
async def test_every_answer_carries_the_security_headers(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Origin": f"http://{HOST}:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_cannot_command(
    client: httpx.AsyncClient, desk: FakeDesk, headers: dict[str, str]
) -> None:
    desk.ring("a")
    answer = await client.post(ANSWER, json=BODY, headers=headers)
    assert answer.status_code == 403
    assert desk.commands == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
async def test_our_own_pages_and_programs_command(
    client: httpx.AsyncClient, desk: FakeDesk, headers: dict[str, str]
) -> None:
    desk.ring("a")
    answer = await client.post(ANSWER, json=BODY, headers=headers)
    assert answer.status_code == 200
    assert desk.commands == [("answer", "a", "6018")]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_of_another_page_is_not_json(
    client: httpx.AsyncClient, desk: FakeDesk, kind: str
) -> None:
    desk.ring("a")
    content = b'{"agent":"6018"}'
    answer = await client.post(ANSWER, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert desk.commands == []


async def test_a_body_that_is_too_long_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(ANSWER, json={"agent": "x" * BODY_BYTES})
    assert answer.status_code == 413


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 5000])
async def test_garbage_is_a_validation_error(client: httpx.AsyncClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post(ANSWER, content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert isinstance(answer.json()["detail"], str)
