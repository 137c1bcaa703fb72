"""Whether the packs or cards of a folder were edited since one last looked. Looks at files only."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[tuple[str, int, int], ...]


class Edited:
    """Remembers how the `*.toml` of a folder stood."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp = self._now()

    def again(self) -> bool:
        """True once after each edit. A file that vanishes in this moment is looked at next time."""
        stamp = self._now()
        if stamp is None or stamp == self._stamp:
            return False
        self._stamp = stamp
        return True

    def _now(self) -> Stamp | None:
        try:
            stats = [(file.name, file.stat()) for file in sorted(self._folder.glob("*.toml"))]
        except OSError:
            return None
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
