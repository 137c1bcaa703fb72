from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from callcenter.core.errors import CallcenterError, StoreError
from callcenter.core.records import LineState
from callcenter.web.errors import STATUS, sentence
from tests.web.conftest import HOST
from tests.web.fakes import FakeDesk


class Broken(FakeDesk):
    """A desk whose lines cannot be asked."""

    failure: Exception = RuntimeError("secret")

    def lines(self) -> list[LineState]:
        raise self.failure


@pytest.fixture
def client_of_broken(app: FastAPI, desk: FakeDesk) -> httpx.AsyncClient:
    desk.__class__ = Broken
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")


async def test_a_failure_is_one_sentence_without_its_inside(
    client_of_broken: httpx.AsyncClient,
) -> None:
    async with client_of_broken as client:
        answer = await client.get("/api/v1/health")
    assert answer.status_code == 500
    assert list(answer.json()) == ["detail"]
    assert "secret" not in answer.text


async def test_a_database_that_is_away_is_503(
    client_of_broken: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broken, "failure", StoreError("calls.db: disk is full"))
    async with client_of_broken as client:
        answer = await client.get("/api/v1/health")
    assert answer.status_code == 503
    assert answer.json() == {"detail": "calls.db: disk is full"}


async def test_an_unknown_address_under_the_api_is_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}
    assert (await client.delete("/api/v1/live")).status_code in (405, 415)


def test_every_status_is_that_of_one_of_our_errors() -> None:
    assert all(issubclass(kind, CallcenterError) for kind in STATUS)


def test_a_problem_with_the_whole_body_says_so() -> None:
    assert sentence({"loc": ("body",), "msg": "Field required"}) == "body: Field required"
