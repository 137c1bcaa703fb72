"""What can be measured of a call, each with its places in it: core.scorecards.MEASURES. Pure.

Handbook items D2 to D4, D6, D7, D14, R6. Nothing here judges: thresholds are on the form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from callcenter.casework.quality.speech import (
    Place,
    Said,
    Span,
    between,
    interruptions,
    length,
    merged,
    said,
    spoken,
    squeezed,
)
from callcenter.core.records import Hit, Party, Segment
from callcenter.core.scorecards import Item

TAUGHT_MS = 30_000
"""A silence that begins so soon after the card 无言等待 was shown may be meant (D14)."""
TAUGHT = "无言等待"
ECHO = 2
"""So many pairs of characters of the caller's own are in words that restate them."""
LEAST_TOLD = 8
"""Characters; who has said less cannot be restated."""
LEAST_PACE_MS = 3000
"""Of speech, for a pace."""
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What is kept of a call that is over."""

    segments: tuple[Segment, ...]
    """In order."""
    banned: tuple[Hit, ...] = ()
    """The agent's own (D6, D7)."""
    elsewhere: tuple[Span, ...] = ()
    """Prompts, holding, sound that nobody listened to: no silence."""
    waits: tuple[int, ...] = ()
    """When the card 无言等待 was shown."""
    waited_ms: int | None = None
    """From the ring to the answer; None where it was not the caller who waited."""

    @property
    def end_ms(self) -> int:
        """When the last word was said."""
        return max((one.end_ms for one in self.segments), default=0)


@dataclass(frozen=True, slots=True)
class Measured:
    """A value, None where it cannot be told, and where in the call it is from."""

    value: float | None
    places: tuple[Place, ...] = ()


def measured(item: Item, heard: Heard) -> Measured:
    """What the item's measure finds in a call."""
    return _MEASURES[item.measure](item, heard)


def silences(heard: Heard, least_ms: int) -> tuple[Place, ...]:
    """Where neither speaks for so long, up to the last word (静音)."""
    busy = merged([*_speech(heard, Party.CALLER), *_speech(heard, Party.AGENT), *heard.elsewhere])
    quiet = between([span for span in busy if span[0] < heard.end_ms], least_ms)
    return tuple(Place(*span, text=_why(heard, span)) for span in quiet)


def overlaps(heard: Heard, least_ms: int) -> tuple[Place, ...]:
    """Where one talks over the other for so long; `party` is who did (抢话)."""
    caller, agent = _speech(heard, Party.CALLER), _speech(heard, Party.AGENT)
    by_agent = interruptions(agent, caller, least_ms)
    by_caller = interruptions(caller, agent, least_ms)
    found = [Place(*span, Party.AGENT.value) for span in by_agent]
    found += [Place(*span, Party.CALLER.value) for span in by_caller]
    return tuple(sorted(found, key=lambda place: place.start_ms))


def talk_share(heard: Heard) -> float | None:
    """The agent's part of all that was said, in percent; None where nothing was."""
    agent = length(_speech(heard, Party.AGENT))
    both = agent + length(_speech(heard, Party.CALLER))
    return round(100 * agent / both, 1) if both else None


def pace(heard: Heard, party: Party) -> float | None:
    """Characters a minute of speech; None where there is too little of it (语速)."""
    ms = length(_speech(heard, party))
    if ms < LEAST_PACE_MS:
        return None
    return round(len(said(heard.segments, party).text) * MINUTE_MS / ms)


def _silence(item: Item, heard: Heard) -> Measured:
    return _counted(silences(heard, item.span), heard)


def _overlap(item: Item, heard: Heard) -> Measured:
    mine = [place for place in overlaps(heard, item.span) if place.party == Party.AGENT]
    return _counted(mine, heard)


def _talk_share(item: Item, heard: Heard) -> Measured:
    return Measured(talk_share(heard))


def _pace(item: Item, heard: Heard) -> Measured:
    return Measured(pace(heard, Party.AGENT))


def _banned(item: Item, heard: Heard) -> Measured:
    hits = [hit for hit in heard.banned if not item.words or hit.rule in item.words]
    return _counted([_place(hit) for hit in hits], heard)


def _greeting(item: Item, heard: Heard) -> Measured:
    return _found(item, said(heard.segments, Party.AGENT, 0, item.span), heard)


def _closing(item: Item, heard: Heard) -> Measured:
    since = heard.end_ms - item.span
    return _found(item, said(heard.segments, Party.AGENT, since), heard)


def _restated(item: Item, heard: Heard) -> Measured:
    """None where the caller said next to nothing."""
    if len(said(heard.segments, Party.CALLER).text) < LEAST_TOLD:
        return Measured(None)
    mine = [one for one in heard.segments if one.party is Party.AGENT]
    places = [_segment(one) for one in mine if _restates(item, one, heard)]
    return Measured(len(places), tuple(places))


def _answered(item: Item, heard: Heard) -> Measured:
    waited = heard.waited_ms
    return Measured(None if waited is None else round(waited / 1000, 1))


def _restates(item: Item, segment: Segment, heard: Heard) -> bool:
    words = squeezed(segment.text)
    if not any(squeezed(phrase) in words for phrase in item.words):
        return False
    since, until = segment.start_ms - item.span, segment.start_ms
    near = [one for one in heard.segments if one.end_ms > since and one.start_ms < until]
    told = said(near, Party.CALLER, since, until).text
    return len(_pairs(told) & _pairs(words)) >= ECHO


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _found(item: Item, words: Said, heard: Heard) -> Measured:
    spans = [(span, phrase) for phrase in item.words if (span := words.find(phrase))]
    places = [Place(*span, Party.AGENT.value, phrase) for span, phrase in sorted(spans)]
    return _counted(places, heard)


def _counted(places: Sequence[Place], heard: Heard) -> Measured:
    """Of a call without a transcript nothing can be told."""
    return Measured(len(places), tuple(places)) if heard.segments else Measured(None)


def _why(heard: Heard, span: Span) -> str:
    taught = any(span[0] - TAUGHT_MS <= shown <= span[1] for shown in heard.waits)
    return TAUGHT if taught else ""


def _speech(heard: Heard, party: Party) -> list[Span]:
    return spoken(heard.segments, party)


def _place(hit: Hit) -> Place:
    return Place(hit.start_ms, hit.end_ms, hit.party.value, hit.text)


def _segment(segment: Segment) -> Place:
    return Place(segment.start_ms, segment.end_ms, segment.party.value, segment.text)


_MEASURES: Mapping[str, Callable[[Item, Heard], Measured]] = {
    "silence": _silence,
    "overlap": _overlap,
    "talk_share": _talk_share,
    "pace": _pace,
    "banned": _banned,
    "greeting": _greeting,
    "restated": _restated,
    "closing": _closing,
    "answered": _answered,
}
COUNTED = ("silence", "overlap", "banned")
"""Measures of which a place can be excused: each counts one."""
