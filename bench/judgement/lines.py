"""Reads a set of labelled lines. Reads files only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = ("harassment", "complaint", "ordinary")
DEVELOPMENT = Path(__file__).parent / "dev.jsonl"
EXAM = DEVELOPMENT.with_name("exam.jsonl")
"""By a writer who has seen nothing of the project; nobody who writes rules or lines looks at it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a caller says, what it is, and of which kind; `hard` where words alone mislead."""

    id: str
    text: str
    label: str
    kind: str = ""
    hard: bool = False


def read_set(file: Path) -> list[Line]:
    """Raises ValueError naming file, line and what was expected; OSError."""
    with file.open(encoding="utf-8") as lines:
        found = [_line(text, f"{file}:{i}") for i, text in enumerate(lines, 1) if text.strip()]
    if not found:
        raise ValueError(f"{file}: holds no lines")
    return found


def _line(json_line: str, where: str) -> Line:
    expected = f'{where}: expected {{"id": …, "text": "…", "label": {" | ".join(LABELS)}}}'
    try:
        entry: dict[str, Any] = json.loads(json_line)
        name, text, label = str(entry["id"]), entry["text"], entry["label"]
        if label not in LABELS or not isinstance(text, str) or not text:
            raise ValueError
        return Line(name, text, label, str(entry.get("kind", "")), entry.get("note") == "hard")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(expected) from None
