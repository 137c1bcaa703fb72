"""What may be dialled, when, how long and how often: limits against toll fraud (盗打). Pure.

Emergency numbers pass every limit. International numbers begin with 00 or +, premium ones in China
with 160 and 168 (libphonenumber's metadata of CN) or 1259; 179xx hides what is dialled behind it,
and what begins with * or # sets up forwarding at the carrier.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from enum import StrEnum
from urllib.parse import unquote

from callcenter.core.hours import Span
from callcenter.core.numbers import plain

BARRED = ("00", "160", "168", "1259", "179", "*", "#")
EMERGENCY = frozenset({"110", "119", "120", "122", "999"})
"""Police, fire brigade, ambulance, traffic accidents; never refused."""
_URI = re.compile(r"sips?:", re.IGNORECASE)
_FILLERS = re.compile(r"[\s().-]+")
_ABROAD_BY_HOME = re.compile(r"(?:\+|00)86(?=00)")
"""+86 before 00: some carriers dial what follows."""


class Rule(StrEnum):
    """Which limit a number, or a moment, is against."""

    BARRED = "barred"
    NOT_ALLOWED = "not_allowed"
    HOURS = "hours"
    AGENT_MINUTES = "agent_minutes"
    HOUSE_MINUTES = "house_minutes"
    AT_ONCE = "at_once"
    REPEATS = "repeats"


@dataclass(frozen=True, slots=True)
class Use:
    """What was dialled since midnight, and how many calls out stand now."""

    agent_seconds: float = 0
    house_seconds: float = 0
    repeats: int = 0
    """Calls to the very number that is to be dialled."""
    at_once: int = 0


@dataclass(frozen=True, slots=True)
class Breach:
    """The limit that is in the way, and how it reads: a prefix, spans of time, or a figure."""

    rule: Rule
    limit: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The house's limits; what is empty or 0 limits nothing.

    `outside` are the digits that the PBX wants before an outside number. Prefixes are those of
    numbers as they are dialled within the country; 00 stands for + as well.
    """

    allowed: tuple[str, ...] = ()
    barred: tuple[str, ...] = BARRED
    outside: str = ""
    spans: Sequence[Span] = ()
    agent_minutes: int = 0
    house_minutes: int = 0
    at_once: int = 0
    repeats: int = 0
    zone: tzinfo | None = None

    @property
    def counts(self) -> bool:
        """Whether what was dialled before matters."""
        return bool(self.agent_minutes or self.house_minutes or self.repeats)

    def midnight(self, at: datetime) -> datetime:
        """When the day of this moment began, on the wall of the house."""
        day = datetime.combine(at.astimezone(self.zone).date(), time(0))
        return day.astimezone() if self.zone is None else day.replace(tzinfo=self.zone)

    def may_reach(self, target: str) -> bool:
        """Whether its number may be dialled at all, whoever asks: a redirection, too."""
        number = self._number(target)
        return number in EMERGENCY or self._wrong_number(number) is None

    def breach(self, target: str, at: datetime, use: Use) -> Breach | None:
        """What keeps this number or SIP URI from being dialled now; None where nothing does."""
        number = self._number(target)
        if number in EMERGENCY:
            return None
        return self._wrong_number(number) or self._wrong_hour(at) or self._too_much(use)

    def _number(self, target: str) -> str:
        """The digits as the country dials them; "" for a URI without a user."""
        number = called(target)
        if self.outside and number not in EMERGENCY:
            number = number.removeprefix(self.outside)
        number = plain(_ABROAD_BY_HOME.sub("", number, count=1))
        return f"00{number[1:]}" if number.startswith("+") else number

    def _wrong_number(self, number: str) -> Breach | None:
        for prefix in self.barred:
            if number.startswith(prefix):
                return Breach(Rule.BARRED, prefix)
        if self.allowed and not number.startswith(self.allowed):
            return Breach(Rule.NOT_ALLOWED, " ".join(self.allowed))
        return None

    def _wrong_hour(self, at: datetime) -> Breach | None:
        wall = at.astimezone(self.zone).time()
        if not self.spans or any(start <= wall < end for start, end in self.spans):
            return None
        return Breach(Rule.HOURS, " ".join(f"{s:%H:%M}-{e:%H:%M}" for s, e in self.spans))

    def _too_much(self, use: Use) -> Breach | None:
        used = (
            (Rule.AT_ONCE, self.at_once, use.at_once),
            (Rule.AGENT_MINUTES, self.agent_minutes, use.agent_seconds / 60),
            (Rule.HOUSE_MINUTES, self.house_minutes, use.house_seconds / 60),
            (Rule.REPEATS, self.repeats, use.repeats),
        )
        for rule, most, now in used:
            if most and now >= most:
                return Breach(rule, str(most))
        return None


def called(target: str) -> str:
    """The digits that a number or a SIP URI asks the line for, without what only fills them.

    `sip:%30%300852…@host` and `sip:00-852…;x=y@host` are 00852…: the carrier reads them so.
    """
    if _URI.match(target):
        user, at, _ = target.partition(":")[2].rpartition("@")
        target = unquote(user.partition(";")[0].partition(":")[0]) if at else ""
    return _FILLERS.sub("", target)
