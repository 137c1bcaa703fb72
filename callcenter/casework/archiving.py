"""Brings closed recordings to the archive, and removes local copies that it has for long enough.

Reads and writes the store, the recordings folder and the archive; called in threads. Nothing is
removed here before the archive's copy was read back whole and is what was sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVarTuple

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from callcenter.core.errors import ArchiveAway, SoundFileError
from callcenter.store.archive_tables import ArchivedRecording
from callcenter.store.recordings import Recordings, digest
from callcenter.store.sql import Store
from callcenter.store.tables import Call, RecordingRow

Columns = TypeVarTuple("Columns")
AT_ONCE = 200
"""Recordings that a look brings up at most: others come after the next."""


class Archivist:
    """For the recordings that lie in this machine's folder; `now` gives UTC."""

    def __init__(
        self,
        store: Store,
        recordings: Recordings,
        keep: timedelta,
        now: Callable[[], datetime],
        *,
        heard_first: bool = False,
    ) -> None:
        """`recordings` have an archive; `keep` is how long the file here stays beside it.

        `heard_first`: a recording goes once all of it was transcribed, for until then there may be
        numbers in it that must not stay.
        """
        assert recordings.archive is not None
        self._archive = recordings.archive
        self._store, self._recordings, self._keep, self._now = store, recordings, keep, now
        self._ready = Call.transcribed.is_(True) if heard_first else true()
        self.waiting = 0
        """Recordings that the archive does not have, as last counted: of all nodes."""
        self.problem = ""
        """Why the archive cannot be used at present."""

    def due(self) -> Sequence[str]:
        """Calls whose recording is here and not, or not as it is now, in the archive."""
        with self._store.session() as session:
            self.waiting = session.scalar(self._missing(select(func.count()))) or 0
            rows = self._missing(select(RecordingRow.call_id, RecordingRow.path))
            return self._here(session, rows.order_by(RecordingRow.call_id))

    def upload(self, call_id: str) -> None:
        """Bring one to the archive and look that it came. Raises ArchiveAway, and SoundFileError
        for a recording that is not what was sealed, which stays where it is."""
        row, file = self._found(call_id)
        if row is None or file is None:
            return
        if self._recordings.sha256(row.path) != row.sha256:
            raise SoundFileError(f"{row.path}: is not what was sealed: it is not archived")
        with self._noting():
            self._put(row, file)
        made = {"at": self._now(), "sha256": row.sha256, "shed_at": None}
        with self._store.session(write=True) as session:
            is_kept = session.get(RecordingRow, call_id) is not None
            if is_kept:
                session.merge(ArchivedRecording(call_id=call_id, **made))
        if not is_kept:  # it was erased meanwhile
            self._archive.delete(row.path)
            return
        self.waiting = max(0, self.waiting - 1)

    def old(self) -> Sequence[str]:
        """Calls whose recording has lain here long enough beside the archive's copy."""
        rows = (
            select(RecordingRow.call_id, RecordingRow.path)
            .join(ArchivedRecording, ArchivedRecording.call_id == RecordingRow.call_id)
            .join(Call, Call.call_id == RecordingRow.call_id)
            .where(self._ready, ArchivedRecording.sha256 == RecordingRow.sha256)
            .where(ArchivedRecording.shed_at.is_(None))
            .where(ArchivedRecording.at <= self._now() - self._keep)
            .order_by(ArchivedRecording.at)
        )
        with self._store.session() as session:
            return self._here(session, rows)

    def shed(self, call_id: str) -> None:
        """Remove the file here, once the archive's copy was read back and is what was sealed;
        otherwise it is archived again. Raises ArchiveAway, SoundFileError, OSError."""
        row, file = self._found(call_id)
        if row is None or file is None:
            return
        with self._noting():
            far = self._recordings.far(row.path)
            is_whole = far is not None and digest(far) == row.sha256
        with self._store.session(write=True) as session:
            kept = session.get(ArchivedRecording, call_id)
            if kept is not None and is_whole:
                kept.shed_at = self._now()
            elif kept is not None:
                session.delete(kept)
        if not is_whole:
            raise SoundFileError(f"{row.path}: the archive has another: it is archived again")
        for copy in self._recordings.files(row.path):
            copy.unlink(missing_ok=True)

    def notice(self) -> str:
        """What people should know while the archive cannot be used; "" where all is well."""
        if not self.problem:
            return ""
        return (
            f"录音归档 {self._archive.where} 暂时用不了：{self.waiting} 段录音先留在本机，不会丢，"
            "恢复后自动上传"
        )

    def _put(self, row: RecordingRow, file: Path) -> None:
        try:
            size = file.stat().st_size
            self._archive.put(row.path, str(file), row.sha256)
        except OSError as error:
            raise SoundFileError(f"{row.path}: cannot be read: {error.strerror}") from error
        kept = self._archive.find(row.path)
        if kept is None or (kept.size, kept.sha256) != (size, row.sha256):
            raise ArchiveAway(f"{self._archive.where}: {row.path} did not come as it was sent")

    def _found(self, call_id: str) -> tuple[RecordingRow | None, Path | None]:
        with self._store.session() as session:
            row = session.get(RecordingRow, call_id)
        return row, self._recordings.file(row.path) if row else None

    def _here(self, session: Session, rows: Select[str, str]) -> list[str]:
        """Those of the calls, AT_ONCE at most, whose recording lies in this machine's folder."""
        found = session.execute(rows.execution_options(yield_per=AT_ONCE))
        here = (call_id for call_id, path in found if self._recordings.file(path))
        return list(islice(here, AT_ONCE))

    def _missing(self, rows: Select[*Columns]) -> Select[*Columns]:
        """Recordings that the archive does not have as they are now."""
        other = ArchivedRecording.sha256 != RecordingRow.sha256
        return (
            rows.select_from(RecordingRow)
            .join(Call, Call.call_id == RecordingRow.call_id)
            .outerjoin(ArchivedRecording, ArchivedRecording.call_id == RecordingRow.call_id)
            .where(self._ready, RecordingRow.path != "")
            .where(ArchivedRecording.call_id.is_(None) | other)
        )

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Remember whether the archive could be used."""
        try:
            yield
        except ArchiveAway as error:
            self.problem = str(error)
            raise
        self.problem = ""
