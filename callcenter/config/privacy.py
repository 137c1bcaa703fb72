"""What of a call must not stay in the configuration file: numbers, pauses. Pure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from callcenter.config.table import Table

Kind = Literal["card", "id", "phone"]
KINDS: tuple[Kind, ...] = ("card", "id", "phone")


class PrivacyConfig(Table):
    """What is hidden of what people say (脱敏), and how secure pauses are watched (安全暂停)."""

    redact: tuple[Kind, ...] = Field(KINDS, strict=False)
    """Numbers that are hidden in text and sound; nothing where empty."""
    keep_originals: bool = False
    """Keep what was hidden, sealed with the house's key, for managers who say why."""
    pause_minutes: int = Field(5, ge=1, le=120)
    """A secure pause that lasts longer is reminded of, each minute, until somebody ends it."""
