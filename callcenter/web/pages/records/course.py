"""What was done with a record, step by step, as people read it: from its trail. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.store.trail import Entry
from callcenter.web.pages.language import say
from callcenter.web.pages.words import word

TELLING = (
    "note", "judgement", "cause", "remark", "reply", "feedback", "summary", "result", "solution",
    "proposal", "process_told", "sanction", "content",
)  # fmt: skip
"""The first of these that a step has is what it says."""
ICONS: Mapping[str, str] = {
    "open": "ticket", "register": "ticket", "plan": "ticket", "raise_new": "ticket",
    "chase": "bolt", "dispatch": "arrow-forward-up", "allot": "arrow-forward-up",
    "escalate": "arrow-forward-up", "transfer": "arrow-forward-up", "report": "flag",
    "approve": "gavel", "found": "gavel", "refuse": "gavel", "send_back": "repeat",
    "contact": "phone", "report_progress": "phone", "reply_accepted": "phone",
    "reply_not_accepted": "phone", "followed_up": "phone", "reached": "phone",
    "not_reached": "phone-off", "give_up": "phone-off", "acknowledge": "messages",
    "tell_more": "messages", "reply": "messages", "message": "messages",
    "investigate": "search", "correct": "pencil", "promise": "clock", "postpone": "clock",
    "reopen": "repeat", "not_satisfied": "repeat", "not_accepted": "repeat",
}  # fmt: skip
PLAIN = "check"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, who, what, in which words."""

    at: datetime
    person: str
    words: str
    """The kind of its word."""
    action: str
    icon: str
    told: str
    to: str
    """To whom the record was handed with it; "" to nobody."""

    @property
    def name(self) -> str:
        """What it is called."""
        return word(self.words, self.action)

    @property
    def said(self) -> str:
        """Its words, and to whom."""
        handed = say("给 {who}", who=self.to) if self.to else ""
        return " · ".join(one for one in (handed, self.told) if one)


def course(kind: str, entries: Sequence[Entry]) -> list[Step]:
    """The steps, the newest first; `kind` says whose words its actions have."""
    return [_step(kind, entry) for entry in reversed(entries)]


def _step(kind: str, entry: Entry) -> Step:
    icon = ICONS.get(entry.action, PLAIN)
    changed = _changes(entry.changes)
    parts = dict.fromkeys(one for part in _PARTS if (one := part(changed)))
    what = (f"{kind}_action", entry.action, icon)
    return Step(entry.at, entry.person, *what, " · ".join(parts), _handed(changed))


def _changes(changes: str) -> dict[str, Any]:
    """What a step changed; nothing where its words were erased."""
    try:
        told = json.loads(changes)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _words(told: Mapping[str, Any]) -> str:
    return next((str(told[name]) for name in TELLING if told.get(name)), "")


def _handed(told: Mapping[str, Any]) -> str:
    to = told.get("escalated_to") or told.get("owner") or told.get("agent")
    return str(to) if to else ""


def _last(name: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    """What the newest entry of a list that only grows says."""

    def said(told: Mapping[str, Any]) -> str:
        kept = told.get(name)
        one = kept[-1] if isinstance(kept, list) and kept else None
        return str(one.get(key) or "") if isinstance(one, dict) else ""

    return said


_PARTS = (
    _words,
    _last("contacts", "note"),
    _last("proposals", "measures"),
    _last("tries", "result"),
    _last("reported_to", "to"),
    _last("improvements", "measure"),
)
