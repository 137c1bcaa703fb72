"""Digits that people say one by one, found in a recogniser's words, with their times. Pure.

A group is what is said in one breath: 一三八, 零零幺三, 8000. What a recogniser makes of a digit
counts inside a group (要 for 幺, 灵 for 零, 吧 for 八), and so do fillers. No group are quantities
and places (一千三百八十, 二零二六年, 五零三室), sayings, and words with a digit in them (一下).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callcenter.core.records import Party, Segment

SURE = {
    char: str(at % 10)
    for at, char in enumerate("零一二三四五六七八九0123456789０１２３４５６７８９")
}
SURE |= {"〇": "0", "幺": "1"}
ALIKE = {
    **dict.fromkeys("洞另灵领令凌玲", "0"),
    **dict.fromkeys("要腰妖邀药夭医依衣", "1"),
    **dict.fromkeys("两俩而儿耳", "2"),
    **dict.fromkeys("山散伞叁", "3"),
    **dict.fromkeys("是事市死似寺思丝肆", "4"),
    **dict.fromkeys("无吴舞伍", "5"),
    **dict.fromkeys("流刘留陆", "6"),
    **dict.fromkeys("拐其期齐气妻", "7"),
    **dict.fromkeys("吧把爸巴", "8"),
    **dict.fromkeys("就久酒勾玖", "9"),
    **dict.fromkeys("xX叉", "X"),
}
"""What is said for a digit over a bad line, or written for it: only among digits that are sure."""
SPOKEN = frozenset(SURE) | frozenset(ALIKE)
ANCHORS = frozenset(SURE) | frozenset("洞拐两勾")
"""What makes a run: digits, and the words for digits that are said over a bad line."""
FILLERS = frozenset("嗯啊呃唔额哦喔诶哎，。、,.- 　？?！!；;：:")
FILLER_WORDS = ("那个", "然后", "这个", "就是", "对对", "后面")
MOST_BETWEEN = 2
"""Characters that are not sure, within one group, fillers not counted."""
COUNTED = frozenset(
    "年月日号点分秒块元毛角钱十百千万亿个度斤克米吨层楼栋幢座室房弄单路岁天周次遍人位台件套折成倍刻平寸页章条只张"
)
"""After a short group it is a quantity or a place: 二零二六年, 五零三室."""
UNITS = frozenset("十百千万亿第点")
NO_DIGIT = frozenset("下定会起般直样些切共旦早生边面方")
"""After 一 they make it a word."""
SAYINGS = ("三三两两", "七七八八", "一五一十")
LEAST_LONG = 7
"""So many digits are no quantity, whatever follows."""


@dataclass(frozen=True, slots=True)
class Char:
    """One character of a segment's text: where it stands, when it was heard."""

    at: int
    char: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Group:
    """Digits said in one breath: characters `first` up to `stop` of the segment's text."""

    segment: int
    """Which of the segments asked about."""
    party: Party
    first: int
    stop: int
    start_ms: int
    end_ms: int
    digits: str


def chars(segment: Segment) -> list[Char]:
    """Every character of the text with its time; each word's time is shared among its own."""
    found: list[Char] = []
    done = 0
    for word in segment.words:
        at = segment.text.find(word.word, done) if word.word else -1
        if at < 0:
            continue
        found += _spread(segment.text, done, at, word.start_ms, word.start_ms)
        done = at + len(word.word)
        found += _spread(segment.text, at, done, word.start_ms, word.end_ms)
    last = found[-1].end_ms if found else segment.start_ms
    return found + _spread(segment.text, done, len(segment.text), last, segment.end_ms)


def groups(segment: Segment, number: int = 0) -> list[Group]:
    """The groups of digits in a segment, in order."""
    said = chars(segment)
    found = (_group(said, run, number, segment.party) for run in _runs(segment.text))
    return [group for group in found if group is not None]


