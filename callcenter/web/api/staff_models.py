"""What the API says and hears of agents' states, the floor and shifts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, StringConstraints

from callcenter.casework.reports.answering import Answered
from callcenter.casework.reports.day import Day, Part
from callcenter.casework.reports.floor import NOTHING, Today
from callcenter.core.numbers import mask
from callcenter.core.ports import Desk
from callcenter.core.presence import Presence
from callcenter.core.records import LiveCall
from callcenter.web.access.asking import Signer
from callcenter.web.api.base import In, Line, Out
from callcenter.web.api.customer_models import ProblemOut
from callcenter.web.api.live_models import StandingOut
from callcenter.web.api.steps import Act, RecordOut, Signed

Wall = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day on the wall: 22:30."""
ShiftKind = Literal["duty", "overtime", "meal", "training", "leave"]
WAITING = ("ringing", "offered")
"""States of calls in which somebody waits for any agent."""


class ChangeState(In):
    """What an agent wishes, or a lead for them; in a call it comes after it."""

    state: Literal["ready", "break", "offline"]
    reason: Line = ""
    """Of a break, one of the house's."""
    by: Signer


class TodayOut(Out):
    """Calls of today; shares are null where there was none. `level_of_offered` and
    `level_of_answered` are the service level (20 s) in both variants."""

    offered: int
    answered: int
    quick: int
    """Within three rings."""
    level_of_offered: float | None
    level_of_answered: float | None
    speed_seconds: float | None
    talk_seconds: float

    @classmethod
    def of(cls, counted: Answered) -> TodayOut:
        """The figures of the reports."""
        speed, shares = counted.speed, (counted.level_of_offered, counted.level_of_answered)
        levels = [share.part / share.of if share.of else None for share in shares]
        return cls(
            offered=counted.offered,
            answered=counted.answered,
            quick=counted.quick,
            level_of_offered=levels[0],
            level_of_answered=levels[1],
            speed_seconds=speed and speed.total_seconds(),
            talk_seconds=sum(talk.total_seconds() for talk in counted.talked),
        )


class AgentOut(Out):
    """A person who takes calls, as they stand now, and what they did today.

    `unattended_since`: they are on shift, and away for longer than the house allows (空岗).
    """

    number: str
    name: str
    state: str
    reason: str
    since: datetime
    by: str
    call_id: str
    then: str
    then_reason: str
    unattended_since: datetime | None
    today: TodayOut

    @classmethod
    def all_of(cls, desk: Desk, today: Today) -> list[AgentOut]:
        """Everybody, in the order of the configuration."""
        standing = {presence.agent: presence for presence in desk.presence()}
        return [
            cls(
                number=agent.number,
                name=agent.name,
                unattended_since=today.unattended.get(agent.number),
                today=TodayOut.of(today.by_agent.get(agent.number, NOTHING)),
                **_stands(standing[agent.number]),
            )
            for agent in desk.agents()
        ]


class WaitingOut(Out):
    """A call that waits for any agent; the number is masked."""

    call_id: str
    state: str
    caller_number: str
    rang_at: datetime
    customer: str
    """The name in the file of the number; "" where there is none."""


class FlagOut(Out):
    """A live call with harassing words, or an open proposal; the number is masked."""

    call_id: str
    agent: str
    caller_number: str
    answered_at: datetime | None
    rung: str
    reason: str
    """The proposal's, else the category of the last such words."""
    proposed: bool


class FloorOut(Out):
    """The supervisor's board (现场)."""

    at: datetime
    agents: list[AgentOut]
    queue: list[WaitingOut]
    """Longest waiting first."""
    flags: list[FlagOut]
    today: TodayOut


class PartOut(Out):
    """Some calls of today, without those that a block turned away."""

    offered: int
    answered: int
    soon: int
    """Answered within the 20 s of the service level."""
    abandoned: int

    @classmethod
    def of(cls, part: Part, **named: object) -> Self:
        """Its figures, beside what it is named by."""
        counted = part.counted
        return cls.model_validate(
            {
                "offered": counted.offered,
                "answered": counted.answered,
                "soon": counted.soon,
                "abandoned": part.abandoned,
                **named,
            }
        )


