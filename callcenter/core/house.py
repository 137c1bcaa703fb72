"""What the site says of itself, and the words it has for its customers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from callcenter.core.customers import Thresholds
from callcenter.core.hours import Hours
from callcenter.core.keeping import FOR_GOOD, Terms
from callcenter.core.messages import Template
from callcenter.core.presence import BREAKS
from callcenter.core.scorecards import Form
from callcenter.core.talks import Talk


@dataclass(frozen=True, slots=True)
class House:
    """One call centre; the config gives its facts, the call scripts its words."""

    company: str = ""
    hotline: str = ""
    hours: Hours = field(default_factory=Hours)
    """When it is open: the clock of deadlines."""
    compensation_fen: int = 0
    """How much compensation an agent may grant; a lead grants more (D20)."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    """What makes a key customer (U5)."""
    templates: Mapping[str, Template] = field(default_factory=dict)
    """Of messages, by name."""
    talks: Mapping[str, Talk] = field(default_factory=dict)
    """Of follow-up calls, by what they are about."""
    phrases: Mapping[str, str] = field(default_factory=dict)
    """Set phrases, by name: of calls out, and for a complaint that is unfounded."""
    scorecards: Mapping[str, Form] = field(default_factory=dict)
    """To start from, by name."""
    breaks: tuple[str, ...] = BREAKS
    """Why agents take breaks."""
    away: timedelta = timedelta(minutes=10)
    """Who is on shift and away for longer is missing (K3)."""
    after_call: timedelta = timedelta(0)
    """So long a wrap-up lasts; nothing: there is none."""
    terms: Terms = FOR_GOOD
    """How long calls are kept."""
    clears_at: time | None = None
    """When what is overdue is removed each day; None: it is not."""

    @property
    def letterhead(self) -> dict[str, str]:
        """The fields of every message and talk that are the house's own."""
        return {"company": self.company, "hotline": self.hotline}
