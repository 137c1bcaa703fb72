"""What leaves as a file says no whole telephone number, unless a lead says why; and who leads some
lines has the reports, the day and the finds of these alone."""

from __future__ import annotations

import io
from datetime import timedelta

import httpx
import pytest
from openpyxl import load_workbook

from callcenter.core import events as ev
from callcenter.core.people import MANAGER, QA, SUPERVISOR
from callcenter.store import trail
from callcenter.store.sql import Store
from callcenter.store.trail import Wanted
from tests.web.access.conftest import Enters
from tests.web.fakes import START, FakeDesk, harassment
from tests.web.test_pages_people import HOSTILE

PHONE = "13800006127"
HARASSMENT = "/api/v1/reports/harassment"


async def cells(client: httpx.AsyncClient, path: str, **asked: str) -> str:
    """Every text of a workbook."""
    answer = await client.get(path, params={"form": "xlsx", "period": "month", **asked})
    assert answer.status_code == 200, answer.text
    book = load_workbook(io.BytesIO(answer.content))
    rows = (row for page in book for row in page.iter_rows(values_only=True))
    return "\n".join(str(cell) for row in rows for cell in row if cell is not None)


@pytest.fixture
def known(desk: FakeDesk) -> None:
    """Harassment from a number, and a complaint that says one."""
    harassment(desk, "h", START - timedelta(minutes=5), None)


@pytest.mark.usefixtures("known")
async def test_numbers_in_files_are_hidden_and_whole_for_a_lead_with_a_reason(
    enters: Enters, store: Store
) -> None:
    lead, judge = enters("陈静", SUPERVISOR), enters("吴敏", QA)
    for client in (lead, judge):
        told = await cells(client, HARASSMENT)
        assert "138****6127" in told
        assert PHONE not in told
    assert PHONE in await cells(lead, HARASSMENT, reason="报警用")
    refused = await judge.get(HARASSMENT, params={"form": "xlsx", "reason": "想看"})
    assert refused.status_code == 403
    assert PHONE in (await lead.get(HARASSMENT, params={"reason": "报警用"})).text
    assert PHONE not in (await lead.get(HARASSMENT, params={"reason": "  "})).text
    with store.session() as session:
        shown = trail.find(session, Wanted(action="reveal"))
    told = [(one.person, one.kind, one.number) for one in shown]
    assert told == [("陈静", "reports", "harassment")], "the clock stands: one entry"
    assert '"reason": "报警用"' in shown[0].changes
    assert "号码完整…" in (await lead.get("/reports/harassment")).text
    assert "号码完整…" not in (await judge.get("/reports/harassment")).text


async def test_what_people_wrote_is_hidden_in_files_too(enters: Enters) -> None:
    lead = enters("陈静", SUPERVISOR)
    path = "/api/v1/handovers"
    drawn = (await lead.post(path, json={"shift": "早班"})).json()
    added = {"action": "add", "sort": "special", "text": f"王女士 {PHONE} 请回电 {HOSTILE[:40]}"}
    await lead.post(f"{path}/{drawn['number']}/actions", json=added)
    told = await cells(lead, f"{path}/{drawn['number']}/paper")
    assert "王女士 138****6127 请回电 <script>" in told
    whole = await cells(lead, f"{path}/{drawn['number']}/paper", reason="打印后当面交接")
    assert PHONE in whole


@pytest.fixture
def two_lines(desk: FakeDesk) -> None:
    """A call on each of two lines, each with its work order."""
    for n, line in enumerate(("front", "back")):
        call(desk, line, f"1380000100{n}", line)


def call(desk: FakeDesk, call_id: str, number: str, line: str) -> None:
    at = START - timedelta(minutes=10)
    for event in (
        ev.CallRang(call_id, at, number, "4008200001", line),
        ev.CallAnswered(call_id, at + timedelta(seconds=5), "6018"),
        ev.CallEnded(call_id, at + timedelta(minutes=1), "caller", "answered", "ordinary"),
    ):
        desk.tell(event)


def figure(sheet: dict[str, object], name: str) -> object:
    """The first figure of this name in a report's first table."""
    rows = sheet["tables"][0]["rows"]  # type: ignore[index]
    return next(row[1]["value"] for row in rows if row[0]["value"] == name)


@pytest.mark.usefixtures("two_lines")
async def test_who_leads_a_line_has_its_figures_everywhere(enters: Enters) -> None:
    for name, lines, count in (("甲", (), 2), ("乙", ("front",), 1), ("丙", ("nowhere",), 0)):
        lead = enters(name, SUPERVISOR, lines=lines)
        sheet = (await lead.get("/api/v1/reports/service", params={"period": "day"})).json()
        assert figure(sheet, "来电") == count
        assert (await lead.get("/api/v1/floor")).json()["today"]["offered"] == count
        today = (await lead.get("/api/v1/floor/today")).json()
        assert sum(one["offered"] for one in today["hotlines"]) == count
        orders = (await lead.get("/api/v1/work-orders")).json()
        assert len(orders) == count
        listed = (await lead.get("/orders")).text
        assert sum(f'href="/orders/{one["number"]}"' in listed for one in orders) == count


@pytest.mark.usefixtures("two_lines")
async def test_what_came_of_other_lines_is_as_if_it_were_not_there(
    enters: Enters, desk: FakeDesk
) -> None:
    every, front = enters("总经理", MANAGER), enters("陈静", SUPERVISOR, lines=("front",))
    numbers = {one["number"] for one in (await every.get("/api/v1/work-orders")).json()}
    (mine,) = (one["number"] for one in (await front.get("/api/v1/work-orders")).json())
    (theirs,) = numbers - {mine}
    assert (await front.get(f"/api/v1/work-orders/{mine}")).status_code == 200
    assert (await front.get(f"/api/v1/work-orders/{theirs}")).status_code == 404
    assert (await front.get(f"/orders/{theirs}")).status_code == 404
    free = {"type": "enquiry", "title": "邮件来的", "content": "要发票"}
    opened = await front.post("/api/v1/work-orders", json=free)
    assert opened.status_code == 201, "an order without a call is everybody's"
    assert (await front.get("/api/v1/reports/built")).json() == []
    assert (await front.get("/api/v1/reports/built/RP-1/pdf")).status_code == 404
    for call_id, line in (("x", "front"), ("y", "back")):
        call(desk, call_id, "13900000001", line)
    case = (await every.post("/api/v1/cases", json={"calls": ["x", "y"]})).json()
    export = await front.post(f"/api/v1/cases/{case['number']}/export", json={})
    assert export.status_code == 422
    assert "lines that you do not work with" in export.json()["detail"]