class QuarterOut(PartOut):
    """A quarter of an hour, by its beginning."""

    at: datetime


class HotlineOut(PartOut):
    """A number of ours that was called."""

    number: str


class HarassedOut(Out):
    """How long an agent was harassed today (H24): for care, not for judging anybody."""

    agent: str
    calls: int
    abuse_seconds: int


class DayOut(PartOut):
    """Today so far (走势); `quarters` are those in which a call came.

    平均处理时长 is (talk_seconds + wrap_up_seconds) ÷ handled, hold included in the talk.
    """

    at: datetime
    quick: int
    """Answered within three rings."""
    handled: int
    """Answered and over."""
    talk_seconds: float
    wrap_up_seconds: float
    quarters: list[QuarterOut]
    hotlines: list[HotlineOut]
    """Busiest first."""
    harassed: list[HarassedOut]
    """Longest first."""

    @classmethod
    def today(cls, day: Day, at: datetime) -> DayOut:
        """The figures of the reports."""
        counted = day.whole.counted
        return cls.of(
            day.whole,
            at=at,
            quick=counted.quick,
            handled=len(counted.talked),
            talk_seconds=sum(talk.total_seconds() for talk in counted.talked),
            wrap_up_seconds=day.wrapped.total_seconds(),
            quarters=[QuarterOut.of(part, at=start) for start, part in day.quarters],
            hotlines=[HotlineOut.of(part, number=number) for number, part in day.hotlines],
            harassed=[
                HarassedOut.model_validate(one)
                for one in sorted(day.harassed, key=lambda one: -one.abuse_seconds)
            ],
        )


def waiting(calls: Iterable[LiveCall]) -> list[WaitingOut]:
    """The calls that wait for any agent, longest first."""
    found = sorted((c for c in calls if c.state in WAITING), key=lambda call: call.rang_at)
    return [
        WaitingOut(
            call_id=call.call_id,
            state=call.state,
            caller_number=mask(call.caller_number),
            rang_at=call.rang_at,
            customer=call.history.customer.name if call.history.customer else "",
        )
        for call in found
    ]


def flag(call: LiveCall, harassing: Mapping[str, bool]) -> FlagOut | None:
    """The call as a red flag; None where it is none. `harassing` by the categories of its hits."""
    heard = [hit.category for hit in call.hits if harassing[hit.category]]
    if not heard and call.proposal is None:
        return None
    return FlagOut(
        call_id=call.call_id,
        agent=call.agent,
        caller_number=mask(call.far_number),
        answered_at=call.answered_at,
        rung=call.rung,
        reason=call.proposal.reason if call.proposal else heard[-1],
        proposed=call.proposal is not None,
    )


def _stands(presence: Presence) -> dict[str, object]:
    return StandingOut.model_validate(presence).model_dump(exclude={"agent"})


class PlanShift(Signed):
    """A shift; one that ends before it starts ends on the next day."""

    agent: Line
    day: date
    start: Wall
    end: Wall
    kind: ShiftKind = "duty"
    note: Line = ""

    def given(self) -> dict[str, object]:
        """With its kind, also where that was not said."""
        return {"kind": self.kind, **super().given()}


class ActOnShift(Act):
    """change (what is named), cancel (with a note)."""

    agent: Line = ""
    day: date | None = None
    start: Wall | None = None
    end: Wall | None = None
    kind: ShiftKind | None = None
    note: Line = ""


class ExchangeShifts(Signed):
    """Another agent's shift, for this one; `version` is the one that the person looked at."""

    other: Line
    version: int | None = None


class ShiftOut(RecordOut):
    """When somebody is to be there (duty, overtime), or excused (meal, training, leave)."""

    agent: str
    day: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    note: str


class ImportShifts(Signed):
    """A table: CSV in UTF-8 or GB18030, or XLSX, as base64; `atomic`: all lines or none."""

    content: Base64Bytes
    atomic: bool = True


class ShiftImportOut(Out):
    """What came of an import."""

    rows: int
    written: int
    problems: list[ProblemOut]
