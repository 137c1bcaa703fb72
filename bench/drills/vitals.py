"""What a process holds: memory, open files, sockets. Reads /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Vitals:
    """At one moment."""

    rss_mb: float
    files: int
    """Open ones of every kind, sockets too."""
    sockets: int


def vitals(pid: int) -> Vitals:
    """Of a process of ours that runs. Raises OSError."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    targets = [_target(file) for file in Path(f"/proc/{pid}/fd").iterdir()]
    sockets = sum(target.startswith("socket:") for target in targets)
    return Vitals(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(targets), sockets)


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:
        return ""  # closed meanwhile
