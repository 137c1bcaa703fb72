"""Reads what a rule asks for beside words: what is noticed in a call, and known before it. Pure.

The tables at the end name every such key; docs/rules.md explains them to the people who use them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

from callcenter.core.errors import PackError
from callcenter.core.records import TICKS, CallerHistory, Known, Party
from callcenter.scripts.condition import Given, Leaf, Measured, Sign, Silence
from callcenter.scripts.phrase import Pattern
from callcenter.scripts.reading import Table, listed, only, switch, whole, word

VERDICTS = ("harassment", "complaint", "ordinary")
VERDICT_WORDS = dict(zip(VERDICTS, ("骚扰", "投诉", "普通"), strict=True))
TICK_WORDS = dict(zip(TICKS, ("笑声", "几个人的声音"), strict=True))
SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
SLOWEST = 6
"""Characters a second: people talk at four or five, so less would be no mark of anything."""
MOST_CALLS = 1000

Says = Callable[[Known], str]
Parties = frozenset[Party]


def read_happening(
    key: str, table: Table, parties: Parties, greetings: tuple[Pattern, ...], where: str
) -> Sign:
    """The sign that one of HAPPENING asks for. Raises PackError."""
    if key == "silence":
        return _silence(table, greetings, where)
    return HAPPENING[key](table, parties, where)


def read_given(table: Table, where: str) -> tuple[Given, ...]:
    """What has to be known before the call, a sign for each key of GIVEN. Raises PackError."""
    return tuple(Given(read(table, where)) for key, read in GIVEN.items() if key in table)


def _silence(table: Table, greetings: tuple[Pattern, ...], where: str) -> Silence:
    asked = _table(table, "silence", ("after_greetings", "seconds"), where)
    where = f"{where}: silence"
    times = whole(asked, "after_greetings", where, 1, 10)
    seconds = whole(asked, "seconds", where, 1, 600)
    if times is None or seconds is None:
        raise PackError(f"{where}: expected both after_greetings and seconds")
    if not greetings:
        raise PackError(f"{where}: the pack says no greetings; expected a list of them at its head")
    return Silence(Leaf(greetings, frozenset({Party.AGENT}), sound=False), times, seconds * 1000)


def _overlap(table: Table, parties: Parties, where: str) -> Measured:
    least = whole(table, "overlap_s", where, 1, 30) or 0
    return Measured("overlap", frozenset({"overlap"}), least)


def _loud(table: Table, parties: Parties, where: str) -> Measured:
    asked = _table(table, "loud", ("rise_db", "dbfs", "seconds"), where)
    where = f"{where}: loud"
    rise, level = whole(asked, "rise_db", where, 1, 60), whole(asked, "dbfs", where, -60, 0)
    if (rise is None) == (level is None):
        raise PackError(f"{where}: expected rise_db or dbfs, one of them")
    seconds = whole(asked, "seconds", where, 1, 60, 1) or 1
    kind, least = ("rise", rise) if level is None else ("level", level)
    return Measured("loud", frozenset({kind}), least or 0, seconds * 1000, parties)


def _pace(table: Table, parties: Parties, where: str) -> Measured:
    least = whole(table, "pace", where, SLOWEST, 20) or 0
    return Measured("pace", frozenset({"pace"}), least, 0, parties)


def _ticked(table: Table, parties: Parties, where: str) -> Measured:
    boxes = listed(table, "ticked", where, "tick-boxes")
    for box in boxes:
        if box not in TICKS:
            raise PackError(f"{where}: ticked has {box!r}; expected {' or '.join(TICKS)}")
    return Measured("ticked", frozenset(boxes))


def _time_of_day(table: Table, where: str) -> Says:
    value = table["time_of_day"]
    spans = [_span(each, where) for each in (value if isinstance(value, list) else [value])]
    if not spans:
        raise PackError(f"{where}: time_of_day is []; expected a time such as 22:00-06:00")
    return lambda known: _came_in(known.local_time, spans)


def _span(value: object, where: str) -> tuple[time, time]:
    found = SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PackError(f"{where}: time_of_day is {value!r}; expected a time such as 22:00-06:00")
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise PackError(f"{where}: time_of_day is {value!r}; expected an end that is not its start")
    return begin, end


def _came_in(at: time | None, spans: list[tuple[time, time]]) -> str:
    if at is None or not any(_between(at, begin, end) for begin, end in spans):
        return ""
    return f"{at:%H:%M} 来电"


def _between(at: time, begin: time, end: time) -> bool:
    """`end` is not in it; where it is the earlier one, midnight lies between."""
    return begin <= at < end if begin < end else at >= begin or at < end


def _calls_24h(table: Table, where: str) -> Says:
    least = whole(table, "calls_24h", where, 1, MOST_CALLS) or 1
    return _of_history(lambda history: history.calls_24h >= least, _how_often)


def _how_often(history: CallerHistory) -> str:
    return f"24 小时内已来电 {history.calls_24h} 次"


def _known_customer(table: Table, where: str) -> Says:
    wanted = switch(table, "known_customer", where, True)
    says = "登记过的客户" if wanted else "不是登记过的客户"
    return _of_history(lambda history: history.known_customer is wanted, lambda _: says)


def _last_verdict(table: Table, where: str) -> Says:
    wanted = word(table, "last_verdict", where)
    if wanted not in VERDICTS:
        raise PackError(f"{where}: last_verdict is {wanted!r}; expected {', '.join(VERDICTS)}")
    says = f"上次判定为{VERDICT_WORDS[wanted]}"
    return _of_history(lambda history: history.last_verdict == wanted, lambda _: says)


def _withheld(table: Table, where: str) -> Says:
    wanted = switch(table, "withheld", where, True)
    says = "号码隐藏" if wanted else "号码未隐藏"
    return lambda known: says if known.withheld is wanted else ""


def _of_history(
    holds: Callable[[CallerHistory], bool], says: Callable[[CallerHistory], str]
) -> Says:
    """False of a caller of whom nothing is known, whatever is asked."""
    return lambda known: (
        says(known.history) if known.history is not None and holds(known.history) else ""
    )


def _table(table: Table, key: str, allowed: tuple[str, ...], where: str) -> Table:
    asked = table[key]
    if not isinstance(asked, dict):
        expected = " and ".join(allowed)
        raise PackError(f"{where}: {key} is {asked!r}; expected a table of {expected}")
    only(asked, allowed, f"{where}: {key}")
    return asked


HAPPENING: dict[str, Callable[[Table, Parties, str], Measured]] = {
    "overlap_s": _overlap,
    "loud": _loud,
    "pace": _pace,
    "ticked": _ticked,
}
GIVEN: dict[str, Callable[[Table, str], Says]] = {
    "time_of_day": _time_of_day,
    "calls_24h": _calls_24h,
    "known_customer": _known_customer,
    "last_verdict": _last_verdict,
    "withheld": _withheld,
}
