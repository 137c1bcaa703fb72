"""What the API says and hears of running calls: dial, transfer, supervisors, quality. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from callcenter.core.lead import LONGEST
from callcenter.core.pauses import WHY
from callcenter.web.access.asking import Seat
from callcenter.web.api.about import About
from callcenter.web.api.base import Name as Name
from callcenter.web.api.base import Out


def _whole(number: str) -> str:
    if "***" in number or "•" in number:
        raise ValueError("a part of the number is hidden; expected all of it")
    return number


Number = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=255, pattern=r"^[^\x00-\x1f]+$"
    ),
    AfterValidator(_whole),
]
"""A telephone number as people write it, or a SIP URI."""


class Command(BaseModel):
    """Who gives the command."""

    model_config = ConfigDict(extra="forbid")

    agent: Seat


class Dial(Command):
    """Call this number, or the one `of` a record; on the first line that can dial, unless one is
    named."""

    of: About | None = None
    number: Annotated[Number | None, Field(validate_default=True)] = None
    line: Annotated[str, StringConstraints(max_length=64)] = ""

    @field_validator("number")
    @classmethod
    def _one(cls, number: str | None, others: ValidationInfo) -> str | None:
        if (number is None) == (others.data.get("of") is None):
            raise ValueError("expected a number, or the record whose number is called")
        return number


class Press(Command):
    """Keys for a machine at the far end, such as a bank's menu: 0-9 * # A-D."""

    digits: Annotated[str, StringConstraints(pattern=r"^[0-9*#A-D]{1,32}$")]


class AskTransfer(Command):
    """Transfer to an agent (`to`), or to an outside number; one of them. They read the notes."""

    to: Name | None = None
    number: Number | None = None
    notes: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    attended: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> AskTransfer:
        if (self.to is None) == (self.number is None):
            raise ValueError("expected either to, an agent's number, or number")
        if self.number is not None and self.attended:
            raise ValueError("only an agent can be asked first; expected attended false")
        return self


class AskPause(Command):
    """Why, in a word or two; never what the pause is to hide."""

    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = WHY


class Join(Command):
    """A supervisor listens, whispers (the agent alone hears it) or barges in."""

    mode: Literal["listen", "whisper", "barge"]


class CallLead(Command):
    """A supervisor is asked to come, because of this."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)] = ""


class LeadCallOut(Out):
    """That an agent asks for a supervisor, until one comes."""

    by: str
    at: datetime
    reason: str


class TransferOut(Out):
    """A transfer under way, or the one that brought the call to its agent."""

    by: str
    to: str
    notes: str
    attended: bool
    outside: bool
    asked_at: datetime


class RedactionOut(Out):
    """A number that was hidden: card, id or phone."""

    party: str
    start_ms: int
    end_ms: int
    kind: str


class PauseOut(Out):
    """A secure pause that runs; `reminded`: it lasts longer than the house expects."""

    by: str
    why: str
    since: datetime
    reminded: bool


class JoinedOut(Out):
    """A supervisor in the call."""

    person: str
    mode: str
    since: datetime


class HandlingOut(Out):
    """What somebody did with the call while it ran."""

    at: datetime
    kind: str
    actor: str
    other: str
    how: str
    text: str


class QualityOut(Out):
    """How one party's sound came; `agent` is "" for the caller's, `round_trip_ms` -1 unknown."""

    party: str
    agent: str
    packets: int
    lost: int
    late: int
    jitter_ms: float
    round_trip_ms: float
    mos: float


class StandingOut(Out):
    """Where an agent stands, since when, by whose word; `then` is what comes after the call."""

    agent: str
    state: str
    reason: str
    since: datetime
    by: str
    call_id: str
    then: str
    then_reason: str
