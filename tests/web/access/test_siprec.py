"""SIPREC metadata by the API: who may have it, and whose number is told whole."""

from __future__ import annotations

import httpx
import pytest

from callcenter.core.events import CallRang
from callcenter.core.people import AGENT, MANAGER, QA
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from tests.web.access.conftest import Enters
from tests.web.fakes import START, FakeDesk, harassment

URL = "/api/v1/calls/h/siprec"


@pytest.fixture(autouse=True)
def kept(desk: FakeDesk) -> None:
    harassment(desk, "h", START, None)


async def test_its_number_is_hidden_from_all_but_a_lead_who_says_why(enters: Enters) -> None:
    judge, lead = enters("何评", QA), enters("陈静", MANAGER)
    hidden = await judge.get(URL)
    assert hidden.headers["content-type"] == "application/rs-metadata+xml"
    assert "****" in hidden.text
    assert (await judge.get(URL, params={"reason": "好奇"})).status_code == 403
    assert "****" in (await lead.get(URL)).text
    whole = await lead.get(URL, params={"reason": "移交档案"})
    assert "tel:+86" in whole.text
    assert "****" not in whole.text


async def test_it_is_for_those_who_judge_calls(enters: Enters) -> None:
    assert (await enters("王芳", AGENT).get(URL)).status_code == 403


async def test_a_call_that_is_not_over_has_none_yet(enters: Enters, store: Store) -> None:
    SqlBooks(store).write(CallRang("now", START, "13800000001", "95000", "main"))
    lead = enters("陈静", MANAGER)
    answer: httpx.Response = await lead.get("/api/v1/calls/now/siprec")
    assert answer.status_code == 409
    assert (await lead.get("/api/v1/calls/none/siprec")).status_code == 404
