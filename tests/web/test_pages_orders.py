"""The pages of work orders, complaints and follow-ups: what is shown, to whom, and nothing of what
a hostile value would do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from callcenter.casework.orders.moves import MOVES
from callcenter.core.events import RecordStepped
from callcenter.core.people import AGENT, QA, SUPERVISOR
from callcenter.core.visitor import Visitor
from callcenter.store.trail import Entry
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.records import forms, stages
from callcenter.web.pages.records.course import course
from callcenter.web.pages.records.deadlines import Deadline, spell
from tests.web.fakes import START, FakeDesk, enquiry
from tests.web.test_pages import HOSTILE, page

API = "/api/v1"
PHONE = "13800006127"
HOUR = timedelta(hours=1)
DETAILS = {
    "title": "冰箱不制冷",
    "content": "修了三次",
    "place": "烟台",
    "concerned": "王秀芝",
    "happened_at": START.isoformat(),
    "phone": PHONE,
}


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(API + path, json={"by": "周涛", **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def order(client: httpx.AsyncClient, at: datetime = START, **given: Any) -> str:
    """A work order that is worked on, with a word given for in two hours."""
    made = await post(client, "/work-orders", type="repair", **{**DETAILS, **given})
    path = f"/work-orders/{made['number']}/actions"
    due = (at + 2 * HOUR).isoformat()
    await post(client, path, action="wrap_up", due_at=due)
    await post(client, path, action="accept")
    return str(made["number"])


async def complaint(client: httpx.AsyncClient, *plans: str, **given: Any) -> str:
    """A complaint that waits for the choice of one of these plans."""
    told = {"complainant": "王秀芝", "content": "修了三次", "wanted": "换新机", "phone": PHONE}
    made = await post(client, "/complaints", **{**told, "category": "quality", **given})
    path = f"/complaints/{made['number']}/actions"
    due = (START + HOUR).isoformat()
    await post(client, path, action="acknowledge", process_told="先核实", feedback_due_at=due)
    founded = {"judgement": "属实", "department": "售后部", "investigate_by": due}
    await post(client, path, action="found", **founded)
    cause = {"cause": "电容缺陷", "responsible": "孔凡林", "impact": "误工", "loss_fen": 42000}
    await post(client, path, action="investigate", **cause)
    for n, measures in enumerate(plans):
        plan = {"measures": measures, "owner": "物流部", "due_at": due, "cost_fen": 338000 + n}
        await post(client, path, action="propose", **plan)
    return str(made["number"])


async def test_an_empty_register_says_what_will_appear(client: httpx.AsyncClient) -> None:
    assert "没有符合的工单" in await page(client, "/orders")
    assert "没有符合的投诉" in await page(client, "/complaints")
    assert "没有要回访的" in await page(client, "/follow-ups")


async def test_the_register_of_orders_is_filtered(client: httpx.AsyncClient) -> None:
    number = await order(client)
    other = (await post(client, "/work-orders", type="enquiry"))["number"]
    text = await page(client, "/orders")
    assert text.index(f'href="/orders/{other}"') < text.index(f'href="/orders/{number}"')
    assert "138 •••• 6127" in text
    assert PHONE not in text
    assert "还有 2 时 0 分" in text
    assert "到底了" in text
    for asked in ("state=in_progress", "due=today", "owner=周涛&type=repair", "text=冰箱"):
        text = await page(client, f"/orders?{asked}")
        assert f'href="/orders/{number}"' in text, asked
        assert f'href="/orders/{other}"' not in text, asked
    for asked in ("due=overdue", "alarm=true", "owner=6018", "text=没有"):
        assert "没有符合的工单" in await page(client, f"/orders?{asked}"), asked
    await page(client, "/orders?state=none", 422)
    assert "没有符合" in await page(client, "/orders", params={"text": HOSTILE[:64]})


async def test_the_register_goes_on_where_the_page_before_ended(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    for n in range(52):
        fields = {"type": "enquiry", "due_at": START - n * HOUR}
        what = ("work_order", f"WO-{n:02d}", "open", "周涛", "pending", 0, fields)
        desk.books.write(RecordStepped("", START - n * HOUR, *what))
    text = await page(client, "/orders")
    assert "WO-49" in text
    assert "WO-50" not in text
    text = await page(client, "/orders?after=WO-49")
    assert "WO-50" in text
    assert "WO-49<" not in text
    text = await page(client, "/orders?due=overdue&after=WO-02")
    assert "WO-01" in text
    assert "WO-02<" not in text
    assert "WO-00" in await page(client, "/orders?after=none")


async def test_one_order_says_where_it_stands_and_what_can_be_done(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "e1", START - HOUR, "冰箱坏了")
    number = await order(client)
    await client.put(f"{API}/calls/e1/work-order", json={"number": number, "agent": "周涛"})
    text = await page(client, f"/orders/{number}")
    assert text.count('class="done"') == 2
    assert text.count('aria-current="step"') == 1
    assert 'href="/calls/e1"' in text
    assert "承诺 答复" in text
    for action in ("solve", "propose", "issue"):
        assert f'id="{action}"' in text
    for action in ("chase", "dispatch", "contact", "escalate", "correct", "close"):
        assert f'id="ask-{action}"' in text
    assert 'id="decide"' not in text
    await page(client, "/orders/WO-none", 404)


async def test_e4_a_proposal_is_decided_beside_it_and_not_by_who_made_it(
    client: httpx.AsyncClient,
) -> None:
    number = await order(client, severe=True)
    await post(client, f"/work-orders/{number}/actions", action="propose", proposal="换新机")
    text = await page(client, f"/orders/{number}")
    assert 'data-action="approve"' in text
    assert 'id="ask-approve"' not in text


async def test_c10_plans_with_their_costs_stand_to_choose_from(client: httpx.AsyncClient) -> None:
    number = await complaint(client, "换同型号新机", "换压缩机")
    text = await page(client, f"/complaints/{number}")
    assert "A 换同型号新机" in text
    assert "B 换压缩机" in text
    assert "3,380</b>" in text
    assert text.count('name="chosen"') == 2
    assert 'data-action="approve"' in text
    assert "损失 420 元" in text
    assert "138 •••• 6127" in text
    text = await page(client, "/complaints?state=open&category=quality&text=换新机")
    assert f'href="/complaints/{number}"' in text
    assert PHONE not in text
    assert "没有符合的投诉" in await page(client, "/complaints?severity=major")


async def test_a_hostile_record_stays_text(client: httpx.AsyncClient) -> None:
    number = await complaint(client, HOSTILE, content=HOSTILE, wanted=HOSTILE, complainant=HOSTILE)
    order_number = await order(client, title=HOSTILE, content=HOSTILE, place=HOSTILE)
    plan = {"reason": "other", "customer": HOSTILE, "content": HOSTILE, "phone": "13900000001"}
    follow_up = (await post(client, "/follow-ups", **plan))["number"]
    kept = (f"/complaints/{number}", f"/orders/{order_number}", f"/follow-ups/{follow_up}")
    for path in (*kept, "/orders", "/complaints", "/follow-ups"):
        text = await page(client, path)
        assert "&lt;script&gt;" in text, path
        assert HOSTILE[:20] not in text, path


async def test_f8_a_follow_up_asks_the_questions_and_is_by_day(client: httpx.AsyncClient) -> None:
    plan = {"reason": "complaint", "customer": "王秀芝", "about": "CP-1", "phone": PHONE}
    number = (await post(client, "/follow-ups", **plan))["number"]
    path = f"/follow-ups/{number}/actions"
    assert "您投诉的问题（CP-1）处理结果您收到了吗？" in await page(client, "/follow-ups")
    await post(client, path, action="allot", agent="周涛")
    text = await page(client, "/follow-ups?agent=周涛&reason=complaint")
    assert "data-begins" in text
    assert f'href="/follow-ups/{number}?agent=%E5%91%A8%E6%B6%9B&amp;reason=complaint"' in text
    await post(client, path, action="begin", agreed=True)
    text = await page(client, f"/follow-ups/{number}")
    assert text.count("data-question=") == 3
    assert 'name="satisfied"' in text
    await post(client, path, action="not_reached", result="占线")
    assert number in await page(client, "/follow-ups?view=missed")
    for view in ("overdue", "today", "unallotted", "done"):
        assert "没有要回访的" in await page(client, f"/follow-ups?view={view}")


@pytest.mark.parametrize(
    ("roles", "approves", "solves"),
    [({SUPERVISOR}, True, True), ({AGENT}, False, True), ({QA}, False, False)],
)
def test_the_steps_are_those_of_the_readers_roles(
    roles: set[str], approves: bool, solves: bool
) -> None:
    row = type("Row", (), {"state": "in_progress"})()
    token = ASKING.set(Visitor("某人", frozenset(roles)))
    try:
        found = forms.offers("work_order", MOVES, row, forms.of_order)
    finally:
        ASKING.reset(token)
    assert ("approve" in found) is approves
    assert ("solve" in found) is solves


async def test_the_search_leads_to_the_record(client: httpx.AsyncClient) -> None:
    leads = {
        "wo-20261122-0001": "/orders/WO-20261122-0001",
        "CP-1": "/complaints/CP-1",
        "FU-1": "/follow-ups/FU-1",
        "CU-1": "/customers/CU-1",
        "HC-1": "/cases/HC-1",
        "138 0000 6127": "/calls?number=13800006127",
        "": "/calls",
        "c-1": "/calls/c-1",
    }
    for wanted, place in leads.items():
        answer = await client.get("/search", params={"q": wanted}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, place)


async def test_the_search_finds_a_customer_by_name_and_orders_by_words(
    client: httpx.AsyncClient,
) -> None:
    number = await order(client)
    customer = await post(client, "/customers", name="远达公司", numbers=["13900000002"])

    async def leads(wanted: str) -> str:
        answer = await client.get("/search", params={"q": wanted}, follow_redirects=False)
        return str(answer.headers["location"])

    assert await leads("远达") == f"/customers/{customer['number']}"
    assert await leads("冰箱不制冷") == f"/orders/{number}"
    await order(client)
    assert (await leads("冰箱不制冷")).startswith("/orders?text=")


async def test_a_figure_of_a_report_leads_to_what_it_counts(client: httpx.AsyncClient) -> None:
    number, about = await order(client), await complaint(client, "换新机")
    plan = {"reason": "other", "customer": "王秀芝", "phone": "13900000001"}
    follow_up = (await post(client, "/follow-ups", **plan))["number"]
    since, late = (START - HOUR).isoformat(), (START + 90 * HOUR).isoformat()
    shown = {
        "/orders": (number, {"what": "reply", "kept": "false", "due_since": since}, {"what": "x"}),
        "/complaints": (about, {"founded": "true", "opened_since": since}, {"closed": "true"}),
        "/follow-ups": (follow_up, {"due_since": since, "state": "due"}, {"due_since": late}),
    }
    for path, (there, those, others) in shown.items():
        answer = await page(client, path, params=those)
        assert f'href="{path}/{there}' in answer
        assert "只看报表数到的" in answer
        assert f'href="{path}/{there}' not in await page(client, path, params=others)


async def test_the_pages_speak_english(client: httpx.AsyncClient) -> None:
    number = await complaint(client, "换新机")
    english = {"Cookie": "language=en"}
    text = (await client.get(f"/complaints/{number}", headers=english)).text
    for told in ("Receipt", "Send back", "Approve the plan", "Propose another plan", "left</span>"):
        assert told in text
    assert "投诉受理" not in text
    assert "Anybody" in (await client.get("/follow-ups", headers=english)).text


async def test_the_rail_counts_what_is_late(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    fields = {"type": "enquiry", "due_at": START - HOUR}
    what = ("work_order", "WO-1", "open", "周涛", "pending", 0, fields)
    desk.books.write(RecordStepped("", START - HOUR, *what))
    text = await page(client, "/parts/counts")
    assert 'id="count-orders" hx-swap-oob="true">1<' in text


def test_time_left_is_told_in_two_units() -> None:
    assert [spell(timedelta(minutes=one)) for one in (0, 59, 132, 5 * 1440 + 61)] == [
        "0 分",
        "59 分",
        "2 时 12 分",
        "5 天 1 时",
    ]
    late = Deadline(START - HOUR, START - 2 * HOUR, START)
    assert (late.told, late.used, late.ring) == ("超时 1 时 0 分", 100, "176 176")
    near = Deadline(START + 18 * HOUR / 60, START - HOUR, START)
    assert (near.told, near.short, near.passed) == ("还有 18 分", "18分", False)
    assert Deadline(START, START, START).used == 100


def entry(n: int, action: str, state: str, changes: str = "{}") -> Entry:
    return Entry(
        at=START + n * HOUR,
        person="周涛",
        kind="complaint",
        number="CP-1",
        version=n + 1,
        action=action,
        state=state,
        changes=changes,
    )


def test_what_was_done_reads_as_words_erased_or_not() -> None:
    told = '{"judgement": "属实", "department": "售后部"}'
    trail = [entry(0, "register", "received", ""), entry(1, "found", "assessed", told)]
    trail.append(entry(2, "propose", "investigated", '{"proposals": [{"measures": "换新机"}]}'))
    trail.append(entry(3, "report", "investigated", '["no object"]'))
    assert [one.said for one in course("complaint", trail)] == ["", "换新机", "属实", ""]


def test_a_round_that_begins_anew_is_not_done_any_more() -> None:
    states = ("received", "acknowledged", "assessed", "investigated", "approved", "investigated")
    trail = [entry(n, "approve", state) for n, state in enumerate(states)]
    found = stages.of_complaint("investigated", trail)
    assert [one.stands for one in found] == ["done"] * 3 + ["now"] + ["next"] * 2
    assert found[2].step is not None
    unfounded = [entry(n, "reply", state) for n, state in enumerate(("unfounded", "followed_up"))]
    found = stages.of_complaint("followed_up", unfounded)
    assert [one.step is None for one in found] == [True, False, True, True, True, True]
