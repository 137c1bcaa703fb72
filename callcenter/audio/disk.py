"""How the disk under the recordings stands: what it refused last, how much room it has.

Touches the folder, in `look` alone; everything else may be asked on the event loop.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from callcenter.core.targets import Target

ROOM_BYTES = 16 << 20
"""With less the next call may be refused: what the disk refused last still stands."""


class Disk:
    """Told by the recordings what becomes of their sound."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._trouble = ""
        self._free: int | None = None
        self.lost_ms = 0
        """Sound of all calls that it did not take."""

    def takes(self) -> None:
        """It took some sound."""
        self._trouble = ""

    def refuses(self, error: Exception) -> None:
        """It took none."""
        self._trouble = getattr(error, "strerror", None) or str(error) or type(error).__name__

    def look(self) -> None:
        """How much room there is; blocks."""
        there = next((p for p in (self._folder, *self._folder.parents) if p.is_dir()), None)
        try:
            self._free = None if there is None else shutil.disk_usage(there).free
        except OSError as error:
            self.refuses(error)

    def state(self, *, in_use: bool) -> Target:
        """As it stands; while nothing is recorded, room is as good as sound that was taken."""
        is_past = not in_use and self._free is not None and self._free >= ROOM_BYTES
        trouble = "" if is_past else self._trouble
        return Target(str(self._folder), trouble, self.lost_ms, self._free)
