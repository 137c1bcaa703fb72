"""Where a recording's file lies. Looks into the recordings folder, and nowhere outside it."""

from __future__ import annotations

from pathlib import Path

from callcenter.store.tables import RecordingRow


def file_of(recordings: Path, row: RecordingRow) -> Path | None:
    """The file of a recording, or None where it is missing or not inside the recordings folder."""
    folder = recordings.resolve()
    try:
        file = (folder / row.path).resolve()
        if file.is_relative_to(folder) and file.is_file():
            return file
    except (OSError, ValueError):  # a name that no file can have
        pass
    return None
