from __future__ import annotations

from typing import Any

import httpx

API = "/api/v1/follow-ups"


async def act(client: httpx.AsyncClient, number: str, action: str, **given: Any) -> httpx.Response:
    body = {"by": "1001", "action": action, **given}
    return await client.post(f"{API}/{number}/actions", json=body)


async def test_f1_to_f11_over_the_api(client: httpx.AsyncClient) -> None:
    wanted = {"by": "李主管", "phone": "13800000001", "customer": "赵先生", "reason": "member"}
    made = (await client.post(API, json=wanted)).json()
    assert made["possible"] == ["allot", "cancel", "postpone"]
    again = await client.post(API, json=wanted)
    assert again.status_code == 422
    assert "13800000001" not in again.text
    given = await client.post(f"{API}/allot", json={"by": "李主管", "agents": ["1001"]})
    assert given.json() == {made["number"]: "1001"}
    assert (await act(client, made["number"], "begin", agreed=True)).status_code == 201
    shown = (await act(client, made["number"], "not_reached", result="占线")).json()
    assert [one["result"] for one in shown["tries"]] == ["占线"]
    assert (await act(client, made["number"], "reached", satisfied=True)).status_code == 409
    await act(client, made["number"], "begin", agreed=True)
    answers = [{"question": "满意吗", "answer": "满意"}]
    told = {"satisfied": True, "result": "好", "answers": answers}
    shown = (await act(client, made["number"], "reached", **told)).json()
    assert (shown["state"], shown["answers"]) == ("done", answers)
    found = await client.get(API, params={"agent": "1001"})
    assert [one["number"] for one in found.json()] == [made["number"]]
    report = await client.get(
        f"{API}/report", params={"until": "2030-01-01T00:00:00Z", "since": "2020-01-01T00:00:00Z"}
    )
    due = report.json()["facts"][1]
    assert (due["name"], due["value"]) == ("应回访", 1)
    assert [one["number"] for one in (await client.get(f"{API[:-10]}{due['counts']}")).json()] == [
        made["number"]
    ]


async def test_f8_f9_s3_the_talk_of_a_follow_up(client: httpx.AsyncClient) -> None:
    wanted = {"by": "李主管", "phone": "13800000001", "customer": "赵先生", "reason": "complaint"}
    made = (await client.post(API, json=wanted)).json()
    said = (await client.get(f"{API}/{made['number']}/script")).json()
    assert said["opening"] == "您好，我是佳和客服，工号……，请问是赵先生吗？"
    assert said["unsatisfied"] != said["satisfied"]
    assert 1 <= len(said["questions"]) <= 3


async def test_f2_f13_a_due_list_is_built(client: httpx.AsyncClient) -> None:
    customer = {"by": "王芳", "name": "远达公司", "numbers": ["13800000001"], "member": True}
    opened = await client.post("/api/v1/customers", json=customer)
    assert opened.status_code == 201, opened.text
    built = await client.post(f"{API}/build", json={"by": "李主管", "reason": "member"})
    assert len(built.json()["planned"]) == 1
    again = await client.post(f"{API}/build", json={"by": "李主管", "reason": "member"})
    assert again.json() == {"planned": [], "left_out": []}
