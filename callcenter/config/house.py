"""The house in the configuration file: its name, its hours, its words, who carries its messages."""

from __future__ import annotations

import os
import re
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from callcenter.config.table import Table
from callcenter.core.customers import Thresholds
from callcenter.core.errors import ConfigError
from callcenter.core.hours import Hours, Span
from callcenter.core.presence import BREAKS, REASON_LENGTH

SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Spans = tuple[str, ...]
ReportName = Literal[
    "service", "agents", "quality", "complaints", "follow_ups", "harassment", "handovers"
]
REPORT_NAMES: tuple[ReportName, ...] = get_args(ReportName)
Reason = Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]


class HouseConfig(Table):
    """What customers are told of us."""

    company: str = Field("", max_length=40)
    hotline: str = Field("", max_length=40)


class ScriptsConfig(Table):
    """The call scripts."""

    packs: str = ""
    """A folder of pattern packs; the bundled Chinese ones where empty."""
    cards: str = ""
    """A folder of cards with words to say; the bundled ones where empty."""
    messages: str = ""
    """A folder of templates of messages; the bundled ones where empty."""
    talks: str = ""
    """A file with the talks of follow-up calls; the bundled one where empty."""
    phrases: str = ""
    """A file with set phrases; the bundled one where empty."""
    scorecards: str = ""
    """A folder of scorecards to start from; the bundled one where empty."""


class HoursConfig(Table):
    """When the house is open: deadlines are counted, and customers are rung, within these hours."""

    mon: Spans = Field(("09:00-18:00",), strict=False)
    tue: Spans = Field(("09:00-18:00",), strict=False)
    wed: Spans = Field(("09:00-18:00",), strict=False)
    thu: Spans = Field(("09:00-18:00",), strict=False)
    fri: Spans = Field(("09:00-18:00",), strict=False)
    sat: Spans = Field(("09:00-18:00",), strict=False)
    sun: Spans = Field(("09:00-18:00",), strict=False)
    """On each weekday; shut where empty."""
    holidays: tuple[date, ...] = Field((), strict=False)
    """Days on which it is shut."""
    workdays: tuple[date, ...] = Field((), strict=False)
    """Days on which it is open as on a Monday (调休)."""
    zone: str = ""
    """The clock on its wall, such as Asia/Shanghai; this machine's own where empty."""

    @field_validator(*DAYS)
    @classmethod
    def _in_order(cls, spans: Spans) -> Spans:
        return in_order(spans)

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone or "UTC")
        except (ValueError, KeyError, OSError):
            raise ValueError("expected a zone that this machine knows: 'Asia/Shanghai'") from None
        return zone

    def clock(self) -> Hours:
        """The clock that counts deadlines."""
        week = {n: tuple(map(span, getattr(self, day))) for n, day in enumerate(DAYS)}
        return Hours(week, self.holidays, self.workdays, ZoneInfo(self.zone) if self.zone else None)


class StaffConfig(Table):
    """How agents work: wrap-ups, breaks, shifts."""

    after_call_seconds: int = Field(0, ge=0, le=3600)
    """So long an agent wraps up after a call (话后整理), or less if they say so; 0: no wrap-up."""
    breaks: tuple[Reason, ...] = Field(BREAKS, strict=False, min_length=1, max_length=20)
    """The reasons of a break (小休) that agents choose from."""
    away_minutes: int = Field(10, ge=1, le=480)
    """Who is on shift and away for longer is missing (空岗)."""

    @property
    def away(self) -> timedelta:
        """The same, as a length of time."""
        return timedelta(minutes=self.away_minutes)

    @property
    def after_call(self) -> timedelta:
        """How long a wrap-up lasts."""
        return timedelta(seconds=self.after_call_seconds)


class CustomersConfig(Table):
    """What makes a key customer (重點客戶, U5): any one of these within twelve months; 0: does not.

    根据客户的購買頻率、購買金額、潛在價值 (handbook 004).
    """

    purchases: int = Field(12, ge=0, le=10**6)
    amount: int = Field(100_000, ge=0, le=10**12)
    """Yuan bought for."""
    potential: int = Field(500_000, ge=0, le=10**12)
    """Yuan that they may come to buy for, as somebody reckons."""

    def thresholds(self) -> Thresholds:
        """The same, as the rule counts."""
        return Thresholds(self.purchases, self.amount * 100, self.potential * 100)


class ReportsConfig(Table):
    """The reports that are built by themselves once their time is over (R1)."""

    periods: tuple[Literal["day", "week", "month"], ...] = Field((), strict=False)
    """None where empty."""
    at: str = Field("08:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """When, on the first day after it."""
    names: tuple[ReportName, ...] = Field(REPORT_NAMES, strict=False)
    forms: tuple[Literal["xlsx", "pdf"], ...] = Field(("xlsx", "pdf"), strict=False, min_length=1)
    folder: str = ""
    """Where they are put; `reports` in the data folder where empty."""
    mail: tuple[Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$")], ...] = Field(
        (), strict=False, max_length=50
    )
    """Who gets them as a letter, through the mail server."""

    @property
    def wall(self) -> time:
        """When they are due."""
        return time.fromisoformat(self.at)


class SmtpConfig(Table):
    """The mail server that takes our letters; none where `host` is empty."""

    host: str = ""
    port: int = Field(587, ge=1, le=65535)
    sender: str = ""
    user: str = ""
    password_file: str = ""
    """Or $CALLCENTER_SMTP_PASSWORD."""
    tls: Literal["starttls", "tls", "off"] = "starttls"


class GatewayConfig(Table):
    """The HTTP gateway that takes our short messages; none where `url` is empty."""

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    token_file: str = ""
    """Or $CALLCENTER_SMS_TOKEN."""


def secret(file: str, variable: str) -> str:
    """What stands in this file, else in this environment variable, else "". Raises ConfigError."""
    if not file:
        return os.environ.get(variable, "")
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from None


def in_order(spans: Spans) -> Spans:
    """Spans of a day that follow each other. Raises ValueError."""
    wall = [span(text) for text in spans]
    if any(before[1] > after[0] for before, after in pairwise(wall)):
        raise ValueError(f"{', '.join(spans)}: expected spans one after the other")
    return spans


def span(text: str) -> Span:
    """From when until when. Raises ValueError."""
    found = SPAN.fullmatch(text)
    if found:
        from_hour, from_minute, to_hour, to_minute = found.groups()
        end = time(int(to_hour), int(to_minute)) if to_hour else time.max
        if (start := time(int(from_hour), int(from_minute))) < end:
            return start, end
    raise ValueError(f"{text!r}: expected from and until, such as '09:00-18:00'")
