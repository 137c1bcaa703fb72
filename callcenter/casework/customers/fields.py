"""What a customer's file holds (U4, U5): fields made tidy, and the class by rule. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from callcenter.casework import telephone
from callcenter.core.customers import CLASSES as CLASSES
from callcenter.core.customers import KEY as KEY
from callcenter.core.customers import ORDINARY as ORDINARY
from callcenter.core.customers import POTENTIAL as POTENTIAL
from callcenter.core.customers import Thresholds as Thresholds
from callcenter.core.errors import Refused

MOST_NUMBERS = 20
MOST_FEN = 10**15
LINES = {"name": 200, "contact": 100, "address": 500, "email": 254}
"""Fields of one line, and how many characters they may have."""
TEXTS = {"business_scope": 2000, "remarks": 4000}
COUNTS = {"purchases": 10**6, "amount_fen": MOST_FEN, "potential_fen": MOST_FEN}
FIELDS = (*LINES, *TEXTS, "numbers", "member", *COUNTS, "last_purchase_at")
"""What everybody may fill in and correct."""
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


def name_key(name: str) -> str:
    """The name as names are compared: its letters and digits, whatever their width and case."""
    told = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in told if sign.isalnum())


def tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given for the fields, as it is kept. Raises Refused, which names the field."""
    kept = {name: _TIDY[name](name, value) for name, value in given.items()}
    if "name" in kept:
        kept["name_key"] = name_key(kept["name"])
        if not kept["name"]:
            raise Refused("name is empty; expected the customer's name")
    return kept


def numbers(written: Iterable[str]) -> list[dict[str, str]]:
    """Telephone numbers as they are kept, each once. Raises Refused."""
    kept: dict[str, dict[str, str]] = {}
    for one in written:
        read = telephone.read(one)
        kept.setdefault(read.number, asdict(read))
    if len(kept) > MOST_NUMBERS:
        raise Refused(f"numbers: more than {MOST_NUMBERS}")
    return list(kept.values())


def joined(first: Iterable[Mapping[str, str]], then: Iterable[Mapping[str, str]]) -> list[Any]:
    """Kept numbers of two lists, each once, in this order."""
    both: dict[str, Any] = {}
    for one in (*first, *then):
        both.setdefault(one["number"], dict(one))
    return list(both.values())


def _line(name: str, value: str) -> str:
    return _short(name, " ".join(_CONTROLS.sub(" ", value).split()), LINES[name])


def _text(name: str, value: str) -> str:
    ends = value.replace("\r\n", "\n").replace("\r", "\n")
    return _short(name, _CONTROLS.sub("", ends).strip(), TEXTS[name])


def _short(name: str, value: str, most: int) -> str:
    if len(value) > most:
        raise Refused(f"{name} has {len(value)} characters; expected {most} at most")
    return value


def _email(name: str, value: str) -> str:
    line = _line(name, value)
    if line and not _EMAIL.fullmatch(line):
        raise Refused("email is no e-mail address; expected such as name@example.com")
    return line


def _numbers(name: str, value: Iterable[str]) -> list[dict[str, str]]:
    return numbers(value)


def _count(name: str, value: int) -> int:
    if not 0 <= value <= COUNTS[name]:
        raise Refused(f"{name} is {value}; expected 0 to {COUNTS[name]}")
    return value


def _same(name: str, value: Any) -> Any:
    return value


_TIDY: Mapping[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(LINES, _line),
    "email": _email,
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(COUNTS, _count),
    "numbers": _numbers,
    "member": _same,
    "last_purchase_at": _same,
}
