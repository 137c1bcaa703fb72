"""The limits of calls out in the configuration file: against toll fraud. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from pydantic import Field, field_validator

from callcenter.config.house import Spans, in_order, span
from callcenter.config.table import Table
from callcenter.core.outbound import BARRED, Limits

Prefix = Annotated[str, Field(pattern=r"^[0-9*#]{1,20}$")]


class OutboundConfig(Table):
    """What agents may dial (外呼限制). Emergency numbers (110, 119, 120, 122) always pass."""

    allow: tuple[Prefix, ...] = Field((), strict=False, max_length=200)
    """Beginnings of numbers that may be dialled; any that is not barred where empty."""
    bar: tuple[Prefix, ...] = Field(BARRED, strict=False, max_length=200)
    """Beginnings that may not; 00 stands for + as well."""
    outside: str = Field("", pattern=r"^[0-9]{0,4}$")
    """Digits that the PBX wants before an outside number."""
    hours: Spans = Field((), strict=False)
    """When may be dialled; at any time where empty."""
    agent_minutes: int = Field(480, ge=0, le=1440)
    """Minutes of calls out a day of each agent; 0: any number."""
    house_minutes: int = Field(0, ge=0, le=10_000_000)
    """Of all agents together; 0: any number."""
    at_once: int = Field(0, ge=0, le=100_000)
    """Calls out of the house at once; an agent has one in any case. 0: any number."""
    repeats: int = Field(10, ge=0, le=10_000)
    """Calls a day to the same number; 0: any number."""

    @field_validator("hours")
    @classmethod
    def _in_order(cls, spans: Spans) -> Spans:
        return in_order(spans)

    def limits(self, zone: tzinfo | None) -> Limits:
        """The same, as the desk asks; `zone` is that of the clock on the wall."""
        most = (self.agent_minutes, self.house_minutes, self.at_once, self.repeats)
        spans = tuple(map(span, self.hours))
        return Limits(self.allow, self.bar, self.outside, spans, *most, zone)
