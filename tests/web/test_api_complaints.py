from __future__ import annotations

from typing import Any

import httpx
import pytest

API = "/api/v1/complaints"
WANTED = {
    "by": "王芳",
    "complainant": "赵先生",
    "content": "空调漏水",
    "wanted": "当天来修",
    "category": "quality",
}


async def step(client: httpx.AsyncClient, number: str, action: str, **given: Any) -> dict[str, Any]:
    body = {"by": "王芳", "action": action, **given}
    answer = await client.post(f"{API}/{number}/actions", json=body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_c1_to_c6_over_the_api(client: httpx.AsyncClient) -> None:
    made = (await client.post(API, json=WANTED)).json()
    number = made["number"]
    assert made["possible"][0] == "acknowledge"
    due = "2026-11-23T18:00:00+08:00"
    shown = await step(client, number, "acknowledge", process_told="先核实", feedback_due_at=due)
    assert shown["feedback_due_at"] == "2026-11-23T10:00:00Z"
    shown = await step(client, number, "refuse", judgement="已过保修期")
    assert "已过保修期" in shown["suggested_reply"]
    assert [one["action"] for one in shown["steps"]] == ["register", "acknowledge", "refuse"]
    wrong = await client.post(f"{API}/{number}/actions", json={"by": "王芳", "action": "close"})
    assert wrong.status_code == 409
    poor = await client.post(f"{API}/{number}/actions", json={"by": "王芳", "action": "reply"})
    assert (poor.status_code, poor.json()) == (422, {"detail": "reply needs: reply"})
    naive = {
        "by": "王芳",
        "action": "tell_more",
        "process_told": "x",
        "feedback_due_at": "2026-11-23",
    }
    assert (await client.post(f"{API}/{number}/actions", json=naive)).status_code == 422
    assert len((await client.get(API, params={"state": "unfounded"})).json()) == 1
    assert (await client.get(API, params={"overdue": True})).json() == []
    assert (await client.get(f"{API}/CP-1")).status_code == 404


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("json", "application/json"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pdf", "application/pdf"),
        ("csv", "text/csv; charset=utf-8"),
    ],
)
async def test_c14_the_statistics_in_every_form(
    client: httpx.AsyncClient, form: str, kind: str
) -> None:
    await client.post(API, json=WANTED)
    answer = await client.get(
        f"{API}/statistics",
        params={"form": form, "until": "2030-01-01T00:00:00Z", "since": "2020-01-01T00:00:00Z"},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    if form == "json":
        (row,) = [row for row in answer.json()["tables"][0]["rows"] if row[0]["value"] == "质量"]
        assert (row[1]["text"], row[1]["value"]) == ("1", 1)
        assert row[1]["counts"].startswith("complaints?opened_since=")
