"""Hides telephone numbers, and digits of ID and bank cards, from who has no right to them. Pure.

Whole is what is one's own: the call that one has or that rings for one, the record that one opened
or holds, and everything inside it. All other answers of the API pass through `masked`, by the names
of their fields, and so does the event stream; a test walks every field that the API can answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from callcenter.core.numbers import is_withheld, mask
from callcenter.core.numerals import DIGITS
from callcenter.core.visitor import Visitor

NUMBERS = frozenset({"phone", "e164", "numbers", "caller_number", "callee_number"})
"""Fields that hold telephone numbers; of the last two the one beyond the line."""
NO_TELEPHONE = frozenset(
    {"number", "work_order_number", "customer_number", "case_number", "caller", "microphone"}
)
"""Fields with such a name that hold a record's number, a seat's, the house's own, or a sound."""
OWNERS = ("agent", "owner", "opened_by")
"""Fields that say whose an answer is."""
AS_IT_IS = frozenset({"call_id", "calls", "id", "path", "sdp", "token", "sha256", "secret", "toml"})
AS_IT_IS |= {"certificate_sha256"}
"""Fields in which digits are no person's."""
RINGING = ("screening", "ringing")
HIDDEN = "*"
SPOKEN_LEAST = 7
"""Digits read out one by one, from which on they are a telephone number or a card's."""

_CARD = (
    r"\d{17}[\dXx]|\d{15,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?|\d{6}[ -]\d{8}[ -]\d{3}[\dXx]"
)
_PHONE = r"(?:\+?86[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8})"
_WRITTEN = re.compile(rf"(?<![0-9A-Za-z.-])(?:{_CARD}|{_PHONE})(?![0-9A-Za-z])")
_READ_OUT = re.compile(f"[{''.join(DIGITS)}]{{{SPOKEN_LEAST},}}")
_HEAD, _TAIL = 3, 4
_ABROAD = 13
"""Digits of a mobile number with 86 before it."""


def masked(told: Any, visitor: Visitor, own: bool = False) -> Any:
    """What this visitor may read of an answer (JSON types); `own`: it is all theirs.

    What acts for others, such as a customer system, reads all of it.
    """
    if own or visitor.for_others:
        return told
    if isinstance(told, dict):
        return told if is_own(told, visitor) else _object(told, visitor)
    if isinstance(told, (list, tuple)):
        return [masked(one, visitor) for one in told]
    return in_text(told) if isinstance(told, str) else told


def is_own(told: Mapping[str, Any], visitor: Visitor) -> bool:
    """Whether it says that it is this visitor's, or is a call that rings for whoever is free."""
    if any(visitor.is_called(str(told.get(owner) or "")) for owner in OWNERS):
        return True
    rings = told.get("state") in RINGING or told.get("event") == "CallRang"
    return rings and not told.get("agent") and "caller_number" in told and bool(visitor.agent)


def in_text(text: str) -> str:
    """A text with such digits hidden, as long as before: "138****0001"."""
    return _READ_OUT.sub(_stars, _WRITTEN.sub(_stars, text))


def hidden_in(text: str) -> list[tuple[str, str]]:
    """What of a text is hidden: as it is shown, and as it is."""
    found = [*_WRITTEN.finditer(text), *_READ_OUT.finditer(text)]
    return [(_stars(piece), piece[0]) for piece in found]


def number(told: str) -> str:
    """A telephone number with its middle hidden; a withheld one as it is."""
    return told if is_withheld(told) else mask(told)


def is_masked(told: Any) -> bool:
    """True for a number, or a list of them, of which a part is hidden."""
    if isinstance(told, (list, tuple)):
        return any(is_masked(one) for one in told)
    if isinstance(told, Mapping):
        return is_masked(told.get("number", ""))
    return isinstance(told, str) and (HIDDEN in told or "•" in told)


def _object(told: dict[str, Any], visitor: Visitor) -> dict[str, Any]:
    near = "caller_number" if told.get("direction") == "outbound" else "callee_number"
    return {
        name: value if name == near or _is_plain(name, value) else _field(name, value, visitor)
        for name, value in told.items()
    }


def _is_plain(name: str, value: Any) -> bool:
    """Digits that are no person's, or several such; not what merely has such a name."""
    several = value if isinstance(value, list) else [value]
    return name in AS_IT_IS and not any(isinstance(one, (dict, list)) for one in several)


def _field(name: str, value: Any, visitor: Visitor) -> Any:
    if name in NUMBERS:
        return _numbers(value)
    if name == "words" and _are_words(value):
        return _words(value)
    return _step(value, visitor) if name == "changes" else masked(value, visitor)


def _step(value: Any, visitor: Visitor) -> Any:
    """What a step in a record changed, which the trail keeps as JSON."""
    try:
        told = json.loads(value)
    except (TypeError, ValueError):
        return masked(value, visitor)
    return json.dumps(masked(told, visitor), ensure_ascii=False, sort_keys=True)


def _numbers(value: Any) -> Any:
    """A number, or several, bare or each in an object; digits that are too few for one stay."""
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    if isinstance(value, dict):
        return {
            name: _numbers(inner) if name in ("number", "e164") else inner
            for name, inner in value.items()
        }
    return number(value) if isinstance(value, str) and len(value) >= SPOKEN_LEAST else value


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and isinstance(one.get("word"), str) for one in value
    )


def _words(words: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recognised words, which are shorter than a number that is read out."""
    told = "".join(one["word"] for one in words)
    hidden, at, shown = in_text(told), 0, []
    if hidden == told:
        return words
    for one in words:
        until = at + len(one["word"])
        shown.append(one | {"word": hidden[at:until]})
        at = until
    return shown


def _stars(found: re.Match[str]) -> str:
    """The same with its middle hidden, character by character."""
    text = found[0]
    places = [at for at, char in enumerate(text) if char.isalnum()]
    head = _HEAD + 2 * (text[0] in "+8" and len(places) == _ABROAD)
    middle = set(places[head : len(places) - _TAIL])
    return "".join(HIDDEN if at in middle else char for at, char in enumerate(text))
