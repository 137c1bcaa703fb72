"""Draws how needs grow with seats, as SVG: both axes logarithmic. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 34, 48
INKS = ("#1d4ed8", "#b45309", "#047857", "#7c3aed", "#be123c")
_TEXT = 'font-family="sans-serif" font-size="13"'


def drawn(
    title: str, across: str, at: Sequence[float], curves: Mapping[str, Sequence[float]]
) -> str:
    """One curve for each name, over these places; what is less than one is drawn at one."""
    lowest, highest = _decade(at[0], math.floor), _decade(at[-1], math.ceil)
    top = _decade(max(max(values) for values in curves.values()), math.ceil)

    def x(value: float) -> float:
        share = (math.log10(value) - lowest) / (highest - lowest)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - math.log10(max(1.0, value)) / top * (HEIGHT - TOP - BOTTOM)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" {_TEXT} font-weight="bold">{escape(title)}</text>',
    ]
    for power in range(lowest, highest + 1):
        place = x(10.0**power)
        lines.append(_rule(place, TOP, place, HEIGHT - BOTTOM))
        lines.append(_label(place, HEIGHT - BOTTOM + 18, f"{10**power:,}", "middle"))
    for power in range(top + 1):
        level = y(10.0**power)
        lines.append(_rule(LEFT, level, WIDTH - RIGHT, level))
        lines.append(_label(LEFT - 8, level + 4, f"{10**power:,}", "end"))
    lines.append(_label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, "middle"))
    for ink, (name, values) in zip(INKS, curves.items(), strict=False):
        points = " ".join(f"{x(p):.1f},{y(v):.1f}" for p, v in zip(at, values, strict=True))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="2"/>')
        lines.append(_label(WIDTH - RIGHT + 8, y(values[-1]) + 4, name, "start", ink))
    return "\n".join([*lines, "</svg>", ""])


def _decade(value: float, to: object) -> int:
    assert callable(to)
    return int(to(math.log10(value)))


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#d4d4d8"/>'


def _label(x: float, y: float, text: str, anchor: str, ink: str = "#27272a") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}"'
    return f"<text {place} {_TEXT}>{escape(text)}</text>"
