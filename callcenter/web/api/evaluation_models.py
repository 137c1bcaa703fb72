"""What the API says and hears of evaluations, as pydantic models. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from callcenter.core.scorecards import MOST_ITEMS
from callcenter.web.api.base import In, Out, Text
from callcenter.web.api.steps import Act, RecordOut, Signed

Verdict = Literal["approved", "observed", "rejected"]
"""通过、待整改、驳回."""
Offset = Annotated[int, Field(ge=0, le=86_400_000)]
"""Milliseconds since answer."""


class OpenEvaluation(Signed):
    """A call, and the number of the scorecard to judge it by."""

    call_id: str = Field(min_length=1, max_length=128)
    scorecard: str = Field(min_length=1, max_length=64)


class AnswerIn(In):
    """What a person says of an item; an automatic one is given back where neither is given."""

    item: str = Field(min_length=1, max_length=40)
    points: float | None = Field(None, ge=0, le=100, allow_inf_nan=False)
    not_applicable: bool = False
    reason: str = Field("", max_length=500)


class ActOnEvaluation(Act):
    """fill, excuse, measure, comment, submit, drop; see, accept, appeal; close, review."""

    answers: list[AnswerIn] = Field(default_factory=list, max_length=MOST_ITEMS)
    item: Annotated[str, Field(max_length=40)] = ""
    """That a place is excused of, or an appeal is about."""
    start_ms: Offset | None = None
    end_ms: Offset | None = None
    party: Literal["", "caller", "agent"] = ""
    text: Text = ""
    reason: Text = ""
    verdict: Literal["", "approved", "observed", "rejected"] = ""
    upheld: bool | None = None


class PlaceOut(Out):
    """Where in the call; `text` is 无言等待 for a silence after that card."""

    start_ms: int
    end_ms: int
    party: str
    text: str


class MarksOut(Out):
    """What a call's waveform shows: `party` of an overlap is who talked over the other."""

    silences: list[PlaceOut]
    overlaps: list[PlaceOut]
    talk_share: float | None
    """The agent's part, in percent."""
    pace: dict[str, float | None]
    """Characters a minute, of each party."""
    waited_ms: int | None


class ScoreOut(Out):
    """The score as it stands; `waiting` are the titles of items that nobody has answered."""

    value: float | None
    points: float
    most: float
    waiting: list[str]
    failed: list[str]
    passed: bool
    suggested: Verdict


class EvaluationLine(RecordOut):
    """An evaluation in a list."""

    call_id: str
    agent: str
    rang_at: datetime
    scorecard: str
    edition: int
    comments: list[Any]
    score: float | None
    passed: bool | None
    failed: list[str]
    verdict: str
    evaluator: str
    submitted_at: datetime | None
    appeal_until: datetime | None
    seen_at: datetime | None
    appealed_at: datetime | None
    appeal: str
    appeal_item: str
    review_until: datetime | None
    reviewer: str
    upheld: bool | None
    review: str
    first_score: float | None
    first_verdict: str
    remark: str


class EvaluationOut(EvaluationLine):
    """An evaluation with its form and answers; see store/quality_tables.py for what they hold."""

    form: dict[str, Any]
    answers: dict[str, Any]
    now: ScoreOut | None = None


class SampledOut(Out):
    """A call to review; `evaluation` is the one there is, with its state."""

    call_id: str
    agent: str
    rang_at: datetime
    seconds: int
    flagged: bool
    evaluation: str
    state: str


class SampleOut(Out):
    """The calls to review of a time; `done` of them were submitted."""

    since: datetime
    until: datetime
    seed: str
    done: int
    calls: list[SampledOut]
