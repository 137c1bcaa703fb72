"""Scorecards (评分表): what a call is judged by, item by item, and its plain form. Pure.

An item is filled by a person, or measured from what is kept of the call, by one of MEASURES.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

MEASURES: Mapping[str, int] = {
    "silence": 3000,
    "overlap": 1000,
    "talk_share": 0,
    "pace": 0,
    "banned": 0,
    "greeting": 10_000,
    "restated": 60_000,
    "closing": 20_000,
    "answered": 0,
}
"""What can be measured, and the `span_ms` that is meant where an item gives none.

silence: how often both were silent for so long (静音); overlap: how often the agent began to talk
over the caller, for so long (抢话); talk_share: the agent's part of all that was said, in percent
(说听比); pace: the agent's characters a minute (语速); banned: service taboos (服务忌语), of the
rules in `words`, or all; greeting, closing: how many of `words` the agent said within the first, or
last, so many ms; restated: how often the agent said one of `words` together with what the caller
had said within so many ms before (复述); answered: seconds that it rang.
"""
SPOKEN = ("greeting", "restated", "closing")
"""Measures that need `words`."""
MOST_ITEMS, MOST_WORDS, LONGEST, LONGEST_WORD = 60, 60, 500, 40
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to judge (评分项).

    Where the measured value is below `least` or above `most`, each unit of that costs `minus`
    points, or all of them where `minus` is 0.
    """

    key: str
    """What its answer is kept under: small letters, digits, underscores."""
    title: str
    points: float
    """The most that it brings."""
    yes_no: bool = False
    """All of its points, or none."""
    weight: float = 1.0
    """How often its points count in the whole."""
    critical: bool = False
    """一票否决: no point here, and the whole is 0."""
    hint: str = ""
    """What counts, for the person who fills it in."""
    measure: str = ""
    """One of MEASURES; a person judges where empty."""
    least: float | None = None
    most: float | None = None
    minus: float = 0.0
    span_ms: int = 0
    words: tuple[str, ...] = ()

    @property
    def span(self) -> int:
        """The length in ms that its measure goes by."""
        return self.span_ms or MEASURES.get(self.measure, 0)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a form (评分大项)."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form: from `pass_mark` of 100 on a call passes (合格)."""

    name: str
    sections: tuple[Section, ...]
    pass_mark: float = 80.0
    appeal_days: int = 3
    """Until the end of which day the agent may appeal (申诉)."""
    review_days: int = 2
    """Until the end of which day an appeal is to be answered (复核)."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, in order."""
        return tuple(item for section in self.sections for item in section.items)

    def item(self, key: str) -> Item | None:
        """The item that is kept under this key."""
        return next((item for item in self.items if item.key == key), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types; `form_of` reads it back."""
        plain = asdict(self)
        for section in plain["sections"]:
            section["items"] = [item | {"words": list(item["words"])} for item in section["items"]]
        return plain | {"sections": list(plain["sections"])}


def form_of(table: Mapping[str, Any]) -> Form:
    """A form from plain data. Raises ValueError: which item, what is expected."""
    known = _only(table, Form, "the form")
    sections = tuple(map(_section, _tables(known.get("sections"), "sections")))
    form = Form(**{**known, "name": _text(known, "name", "the form"), "sections": sections})
    _within(form.pass_mark, "pass_mark", "the form", 0, 100)
    for name in ("appeal_days", "review_days"):
        _whole(getattr(form, name), name, "the form", 0, 60)
    keys = [item.key for item in form.items]
    if len(keys) > MOST_ITEMS:
        raise ValueError(f"{len(keys)} items; expected at most {MOST_ITEMS}")
    if twice := next((key for key in keys if keys.count(key) > 1), ""):
        raise ValueError(f"item {twice} is there twice")
    return form


def _section(table: Mapping[str, Any]) -> Section:
    known = _only(table, Section, "a section")
    title = _text(known, "title", "a section")
    return Section(title, tuple(map(_item, _tables(known.get("items"), f"items of {title}"))))


def _item(table: Mapping[str, Any]) -> Item:
    where = f"item {table.get('key', '?')}"
    known = _only(table, Item, where)
    words = tuple(_words(known.get("words", ()), where))
    texts = {name: _text(known, name, where) for name in ("key", "title")}
    item = Item(**{"points": 0, **known, **texts, "words": words})
    if not _KEY.fullmatch(item.key):
        raise ValueError(f"{where}: key is small letters, digits and underscores")
    for name in ("yes_no", "critical"):
        if not isinstance(getattr(item, name), bool):
            raise ValueError(f"{where}: {name} is true or false")
    if not isinstance(known.get("hint", ""), str) or len(item.hint) > LONGEST:
        raise ValueError(f"{where}: hint is a text of at most {LONGEST} characters")
    _within(item.points, "points", where, 0.5, 100)
    _within(item.weight, "weight", where, 0.01, 100)
    _check_measure(item, where)
    return item


def _check_measure(item: Item, where: str) -> None:
    for name in ("least", "most"):
        if (bound := getattr(item, name)) is not None:
            _within(bound, name, where, 0, 100_000)
    _within(item.minus, "minus", where, 0, 100)
    _whole(item.span_ms, "span_ms", where, 0, 3_600_000)
    if not item.measure:
        return
    if item.measure not in MEASURES:
        raise ValueError(f"{where}: no measure {item.measure!r}; expected {', '.join(MEASURES)}")
    if item.least is None and item.most is None:
        raise ValueError(f"{where}: what is measured needs least or most")
    if item.measure in SPOKEN and not item.words:
        raise ValueError(f"{where}: {item.measure} needs words")


def _only(table: Mapping[str, Any], kind: type[Any], where: str) -> dict[str, Any]:
    allowed = [field.name for field in fields(kind)]
    if unknown := sorted(set(table) - set(allowed)):
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; expected {', '.join(allowed)}")
    return dict(table)


def _tables(value: Any, what: str) -> Sequence[Mapping[str, Any]]:
    tables = value if isinstance(value, list | tuple) else ()
    if not tables or not all(isinstance(one, Mapping) for one in tables):
        raise ValueError(f"expected a list of {what} with something in it")
    return tables


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= LONGEST:
        raise ValueError(f"{where}: {key} is a text of 1 to {LONGEST} characters")
    return value.strip()


def _words(value: Any, where: str) -> Iterable[str]:
    listed = isinstance(value, list | tuple) and len(value) <= MOST_WORDS
    texts = listed and all(isinstance(one, str) for one in value)
    if not texts or not all(1 <= len(one) <= LONGEST_WORD for one in value):
        raise ValueError(
            f"{where}: words are at most {MOST_WORDS} texts of 1 to {LONGEST_WORD} characters"
        )
    found: Iterable[str] = value
    return found


def _within(value: Any, name: str, where: str, least: float, most: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{where}: {name} is {value!r}; expected {least:g} to {most:g}")


def _whole(value: Any, name: str, where: str, least: int, most: int) -> None:
    _within(value, name, where, least, most)
    if not isinstance(value, int):
        raise ValueError(f"{where}: {name} is {value!r}; expected a whole number")
