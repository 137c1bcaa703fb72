"""The pages of the reports: what they show, who may see what, and where each figure leads."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from callcenter.casework.paper.sheet import Figure, Table
from callcenter.casework.reports.catalogue import REPORTS
from callcenter.casework.reports.periods import Period
from callcenter.casework.staff.doors import Doors
from callcenter.core.events import RecordStepped, RecoveryBreakEnded, RecoveryBreakTaken
from callcenter.core.people import QA, SUPERVISOR
from callcenter.store.sql import Store
from callcenter.web.access.visiting import ASKING
from callcenter.web.app import create_app
from callcenter.web.pages.language import say, speaking
from callcenter.web.pages.reports.leads import leads_to, page_of
from tests.fakes import FakeSeal
from tests.web.conftest import HOST, HOUSE
from tests.web.fakes import START, FakeDesk, enquiry, harassment
from tests.web.test_drill_down import call, week
from tests.web.test_pages import HOSTILE, page

HARASSMENT = "/reports/harassment"
MONTH = {"period": "month", "at": START.isoformat()}


def links(text: str, inside: str = "") -> list[tuple[str, str]]:
    """The addresses that the page leads to, and what stands there; of one table where named."""
    within = re.search(rf'<table[^>]*id="{inside}".*?</table>', text, re.DOTALL)
    found = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>([^<]+)</a>', within[0] if within else text)
    return [(unescape(where), told) for where, told in found]


async def test_the_shelf_lists_every_report_and_what_was_built(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    text = await page(client, "/reports")
    assert "还没有定时生成的报表" in text
    for name in REPORTS:
        assert f'href="/reports/{name}"' in text
    fields = {"name": "service", "period": "day", "since": START, "until": START, "title": HOSTILE}
    files = [{"form": "pdf", "path": "/x.pdf", "bytes": 1, "sha256": ""}]
    what = ("report", "RP-1", "build", "system", "built", 0, {**fields, "files": files})
    desk.books.write(RecordStepped("", START, *what))
    text = await page(client, "/reports")
    assert 'href="/api/v1/reports/built/RP-1/pdf"' in text
    assert "/x.pdf" not in text
    assert "<script>alert" not in text


def english(text: str) -> str:
    with speaking("en"):
        return say(text)


async def test_every_word_of_the_papers_is_in_the_catalogue(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    week(desk)
    for name in REPORTS:
        sheet = (await client.get(f"/api/v1/reports/{name}", params=MONTH)).json()
        said = {fact["name"] for fact in sheet["facts"]} - {"期间"}
        for table in sheet["tables"]:
            said |= {table["title"], *table["columns"]}
            said |= {table["note"]} if "分钟；" not in table["note"] else set()
        assert [one for one in said if one and english(one) == one] == [], name
    told = (await client.get("/reports/service", headers={"Cookie": "language=en"})).text
    assert "Answered within three rings" in told
    assert "三声内接起率" not in told


async def check_counts(client: httpx.AsyncClient, text: str) -> None:
    """Every figure leads to a page; where that says how many it lists, to as many."""
    for where, told in links(text):
        if "_since=" in where or where.startswith("/reports/counts/"):
            shown = await page(client, where)
            many = re.search(r'id="counted"><b>(\d+)', shown)
            assert many is None or not told.isdigit() or many[1] == told, where


async def test_every_report_is_drawn_with_its_time_and_files(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    week(desk)
    month = f"{Period.of('month', START).since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for name in REPORTS:
        text = await page(client, f"/reports/{name}", params=MONTH)
        assert "2026-11-01 – 2026-11-30" in text
        file = f"/api/v1/reports/{name}?period=month&amp;at={month}&amp;form=pdf"
        assert f'href="{file}"' in text
        assert " style=" not in text
        await check_counts(client, text)
    chosen = {"first": "2026-11-20", "last": "2026-11-22"}
    text = await page(client, "/reports/handovers", params=chosen)
    assert "first=2026-11-17&amp;last=2026-11-19" in text
    await page(client, "/reports/handovers?first=yesterday", 422)


async def test_a_report_that_follows_the_days_is_drawn_as_a_line(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "a", START)
    enquiry(desk, "b", START - timedelta(days=1))
    text = await page(client, "/reports/service", params=MONTH)
    assert 'data-chart="lines"' in text
    assert text.count("data-series") == 1
    assert 'data-chart="lines"' not in await page(client, "/reports/service")


async def test_h6_each_cell_of_the_heat_map_leads_to_its_calls(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    """Twice at one hour of a Sunday, once three hours later, once an hour later on the Saturday."""
    for n, hours in enumerate((0, 0, 3, -23)):
        harassment(desk, f"h{n}", START + timedelta(hours=hours, seconds=n), None)
    enquiry(desk, "e", START)
    text = await page(client, HARASSMENT, params=MONTH)
    cells = links(text, "heat")
    assert sorted(told for _, told in cells) == [*"1111122", "3", "4"]
    for where, told in cells:
        shown = await page(client, where)
        assert f"<b>{told} 通</b>" in shown
        assert len(re.findall(r'href="/calls/h\d"', shown)) == int(told)
    assert f"周日 {START.astimezone().hour} 时最高" in text


async def test_h12_h24_what_works_and_who_bears_it(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    week(desk)
    harassment(desk, "h", START, None)
    desk.tell(RecoveryBreakTaken("h", START + timedelta(minutes=3), "6018"))
    desk.tell(RecoveryBreakEnded("h", START + timedelta(minutes=9), "6018"))
    text = await page(client, HARASSMENT, params=MONTH)
    assert "区间宽" in text
    assert "不用于考核" in text
    assert re.search(r'title="提供 1 次，休了 1 次，共 6 分">1 / 1<', text)
    for where, told in links(text):
        if where.startswith("/calls?") and told.strip().isdigit():
            assert f"<b>{told.strip()} 通</b>" in await page(client, where), where


async def test_h24_what_agents_bear_is_for_who_leads_them(
    desk: FakeDesk, store: Store, tmp_path: Path
) -> None:
    harassment(desk, "h", START, None)
    doors = Doors(store, lambda: START, FakeSeal())
    app = create_app(
        desk=desk, store=store, bus=desk.bus, recordings=tmp_path, allowed_hosts=[HOST],
        now=lambda: START, house=HOUSE, doors=doors,
    )  # fmt: skip
    path = "/api/v1/reports/harassment"
    for role, sees in ((SUPERVISOR, True), (QA, False)):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as asking:
            token = doors.make_token(f"program-{role}", (role,), 1, "test")
            asking.headers["Authorization"] = f"Bearer {token}"
            text = await page(asking, HARASSMENT)
            sheet = (await asking.get(path)).json()
            assert (await asking.get("/api/v1/reports/exposure")).status_code == (
                200 if sees else 403
            )
        assert ("座席受扰" in text) is sees
        assert ("座席承受" in [table["title"] for table in sheet["tables"]]) is sees


async def test_an_empty_month_says_so(client: httpx.AsyncClient) -> None:
    text = await page(client, HARASSMENT, params=MONTH)
    assert "这段时间没有。" in text
    assert "data-at=" not in text


async def test_a_list_that_needs_a_time_says_so(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    call(desk, "c", 0, "harassment")
    assert "need since and until" in await page(client, "/calls?hour=22", 422)
    for wrong in ("hour=24", "weekday=7", "rung=other", "after=x", "since=today"):
        await page(client, f"/calls?{wrong}", 422)
    year = "since=2020-01-01T00:00:00Z&until=2026-01-01T00:00:00Z"
    assert "400 days" in await page(client, f"/calls?{year}&rung=analysis", 422)
    now = f"since={(START - timedelta(days=1)):%Y-%m-%dT%H:%M:%SZ}&until=2026-11-23T00:00:00Z"
    text = await page(client, f"/calls?{now}&weekday=0")
    assert "没有这样的通话" in text
    assert "周一" in text


@pytest.mark.parametrize(
    ("counts", "where"),
    [
        ("calls?agent=6018", "/calls?agent=6018"),
        ("work-orders/WO-1", "/orders/WO-1"),
        ("handovers/HO-1", "/handovers/HO-1"),
        ("complaints/a/b", "/complaints/a%2Fb"),
        ("nothing?x=1", ""),
        ("", ""),
        ("//evil", ""),
    ],
)
def test_where_a_figure_leads(counts: str, where: str) -> None:
    assert ASKING.get().name == ""
    assert page_of(counts) == where


def test_nothing_leads_nowhere() -> None:
    assert leads_to(Figure(0, "calls?x=1")) == ""
    assert leads_to(Figure(None, "calls?x=1")) == ""
    assert leads_to("words") == ""
    assert leads_to(Figure(3, "calls?x=1")) == "/calls?x=1"
    assert Table("x", (), ()).series is False
