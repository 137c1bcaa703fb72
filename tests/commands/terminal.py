"""What a command shows a person at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys


def shown(words: list[str], columns: int) -> tuple[int, str]:
    """`callcenter` with these words in a terminal so wide: its exit code, and all that it told."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "callcenter", *words]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env) as running:
        os.close(theirs)
        seen = _all(ours)
    return running.returncode, seen


def _all(terminal: int) -> str:
    """What a terminal was told until its far end closed, which Linux tells as an error."""
    parts = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:
        pass
    os.close(terminal)
    return b"".join(parts).decode("utf-8", "replace")
