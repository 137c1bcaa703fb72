"""The tables, as SQLAlchemy classes. Names from the vocabulary; times are UTC; offsets are ms."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Double, ForeignKey, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from callcenter.core.numbers import plain
from callcenter.core.records import BANNED
from callcenter.store.base import Base as Base
from callcenter.store.base import UtcDateTime as UtcDateTime
from callcenter.store.order_tables import WorkOrder as WorkOrder
from callcenter.store.privacy_tables import Redaction as Redaction


def _source(context: Any) -> str:
    return plain(context.get_current_parameters()["caller_number"])


class Call(Base):
    """One call (通话), from its first ring on."""

    __tablename__ = "calls"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(default="inbound")
    """inbound or outbound."""
    line: Mapped[str]
    caller_number: Mapped[str] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(index=True, default=_source, server_default="")
    """The number beyond the line, the caller's or the callee's, in the one form in which numbers
    are compared; "" where withheld."""
    callee_number: Mapped[str]
    agent: Mapped[str] = mapped_column(default="", index=True)
    rang_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")
    call_result: Mapped[str] = mapped_column(default="")
    disposition: Mapped[str] = mapped_column(default="")
    transcribed: Mapped[bool] = mapped_column(default=True, index=True)
    work_order_number: Mapped[str | None] = mapped_column(
        ForeignKey("work_orders.number"), index=True
    )
    work_order_linked_by: Mapped[str] = mapped_column(default="")
    node: Mapped[str] = mapped_column(default="", server_default="")
    """The machine that took it, where several share this store."""

    segments: Mapped[list[SegmentRow]] = relationship(order_by="SegmentRow.start_ms")
    hits: Mapped[list[HitRow]] = relationship(
        primaryjoin=lambda: (HitRow.call_id == Call.call_id) & (HitRow.category != BANNED),
        order_by="HitRow.start_ms",
    )
    """Without the agent's own banned words: those flag, count and prove nothing."""
    banned: Mapped[list[HitRow]] = relationship(
        primaryjoin=lambda: (HitRow.call_id == Call.call_id) & (HitRow.category == BANNED),
        order_by="HitRow.start_ms",
        viewonly=True,
    )
    """The agent's own banned words (D6, D7), kept for coaching."""
    gaps: Mapped[list[GapRow]] = relationship(order_by="GapRow.start_ms")
    redactions: Mapped[list[Redaction]] = relationship(order_by="Redaction.start_ms")
    prompts: Mapped[list[PromptRow]] = relationship(order_by="PromptRow.id")
    decisions: Mapped[list[Decision]] = relationship(order_by="Decision.id")
    verdicts: Mapped[list[Verdict]] = relationship(order_by="Verdict.id")
    transcripts: Mapped[list[Transcript]] = relationship(order_by="Transcript.id")
    handling: Mapped[list[Handling]] = relationship(order_by="Handling.id")
    quality: Mapped[list[QualityRow]] = relationship(order_by="QualityRow.id")
    recording: Mapped[RecordingRow | None] = relationship()
    work_order: Mapped[WorkOrder | None] = relationship()


class SegmentRow(Base):
    """What one party said between two pauses; `words` holds core.records.Word as dicts."""

    __tablename__ = "segments"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    party: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[Any]]
    live: Mapped[bool] = mapped_column(default=True)


class HitRow(Base):
    """A pattern found in a call (命中)."""

    __tablename__ = "hits"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    rule: Mapped[str]
    category: Mapped[str] = mapped_column(index=True)
    party: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    text: Mapped[str]
    spotted: Mapped[bool] = mapped_column(default=False, server_default=false())
    operator: Mapped[str] = mapped_column(default="", server_default="")
    score: Mapped[float] = mapped_column(Double, default=1.0, server_default="1")
    severity: Mapped[int] = mapped_column(default=3, server_default="3")
    why: Mapped[str] = mapped_column(Text, default="", server_default="")


