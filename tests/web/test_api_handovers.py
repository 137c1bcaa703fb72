from __future__ import annotations

import httpx

API = "/api/v1/handovers"


async def test_j1_to_j7_over_the_api(client: httpx.AsyncClient) -> None:
    made = (await client.post(API, json={"by": "王芳", "shift": "早班"})).json()
    actions = f"{API}/{made['number']}/actions"
    add = {"by": "王芳", "action": "add", "sort": "temporary", "text": "停水"}
    assert (await client.post(actions, json=add)).status_code == 201
    await client.post(actions, json={"by": "王芳", "action": "give", "taker": "李静"})
    early = await client.post(actions, json={"by": "李静", "action": "take"})
    assert (early.status_code, "1 items are not confirmed" in early.text) == (422, True)
    await client.post(actions, json={"by": "李静", "action": "tick", "item": 0})
    shown = (await client.post(actions, json={"by": "李静", "action": "take"})).json()
    assert (shown["state"], shown["items"][0]["ticked_by"]) == ("taken", "李静")
    assert [one["number"] for one in (await client.get(API)).json()] == [made["number"]]
    paper = await client.get(f"{API}/{made['number']}/paper")
    assert paper.content.startswith(b"%PDF-")
