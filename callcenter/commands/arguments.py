"""What the words of a command line must look like; a wrong one is told. Pure."""

from __future__ import annotations

import argparse
from datetime import date


def day(text: str) -> date:
    """A day such as 2026-11-22."""
    try:
        found = date.fromisoformat(text)
        if 1970 <= found.year < 9999:  # what local time can be worked out for
            return found
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"expected a date such as 2026-11-22, got {text!r}")


def calls(text: str) -> int:
    """A number of calls, 1 or more."""
    if text.isdecimal() and len(text) <= 9 and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a number of calls, 1 or more, got {text!r}")


def seconds(text: str) -> int:
    """Seconds, 0 to 99999."""
    if text.isdecimal() and len(text) <= 5:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected seconds, 0 to 99999, got {text!r}")