def stub(segment: Segment, number: int = 0) -> Group | None:
    """A digit or two with which a segment begins, too few for a group: the rest of a number."""
    run = next(_runs(segment.text), [])
    if not run or worth(segment.text[: run[0]]) or _counts(segment.text, run):
        return None
    after = segment.text[run[-1] + 1 : run[-1] + 2]
    if after in COUNTED or (segment.text[run[-1]] == "一" and after in NO_DIGIT):
        return None
    return _made(chars(segment), run, number, segment.party)


def in_groups(text: str) -> list[tuple[int, int, str]]:
    """The same of a bare text: from where to where, and the digits."""
    kept = (run for run in _runs(text) if _counts(text, run))
    return [(run[0], run[-1] + 1, _digits(text, run)) for run in kept]


def worth(text: str) -> str:
    """The text without fillers: what speaks against two groups being one number."""
    for word in FILLER_WORDS:
        text = text.replace(word, "")
    return "".join(char for char in text if char not in FILLERS)


def _spread(text: str, first: int, stop: int, start_ms: int, end_ms: int) -> list[Char]:
    count, length = stop - first, end_ms - start_ms
    return [
        Char(
            first + i,
            text[first + i],
            start_ms + length * i // count,
            start_ms + length * (i + 1) // count,
        )
        for i in range(count)
    ]


def _runs(text: str) -> Iterator[list[int]]:
    """The places of the digits of each run."""
    for found in _DIGITLIKE.finditer(text):
        places = [at for at in range(*found.span()) if text[at] in SPOKEN]
        anchors = [at for at in places if text[at] in ANCHORS]
        while anchors:
            last = _reach(places, anchors)
            yield _widened(text, places, anchors[0], last)
            anchors = [at for at in anchors if at > last]


_FILLER = f"[{re.escape(''.join(FILLERS))}]|{'|'.join(FILLER_WORDS)}"
_DIGITLIKE = re.compile(f"(?:[{''.join(SPOKEN)}](?:{_FILLER})*)+")


def _reach(places: list[int], anchors: list[int]) -> int:
    """The last anchor that goes with the first one: not too much that is only alike between."""
    order = {at: n for n, at in enumerate(places)}
    last = anchors[0]
    for at in anchors[1:]:
        if order[at] - order[last] - 1 > MOST_BETWEEN:
            break
        last = at
    return last


def _widened(text: str, places: list[int], first: int, last: int) -> list[int]:
    """The run with what is alike at its edges where that can hardly be a word: where the segment
    begins or ends with it, and what is heard for a leading 幺."""
    before = [at for at in places if at < first]
    after = [at for at in places if at > last]
    run = [at for at in places if first <= at <= last]
    if before and not worth(text[: before[0]]):
        run = [*before, *run]
    elif before and before[-1] == first - 1 and ALIKE.get(text[before[-1]]) == "1":
        run = [before[-1], *run]
    if after and (not worth(text[after[-1] + 1 :]) or ALIKE.get(text[after[0]]) == "X"):
        run = [*run, *after]
    return run


def _counts(text: str, run: list[int]) -> bool:
    """Whether these digits can be a part of a number that is read out."""
    if text[run[0] : run[-1] + 1] in SAYINGS:
        return False
    sure = sum(text[at] in SURE for at in run)
    if sure >= LEAST_LONG:
        return True
    if sum(text[at] in ANCHORS for at in run) < 2 and len(run) < len(worth(text)):
        return False
    beside = text[run[-1] + 1 : run[-1] + 2], text[: run[0]][-1:]
    return beside[0] not in COUNTED and beside[1] not in UNITS


def _group(said: Sequence[Char], run: list[int], number: int, party: Party) -> Group | None:
    text = "".join(char.char for char in said)
    return _made(said, run, number, party) if _counts(text, run) else None


def _made(said: Sequence[Char], run: list[int], number: int, party: Party) -> Group:
    text = "".join(char.char for char in said)
    digits = _digits(text, run)
    first, last = said[run[0]], said[run[-1]]
    return Group(number, party, run[0], run[-1] + 1, first.start_ms, last.end_ms, digits)


def _digits(text: str, run: list[int]) -> str:
    return "".join(SURE.get(text[at]) or ALIKE[text[at]] for at in run)
