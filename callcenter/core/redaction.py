"""Hides numbers that people say, before anything is kept or shown: in text and as spans of sound.

Fed with the finished segments of both parties. A segment with digits waits until it is known
whether they are part of a number, at most as long as somebody may go on telling it; what the same
party says then waits behind it, so that what is told of a party has no holes. What is shown
meanwhile has • for digits. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from callcenter.core.numbers_told import ID, JOIN_MS, KINDS, PHONE, Told, same, told_in
from callcenter.core.records import Party, RecordingInfo, Segment, Word
from callcenter.core.spoken_digits import Group, chars, in_groups, worth

MARGIN_MS = 250
"""The times of words are that wrong: so much sound goes with a number on both sides."""
TOGETHER_MS = 2000
"""Sound between two groups of one party that goes with them: a digit may hide in it."""
SLACK_MS = 1500
"""A finished segment comes that late."""
REMEMBERED_MS = 60_000
WELL_KNOWN = re.compile(r"11[0489]|12[02]|123\d\d|100\d\d|95\d{3}")
"""Numbers that everybody may ring: police, complaints, carriers, banks."""
SHOWN_LEAST = 3
"""Digits in a row that are hidden while somebody speaks, unless a number is under way: then any."""
DOT = "•"
NAMES = {"card": "银行卡号", "id": "身份证号", "phone": "电话号码"}
MOBILE_NAME = "手机号"
GOES_ON = "〔续〕"
_MOBILE = re.compile(r"1[3-9]\d{7,}")


@dataclass(frozen=True, slots=True)
class Hidden:
    """What of one party's sound and words must not stay; `text` is what was said there."""

    party: Party
    start_ms: int
    end_ms: int
    kind: str
    text: str


