"""Whether the packs or cards of a folder were edited since one last looked. Looks at files only."""

from __future__ import annotations

import hashlib
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


def fingerprints(folder: Path) -> dict[str, str]:
    """The SHA-256 of each `*.toml` in the folder, by folder and name; one that vanishes is left
    out."""
    found = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            found[f"{folder.name}/{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError:
            continue
    return found
