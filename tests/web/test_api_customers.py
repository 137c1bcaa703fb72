from __future__ import annotations

import base64
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from callcenter.core import events as ev
from callcenter.store import trail
from callcenter.store.sql import Store
from tests.web.fakes import START, FakeDesk

API = "/api/v1/customers"
WANTED = {
    "by": "王芳",
    "name": "华宏钢管",
    "contact": "李建国",
    "numbers": ["138 0000 6127", "010-88880001"],
    "member": True,
}


async def opened(client: httpx.AsyncClient, **changes: object) -> dict:
    answer = await client.post(API, json=WANTED | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def act(client: httpx.AsyncClient, number: str, action: str, **given: object) -> dict:
    step = {"by": "李主管", "action": action, **given}
    answer = await client.post(f"{API}/{number}/actions", json=step)
    assert answer.status_code == 201, answer.text
    return answer.json()


def table(text: str) -> str:
    return base64.b64encode(text.encode("gb18030")).decode()


async def test_u4_u5_u7_u9_a_customer_over_the_api(client: httpx.AsyncClient, store: Store) -> None:
    made = await opened(client)
    number = made["number"]
    assert (made["customer_class"], made["state"], made["alike"]) == ("potential", "active", [])
    assert made["numbers"][0]["e164"] == "+8613800006127"
    (shown,) = (await client.get(API)).json()
    assert shown["numbers"][0]["number"] == "138****6127"
    late = {"by": "王芳", "action": "update", "version": 1, "address": "北京"}
    assert (await act(client, number, "update", version=1, remarks="急"))["version"] == 2
    told = await client.post(f"{API}/{number}/actions", json=late)
    assert told.status_code == 409
    assert "was changed by 李主管" in told.json()["detail"]
    refused = {"by": "李主管", "action": "disclose", "reference": "7 号", "to": "物流"}
    refused |= {"purpose": "送货", "what": "地址"}
    answer = await client.post(f"{API}/{number}/actions", json=refused)
    assert (answer.status_code, "is not on file" in answer.json()["detail"]) == (422, True)
    await act(client, number, "record_consent", reference="7 号", to="物流", purpose="送货")
    done = await client.post(f"{API}/{number}/actions", json=refused)
    assert done.json()["disclosures"][0]["to"] == "物流"
    assert [step["action"] for step in done.json()["steps"]][-1] == "disclose"
    with store.session() as session:
        assert trail.verify(session).entries == 4


async def test_d21_a_caller_is_recognised_and_has_a_history(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    number = (await opened(client))["number"]
    for hour in range(3):
        at = START - timedelta(hours=hour + 1)
        desk.tell(ev.CallRang(f"c{hour}", at, "+8613800006127", "4008200001", "demo"))
    told = (await client.get(f"{API}/{number}/history")).json()
    assert [call["call_id"] for call in told["calls"]] == ["c0", "c1", "c2"]
    assert (told["calls_24h"], told["repeats"]) == (3, True)
    assert [one["name"] for one in (await client.get(API, params={"phone": "13800006127"})).json()]
    day = (await client.get(f"{API}/daily")).json()
    assert [one["number"] for one in day["new"]] == [number]
    assert (day["unfiled"], day["overdue"]) == ([], [])


async def test_u2_customers_are_allotted_by_plan(client: httpx.AsyncClient) -> None:
    for name in ("甲", "乙", "丙"):
        await opened(client, name=name, numbers=[])
    wanted = {"by": "李主管", "agents": [{"agent": "林晓雯"}, {"agent": "周涛", "skill": 3}]}
    plan = (await client.post(f"{API}/allotments", json=wanted)).json()
    assert sorted(one["agent"] for one in plan) == ["周涛", "林晓雯", "林晓雯"]
    assert len((await client.get(API, params={"unallotted": True})).json()) == 3
    done = (await client.post(f"{API}/allotments", json=wanted | {"apply": True})).json()
    assert done == plan
    assert (await client.get(API, params={"unallotted": True})).json() == []
    assert len((await client.get(API, params={"agent": "林晓雯"})).json()) == 2


async def test_duplicates_are_told_and_merged(client: httpx.AsyncClient) -> None:
    stays = await opened(client)
    gone = await opened(client, name="华宏 钢管", numbers=["13800006127", "13900000002"])
    assert [alike["why"] for alike in gone["alike"]] == ["number", "name"]
    told = (await client.get(f"{API}/duplicates")).json()
    assert told[0]["value"] == "138****6127"
    merge = {"merged_into": stays["number"], "reason": "同一家"}
    done = await act(client, gone["number"], "merge", **merge)
    assert (done["state"], done["possible"]) == ("merged", ["anonymise"])
    kept = (await client.get(f"{API}/{stays['number']}")).json()
    assert [one["number"] for one in kept["numbers"]][-1] == "13900000002"
    assert (await client.get(f"{API}/duplicates")).json() == []


async def test_u1_a_table_is_read_all_or_nothing_by_choice(client: httpx.AsyncClient) -> None:
    text = "客户名称,电话\n甲,13700000001\n乙,13700000001\n丙,13700000003\n"
    wanted = {"by": "王芳", "content": table(text)}
    report = (await client.post(f"{API}/import", json=wanted)).json()
    assert (report["rows"], report["written"], report["problem_count"]) == (3, 0, 1)
    assert report["problems"] == [{"line": 3, "reason": "a number is on line 2 too"}]
    assert (await client.get(API)).json() == []
    report = (await client.post(f"{API}/import", json=wanted | {"atomic": False})).json()
    assert (report["written"], report["passed_over"]) == (2, 1)
    assert {one["name"] for one in (await client.get(API)).json()} == {"甲", "丙"}
    again = (await client.post(f"{API}/import", json=wanted | {"atomic": False})).json()
    assert (again["written"], again["problem_count"]) == (0, 3)
    exchanges = (await client.get(f"{API}/exchanges")).json()
    assert [one["written"] for one in exchanges] == [0, 2, 0]
    wrong = await client.post(f"{API}/import", json=wanted | {"content": "%%%"})
    assert wrong.status_code == 422


async def test_an_import_gives_way_to_who_was_quicker(
    client: httpx.AsyncClient, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = f"CU-{START.astimezone():%Y%m%d}-0001"
    what = ("customer", number, "open", "周涛", "active", 0)
    changes = {"name": "抢先", "name_key": "抢先", "customer_class": "ordinary"}
    quicker = ev.RecordStepped("", START, *what, changes)

    async def record(fact: ev.Event) -> None:
        if isinstance(fact, ev.RecordStepped) and fact.number == quicker.number:
            desk.books.write(quicker)
        desk.tell(fact)

    monkeypatch.setattr(desk, "record", record)
    wanted = {"by": "王芳", "content": table("客户名称\n甲\n乙\n丙\n")}
    report = (await client.post(f"{API}/import", json=wanted)).json()
    assert report["written"] == 3
    names = {one["number"][-4:]: one["name"] for one in (await client.get(API)).json()}
    assert names == {"0001": "抢先", "0002": "乙", "0003": "丙", "0004": "甲"}


async def test_u8_customers_leave_the_house_by_a_lead_for_a_purpose(
    client: httpx.AsyncClient,
) -> None:
    await opened(client, name="=1+1")
    no_purpose = await client.post(f"{API}/export", json={"by": "李主管", "purpose": " "})
    assert (no_purpose.status_code, no_purpose.json()["detail"]) == (422, "export needs: purpose")
    wanted = {"by": "李主管", "purpose": "月度核对", "form": "csv"}
    answer = await client.post(f"{API}/export", json=wanted)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.decode("utf-8-sig").splitlines()[1].split(",")[3] == "'=1+1"
    (kept,) = (await client.get(f"{API}/exchanges")).json()
    assert (kept["state"], kept["purpose"], kept["rows"]) == ("exported", "月度核对", 1)


@pytest.mark.parametrize("path", ["", "/daily", "/duplicates"])
async def test_lists_take_the_same_queries_however_long(
    client: httpx.AsyncClient, path: str
) -> None:
    counts = []
    for many in (1, 5):
        for number in range(many):
            await opened(client, name=f"客户{many}", numbers=[f"1370000{many}00{number}"])
        statements: list[str] = []

        def note(*what: object, kept: list[str] = statements) -> None:
            kept.append(str(what[2]))

        event.listen(Engine, "before_cursor_execute", note)
        assert (await client.get(API + path)).status_code == 200
        event.remove(Engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5
