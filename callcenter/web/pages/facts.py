"""What a page says about a kept call, worked out from its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from callcenter.core.records import Agent
from callcenter.store.tables import Call

SHOWN_LONGEST = 60
"""Characters of evidence in a list."""


def names(agents: Iterable[Agent]) -> dict[str, str]:
    """How each seat number is written: name and number."""
    return {agent.number: f"{agent.name} {agent.number}" for agent in agents}


def person(people: Mapping[str, str], who: str) -> str:
    """A seat number or a name as people read it; the system by its name."""
    if who == "system":
        return "系统"
    return people.get(who, who) or "—"


def offset_ms(call: Call, at: datetime) -> int | None:
    """A moment as milliseconds since answer, None where there was no answer."""
    if call.answered_at is None:
        return None
    return max(0, round((at - call.answered_at).total_seconds() * 1000))


def talk_ms(call: Call) -> int | None:
    """How long the answered call lasted."""
    return None if call.ended_at is None else offset_ms(call, call.ended_at)


def categories(call: Call) -> list[str]:
    """What was hit, each category once, in order."""
    return list(dict.fromkeys(hit.category for hit in call.hits))


def model_name(model: str) -> str:
    """How a model is called on a page: by its name, or the last part of its folder's path."""
    return model.rstrip("/").rpartition("/")[2] or model


def evidence(call: Call) -> str:
    """The words that flagged the call: what the proposal rests on, else the first hit."""
    told = [decision.evidence for decision in call.decisions if decision.evidence]
    told += [hit.text for hit in call.hits]
    text = told[0] if told else ""
    return text if len(text) <= SHOWN_LONGEST else text[: SHOWN_LONGEST - 1] + "…"
