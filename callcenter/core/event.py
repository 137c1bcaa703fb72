"""The root of everything that happens, and its JSON form. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """The root: something happened in a call at a moment (UTC)."""

    call_id: str
    at: datetime


def as_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON types: `{"event": its class, "call_id": …, "at": ISO 8601, …}`."""
    return {"event": type(event).__name__, **_plain(asdict(event))}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value
