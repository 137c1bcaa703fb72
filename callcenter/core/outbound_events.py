"""What happens to wishes to dial. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.event import Event


@dataclass(frozen=True, slots=True)
class DialRefused(Event):
    """An agent wished to dial what the house's limits do not allow (外呼被拒).

    `call_id` is that of the call they wished to transfer, else "".
    """

    agent: str
    rule: str
    """A value of outbound.Rule."""
    to: str
    """The number with its middle hidden: the trail keeps it for good."""
    line: str
