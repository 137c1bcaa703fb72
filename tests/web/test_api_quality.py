from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from sqlalchemy import select

from callcenter.core import events as ev
from callcenter.core.records import Party, Segment
from callcenter.core.visitor import Visitor
from callcenter.store.quality_tables import Coaching
from callcenter.store.sql import Store
from callcenter.web.access.visiting import ASKING
from callcenter.web.api import coaching, evaluations
from tests.web.fakes import START, FakeDesk

API = "/api/v1"
SAID = (
    (Party.AGENT, 500, 3500, "您好，佳和客服，请问有什么可以帮您？"),
    (Party.CALLER, 4000, 8000, "我的冰箱修了三次还是不制冷"),
    (Party.AGENT, 15_000, 19_000, "您是说冰箱修了三次还是不制冷，对吗？"),
    (Party.CALLER, 20_000, 21_000, "对"),
    (Party.AGENT, 21_500, 23_000, "我马上报修，再见"),
)


@pytest.fixture
def call(desk: FakeDesk) -> str:
    at = START - timedelta(hours=3)
    desk.books.write(
        ev.CallRang("c1", at, "13800006127", "4008200001", "demo"),
        ev.CallAnswered("c1", at + timedelta(seconds=6), "6007"),
        *(
            ev.SegmentHeard("c1", at, Segment(party, start, end, text))
            for party, start, end, text in SAID
        ),
        ev.CallEnded("c1", at + timedelta(seconds=66), "caller", "answered", "ordinary"),
    )
    return "c1"


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{API}/{path}", json={"by": "郑岚", **body})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def used(client: httpx.AsyncClient) -> str:
    """The shipped scorecard, in use."""
    number: str = (await post(client, "scorecards", template="standard"))["number"]
    await post(client, f"scorecards/{number}/actions", by="李主管", action="use")
    return number


async def test_r6_the_form_builder_over_the_api(client: httpx.AsyncClient) -> None:
    shipped = (await client.get(f"{API}/scorecards/templates")).json()["standard"]
    made = await post(client, "scorecards", template="standard", name="投诉专线", pass_mark=85)
    assert (made["state"], made["name"], made["pass_mark"]) == ("draft", "投诉专线", 85)
    assert made["sections"] == shipped["sections"]
    assert made["possible"] == ["edit", "use", "drop"]
    own = [{"title": "态度", "items": [{"key": "calm", "title": "语气平和", "points": 10}]}]
    actions = f"scorecards/{made['number']}/actions"
    shown = await post(client, actions, action="edit", sections=own, version=1)
    assert shown["sections"][0]["items"][0]["title"] == "语气平和"
    late = {"by": "郑岚", "action": "edit", "pass_mark": 70, "version": 1}
    assert (await client.post(f"{API}/{actions}", json=late)).status_code == 409
    shown = await post(client, actions, by="李主管", action="use")
    assert (shown["edition"], shown["form"]["pass_mark"]) == (1, 85)
    listed = await client.get(f"{API}/scorecards", params={"state": "in_use"})
    assert [one["number"] for one in listed.json()] == [made["number"]]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"template": "none"}, "no scorecard 'none' to start from"),
    ({"name": "空"}, "expected a list of sections"),
    ({"template": "standard", "pass_mark": 101}, "100"),
    ({"template": "standard", "pass_mark": float("inf")}, ""),
    ({"name": "表", "sections": [{"title": "一", "items": []}]}, ""),
    (
        {"name": "表", "sections": [{"title": "一", "items": [
            {"key": "a", "title": "甲", "points": 5, "measure": "pace"}]}]},
        "item a: what is measured needs least or most",
    ),
)  # fmt: skip


async def test_a_wrong_form_is_told(client: httpx.AsyncClient) -> None:
    for wrong, told in WRONG:
        text = json.dumps({"by": "郑岚", **wrong})
        headers = {"Content-Type": "application/json"}
        answer = await client.post(f"{API}/scorecards", content=text, headers=headers)
        assert answer.status_code == 422, answer.text
        assert told in answer.text


