"""A call that an agent marks as harassing by hand (标记骚扰): a hit as rules have them. Pure."""

from __future__ import annotations

from callcenter.core.records import Hit, Party

MARKED = "marked"
"""The category of the hit."""
GROUPS = {MARKED: "harassment"}
"""What it counts as."""
RULE = "agent"
"""What stands where a rule's name does."""
TEXT = "座席标记"
GRAVE = 4
"""Severity: a person heard it."""


def marked(agent: str, at_ms: int) -> Hit:
    """The hit, at this offset (ms since answer)."""
    why = f"座席 {agent} 听到骚扰，自己标记"
    return Hit(RULE, MARKED, Party.CALLER, at_ms, at_ms, TEXT, severity=GRAVE, why=why)
