"""The colours of desk.css can be read: each text on each ground it stands on, light and dark."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent.parent / "callcenter" / "web" / "static" / "desk.css"
TINTED = ("harassment", "complaint", "prompt", "good", "agent")
PAIRS = [
    *((hue, f"{hue}-bg", 4.7) for hue in TINTED),
    *((hue, "surface", 4.7) for hue in TINTED),
    *product(("ink", "ink-2"), ("surface", "surface-2", "canvas", "caller-bg", "agent-bg"), (5.0,)),
    *product(("ink-3",), ("surface", "surface-2"), (5.0,)),
    *product(("ink",), tuple(f"{hue}-bg" for hue in TINTED), (7.0,)),
    *(("action", "surface", 4.7), ("action", "action-bg", 4.7), ("on-action", "action", 4.7)),
    *(("on-deep", "harassment-deep", 4.7), ("on-deep", "complaint-deep", 4.7)),
    *(("on-passed", "passed", 7.0), ("on-lit", "lit", 7.0), ("rail-text", "rail", 4.7)),
    *(("prompt-deep-text", "prompt-deep", 4.7), ("on-deep", "count", 4.7)),
]


def colours(theme: str) -> dict[str, str]:
    """Every colour variable, as it is in this theme."""
    text = re.sub(
        r"light-dark\(([^,()]*), ([^()]*)\)", r"\1" if theme == "light" else r"\2", CSS.read_text()
    )
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})[;,]", text))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(theme: str) -> None:
    known = colours(theme)
    low = [
        f"{text} on {ground}: {found:.2f} < {least}"
        for text, ground, least in PAIRS
        if (found := contrast(known[text], known[ground])) < least
    ]
    assert not low
