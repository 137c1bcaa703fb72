"""What becomes of a call's recording besides its end. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callcenter.core.event import Event


@dataclass(frozen=True, slots=True)
class SoundLost(Event):
    """Sound of both parties that reached no disk (录音缺失); the recording is silent there.

    From and until, in milliseconds since answer; `reason` is disk. It may have been heard live.
    """

    start_ms: int
    end_ms: int
    reason: str = "disk"
