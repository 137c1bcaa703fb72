"""The two forms in which a fact is told: our own, and that of Zammad's generic CTI. Pure.

Zammad: https://docs.zammad.org/en/latest/api/generic-cti/ (newCall, answer, hangup). Our own is the
body of Standard Webhooks 1.0 (https://www.standardwebhooks.com): type, timestamp, data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.casework import telephone
from callcenter.core.errors import NotTaken, Refused
from callcenter.core.numbers import is_withheld, mask, plain
from callcenter.core.webhooks import Form


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, and the call that it is about as far as that is kept; times are UTC."""

    type: str
    at: datetime
    data: Mapping[str, Any]
    call_id: str = ""
    direction: str = ""
    line: str = ""
    caller_number: str = ""
    callee_number: str = ""
    answered_by: str = ""
    """The agent's number; "" where nobody has answered, or the system did."""
    was_answered: bool = False


Names = Callable[[str], str]
"""An agent's name by their number."""
OUT = "outbound"
_ZAMMAD = {"call.rang": "newCall", "call.answered": "answer", "call.ended": "hangup"}
_CAUSES = {
    "blocked": "noAnswer",
    "rejected": "noAnswer",
    "ring_no_answer": "noAnswer",
    "abandoned": "cancel",
    "interrupted": "congestion",
    "concurrency_limit": "congestion",
    NotTaken.BUSY: "busy",
    NotTaken.NO_ANSWER: "noAnswer",
    NotTaken.REJECTED: "noAnswer",
    NotTaken.NOT_FOUND: "notFound",
    NotTaken.UNREACHABLE: "congestion",
    NotTaken.CANCELLED: "cancel",
}
"""Why a call that nobody answered ended, in Zammad's words, by our call_result."""


def body(form: Form, told: Told, names: Names, *, masked: bool) -> bytes | None:
    """The JSON text; None where the form has no word for this fact."""
    made = _FORMS[form](told, names, masked)
    return None if made is None else json.dumps(made, ensure_ascii=False).encode()


def takes(form: Form, type: str) -> bool:
    """Whether the form has a word for facts of this type."""
    return form != "zammad" or type in _ZAMMAD


def _own(told: Told, names: Names, masked: bool) -> dict[str, Any]:
    data = dict(told.data)
    if told.direction:
        caller, callee = _numbers(told, masked)
        data |= {"direction": told.direction, "line": told.line}
        data |= {"caller_number": caller, "callee_number": callee}
    if told.call_id:
        data |= {"call_id": told.call_id}
    if data.get("agent"):
        data |= {"agent_name": names(data["agent"])}
    return {"type": told.type, "timestamp": told.at.isoformat(), "data": data}


def _zammad(told: Told, names: Names, masked: bool) -> dict[str, Any] | None:
    event = _ZAMMAD.get(told.type)
    if event is None:
        return None
    caller, callee = (_dialled(number) for number in _numbers(told, masked))
    made = {
        "event": event,
        "from": caller,
        "to": callee,
        "direction": "out" if told.direction == OUT else "in",
        "callId": told.call_id,
    }
    agent = told.data.get("agent") or (told.answered_by if event != "newCall" else "")
    if agent:
        made |= {"user": names(agent)}
    if event == "newCall":
        return made | {"queue": told.line}
    if event == "hangup":
        made |= {"cause": _cause(told)}
    return made | ({"answeringNumber": agent} if agent else {})


def _cause(told: Told) -> str:
    if told.was_answered and told.answered_by:
        return "normalClearing"
    return _CAUSES.get(told.data.get("call_result", ""), "normalClearing")


def _numbers(told: Told, masked: bool) -> tuple[str, str]:
    """The caller's and the callee's: only the one beyond the line is somebody's own."""
    caller, callee = told.caller_number, told.callee_number
    if not masked:
        return caller, callee
    return (caller, mask(callee)) if told.direction == OUT else (mask(caller), callee)


def _dialled(number: str) -> str:
    """As Zammad compares numbers: with the country's prefix and no plus."""
    if is_withheld(number):
        return "anonymous"
    try:
        return telephone.read(number).e164.removeprefix("+") or plain(number)
    except Refused:
        return number


_FORMS: Mapping[Form, Callable[[Told, Names, bool], dict[str, Any] | None]] = {
    "own": _own,
    "zammad": _zammad,
}
