"""Agents' states, the floor and shifts over the API."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from callcenter.bus.local import LocalBus
from callcenter.core import events as ev
from callcenter.core.presence import AgentState
from callcenter.core.records import CustomerFile, Hit, Party, Proposal
from tests.counting import questions
from tests.web.fakes import START, FakeDesk, enquiry, harassment

API = "/api/v1"
SHIFT = {"agent": "6018", "day": "2026-11-22", "start": "09:00", "end": "18:00", "by": "李主管"}


async def post(client: httpx.AsyncClient, path: str, status: int = 201, **body: Any) -> Any:
    answer = await client.post(f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_r4_an_agent_takes_a_break_and_is_back(
    client: httpx.AsyncClient, desk: FakeDesk, bus: LocalBus
) -> None:
    listening = bus.subscribe()
    path = "/agents/6018/state"
    resting = await post(client, path, 200, state="break", reason="用餐", by="林晓雯")
    assert (resting["state"], resting["reason"], resting["by"]) == ("break", "用餐", "6018")
    told = await anext(listening)
    assert isinstance(told, ev.AgentChanged)
    shown = (await client.get(f"{API}/agents")).json()
    assert [(one["number"], one["state"]) for one in shown] == [
        ("6018", "break"),
        ("6007", "ready"),
    ]
    live = (await client.get(f"{API}/live")).json()
    assert live["agents"][0]["state"] == "break"
    assert (await post(client, path, 200, state="ready", by="6018"))["state"] == "ready"


async def test_r4_what_cannot_be_wished_is_refused(client: httpx.AsyncClient) -> None:
    path = "/agents/6018/state"
    said = await post(client, path, 422, state="break", reason="睡觉", by="6018")
    assert said["detail"].startswith("a break needs its reason; expected one of: 用餐")
    await post(client, path, 422, state="on_call", by="6018")
    await post(client, path, 422, state="ready", by=" ")
    await post(client, "/agents/7/state", 409, state="ready", by="7")


async def test_r4_a_lead_sets_an_agent_s_state_with_their_name(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    room = client._transport.app.state.room  # type: ignore[attr-defined]
    client._transport.app.state.room = replace(room, supervisors=("李主管",))  # type: ignore[attr-defined]
    path = "/agents/6018/state"
    said = await post(client, path, 422, state="offline", by="周涛")
    assert "周涛 may not do this" in said["detail"]
    assert (await post(client, path, 200, state="offline", by="李主管"))["by"] == "李主管"


async def test_h23_a_recovery_break_is_ended_by_the_agent_alone(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "c1", START)
    for fact in (ev.RecoveryBreakOffered, ev.RecoveryBreakTaken):
        desk.tell(fact("c1", START, "6018"))
    desk.standing["6018"] = replace(desk.standing["6018"], state=AgentState.RECOVERY)
    said = await post(client, "/agents/6018/state", 422, state="ready", by="李主管")
    assert said["detail"].endswith("which they end themselves")
    await post(client, "/agents/6018/state", 200, state="ready", by="6018")
    assert desk.breaks() == ()


async def test_r4_r5_the_floor(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "c0", START - timedelta(minutes=5))
    for call_id in ("c1", "c2", "c3"):
        desk.ring(call_id)
    await desk.answer("c1", "6018")
    await desk.answer("c2", "6007")
    lewd = Hit("sexual-07", "sexual", Party.CALLER, 0, 900, "……")
    desk._change("c1", hits=(lewd,))
    desk._change("c2", proposal=Proposal("silent", "line_fault", "没有声音"))
    known = CustomerFile("CU-1", "佳禾公司", "key")
    desk._change("c3", history=replace(desk.calls["c3"].history, customer=known))
    with questions() as asked:
        floor = (await client.get(f"{API}/floor")).json()
    assert len(asked) == 4
    assert [(f["call_id"], f["reason"], f["proposed"]) for f in floor["flags"]] == [
        ("c1", "sexual", False),
        ("c2", "silent", True),
    ]
    assert [(w["call_id"], w["customer"]) for w in floor["queue"]] == [("c3", "佳禾公司")]
    assert "13800006127" not in str(floor), "masked"
    assert floor["today"]["level_of_offered"] == 1.0
    assert floor["agents"][0]["today"]["answered"] == 1


async def test_r2_today_by_quarter_and_hotline(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    enquiry(desk, "c1", START - timedelta(minutes=5))
    enquiry(desk, "c2", START - timedelta(minutes=40))
    harassment(desk, "c3", START - timedelta(minutes=4), None)
    with questions() as asked:
        today = (await client.get(f"{API}/floor/today")).json()
    assert len(asked) <= 8
    assert (today["offered"], today["answered"], today["soon"], today["abandoned"]) == (3, 3, 3, 0)
    assert [one["offered"] for one in today["quarters"]] == [1, 2]
    assert [(one["number"], one["soon"]) for one in today["hotlines"]] == [("4008200001", 3)]
    assert [(one["agent"], one["calls"]) for one in today["harassed"]] == [("6018", 1)]
    assert "13800006127" not in str(today), "nobody is named"


async def test_k3_a_missing_agent_is_seen_by_the_supervisor(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    began, ends = (START + timedelta(hours=h) for h in (-1, 7))
    walls = {"start": f"{began.astimezone():%H:%M}", "end": f"{ends.astimezone():%H:%M}"}
    day = f"{began.astimezone():%Y-%m-%d}"
    await post(client, "/shifts", **{**SHIFT, **walls, "day": day})
    left = START - timedelta(minutes=30)
    desk.tell(ev.AgentChanged("", START - timedelta(hours=1), "6018", "ready", "", "6018"))
    desk.tell(ev.AgentChanged("", left, "6018", "offline", "", "6018"))
    shown = (await client.get(f"{API}/agents")).json()
    assert [one["unattended_since"] for one in shown] == ["2026-11-22T02:10:00Z", None]


async def test_k3_shifts_are_planned_changed_cancelled_and_listed(
    client: httpx.AsyncClient,
) -> None:
    made = await post(client, "/shifts", **SHIFT)
    assert (made["number"], made["kind"], made["day"]) == ("SH-20261122-0001", "duty", "2026-11-22")
    twice = await post(client, "/shifts", 422, **SHIFT)
    assert twice["detail"] == "agent 6018 has SH-20261122-0001 at that time"
    path = f"/shifts/{made['number']}/actions"
    changed = await post(client, path, action="change", end="20:00", by="李主管")
    assert changed["ends_at"] > made["ends_at"]
    assert [step["action"] for step in changed["steps"]] == ["plan", "change"]
    week = {"day": "2026-11-16", "days": 7}
    assert len((await client.get(f"{API}/shifts", params=week)).json()) == 1
    assert (await client.get(f"{API}/shifts", params={"day": "2026-11-24"})).json() == []
    await post(client, path, action="cancel", note="停班", by="李主管")
    assert (await client.get(f"{API}/shifts", params=week)).json() == []


async def test_k3_a_table_of_shifts_all_or_none(client: httpx.AsyncClient) -> None:
    text = "工号,日期,开始,结束\n6018,2026-11-23,09:00,18:00\n6007,2026-11-23,21:00,06:00\n"
    bad = base64.b64encode(f"{text}9,2026-11-23,9:00,10:00\n".encode("gb18030")).decode()
    said = await post(client, "/shifts/import", content=bad, by="李主管")
    assert (said["rows"], said["written"], said["problems"][0]["line"]) == (3, 0, 4)
    said = await post(client, "/shifts/import", content=bad, atomic=False, by="李主管")
    assert (said["rows"], said["written"]) == (3, 2)
    listed = (await client.get(f"{API}/shifts", params={"day": "2026-11-23"})).json()
    assert [one["agent"] for one in listed] == ["6018", "6007"]


@pytest.mark.parametrize("form", ["json", "xlsx", "pdf", "csv"])
async def test_r12_the_agents_report_in_every_form(client: httpx.AsyncClient, form: str) -> None:
    answer = await client.get(f"{API}/reports/agents", params={"period": "week", "form": form})
    assert answer.status_code == 200
    if form == "json":
        rows = {row[0]["text"] for row in answer.json()["tables"][0]["rows"]}
        assert rows == {"6018", "6007", "全部"}


async def test_k1_a_figure_of_an_agent_leads_to_their_calls(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "c1", START)
    table = (await client.get(f"{API}/reports/agents")).json()["tables"][0]
    for row in table["rows"]:
        found = await client.get(f"{API}/{row[2]['counts']}")
        assert len(found.json()["calls"]) == row[2]["value"]
