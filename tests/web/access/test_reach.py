"""Which calls each role with each scope is told of: in lists, by their id, live, in the stream."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI

from callcenter.core import events as ev
from callcenter.core.people import AGENT, MANAGER, QA, SUPERVISOR
from callcenter.core.records import LiveCall, Party
from callcenter.core.visitor import ANYBODY, Visitor
from callcenter.web.access.reach import Audience, call_of
from tests.web.access.conftest import Enters
from tests.web.conftest import HOST
from tests.web.fakes import START, FakeDesk, hit_in, said
from tests.web.listening import Listening

MINE, THEIRS, OTHER_LINE = "mine", "theirs", "elsewhere"
NUMBER = "13800006127"
SCOPES: list[tuple[tuple[str, ...], str, tuple[str, ...], set[str]]] = [
    ((AGENT,), "6018", (), {MINE}),
    ((AGENT,), "6018", ("back",), set()),
    ((AGENT,), "", (), set()),
    ((SUPERVISOR,), "", (), {MINE, THEIRS, OTHER_LINE}),
    ((SUPERVISOR,), "", ("front",), {MINE, THEIRS}),
    ((SUPERVISOR, AGENT), "6018", ("back",), {OTHER_LINE}),
    ((QA,), "", ("back", "front"), {MINE, THEIRS, OTHER_LINE}),
    ((QA,), "", ("back",), {OTHER_LINE}),
    ((MANAGER,), "", (), {MINE, THEIRS, OTHER_LINE}),
]


def keep(desk: FakeDesk, call_id: str, agent: str, line: str, minutes: int) -> None:
    """A kept call that is flagged and waits for a verdict."""
    at = START + timedelta(minutes=minutes)
    heard = said(Party.CALLER, 400, "加个微信吧")
    for event in (
        ev.CallRang(call_id, at, NUMBER, "4008200001", line),
        ev.CallAnswered(call_id, at, agent),
        ev.SegmentHeard(call_id, at, heard),
        ev.HitFound(call_id, at, hit_in(heard, "加个微信", "sexual-11", "sexual")),
        ev.CallEnded(call_id, at, "caller", "answered", "harassment"),
    ):
        desk.tell(event)


@pytest.fixture
def three(desk: FakeDesk) -> None:
    keep(desk, MINE, "6018", "front", 1)
    keep(desk, THEIRS, "6007", "front", 2)
    keep(desk, OTHER_LINE, "6007", "back", 3)


@pytest.mark.parametrize(("roles", "agent", "lines", "known"), SCOPES)
@pytest.mark.usefixtures("three")
async def test_each_role_with_each_scope(
    enters: Enters,
    desk: FakeDesk,
    roles: tuple[str, ...],
    agent: str,
    lines: tuple[str, ...],
    known: set[str],
) -> None:
    client = enters("林晓雯", *roles, agent=agent, lines=lines)
    listed = (await client.get("/api/v1/calls")).json()["calls"]
    assert {call["call_id"] for call in listed} == known
    found = (await client.get("/api/v1/search", params={"q": "加个微信"})).json()["hits"]
    assert {one["call_id"] for one in found} == known
    for call_id in (MINE, THEIRS, OTHER_LINE):
        expected = 200 if call_id in known else 404
        for path in (f"/api/v1/calls/{call_id}", f"/api/v1/calls/{call_id}/segments"):
            assert (await client.get(path)).status_code == expected
    page = (await client.get("/calls")).text
    assert {one for one in (MINE, THEIRS, OTHER_LINE) if f"/calls/{one}" in page} == known
    desk.ring("rings", NUMBER, "front")
    live = (await client.get("/api/v1/live")).json()["calls"]
    assert bool(live) is (not lines or "front" in lines)


@pytest.mark.usefixtures("three")
async def test_a_scoped_reviewer_has_a_queue_of_their_lines(enters: Enters) -> None:
    page = (await enters("吴敏", QA, lines=("back",)).get("/review")).text
    assert f'data-call="{OTHER_LINE}"' in page
    assert f'data-call="{MINE}"' not in page


@pytest.mark.usefixtures("three")
async def test_a_call_out_of_reach_is_as_one_that_is_not_there(enters: Enters) -> None:
    client = enters("林晓雯", AGENT, agent="6018")
    theirs = await client.get(f"/api/v1/calls/{THEIRS}")
    nowhere = await client.get("/api/v1/calls/nowhere")
    assert theirs.status_code == nowhere.status_code == 404
    assert theirs.json()["detail"].replace(THEIRS, "nowhere") == nowhere.json()["detail"]
    assert (await client.get(f"/calls/{THEIRS}")).status_code == 404


@pytest.mark.usefixtures("three")
async def test_who_speaks_with_a_number_sees_that_it_called_others(
    enters: Enters, desk: FakeDesk
) -> None:
    client = enters("林晓雯", AGENT, agent="6018")
    desk.ring("now", NUMBER)
    told = (await client.get("/api/v1/calls", params={"of_call": "now"})).json()["calls"]
    assert {MINE, THEIRS, OTHER_LINE} <= {call["call_id"] for call in told}
    assert {call["caller_number"] for call in told if call["agent"] == "6007"} == {"138****6127"}
    assert (await client.get("/api/v1/calls", params={"of_call": THEIRS})).status_code == 404
    desk.ring("hidden", "anonymous")
    told = (await client.get("/api/v1/calls", params={"of_call": "hidden"})).json()
    assert told == {"calls": [], "before": None}


async def test_who_gave_a_call_on_may_still_look_at_it(enters: Enters, desk: FakeDesk) -> None:
    keep(desk, "given", "6018", "front", 1)
    desk.tell(ev.TransferStarted("given", START, "6018", "6007"))
    desk.tell(ev.TransferDone("given", START, "6018", "6007"))
    client = enters("林晓雯", AGENT, agent="6018")
    assert (await client.get("/api/v1/calls/given")).status_code == 200


LIN = Visitor("林晓雯", frozenset({AGENT}), "6018")
BOSS = Visitor("陈静", frozenset({SUPERVISOR}), lines=frozenset({"front"}))


def rang(call_id: str, line: str = "front") -> ev.CallRang:
    return ev.CallRang(call_id, START, NUMBER, "4008200001", line)


def test_an_agent_hears_what_rings_what_is_theirs_and_that_another_took_it() -> None:
    audience = Audience(LIN, ())
    assert audience.hears(rang("a"))
    assert audience.has(rang("a"))
    assert audience.hears(ev.CallAnswered("a", START, "6007"))
    heard = ev.SegmentHeard("a", START, said(Party.CALLER, 0, "喂"))
    assert not audience.hears(heard)
    assert not audience.has(heard)
    assert audience.hears(ev.AgentChanged("a", START, "6007", "on_call", "", "6007"))
    assert audience.hears(ev.CallEnded("a", START, "caller", "answered", "ordinary"))
    assert audience.hears(rang("b"))
    assert audience.hears(ev.CallAnswered("b", START, "6018"))
    assert audience.hears(ev.SegmentHeard("b", START, heard.segment))


def test_whom_a_call_is_given_to_hears_it_from_then_on() -> None:
    talking = LiveCall("a", "talking", NUMBER, "4008200001", START, agent="6007", line="front")
    audience = Audience(LIN, (talking,))
    assert not audience.hears(ev.CallHeld("a", START, "6007"))
    assert audience.hears(ev.TransferStarted("a", START, "6007", "6018"))
    assert audience.hears(ev.CallResumed("a", START, "6007"))


def test_a_lead_hears_their_lines_and_nobody_hears_of_looks_into_the_records() -> None:
    audience = Audience(BOSS, ())
    assert audience.hears(rang("a"))
    assert not audience.has(rang("a"))
    assert not audience.hears(rang("b", "back"))
    assert not audience.hears(ev.CallEnded("b", START, "caller", "answered", ""))
    assert audience.hears(ev.RecordStepped("", START, "shift", "S-1", "plan", "陈静", "x", 0, {}))
    assert not audience.hears(ev.CallHeld("nobody knows", START, "6018"))
    seen = ev.Accessed("a", START, "陈静", "play", "call", "a")
    assert not audience.hears(seen)
    assert not Audience(ANYBODY, ()).hears(seen)


def test_a_reader_remembers_so_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callcenter.web.access.reach.MOST", 2)
    audience = Audience(BOSS, ())
    for call_id in ("a", "b", "c"):
        audience.hears(rang(call_id))
    assert not audience.hears(ev.CallHeld("a", START, "6018"))
    assert audience.hears(ev.CallHeld("c", START, "6018"))


@pytest.mark.parametrize(
    ("path", "call_id"),
    [
        ("/api/v1/calls/x", "x"), ("/api/v1/calls/x/recording", "x"), ("/calls/x", "x"),
        ("/api/v1/withheld/x/number", "x"), ("/api/v1/reviews/x", "x"), ("/api/v1/calls", ""),
        ("/calls", ""), ("/api/v1/callsx/y", ""), ("//calls/x", "x"), ("", ""),
    ],
)  # fmt: skip
def test_what_is_asked_for_by_a_calls_id(path: str, call_id: str) -> None:
    assert call_of(path) == call_id


async def test_the_stream_is_masked_for_who_has_no_right_to_numbers(
    app: FastAPI, enters: Enters, desk: FakeDesk
) -> None:
    desk.ring("a", NUMBER)
    told: dict[str, str] = {}
    people = {"吴敏": (QA,), "林晓雯": (AGENT,)}
    for person, roles in people.items():
        client = enters(person, *roles, agent="6018" if AGENT in roles else "")
        async with Listening(app, HOST, cookie=client.cookies["callcenter"]) as reader:
            snapshot = await reader.event()
            assert snapshot is not None
            told[person] = snapshot[1]["calls"][0]["caller_number"]
            desk.ring(f"b-{person}", NUMBER)
            rings = await reader.event()
            assert rings is not None
            assert rings[1]["caller_number"] == told[person]
            desk.hear(f"b-{person}", said(Party.CALLER, 0, "幺三八零零零零六幺二七"))
            heard = await reader.event()
            assert heard is not None
            whole = heard[1]["segment"]["numbers"] == [NUMBER]
            assert whole is (person == "林晓雯")
    assert told == {"吴敏": "138****6127", "林晓雯": NUMBER}