Keep = Callable[[str, Hidden, bytes, int], None]
"""Keeps what a recording, by its path, has where something is about to be hidden: 16-bit mono
sound, and its samples a second. Blocks."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """What must not stay in recordings that are closed."""

    kinds: frozenset[str]
    hide: Callable[[str, Sequence[Hidden]], RecordingInfo]
    """Hide these spans in the recording with this path; what it is then. Blocks; raises OSError."""


def _hides_nothing(path: str, spans: Sequence[Hidden]) -> RecordingInfo:
    raise OSError("nothing hides numbers here")


NOTHING_HIDDEN = Hiding(frozenset(), _hides_nothing)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was told, for the agent whose call it is."""

    kind: str
    digits: str
    party: Party
    start_ms: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What is known by now: segments as they may be kept, spans to silence, numbers told."""

    segments: tuple[Segment, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    numbers: tuple[Number, ...] = ()


NOTHING = Settled()
_Range = tuple[int, int, str]
"""Characters from where to where, and what stands there instead."""


class Redactor:
    """Hides the numbers of one call; `kinds` are some of KINDS, nothing is done where empty."""

    def __init__(self, kinds: Collection[str] = KINDS) -> None:
        self._kinds = frozenset(kinds)
        self._known: list[tuple[str, str]] = []
        """The kind and digits of each number of the call, as it was first told."""
        self._before: list[Segment] = []
        """What was told lately, as it was heard."""
        self._waiting: list[Segment] = []
        self._under_way: Told | None = None
        self._pressed: dict[Party, tuple[int, int]] = {}
        """How many digits each has pressed in this run, and when the last one (ms)."""
        """How many keys were pressed in a run, and when the last was."""

    def heard(self, segment: Segment) -> None:
        """A finished segment; `settle` gives it back, sooner or later."""
        self._waiting.append(segment)

    def settle(self, heard_to_ms: float) -> Settled:
        """What need not wait any more; both parties were heard up to this moment: infinity at the
        call's end."""
        self._under_way = None
        if not self._waiting:
            return NOTHING
        if not self._kinds:
            freed, self._waiting = tuple(self._waiting), []
            return Settled(freed)
        said = sorted([*self._before, *self._waiting], key=lambda one: one.start_ms)
        told = told_in(said)
        open_now = told[-1:] if told and not told[-1].is_over(heard_to_ms - SLACK_MS) else []
        self._under_way = open_now[0] if open_now else None
        held = {one.segment for number in open_now for one in number.groups}
        free = self._free([said[number] for number in held])
        return self._settled(said, told, free)

    @property
    def waiting(self) -> Sequence[Segment]:
        """The segments that were not given back yet."""
        return self._waiting

    def shown(self, segment: Segment) -> Segment:
        """A segment as it may be shown before it is settled."""
        if not self._kinds:
            return segment
        found = _shorter(segment.text, 1) if self._goes_on(segment) else _shorter(segment.text)
        return _covered(segment, found)

    def in_text(self, text: str) -> str:
        """A quotation of what was said, as it may be shown and kept."""
        if not self._kinds:
            return text
        for first, stop, dots in _shorter(text, 1) if self._under_way else _shorter(text):
            text = text[:first] + dots + text[stop:]
        return text

    def keys(self, party: Party, pressed: str, at_ms: int) -> str:
        """Keys that were pressed, as they may be shown and kept: of a longer run of digits the
        beginning. * and # tell nothing of a number."""
        if not self._kinds:
            return pressed
        count, last = self._pressed.get(party, (0, at_ms))
        if at_ms - last > JOIN_MS:
            count = 0
        shown = ""
        for key in pressed:
            count += key.isdigit()
            shown += DOT if key.isdigit() and count > SHOWN_LEAST else key
        self._pressed[party] = count, at_ms
        return shown

    def _goes_on(self, segment: Segment) -> bool:
        return self._under_way is not None and not self._under_way.is_over(segment.start_ms)

    def _free(self, held: Sequence[Segment]) -> list[Segment]:
        """What waits neither for a number nor behind what does."""
        stuck = dict.fromkeys(Party, False)
        free = []
        for segment in self._waiting:
            stuck[segment.party] |= any(segment is one for one in held)
            if not stuck[segment.party]:
                free.append(segment)
        return free

    def _settled(self, said: list[Segment], told: list[Told], free: list[Segment]) -> Settled:
        """The free segments leave, with what was found in them."""
        ids = {id(segment) for segment in free}
        ranges: dict[int, list[_Range]] = {}
        hidden: list[Hidden] = []
        numbers: list[Number] = []
        for one in told:
            if not any(id(said[group.segment]) in ids for group in one.groups):
                continue
            kind = one.kind
            if kind not in self._kinds:
                continue
            for group, text in zip(one.groups, self._names(one, kind), strict=True):
                ranges.setdefault(id(said[group.segment]), []).append(
                    (group.first, group.stop, text)
                )
            hidden += _spans(one.groups, said, kind)
            first = one.groups[0]
            numbers.append(Number(kind, one.digits, first.party, first.start_ms))
        kept = tuple(_covered(one, _merged(one.text, ranges.get(id(one), []))) for one in free)
        self._leave(free)
        return Settled(kept, tuple(hidden), tuple(numbers))

    def _leave(self, free: Iterable[Segment]) -> None:
        ids = {id(one) for one in free}
        self._before += free
        self._waiting = [one for one in self._waiting if id(one) not in ids]
        latest = max((one.end_ms for one in self._before), default=0)
        self._before = [one for one in self._before if one.end_ms > latest - REMEMBERED_MS]

    def _names(self, told: Told, kind: str) -> list[str]:
        """What stands for each group. A further number of its kind shows its last two digits, so
        that a reader can tell them apart; the first one, and what repeats it, shows none."""
        digits = told.digits
        name = MOBILE_NAME if kind == PHONE and _MOBILE.match(digits) else NAMES[kind]
        others = [known for known_kind, known in self._known if known_kind == kind]
        if not any(same(digits, known) for known in others):
            self._known.append((kind, digits))
        elif others and same(digits, others[0]):
            others = []
        mark = f"〔{name}…{digits[-2:]}〕" if others and kind != ID else f"〔{name}〕"
        begun: set[Party] = set()
        texts = []
        for group in told.groups:
            texts.append(GOES_ON if group.party in begun else mark)
            begun.add(group.party)
        return texts


