"""The tables of service quality: scorecards, evaluations, coaching (质检). See store/kept.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Text, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from callcenter.core.events import RecordStepped
from callcenter.store.base import Base
from callcenter.store.kept import Kept


class Scorecard(Kept, Base):
    """A form to judge calls by (评分表): as it is being written, and beside it as it is in use."""

    __tablename__ = "scorecards"

    name: Mapped[str] = mapped_column(index=True)
    sections: Mapped[list[Any]]
    """core.scorecards.Section as plain data."""
    pass_mark: Mapped[float] = mapped_column(Double)
    appeal_days: Mapped[int]
    review_days: Mapped[int]
    edition: Mapped[int] = mapped_column(default=0)
    """How often it was put to use."""
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """core.scorecards.Form as it was put to use last; {} before that."""
    used_since: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")
    """Why it was retired."""


class Evaluation(Kept, Base):
    """A call judged by a scorecard (质检记录); it keeps the form as it was then."""

    __tablename__ = "evaluations"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    agent: Mapped[str] = mapped_column(index=True)
    rang_at: Mapped[datetime] = mapped_column(index=True)
    scorecard: Mapped[str] = mapped_column(index=True)
    edition: Mapped[int]
    form: Mapped[dict[str, Any]]
    answers: Mapped[dict[str, Any]]
    """By the item's key: {points, by, reason, not_applicable}, and of an automatic one {value,
    measured, places: {start_ms, end_ms, party, text, excused: {by, at, reason}}}; `measured` are
    the machine's points, `by` is who gave others, "" for the machine."""
    comments: Mapped[list[Any]] = mapped_column(default=list)
    """{id, at, by, start_ms, end_ms, party, quote, text}, in the order in which they were made."""
    score: Mapped[float | None] = mapped_column(Double)
    """From 0 to 100, as submitted, or as reviewed."""
    passed: Mapped[bool | None]
    failed: Mapped[list[Any]] = mapped_column(default=list)
    """The titles of critical items without a point."""
    verdict: Mapped[str] = mapped_column(default="", index=True)
    """approved, observed or rejected (通过、待整改、驳回)."""
    evaluator: Mapped[str] = mapped_column(default="", index=True)
    """Who submitted it."""
    submitted_at: Mapped[datetime | None] = mapped_column(index=True)
    appeal_until: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When the agent looked at it first."""
    appealed_at: Mapped[datetime | None] = mapped_column(index=True)
    appeal: Mapped[str] = mapped_column(Text, default="")
    """What the agent holds against it."""
    appeal_item: Mapped[str] = mapped_column(default="")
    """The key of the item that it is about; "" for the whole."""
    review_until: Mapped[datetime | None]
    reviewer: Mapped[str] = mapped_column(default="")
    upheld: Mapped[bool | None]
    """Whether the second review found the agent right (申诉成立)."""
    review: Mapped[str] = mapped_column(Text, default="")
    """Why."""
    first_score: Mapped[float | None] = mapped_column(Double)
    """Before the second review."""
    first_verdict: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")
    """Why it was dropped."""


class EvaluationItem(Base):
    """What an item brought, as an evaluation's `answers` have it, for counting."""

    __tablename__ = "evaluation_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("evaluations.number"), index=True)
    item: Mapped[str] = mapped_column(index=True)
    section: Mapped[str]
    title: Mapped[str]
    points: Mapped[float] = mapped_column(Double)
    most: Mapped[float] = mapped_column(Double)


class Coaching(Kept, Base):
    """Something that an agent is shown, puts right, and that is looked at again (辅导、整改)."""

    __tablename__ = "coachings"

    agent: Mapped[str] = mapped_column(index=True)
    sort: Mapped[str] = mapped_column(index=True)
    """advice or violation (指导、违规)."""
    text: Mapped[str] = mapped_column(Text)
    """What to do, and what for."""
    evaluation: Mapped[str] = mapped_column(default="", index=True)
    comment: Mapped[int | None]
    """The id of the evaluation's comment that it is from."""
    call_id: Mapped[str] = mapped_column(default="")
    start_ms: Mapped[int | None]
    """Where in the call."""
    due_at: Mapped[datetime] = mapped_column(index=True)
    acknowledged_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    """What the agent says of it."""
    corrected_at: Mapped[datetime | None]
    correction: Mapped[str] = mapped_column(Text, default="")
    """What the agent did about it."""
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str] = mapped_column(default="")
    finding: Mapped[str] = mapped_column(Text, default="")
    """What the check found."""
    rounds: Mapped[int] = mapped_column(default=0)
    """How often the check sent it back."""
    remark: Mapped[str] = mapped_column(default="")
    """Why it was put off, or withdrawn."""


def keep_items(session: Session, row: Evaluation, step: RecordStepped) -> None:
    """Write an evaluation's points as rows; what a step in it writes besides (store/kinds.py)."""
    if "answers" not in step.changes:
        return
    session.execute(delete(EvaluationItem).where(EvaluationItem.number == row.number))
    session.add_all(_items(row))


def _items(row: Evaluation) -> Iterator[EvaluationItem]:
    for section in row.form["sections"]:
        for item in section["items"]:
            answer = row.answers.get(item["key"], {})
            if answer.get("points") is not None and not answer.get("not_applicable"):
                yield EvaluationItem(
                    number=row.number,
                    item=item["key"],
                    section=section["title"],
                    title=item["title"],
                    points=answer["points"],
                    most=item["points"],
                )
