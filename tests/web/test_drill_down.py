"""Every figure of every report leads to what it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from callcenter.core.events import (
    CallAnswered,
    CallEnded,
    CallRang,
    Event,
    HitFound,
    PromptStarted,
    RecordStepped,
    SteerBackOffered,
    TerminationConfirmed,
)
from callcenter.core.records import Hit, Party
from tests.web.fakes import START, FakeDesk

API = "/api/v1/"
HOUR = timedelta(hours=1)


def call(desk: FakeDesk, call_id: str, n: int, disposition: str, agent: str = "8001") -> None:
    at, number = START + n * timedelta(minutes=1), f"1540000000{n % 4}"
    blocked = disposition == "blocked"
    events: list[Event] = [CallRang(call_id, at, number, "4008200001", "main")]
    if disposition != "abandoned":
        seconds = timedelta(seconds=4 + 9 * n)
        events.append(CallAnswered(call_id, at + seconds, "" if blocked else agent))
    if disposition == "complaint":
        hit = Hit("q1", "quality", Party.CALLER, 0, 500, "坏了")
        events.append(HitFound(call_id, at + seconds, hit))
    if disposition == "harassment":
        taunt = Hit("i1", "insult", Party.CALLER, 0, 500, "笨蛋")
        events.append(SteerBackOffered(call_id, at + seconds, "insult", "请讲正事", "笨蛋"))
        events.append(HitFound(call_id, at + seconds, taunt))
        events.append(TerminationConfirmed(call_id, at + seconds, agent, "line_fault"))
    if disposition in ("harassment", "blocked"):
        prompt = "line_fault" if disposition == "harassment" else "analysis"
        events.append(PromptStarted(call_id, at + seconds, prompt, 6000))
    result = disposition if disposition in ("blocked", "abandoned") else "answered"
    events.append(CallEnded(call_id, at + HOUR, "caller", result, disposition))
    for event in events:
        desk.books.write(event)


def record(desk: FakeDesk, kind: str, number: str, state: str, **fields: Any) -> None:
    desk.books.write(RecordStepped("", START, kind, number, "open", "王芳", state, 0, fields))


def week(desk: FakeDesk) -> None:
    """Something of everything."""
    kinds = ("ordinary", "complaint", "harassment", "blocked", "abandoned", "complaint")
    for n, disposition in enumerate(kinds):
        call(desk, f"c{n}", n, disposition, agent=f"800{n % 2}")
    late = START + HOUR
    for n, kept in enumerate((True, False, None)):
        promise = {"what": ("mail", "reply", "mail")[n], "due_at": late.isoformat()}
        promise |= {"made_at": START.isoformat(), "made_by": "王芳", "kept": kept}
        promise |= {"ended_at": None if kept is None else late.isoformat()}
        fields = {"type": ("enquiry", "repair", "repair")[n], "promises": [promise]}
        record(desk, "work_order", f"WO-{n}", "pending", alarm="danger" if n else "", **fields)
    told = {"content": "坏了", "wanted": "退货", "complainant": "张"}
    for n, category in enumerate(("quality", "quality", "price")):
        judged = {"founded": n > 0, "judged_at": START + 3 * n * HOUR} if n < 2 else {}
        more = {"feedback_due_at": START + HOUR, "department": "售后部" if n else "", **judged}
        done = {"closed_at": START + HOUR, "satisfied": True, "rounds": n} if n == 1 else {}
        record(desk, "complaint", f"CP-{n}", "received", category=category, **told, **more, **done)
    record(desk, "complaint", "CP-9", "received", category="price", severity="major", **told)
    for n, state in enumerate(("done", "done", "messaged", "due", "cancelled")):
        done = {"done_at": START + n * HOUR, "satisfied": not n} if n < 2 else {}
        fields = {"reason": ("order", "member")[n % 2], "phone": f"154{n}", "due_at": START + HOUR}
        agent = {} if state == "due" else {"agent": "王芳"}
        record(desk, "follow_up", f"FU-{n}", state, **fields, **agent, **done)


def figures(sheet: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every cell that counts, and where it stands."""
    found = [(fact["name"], fact) for fact in sheet["facts"]]
    for table in sheet["tables"]:
        for row in table["rows"]:
            for column, cell in zip(table["columns"], row, strict=True):
                found.append((f"{table['title']} {row[0]['text']} {column}", cell))
    return [(where, cell) for where, cell in found if "counts" in cell]


async def test_every_figure_leads_to_what_it_counts(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    week(desk)
    since = {"since": START.isoformat(), "until": (START + 24 * HOUR).isoformat()}
    asked = [
        ("reports/service", {"period": "week"}),
        ("reports/service", {"period": "day"}),
        ("reports/harassment", {"period": "week"}),
        ("reports/harassment", {"first": "2026-11-01", "last": "2026-11-30"}),
        ("complaints/statistics", since),
        ("follow-ups/report", since),
        ("reports/handovers", {"period": "week"}),
    ]
    counted = 0
    for path, params in asked:
        sheet = (await client.get(API + path, params=params)).json()
        for where, cell in figures(sheet):
            answer = await client.get(API + cell["counts"])
            assert answer.status_code == 200, (path, where, cell["counts"], answer.text)
            if isinstance(cell["value"], int) and "—" not in where:
                counted += 1
                assert many(answer.json()) == cell["value"], (path, where, cell)
    assert counted > 150


def many(listed: Any) -> int:
    return len(listed["calls"] if isinstance(listed, dict) else listed)