async def test_r6_a_call_is_judged_appealed_and_reviewed(
    client: httpx.AsyncClient, call: str
) -> None:
    card = await used(client)
    drawn = (await client.get(f"{API}/evaluations/sample")).json()
    assert ([one["call_id"] for one in drawn["calls"]], drawn["done"]) == (["c1"], 0)
    assert drawn["seed"] == "2026-W47"
    made = await post(client, "evaluations", call_id=call, scorecard=card)
    actions = f"evaluations/{made['number']}/actions"
    assert made["answers"]["silence"]["places"][0]["start_ms"] == 8000
    assert (made["now"]["points"], len(made["now"]["waiting"])) == (59, 6)
    shown = await post(
        client, actions, action="excuse", item="silence", start_ms=8000, reason="无言等待"
    )
    assert shown["now"]["points"] == 60
    by_hand = {"identity": 5, "calm_voice": 5, "respect": 5, "choices": 0, "promises": 10}
    given: list[dict[str, Any]] = [{"item": k, "points": v} for k, v in by_hand.items()]
    shown = await post(
        client, actions, action="fill", answers=[*given, {"item": "record", "not_applicable": True}]
    )
    assert (shown["now"]["value"], shown["now"]["suggested"]) == (89.5, "approved")
    where = {"start_ms": 15_000, "party": "agent", "text": "复述得好"}
    shown = await post(client, actions, action="comment", **where)
    assert shown["comments"][0]["quote"].startswith("您是说")
    await post(client, actions, action="submit", verdict="observed")
    appealed = await post(
        client, actions, by="6007", action="appeal", reason="给了两个办法", item="choices"
    )
    assert (appealed["state"], appealed["score"]) == ("appealed", 89.5)
    review = {"action": "review", "upheld": True, "verdict": "approved", "reason": "属实"}
    own = await client.post(f"{API}/{actions}", json={"by": "郑岚", **review})
    assert "heard by somebody else" in own.json()["detail"]
    await post(
        client, actions, by="高翔", action="fill", answers=[{"item": "choices", "points": 10}]
    )
    shown = await post(client, actions, by="高翔", **review)
    assert (shown["first_score"], shown["score"], shown["state"]) == (89.5, 100, "final")
    done = (await client.get(f"{API}/evaluations/sample")).json()
    assert (done["done"], done["calls"][0]["state"]) == (1, "final")
    found = await client.get(f"{API}/evaluations", params={"agent": "6007", "upheld": True})
    assert [one["number"] for one in found.json()] == [made["number"]]


async def test_r6_an_agent_sees_their_own_once_submitted(
    client: httpx.AsyncClient, call: str, store: Store
) -> None:
    made = await post(client, "evaluations", call_id=call, scorecard=await used(client))
    for number in ("6007", "6018"):
        await post(client, "coaching", agent=number, text="语速放慢")
    ASKING.set(Visitor("周涛", frozenset({"agent"}), "6007"))
    with store.session() as session:
        with pytest.raises(HTTPException, match="it is not submitted yet"):
            evaluations.get_evaluation(session, made["number"])
        assert evaluations.list_evaluations(session, limit=9) == []
        rows = session.scalars(select(Coaching).order_by(Coaching.number)).all()
        assert coaching.get_coaching(session, rows[0].number).agent == "6007"
        with pytest.raises(HTTPException, match="this is about another agent"):
            coaching.get_coaching(session, rows[1].number)


async def test_r7_coaching_over_the_api(client: httpx.AsyncClient) -> None:
    made = await post(client, "coaching", agent="6007", sort="violation", text="未核对身份")
    actions = f"coaching/{made['number']}/actions"
    await post(client, actions, by="6007", action="acknowledge")
    await post(client, actions, by="6007", action="correct", text="重学规定")
    shown = await post(client, actions, action="confirm", text="抽听合格")
    assert (shown["state"], shown["checked_by"], len(shown["steps"])) == ("closed", "郑岚", 4)
    found = await client.get(f"{API}/coaching", params={"state": "closed", "sort": "violation"})
    assert [one["number"] for one in found.json()] == [made["number"]]
    assert (await client.get(f"{API}/coaching", params={"overdue": True})).json() == []


async def test_r6_the_marks_of_a_call(client: httpx.AsyncClient, call: str) -> None:
    marks = (await client.get(f"{API}/evaluations/marks", params={"call_id": call})).json()
    assert [(one["start_ms"], one["end_ms"]) for one in marks["silences"]] == [(8000, 15_000)]
    assert (marks["overlaps"], marks["waited_ms"]) == ([], 6000)
    assert marks["talk_share"] == 63.0
    assert set(marks["pace"]) == {"caller", "agent"}
    gone = await client.get(f"{API}/evaluations/marks", params={"call_id": "none"})
    assert gone.status_code == 404
    wide = {"since": "2026-01-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
    assert (await client.get(f"{API}/evaluations/sample", params=wide)).status_code == 422


async def test_r6_the_report_in_every_form(client: httpx.AsyncClient, call: str) -> None:
    card = await used(client)
    made = await post(client, "evaluations", call_id=call, scorecard=card)
    waiting = ("identity", "calm_voice", "respect", "choices", "promises", "record")
    given = [{"item": key, "not_applicable": True} for key in waiting]
    actions = f"evaluations/{made['number']}/actions"
    await post(client, actions, action="fill", answers=given)
    await post(client, actions, action="submit", verdict="approved")
    report = (await client.get(f"{API}/reports/quality")).json()
    assert report["title"] == "服务质量报告"
    listed = report["tables"][0]["rows"][0][1]
    assert listed["text"] == "1"
    found = await client.get(f"{API}/{listed['counts']}")
    assert [one["number"] for one in found.json()] == [made["number"]]
    silence = next(row for row in report["tables"][2]["rows"] if row[1]["text"] == "静默恰当")
    assert (silence[3]["text"], silence[4]["counts"].split("&")[0]) == (
        "80.0 %", "evaluations?lost=silence",
    )  # fmt: skip
    for form, begin in (("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", "\ufeff".encode())):
        paper = await client.get(f"{API}/reports/quality", params={"form": form})
        assert paper.status_code == 200
        assert paper.content.startswith(begin)