def redacted(segments: Sequence[Segment], kinds: Collection[str] = KINDS) -> Settled:
    """A whole call at once."""
    redactor = Redactor(kinds)
    for segment in segments:
        redactor.heard(segment)
    return redactor.settle(float("inf"))


def _shorter(text: str, least: int = SHOWN_LEAST) -> list[_Range]:
    """The digits that must not be shown yet; 幺幺零 is nobody's number."""
    return [
        (first, stop, DOT * (stop - first))
        for first, stop, digits in in_groups(text)
        if len(digits) >= least and not (least > 1 and WELL_KNOWN.fullmatch(digits))
    ]


def _spans(found: Sequence[Group], said: Sequence[Segment], kind: str) -> list[Hidden]:
    """The sound of a number, each party's; where a segment has no times of words, all of it."""
    spans: list[Hidden] = []
    for party in Party:
        mine = sorted((one for one in found if one.party is party), key=lambda one: one.start_ms)
        for group in mine:
            segment = said[group.segment]
            text = segment.text[group.first : group.stop]
            timed = (group.start_ms, group.end_ms) if segment.words else _whole(segment)
            span = Hidden(party, max(0, timed[0] - MARGIN_MS), timed[1] + MARGIN_MS, kind, text)
            last = spans[-1] if spans and spans[-1].party is party else None
            if last is not None and span.start_ms - last.end_ms <= TOGETHER_MS:
                spans[-1] = replace(
                    last, end_ms=max(last.end_ms, span.end_ms), text=f"{last.text} {text}"
                )
            else:
                spans.append(span)
    return spans


def _whole(segment: Segment) -> tuple[int, int]:
    return segment.start_ms, segment.end_ms


def _merged(text: str, ranges: Iterable[_Range]) -> list[_Range]:
    """Groups with nothing worth reading between them are one."""
    merged: list[_Range] = []
    for first, stop, name in sorted(ranges):
        if merged and len(worth(text[merged[-1][1] : first])) <= 2:
            merged[-1] = (merged[-1][0], stop, merged[-1][2])
        else:
            merged.append((first, stop, name))
    return merged


def _covered(segment: Segment, ranges: Sequence[_Range]) -> Segment:
    """The segment with these parts of its text, and the words in them, replaced."""
    if not ranges:
        return segment
    text, done = "", 0
    for first, stop, name in ranges:
        text += segment.text[done:first] + name
        done = stop
    text += segment.text[done:]
    return replace(segment, text=text, words=_words(segment, ranges), spotted=())


def _words(segment: Segment, ranges: Sequence[_Range]) -> tuple[Word, ...]:
    """Words outside stay, words across an edge are cut, each range becomes one word."""
    if not segment.words:
        return ()
    said = chars(segment)
    kept: list[Word] = []
    done, at = 0, 0
    for word in segment.words:
        at = segment.text.find(word.word, done) if word.word else -1
        if at < 0:
            continue
        done = at + len(word.word)
        outside = [i for i in range(at, done) if not any(a <= i < b for a, b, _ in ranges)]
        if len(outside) == done - at:
            kept.append(word)
        elif outside:
            piece = "".join(segment.text[i] for i in outside)
            kept.append(
                Word(piece, said[outside[0]].start_ms, said[outside[-1]].end_ms, word.confidence)
            )
    kept += [Word(name, said[a].start_ms, said[b - 1].end_ms) for a, b, name in ranges]
    return tuple(sorted(kept, key=lambda one: (one.start_ms, one.end_ms)))
