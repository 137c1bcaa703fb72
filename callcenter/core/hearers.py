"""How the servers that recognise stand (识别服务器). Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hearer:
    """One recognition server at this moment."""

    name: str
    """Its address."""
    problem: str
    """Why it is not asked, in one line; "" while it answers."""
    lag_ms: int
    """How long its answers take, which should be less than the sound they are about: 200 ms."""
    streams: int
    """Utterances that it listens to now."""
    failures: int
    """How often it was lost, or did not answer when it was tried again."""
