"""Who speaks when in a call, by the times of words, and where something was said. Pure.

Spans are (start, end) in ms since answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callcenter.core.records import Party, Segment

Span = tuple[int, int]
BREATH_MS = 300
"""Words with a shorter pause between them are one stretch of speech."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a call something is, for the page to jump to."""

    start_ms: int
    end_ms: int
    party: str = ""
    """caller, agent, or "" for both."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """All that a party said in some time, letters and digits only, each with its time."""

    text: str
    times: tuple[Span, ...]

    def find(self, phrase: str) -> Span | None:
        """When this was said first."""
        wanted = squeezed(phrase)
        at = self.text.find(wanted)
        if not wanted or at < 0:
            return None
        return self.times[at][0], self.times[at + len(wanted) - 1][1]


def squeezed(text: str) -> str:
    """Letters and digits only, in small letters."""
    return "".join(char for char in text.casefold() if char.isalnum())


def spoken(segments: Iterable[Segment], party: Party) -> list[Span]:
    """The stretches in which this party speaks, in order, one after the other."""
    words = (span for one in segments if one.party is party for span in _words(one))
    return merged(words, BREATH_MS)


def merged(spans: Iterable[Span], within_ms: int = 0) -> list[Span]:
    """In order, those that touch, or are so close, as one."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if found and start - found[-1][1] <= within_ms:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def between(spans: Sequence[Span], least_ms: int) -> list[Span]:
    """From 0 to the last of these merged spans: what lies between them and is so long."""
    ends = [0, *(end for _, end in spans)]
    gaps = zip(ends, (start for start, _ in spans), strict=False)
    return [(start, end) for start, end in gaps if end - start >= least_ms]


def interruptions(
    mine: Sequence[Span], theirs: Sequence[Span], least_ms: int
) -> list[tuple[int, int]]:
    """Where one begins to talk while the other does, and both go on for so long."""
    found = []
    at = 0
    for start, end in mine:
        while at < len(theirs) and theirs[at][1] <= start:
            at += 1
        if at < len(theirs) and theirs[at][0] < start:
            until = min(end, theirs[at][1])
            if until - start >= least_ms:
                found.append((start, until))
    return found


def length(spans: Iterable[Span]) -> int:
    """How long they last together, in ms."""
    return sum(end - start for start, end in spans)


def said(
    segments: Iterable[Segment], party: Party, since_ms: int = 0, until_ms: int | None = None
) -> Said:
    """What this party said in words that begin within this time."""
    letters: list[str] = []
    times: list[Span] = []
    for segment in segments:
        if segment.party is party:
            for text, start, end in _texts(segment):
                if start >= since_ms and (until_ms is None or start < until_ms):
                    kept = squeezed(text)
                    letters.append(kept)
                    times += [(start, end)] * len(kept)
    return Said("".join(letters), tuple(times))


def _texts(segment: Segment) -> list[tuple[str, int, int]]:
    if not segment.words:
        return [(segment.text, segment.start_ms, segment.end_ms)]
    return [(one.word, one.start_ms, one.end_ms) for one in segment.words]


def _words(segment: Segment) -> list[Span]:
    return [(start, end) for _, start, end in _texts(segment)]


def quoted(segments: Iterable[Segment], start_ms: int, end_ms: int, party: str = "") -> str:
    """The words said then, by this party or either; the whole sentence at a single moment."""
    told = [one for one in segments if party in ("", one.party.value)]
    if end_ms <= start_ms:
        return "".join(one.text for one in told if one.start_ms <= start_ms < one.end_ms)
    words = (word for one in told for word in _texts(one))
    return "".join(text for text, start, end in words if start < end_ms and end > start_ms)
