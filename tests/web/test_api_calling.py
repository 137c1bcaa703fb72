"""Calls that people make, put on hold, transfer and join, by the API."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from callcenter.core import events
from callcenter.core.records import Quality
from tests.web.fakes import START, FakeDesk, enquiry

AGENT = {"agent": "6018"}


async def ringing(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    desk.ring("a")
    await client.post("/api/v1/calls/a/answer", json=AGENT)


async def test_a_number_is_dialled_and_the_call_kept_as_outbound(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    answer = await client.post("/api/v1/calls", json={**AGENT, "number": " 138 0013 8001 "})
    assert answer.status_code == 201
    call_id = answer.json()["call_id"]
    assert answer.json()["state"] == "dialling"
    assert desk.commands == [("dial", "138 0013 8001", "6018", "")]
    live = (await client.get("/api/v1/live")).json()["calls"][0]
    assert (live["direction"], live["agent"]) == ("outbound", "6018")
    desk.refuse(call_id, "busy")
    kept = (await client.get(f"/api/v1/calls/{call_id}")).json()
    assert (kept["direction"], kept["call_result"], kept["agent"]) == ("outbound", "busy", "6018")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({**AGENT}, "number"),
        ({**AGENT, "number": " "}, "number"),
        ({**AGENT, "number": "1" * 256}, "number"),
        ({"number": "13800138001"}, "agent"),
        ({**AGENT, "number": "13800138001", "line": 3}, "line"),
    ],
)
async def test_a_wrong_wish_to_dial_names_the_field(
    client: httpx.AsyncClient, desk: FakeDesk, body: dict[str, object], named: str
) -> None:
    answer = await client.post("/api/v1/calls", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"{named}: ")
    assert desk.commands == []


async def test_a_records_number_is_called_by_who_may_not_read_it(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    order = {"by": "周涛", "type": "enquiry", "phone": "13800138001"}
    number = (await client.post("/api/v1/work-orders", json=order)).json()["number"]
    of = {"kind": "work_order", "number": number}
    assert (await client.post("/api/v1/calls", json={**AGENT, "of": of})).status_code == 201
    assert desk.commands == [("dial", "13800138001", "6018", "")]
    both = {**AGENT, "of": of, "number": "13800138001"}
    assert (await client.post("/api/v1/calls", json=both)).status_code == 422
    gone = {**AGENT, "of": {**of, "number": "WO-1"}}
    assert (await client.post("/api/v1/calls", json=gone)).status_code == 404
    empty = (
        await client.post("/api/v1/work-orders", json={"by": "周涛", "type": "enquiry"})
    ).json()
    none = {**AGENT, "of": {**of, "number": empty["number"]}}
    assert (await client.post("/api/v1/calls", json=none)).status_code == 422
    fields = {"customer": "王秀芝", "about": "冰箱", "agent": "周涛"}
    message = {"by": "周涛", "template": "care", "of": of, "fields": fields}
    written = await client.post("/api/v1/messages", json=message)
    assert (written.status_code, written.json()["to"]) == (201, "13800138001")


async def test_hold_and_resume_are_recorded_with_their_moment(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    await ringing(client, desk)
    held = await client.post("/api/v1/calls/a/hold", json=AGENT)
    assert held.json() == {"call_id": "a", "state": "held"}
    again = await client.post("/api/v1/calls/a/hold", json=AGENT)
    assert again.status_code == 409
    assert "possible now" in again.json()["detail"]
    back = await client.post("/api/v1/calls/a/resume", json=AGENT)
    assert back.json() == {"call_id": "a", "state": "talking"}
    kept = (await client.get("/api/v1/calls/a")).json()["handling"]
    assert [(deed["kind"], deed["actor"]) for deed in kept] == [
        ("held", "6018"),
        ("resumed", "6018"),
    ]


async def test_keys_are_sent_and_those_of_the_far_end_shown_and_kept(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    await ringing(client, desk)
    sent = await client.post("/api/v1/calls/a/digits", json={**AGENT, "digits": "12#"})
    assert sent.json() == {"call_id": "a", "state": "talking"}
    assert desk.commands[-1] == ("press", "a", "12#", "6018")
    desk.press_back("a", "0")
    assert (await client.get("/api/v1/live")).json()["calls"][0]["pressed"] == "0"
    kept = (await client.get("/api/v1/calls/a")).json()["handling"]
    assert [(deed["kind"], deed["actor"], deed["text"]) for deed in kept] == [
        ("digits", "6018", "12#"),
        ("pressed", "", "0"),
    ]
    page = (await client.get("/calls/a")).text
    assert "<b>按键</b>林晓雯 6018<q>12#</q>" in page
    assert "<b>对方按键</b><q>0</q>" in page


@pytest.mark.parametrize("digits", ["", "1 2", "12a", "E", "1\n", "1" * 33, 1, None])
async def test_what_is_no_key_is_refused(
    client: httpx.AsyncClient, desk: FakeDesk, digits: object
) -> None:
    await ringing(client, desk)
    sent = await client.post("/api/v1/calls/a/digits", json={**AGENT, "digits": digits})
    assert sent.status_code == 422
    assert sent.json()["detail"].startswith("digits: ")
    assert desk.commands[-1][0] == "answer"


async def test_e1_a_transfer_takes_its_notes_along(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    await ringing(client, desk)
    body = {**AGENT, "to": "6007", "notes": "要退货，已核对订单"}
    asked = await client.post("/api/v1/calls/a/transfer", json=body)
    assert asked.json()["state"] == "transferring"
    live = (await client.get("/api/v1/live")).json()["calls"][0]["transfer"]
    assert (live["to"], live["notes"]) == ("6007", "要退货，已核对订单")
    await client.post("/api/v1/calls/a/answer", json={"agent": "6007"})
    kept = (await client.get("/api/v1/calls/a")).json()
    assert kept["agent"] == "6007"
    deeds = [(d["kind"], d["actor"], d["other"], d["how"], d["text"]) for d in kept["handling"]]
    assert deeds == [
        ("transfer", "6018", "6007", "blind", "要退货，已核对订单"),
        ("transferred", "6018", "6007", "", ""),
    ]


async def test_an_attended_transfer_is_handed_over(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    await ringing(client, desk)
    body = {**AGENT, "to": "6007", "attended": True}
    await client.post("/api/v1/calls/a/transfer", json=body)
    desk.take("a")
    early = await client.post("/api/v1/calls/a/hold", json=AGENT)
    assert early.status_code == 409
    done = await client.post("/api/v1/calls/a/hand-over", json=AGENT)
    assert done.json() == {"call_id": "a", "state": "talking"}
    kinds = [d["kind"] for d in (await client.get("/api/v1/calls/a")).json()["handling"]]
    assert kinds == ["transfer", "consulted", "transferred"]


async def test_a_transfer_to_an_outside_number(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    await ringing(client, desk)
    asked = await client.post("/api/v1/calls/a/transfer", json={**AGENT, "number": "010-88880001"})
    assert asked.json()["state"] == "sending_on"
    assert desk.commands[-1] == ("send_on", "a", "010-88880001", "6018", "")


@pytest.mark.parametrize(
    "change",
    [{}, {"to": "6007", "number": "1"}, {"number": "13800138001", "attended": True}],
)
async def test_a_transfer_goes_to_one_place(
    client: httpx.AsyncClient, desk: FakeDesk, change: dict[str, object]
) -> None:
    await ringing(client, desk)
    asked = await client.post("/api/v1/calls/a/transfer", json={**AGENT, **change})
    assert asked.status_code == 422
    assert "expected" in asked.json()["detail"]


async def test_who_listened_and_when_is_kept(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    await ringing(client, desk)
    for mode in ("listen", "barge"):
        await client.post("/api/v1/calls/a/join", json={"agent": "6007", "mode": mode})
    live = (await client.get("/api/v1/live")).json()["calls"][0]["joined"]
    assert [(one["person"], one["mode"]) for one in live] == [("6007", "barge")]
    await client.post("/api/v1/calls/a/leave", json={"agent": "6007"})
    kept = (await client.get("/api/v1/calls/a")).json()["handling"]
    assert [(d["kind"], d["actor"], d["how"]) for d in kept] == [
        ("joined", "6007", "listen"),
        ("joined", "6007", "barge"),
        ("left", "6007", ""),
    ]
    taken = await client.post("/api/v1/calls/a/take-over", json={"agent": "6007"})
    assert taken.status_code == 200
    assert (await client.get("/api/v1/live")).json()["calls"][0]["agent"] == "6007"
    wrong = await client.post("/api/v1/calls/a/join", json={"agent": "6007", "mode": "spy"})
    assert wrong.status_code == 422


async def test_the_sound_s_quality_is_told_with_the_call_and_on_its_page(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    enquiry(desk, "e", START)
    quality = Quality(2000, 10, 2, 3.25, 41.0, 4.21)
    at = START + timedelta(seconds=40)
    desk.tell(events.QualityMeasured("e", at, "caller", "", quality))
    kept = (await client.get("/api/v1/calls/e")).json()["quality"]
    assert kept == [
        {
            "party": "caller",
            "agent": "",
            "packets": 2000,
            "lost": 10,
            "late": 2,
            "jitter_ms": 3.25,
            "round_trip_ms": 41.0,
            "mos": 4.21,
        }
    ]
    page = (await client.get("/calls/e")).text
    assert "MOS 4.2 · 丢包 0.5% · 迟到 2 · 抖动 3 毫秒 · 往返 41 毫秒" in page