class Transcript(Base):
    """A call heard again, from its recording, by another model; one for each model.

    It stands beside `segments` and `hits`, which stay what was heard at the time.
    """

    __tablename__ = "transcripts"
    __table_args__ = (UniqueConstraint("call_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"))
    model: Mapped[str]
    made_at: Mapped[datetime]

    segments: Mapped[list[TranscriptSegment]] = relationship(
        order_by="TranscriptSegment.start_ms", cascade="all, delete-orphan"
    )
    hits: Mapped[list[TranscriptHit]] = relationship(
        order_by="TranscriptHit.start_ms", cascade="all, delete-orphan"
    )


class TranscriptSegment(Base):
    """What one party said, as that model heard it; as `segments` otherwise."""

    __tablename__ = "transcript_segments"

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcripts.id"), index=True)
    party: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[Any]]
    live: ClassVar[bool] = False
    """Always made afterwards."""


class TranscriptHit(Base):
    """A pattern found in that model's text: it flags nothing and decides nothing."""

    __tablename__ = "transcript_hits"

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcripts.id"), index=True)
    rule: Mapped[str]
    category: Mapped[str]
    party: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    text: Mapped[str]
    spotted: Mapped[bool] = mapped_column(default=False, server_default=false())
    operator: Mapped[str] = mapped_column(default="", server_default="")
    score: Mapped[float] = mapped_column(Double, default=1.0, server_default="1")
    severity: Mapped[int] = mapped_column(default=3, server_default="3")
    why: Mapped[str] = mapped_column(Text, default="", server_default="")


class GapRow(Base):
    """Sound that was not transcribed live."""

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    party: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    reason: Mapped[str]
    filled: Mapped[bool] = mapped_column(default=False)


class PromptRow(Base):
    """A prompt that was played, with the proof: how much of it left the socket."""

    __tablename__ = "prompts"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    name: Mapped[str]
    started_at: Mapped[datetime]
    file_ms: Mapped[int]
    sent_ms: Mapped[int] = mapped_column(default=0)


class Decision(Base):
    """What the desk proposed and who decided what, in order.

    `kind` is steer_back, proposed, withdrawn, dismissed, confirmed, undone, ticked or marked.
    """

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    prompt: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(Text, default="")


class RecordingRow(Base):
    """A closed recording and its SHA-256."""

    __tablename__ = "recordings"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), primary_key=True)
    path: Mapped[str]
    seconds: Mapped[float] = mapped_column(Double)
    channels: Mapped[int]
    sha256: Mapped[str]


class Verdict(Base):
    """A reviewer's judgement of a flagged call; the newest one counts."""

    __tablename__ = "verdicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    reviewer: Mapped[str]


class Handling(Base):
    """What somebody did with a running call, in order: hold, transfer, a supervisor who joined.

    `kind` is held, resumed, away, digits (sent), pressed (by the far end, whose `actor` is ""),
    transfer (begun), consulted, transferred, returned, lead_called, paused, unpaused, joined or
    left; `other` the other person or number of a transfer; `how` blind, attended or outside, of
    who joined listen, whisper or barge, and of an agent's broken sound away, back or offered;
    `text` the digits, the notes, or why a transfer came back, or why the call was paused.
    """

    __tablename__ = "handling"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    other: Mapped[str] = mapped_column(default="")
    how: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(Text, default="")


class QualityRow(Base):
    """How one party's sound came over the wire (通话质量); `agent` is "" for the caller's.

    As core.records.Quality; a call has one row for each leg that came over a network.
    """

    __tablename__ = "call_quality"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.call_id"), index=True)
    at: Mapped[datetime]
    party: Mapped[str]
    agent: Mapped[str]
    packets: Mapped[int]
    lost: Mapped[int]
    late: Mapped[int]
    jitter_ms: Mapped[float] = mapped_column(Double)
    round_trip_ms: Mapped[float] = mapped_column(Double)
    mos: Mapped[float] = mapped_column(Double)


class Block(Base):
    """A blocked number (黑名单): who decided, why, until when; None is until it is lifted."""

    __tablename__ = "blocklist"

    number: Mapped[str] = mapped_column(primary_key=True)
    blocked_at: Mapped[datetime]
    blocked_by: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None]
