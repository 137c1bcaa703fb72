"""What the pages are made of: our own templates, scripts and styles."""

from __future__ import annotations

from pathlib import Path

WEB = Path(__file__).parent.parent.parent / "callcenter" / "web"


def templates() -> list[Path]:
    """Every page and piece of one."""
    return sorted(WEB.glob("pages/templates/**/*.html"))


def static(kind: str) -> list[Path]:
    """Every "js" or "css" that is not borrowed."""
    return sorted(f for f in WEB.glob(f"static/**/*.{kind}") if "vendor" not in f.parts)
