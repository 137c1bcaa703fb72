from __future__ import annotations

from typing import Any

import httpx

API = "/api/v1"


async def act(client: httpx.AsyncClient, path: str, action: str, **given: Any) -> dict[str, Any]:
    answer = await client.post(f"{API}/{path}/actions", json={"action": action, **given})
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_n1_s4_the_knowledge_base_over_the_api(client: httpx.AsyncClient) -> None:
    wanted = {"by": "王芳", "title": "嫌贵", "body": "先认同", "category": "objection"}
    made = (await client.post(f"{API}/documents", json=wanted)).json()
    path = f"documents/{made['number']}"
    for action, by in (("submit", "王芳"), ("review", "李经理"), ("publish", "赵主管")):
        shown = await act(client, path, action, by=by)
    assert (shown["edition"], shown["possible"]) == (1, ["revise", "extend", "retire"])
    found = (await client.get(f"{API}/documents", params={"text": "认同"})).json()
    assert [one["published_title"] for one in found] == ["嫌贵"]


async def test_what_is_over_is_marked_and_found_last(client: httpx.AsyncClient) -> None:
    ends = {"去年的价格": "2025-12-31", "现在的价格": "", "今天还算的价格": "2026-11-22"}
    for title, day in ends.items():
        wanted = {"by": "王芳", "title": title, "body": "报价如下", "category": "product"}
        answer = await client.post(f"{API}/documents", json=wanted | {"valid_until": day})
        path = f"documents/{answer.json()['number']}"
        for action, by in (("submit", "王芳"), ("review", "李经理"), ("publish", "赵主管")):
            last = await act(client, path, action, by=by)
        assert (last["valid_until"], last["published_until"]) == (day, day)
    found = (await client.get(f"{API}/documents", params={"text": "报价"})).json()
    assert found[-1]["published_title"] == "去年的价格"
    told = (await client.get(f"{API}/search", params={"q": "报价"})).json()["hits"]
    assert [one["over"] for one in told] == [False, False, True]
    assert told[-1]["title"] == "去年的价格"
    number = found[-1]["number"]
    later = {"by": "赵主管", "valid_until": "2027-01-31"}
    extended = await act(client, f"documents/{number}", "extend", **later)
    assert extended["published_until"] == "2027-01-31"
    told = (await client.get(f"{API}/search", params={"q": "报价"})).json()["hits"]
    assert not any(one["over"] for one in told)
    bad = wanted | {"valid_until": "明年"}
    assert (await client.post(f"{API}/documents", json=bad)).status_code == 422


async def test_k4_to_k6_appraisals_over_the_api(client: httpx.AsyncClient) -> None:
    wanted = {"by": "赵主管", "agent": "1001", "sort": "monthly", "period": "2026-11"}
    made = (await client.post(f"{API}/appraisals", json=wanted)).json()
    path = f"appraisals/{made['number']}"
    shown = await act(client, path, "rate", by="李静", source="peer", score=80)
    assert shown["score"] == 80
    listed = (await client.get(f"{API}/appraisals", params={"agent": "1001"})).json()
    assert [one["number"] for one in listed] == [made["number"]]
    bad = await client.post(f"{API}/appraisals", json=wanted | {"period": "November"})
    assert bad.status_code == 422
