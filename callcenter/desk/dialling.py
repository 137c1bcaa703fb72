"""Calls that an agent makes: what may be dialled, and how long it may ring. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from callcenter.core.errors import NotNow, Refused
from callcenter.core.ports import Line
from callcenter.core.records import FRAME_MS, Ability, LiveCall

PATIENCE_SECONDS = 90
"""So long it rings: then nobody answers. Networks give up after 60 s or so by themselves."""
PATIENCE_FRAMES = PATIENCE_SECONDS * 1000 // FRAME_MS

_SEPARATORS = re.compile(r"[\s().-]+")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_SIGN = r"[!#-;=?A-~]"
"""ASCII without spaces, signs of control, quotes, angle brackets and @."""
_URI = re.compile(rf"sips?:(?:(?P<user>{_SIGN}{{1,64}})@)?{_SIGN}{{1,190}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outbound:
    """A call out: from which of our numbers, to whom, as the records call them."""

    from_number: str
    number: str

    def shown(self, live: LiveCall) -> LiveCall:
        """The call as one that we make."""
        return replace(
            live,
            direction="outbound",
            caller_number=self.from_number,
            callee_number=self.number,
        )


def dialled(wish: str) -> str:
    """What the line is to dial: digits without separators, or a SIP URI. Raises Refused."""
    wish = wish.strip()
    if _URI.fullmatch(wish):
        return wish
    number = _SEPARATORS.sub("", wish)
    if not _NUMBER.fullmatch(number):
        raise Refused("this cannot be dialled; expected a telephone number or sip:user@host")
    return number


def recorded(target: str) -> str:
    """How the records call whom we dialled: the number, or the user of a SIP URI."""
    uri = _URI.fullmatch(target)
    return (uri["user"] or target) if uri else target


def line_for(lines: Mapping[str, Line], wish: str) -> str:
    """The line to dial on: the one that is named, else the first that can. Raises NotNow."""
    able = [name for name, line in lines.items() if Ability.DIAL in line.can]
    if wish and wish not in able:
        known = ", ".join(able) or "none"
        raise NotNow(f"line {wish!r} cannot dial; expected one of: {known}")
    if not able:
        raise NotNow("there is no line that can dial")
    return wish or able[0]
