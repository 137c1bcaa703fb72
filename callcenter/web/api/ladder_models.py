"""What the API says and hears of blocks and of the ladder's reports; as web/api/models.py. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from callcenter.casework.harassment.blocks import DEFAULT_DAYS, LONGEST_DAYS
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.tables import Block
from callcenter.web.access.asking import Seat, Signer
from callcenter.web.api.models import Out

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class BlockProposalOut(Out):
    """A number that the desk proposes to block; `known_customer` asks for an explicit choice."""

    id: int
    caller_number: str
    proposed_at: datetime
    call_id: str | None
    proposed_by: str
    """An agent who asks for it, or "system"."""
    reason: str
    attempts: int
    known_customer: bool

    @classmethod
    def of(cls, row: BlockDecision) -> BlockProposalOut:
        """A kept proposal."""
        named = {"caller_number": row.number, "proposed_at": row.at, "proposed_by": row.actor}
        kept = ("id", "call_id", "reason", "attempts", "known_customer")
        return cls.model_validate({**named, **{name: getattr(row, name) for name in kept}})


class BlockOut(Out):
    """A blocked number: who decided, why, until when, and the attempts it has caught."""

    caller_number: str
    blocked_at: datetime
    blocked_by: str
    reason: str
    expires_at: datetime | None
    attempts: int

    @classmethod
    def of(cls, block: Block, attempts: int) -> BlockOut:
        """A block in force."""
        kept = ("blocked_at", "blocked_by", "reason", "expires_at")
        named = {"caller_number": block.number, "attempts": attempts}
        return cls.model_validate({**named, **{name: getattr(block, name) for name in kept}})


class BlocksOut(Out):
    """What waits for a supervisor, and what is in force; newest first."""

    proposals: list[BlockProposalOut]
    blocks: list[BlockOut]


class DecideBlock(BaseModel):
    """A supervisor's decision; `known_customer` is the explicit word to block a customer."""

    model_config = ConfigDict(extra="forbid")

    supervisor: Signer
    approved: bool
    reason: Reason
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = DEFAULT_DAYS
    known_customer: bool = False


class AskForBlock(BaseModel):
    """An agent asks for the caller of this call to be blocked, and says why."""

    model_config = ConfigDict(extra="forbid")

    call_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    agent: Seat
    reason: Reason


class LiftBlock(BaseModel):
    """A supervisor lifts a block."""

    model_config = ConfigDict(extra="forbid")

    supervisor: Signer
    reason: Reason


class BlockDecidedOut(Out):
    """The decision as it was written."""

    at: datetime
    caller_number: str
    approved: bool
    supervisor: str
    reason: str
    expires_at: datetime | None


class BlockLiftedOut(Out):
    """The lifting as it was written."""

    at: datetime
    caller_number: str
    supervisor: str
    reason: str


class RungOut(Out):
    """How often a rung was used, and whether the caller rang again within 24 hours.

    `open` where these are not over, `withheld` where the number tells nothing.
    """

    rung: str
    used: int
    gave_up: int
    came_back: int
    open: int
    withheld: int


class SourceOut(Out):
    """A number that harassed; calls within 60 s are one attempt."""

    caller_number: str
    calls: int
    attempts: int
    prompts_a: int
    prompts_b: int
    blocked_attempts: int
    last_at: datetime


class LadderReportOut(Out):
    """`hours` are harassing and blocked calls by hour of day (0 to 23, the service's own zone),
    `weekdays` those by day of the week (0: Monday)."""

    since: datetime
    until: datetime
    rungs: list[RungOut]
    hours: list[int]
    sources: list[SourceOut]
    withheld_calls: int
    weekdays: list[int]


class ExposureOut(Out):
    """An agent's day: calls with abuse, its seconds up to the end of the call, recovery taken."""

    day: date
    agent: str
    calls: int
    abuse_seconds: int
    break_seconds: int
