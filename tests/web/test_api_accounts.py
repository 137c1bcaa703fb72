from __future__ import annotations

import httpx

from callcenter.store import trail
from callcenter.store.sql import Store

API = "/api/v1/accounts"
WANTED = {
    "by": "人事",
    "person": "王芳",
    "agent": "1001",
    "roles": ["agent", "qa"],
    "reason": "入职",
}


async def test_n2_an_account_over_the_api(client: httpx.AsyncClient, store: Store) -> None:
    answer = await client.post(API, json=WANTED)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["state"], made["possible"]) == ("requested", ["approve", "refuse"])
    actions = f"{API}/{made['number']}/actions"
    step = {"by": "总经理", "action": "approve", "version": made["version"], "decision": "同意"}
    assert (await client.post(actions, json=step)).json()["state"] == "approved"
    late = await client.post(actions, json=step)
    assert late.status_code == 409
    assert "was changed by 总经理" in late.json()["detail"]
    wrong = await client.post(actions, json={"by": "总经理", "action": "refuse"})
    assert wrong.status_code == 409
    assert wrong.json()["detail"].endswith("refuse is not possible; possible: open")
    shown = (await client.get(f"{API}/{made['number']}")).json()
    assert [one["person"] for one in shown["steps"]] == ["人事", "总经理"]
    assert [one["state"] for one in (await client.get(API)).json()] == ["approved"]
    assert (await client.get(API, params={"state": "open"})).json() == []
    with store.session() as session:
        assert trail.verify(session).entries == 2


async def test_what_is_wrong_is_told(client: httpx.AsyncClient) -> None:
    strange = await client.post(API, json=WANTED | {"roles": ["boss"]})
    assert strange.status_code == 422
    extra = await client.post(API, json=WANTED | {"salary": 1})
    assert extra.status_code == 422
    nobody = await client.post(API, json=WANTED | {"by": "system"})
    assert nobody.status_code == 422
    assert "expected their name" in nobody.json()["detail"]
    absent = await client.post(f"{API}/AC-1/actions", json={"by": "谁", "action": "open"})
    assert absent.status_code == 404
