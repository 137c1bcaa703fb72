"""What there was with a customer, all of it in one course, the newest first. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from callcenter.casework.customers.lists import History
from callcenter.store.trail import Entry
from callcenter.web.pages import words
from callcenter.web.pages.calls import facts
from callcenter.web.pages.language import say

KINDS = ("call", "order", "complaint", "follow_up", "file")
LONGEST = 200
"""Lines of one course."""


class Line(NamedTuple):
    """One line of a course."""

    at: datetime
    kind: str
    """One of KINDS."""
    what: str
    who: str = ""
    text: str = ""
    path: str = ""
    hue: str = ""


def of_customer(history: History, entries: Iterable[Entry]) -> Sequence[Line]:
    """Calls, work orders, complaints, follow-ups, and every step in the file."""
    found = [*_calls(history), *_records(history), *map(_step, entries)]
    return sorted(found, key=lambda line: line.at, reverse=True)[:LONGEST]


def _calls(history: History) -> Iterator[Line]:
    for call in history.calls:
        way = say("去电") if call.direction == "outbound" else say("来电")
        hue = words.hue(call.disposition or "")
        what = f"{way} · {facts.result(call)}"
        path = f"/calls/{call.call_id}"
        yield Line(call.rang_at, "call", what, call.agent, facts.evidence(call), path, hue)


def _records(history: History) -> Iterator[Line]:
    for order in history.orders:
        sort = words.word("type", order.type)
        told = f"{say('工单')} · {sort} · {words.word('order_state', order.state)}"
        path = f"/orders/{order.number}"
        text = order.title or order.content
        yield Line(order.opened_at, "order", told, order.owner or order.opened_by, text, path)
    for one in history.complaints:
        told = f"{say('投诉')} · {words.word('complaint_state', one.state)}"
        path = f"/complaints/{one.number}"
        yield Line(one.opened_at, "complaint", told, one.opened_by, one.content, path, "complaint")
    for call in history.follow_ups:
        told = f"{say('回访')} · {words.word('follow_up_state', call.state)}"
        path = f"/follow-ups/{call.number}"
        yield Line(call.done_at or call.due_at, "follow_up", told, call.agent, call.result, path)


def _step(entry: Entry) -> Line:
    what = words.word("customer_step", entry.action)
    return Line(entry.at, "file", what, entry.person, told(entry))


SAID = ("note", "reason", "contact_note", "agent", "merged_into")
"""What a step's line tells of its changes; numbers and addresses stay in the file."""


def told(entry: Entry) -> str:
    """What a step said in words; "" once they were erased."""
    changes: Mapping[str, Any] = json.loads(entry.changes) if entry.changes else {}
    return " · ".join(str(changes[name]) for name in SAID if changes.get(name))
