"""Telephone numbers as people write, compare and hide them. Pure.

`plain` is the form in which numbers are compared; `group` and `mask` are for reading only.
"""

from __future__ import annotations

import re

_WITHHELD = frozenset(
    {"", "anonymous", "private", "restricted", "unavailable", "unknown", "withheld"}
)
_SEPARATORS = re.compile(r"[\s().-]+")
_DIALLED = re.compile(r"\+?[0-9]+")
_MOBILE = re.compile(r"1[0-9]{10}")
_TRUNKED = re.compile(r"(?:0|86)(1[3-9][0-9]{9})")
"""A mobile number as some carriers show it: with 0 from another city, or with 86 and no +."""
_GROUPS = (
    re.compile(r"(1[0-9*]{2})([0-9*]{4})([0-9*]{4})"),
    re.compile(r"(0(?:10|2[0-9]))([0-9*]{4})([0-9*]{4})"),
    re.compile(r"(0[3-9][0-9]{2})([0-9*]{3,4})([0-9*]{4})"),
    re.compile(r"([48]00)([0-9*]{3})([0-9*]{4})"),
)
_LONG, _MIDDLE = 11, 7
ALIAS = "匿名"
"""What stands in place of a number that was erased begins so: 匿名3f9a2c1b7d."""


def is_withheld(number: str) -> bool:
    """True where the caller hid the number: "", "anonymous" (RFC 3323) and its other names."""
    return number.strip().lower() in _WITHHELD


def plain(number: str) -> str:
    """The one form in which two numbers are compared; "" where it was withheld.

    Separators go; 00 becomes +; +86 becomes the national form, with 0 before an area code and
    nothing before a mobile number. What is no number, such as a SIP user's name, stays as it is.
    """
    if is_withheld(number):
        return ""
    dialled = _SEPARATORS.sub("", number)
    if not _DIALLED.fullmatch(dialled):
        return number.strip()
    return _national(re.sub("^00", "+", dialled))


def _national(number: str) -> str:
    if found := _TRUNKED.fullmatch(number):
        return found[1]
    if not number.startswith("+86"):
        return number
    rest = number[3:].lstrip("0")
    if _MOBILE.fullmatch(rest) or rest.startswith(("400", "800")):
        return rest
    return "0" + rest


def is_alias(number: str) -> bool:
    """True for what stands in place of a number that was erased."""
    return number.startswith(ALIAS)


def mask(number: str) -> str:
    """The number with its middle hidden, for logs and pages: "138****0001".

    Shorter numbers show less: two digits at each end, below seven only the last one. There is
    nothing to hide of an alias.
    """
    shown = plain(number)
    if not shown:
        return "withheld"
    if is_alias(shown):
        return shown
    if len(shown) >= _LONG:
        head, tail = 3, 4
    elif len(shown) >= _MIDDLE:
        head, tail = 2, 2
    else:
        head, tail = 0, 1 if len(shown) > 1 else 0
    return shown[:head] + "*" * (len(shown) - head - tail) + shown[len(shown) - tail :]


def group(number: str) -> str:
    """The number in groups, masked or not: "138 0000 0001", "010 8888 0001", "400 820 0001".

    A number of another shape comes back in its plain form.
    """
    shown = plain(number)
    for shape in _GROUPS:
        found = shape.fullmatch(shown)
        if found:
            return " ".join(found.groups())
    return shown
