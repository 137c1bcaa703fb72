from __future__ import annotations

import httpx
import pytest

from tests.web.fakes import START, FakeDesk, enquiry, harassment

GIVEN = {"verdict": "harassment", "reason": "两次低俗提问", "reviewer": "陈静"}


async def test_answer_terminate_and_hang_up(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("a")
    answered = await client.post("/api/v1/calls/a/answer", json={"agent": "6018"})
    assert answered.json() == {"call_id": "a", "state": "talking"}
    body = {"agent": "6018", "prompt": "analysis"}
    ended = await client.post("/api/v1/calls/a/terminate", json=body)
    assert ended.json() == {"call_id": "a", "state": "analysis"}
    hung = await client.post("/api/v1/calls/a/hangup", json={"agent": "6018"})
    assert hung.json() == {"call_id": "a", "state": "ended"}
    assert desk.commands == [
        ("answer", "a", "6018"),
        ("terminate", "a", "analysis", "6018"),
        ("hang_up", "a", "6018"),
    ]


async def test_what_the_state_does_not_allow_is_a_conflict(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("a")
    body = {"agent": "6018", "prompt": "line_fault"}
    answer = await client.post("/api/v1/calls/a/terminate", json=body)
    assert answer.status_code == 409
    assert "possible now: answer" in answer.json()["detail"]


async def test_a_call_that_is_not_live_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/calls/a/hangup", json={"agent": "6018"})
    assert answer.status_code == 404
    assert answer.json() == {"detail": "no live call a"}


async def test_a_missing_headset_says_what_installs_it(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("a")
    desk.headset = False
    answer = await client.post("/api/v1/calls/a/answer", json={"agent": "6018"})
    assert answer.status_code == 503
    assert "apt install" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"agent": "6018"}, "prompt"),
        ({"agent": "6018", "prompt": "boo"}, "prompt"),
        ({"agent": "", "prompt": "analysis"}, "agent"),
        ({"agent": "   ", "prompt": "analysis"}, "agent"),
        ({"agent": "a\nb", "prompt": "analysis"}, "agent"),
        ({"agent": "x" * 65, "prompt": "analysis"}, "agent"),
        ({"agent": 7, "prompt": "analysis"}, "agent"),
        ({"agent": "6018", "prompt": "analysis", "more": 1}, "more"),
    ],
)
async def test_a_wrong_command_names_the_field_and_does_nothing(
    client: httpx.AsyncClient, desk: FakeDesk, body: dict[str, object], named: str
) -> None:
    desk.ring("a")
    answer = await client.post("/api/v1/calls/a/terminate", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{named}: ")
    assert desk.commands == []


async def test_half_a_character_is_not_a_name(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("a")
    body = b'{"agent": "\\ud800"}'
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/api/v1/calls/a/answer", content=body, headers=headers)
    assert answer.status_code == 422
    assert desk.commands == []


async def test_a_verdict_is_kept_and_leaves_the_queue(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassment(desk, "h", START, None)
    assert "h" in (await client.get("/review")).text
    answer = await client.post("/api/v1/calls/h/verdict", json=GIVEN)
    assert answer.status_code == 201
    assert answer.json() == {"at": "2026-11-22T02:40:00Z", **GIVEN}
    assert (await client.get("/api/v1/calls/h")).json()["verdicts"] == [answer.json()]
    assert "没有待判定的通话" in (await client.get("/review")).text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"verdict": "guilty"}, "verdict"),
        ({"reason": " "}, "reason"),
        ({"reviewer": ""}, "reviewer"),
    ],
)
async def test_a_wrong_verdict_is_refused(
    client: httpx.AsyncClient, desk: FakeDesk, change: dict[str, str], named: str
) -> None:
    enquiry(desk, "e", START)
    answer = await client.post("/api/v1/calls/e/verdict", json={**GIVEN, **change})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{named}: ")


async def test_a_running_call_cannot_be_judged(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("a")
    answer = await client.post("/api/v1/calls/a/verdict", json=GIVEN)
    assert answer.status_code == 422
    assert "not over" in answer.json()["detail"]


async def test_an_unknown_call_cannot_be_judged(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/calls/x/verdict", json=GIVEN)).status_code == 404


async def test_h7_what_is_heard_behind_the_caller_is_ticked(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("a")
    await client.post("/api/v1/calls/a/answer", json={"agent": "6018"})
    body = {"agent": "6018", "what": "laughter"}
    answer = await client.post("/api/v1/calls/a/tick", json=body)
    assert answer.json() == {"call_id": "a", "state": "talking"}
    assert desk.commands[-1] == ("tick", "a", "laughter", "6018")
    refused = await client.post("/api/v1/calls/a/tick", json={**body, "what": "a dog"})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("what: ")
    live = await client.get("/api/v1/calls/a")
    assert [(d["kind"], d["reason"]) for d in live.json()["decisions"]] == [("ticked", "laughter")]


async def test_an_agent_marks_a_call_by_hand_while_it_runs_and_after_it(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("a")
    await client.post("/api/v1/calls/a/answer", json={"agent": "6018"})
    marked = await client.post("/api/v1/calls/a/mark", json={"agent": "6018"})
    assert marked.json() == {"call_id": "a", "state": "talking"}
    assert (await client.post("/api/v1/calls/a/mark", json={"agent": "6018"})).status_code == 409
    enquiry(desk, "k", START)
    assert (await client.post("/api/v1/calls/k/mark", json={"agent": "6018"})).status_code == 200
    assert (await client.post("/api/v1/calls/k/mark", json={"agent": "6018"})).status_code == 409
    kept = (await client.get("/api/v1/calls/k")).json()
    assert [(hit["rule"], hit["category"]) for hit in kept["hits"]] == [("agent", "marked")]
    assert [(one["kind"], one["actor"]) for one in kept["decisions"]] == [("marked", "6018")]
    flagged = (await client.get("/api/v1/calls", params={"flagged": True})).json()["calls"]
    assert "k" in {call["call_id"] for call in flagged}
    assert 'data-call="k"' in (await client.get("/review")).text
    assert "座席标记骚扰" in (await client.get("/calls/k")).text
    assert (await client.post("/api/v1/calls/x/mark", json={"agent": "6018"})).status_code == 404


async def test_an_agent_calls_a_supervisor_who_sees_it_until_they_come(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    desk.ring("a")
    await client.post("/api/v1/calls/a/answer", json={"agent": "6018"})
    body = {"agent": "6018", "reason": "要求见主管 <b>"}
    assert (await client.post("/api/v1/calls/a/call-lead", json=body)).status_code == 200
    (call,) = (await client.get("/api/v1/live")).json()["calls"]
    assert (call["lead_called"]["by"], call["lead_called"]["reason"]) == ("6018", "要求见主管 <b>")
    await client.post("/api/v1/calls/a/join", json={"agent": "6007", "mode": "whisper"})
    (call,) = (await client.get("/api/v1/live")).json()["calls"]
    assert call["lead_called"] is None
    kept = (await client.get("/api/v1/calls/a")).json()["handling"]
    assert [(one["kind"], one["actor"], one["text"]) for one in kept] == [
        ("lead_called", "6018", "要求见主管 <b>"),
        ("joined", "6007", ""),
    ]
    body = {"agent": "6018", "reason": "长" * 201}
    assert (await client.post("/api/v1/calls/a/call-lead", json=body)).status_code == 422
