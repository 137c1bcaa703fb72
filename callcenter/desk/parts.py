"""What every call at the desk is made with. Touches nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callcenter.core.events import Event
from callcenter.core.ports import Recogniser, Recorder, Scripts
from callcenter.desk.policy import PROMPT_A_TRIES

TRANSFER_SECONDS = 20
"""So long a transfer's target rings; then the call comes back."""
PAUSE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Parts:
    """What every session is made with."""

    recorder: Recorder
    recogniser: Recogniser
    scripts: Scripts
    tell: Callable[[Event], None]
    now: Callable[[], datetime]
    silence_ms: int
    prompt_a_tries: int = PROMPT_A_TRIES
    transfer_seconds: int = TRANSFER_SECONDS
    after_call_seconds: float = 0
    """So long an agent wraps up after a call (话后整理); 0: they are ready at once."""
    node: str = ""
    """This machine's name, where several are one call centre."""
    redact: frozenset[str] = frozenset()
    """The kinds of numbers that are hidden (脱敏): some of card, id and phone."""
    pause_minutes: int = PAUSE_MINUTES
    """A secure pause (安全暂停) that lasts longer is reminded of."""
