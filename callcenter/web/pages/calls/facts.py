"""What a page says about a kept call, worked out from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from callcenter.core.records import Agent
from callcenter.store.tables import Call, QualityRow
from callcenter.web.pages import words
from callcenter.web.pages.language import say

SHOWN_LONGEST = 60
"""Characters of evidence in a list."""


def names(agents: Iterable[Agent]) -> dict[str, str]:
    """How each seat number is written: name and number."""
    return {agent.number: f"{agent.name} {agent.number}" for agent in agents}


def person(people: Mapping[str, str], who: str) -> str:
    """A seat number or a name as people read it; the system by its name."""
    if who == "system":
        return say("系统")
    return people.get(who, who) or "—"


def far_number(call: Call) -> str:
    """The number beyond the line: who called us, or whom we called."""
    return call.callee_number if call.direction == "outbound" else call.caller_number


def result(call: Call) -> str:
    """What became of a call that is over."""
    if call.disposition:
        return words.word("disposition", call.disposition)
    out = call.direction == "outbound" and call.call_result in words.WORDS["not_taken"]
    return words.word("not_taken" if out else "call_result", call.call_result)


def ended_by(call: Call) -> str:
    """Who hung up: in a call that we made, whom we called is no 来电人."""
    far = call.direction == "outbound" and call.ended_by == "caller"
    return say("对方") if far else words.word("ended_by", call.ended_by)


def quality(row: QualityRow) -> str:
    """How one party's sound came, in one line."""
    whole = row.packets + row.lost
    loss = 100 * row.lost / whole if whole else 0.0
    parts = [f"MOS {row.mos:.1f}", say("丢包 {share}%", share=f"{loss:.1f}")]
    parts.append(say("迟到 {count}", count=row.late))
    parts.append(say("抖动 {ms} 毫秒", ms=f"{row.jitter_ms:.0f}"))
    if row.round_trip_ms >= 0:
        parts.append(say("往返 {ms} 毫秒", ms=f"{row.round_trip_ms:.0f}"))
    return " · ".join(parts)


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
