"""The tables of recordings that the archive has, and of work besides calls that failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.store.base import Base


class ArchivedRecording(Base):
    """What of a recording went to the archive: it counts while that is what the recording is."""

    __tablename__ = "archived_recordings"

    call_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.call_id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
    sha256: Mapped[str]
    shed_at: Mapped[datetime | None] = mapped_column(index=True)
    """Since when the archive alone has it: it was read back, and the file in the folder removed."""


class JobFailure(Base):
    """A piece of work that failed last; gone once it is done. See core/jobs.py."""

    __tablename__ = "job_failures"

    task: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(Text)
