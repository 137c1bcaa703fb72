from __future__ import annotations

import httpx
import pytest

from tests.web.fakes import START, FakeDesk, enquiry

API = "/api/v1/reports/service"


@pytest.mark.parametrize("form", ["xlsx", "pdf", "csv"])
async def test_r12_the_report_in_every_form(client: httpx.AsyncClient, form: str) -> None:
    answer = await client.get(API, params={"period": "month", "form": form})
    assert answer.status_code == 200
    assert f"service-month.{form}" in answer.headers["content-disposition"]


async def test_r1_a_figure_leads_to_its_calls(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "c1", START)
    told = (await client.get(API, params={"at": START.isoformat()})).json()
    cell = told["tables"][0]["rows"][0][1]
    found = await client.get("/api/v1/" + cell["counts"])
    assert len(found.json()["calls"]) == cell["value"] == 1
    by_agent = {"agent": "nobody"}
    assert (await client.get("/api/v1/calls", params=by_agent)).json()["calls"] == []
    assert (await client.get(API, params={"period": "hour"})).status_code == 422
