from __future__ import annotations

import hashlib
from pathlib import Path
from typing import get_args

import httpx
import pytest

from callcenter.casework.reports.catalogue import REPORTS
from callcenter.core.events import RecordStepped
from callcenter.web.api.reports import Name
from tests.web.fakes import START, FakeDesk, enquiry

API = "/api/v1/reports/service"


@pytest.mark.parametrize("form", ["xlsx", "pdf", "csv"])
async def test_r12_the_report_in_every_form(client: httpx.AsyncClient, form: str) -> None:
    answer = await client.get(API, params={"period": "month", "form": form})
    assert answer.status_code == 200
    assert f"service-month-2026-11-01.{form}" in answer.headers["content-disposition"]


async def test_r1_what_was_built_by_itself_is_listed_and_fetched(
    client: httpx.AsyncClient, desk: FakeDesk, tmp_path: Path
) -> None:
    file = tmp_path / "r.pdf"
    file.write_bytes(b"%PDF-1.4 ...")
    kept = {"form": "pdf", "path": str(file), "bytes": 12}
    kept["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    fields = {"name": "service", "period": "day", "since": START, "until": START, "title": "日报"}
    what = ("report", "RP-1", "build", "system", "built", 0, {**fields, "files": [kept]})
    desk.books.write(RecordStepped("", START, *what))
    (listed,) = (await client.get("/api/v1/reports/built?name=service")).json()
    assert (listed["number"], listed["title"], listed["forms"]) == ("RP-1", "日报", ["pdf"])
    assert str(tmp_path) not in str(listed)
    fetched = await client.get("/api/v1/reports/built/RP-1/pdf")
    assert fetched.content == file.read_bytes()
    assert "day-service-RP-1.pdf" in fetched.headers["content-disposition"]
    for wrong in ("RP-1/xlsx", "RP-9/pdf"):
        assert (await client.get(f"/api/v1/reports/built/{wrong}")).status_code == 404


async def test_r1_a_figure_leads_to_its_calls(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "c1", START)
    told = (await client.get(API, params={"at": START.isoformat()})).json()
    cell = told["tables"][0]["rows"][0][1]
    found = await client.get("/api/v1/" + cell["counts"])
    assert len(found.json()["calls"]) == cell["value"] == 1
    by_agent = {"agent": "nobody"}
    assert (await client.get("/api/v1/calls", params=by_agent)).json()["calls"] == []
    assert (await client.get(API, params={"period": "hour"})).status_code == 422


def test_every_report_of_the_catalogue_can_be_asked_for() -> None:
    assert set(get_args(Name)) == set(REPORTS)
