"""The readable page of an evidence package: one file, no scripts, nothing from elsewhere.

Reads its template in casework/templates/.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callcenter.casework.evidence.gathering import Evidence, Maker, Sound
from callcenter.casework.evidence.text import (
    Wording,
    clean,
    clock,
    far_end,
    gap_text,
    lines,
    number,
    qualities,
    speaker,
    timeline,
)

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(clean=clean, clock=clock, gap=gap_text)


def summary(
    evidence: Evidence,
    where: Mapping[str, str],
    sounds: Mapping[str, Sound],
    maker: Maker,
    say: Wording,
) -> str:
    """The page as HTML. Times are in the zone of `maker.at`, and say so."""

    def moment(at: datetime | None) -> str:
        return "—" if at is None else f"{at.astimezone(maker.at.tzinfo):%Y-%m-%d %H:%M:%S}"

    values: dict[str, Any] = {
        "evidence": evidence,
        "where": where,
        "sounds": sounds,
        "maker": maker,
        "say": say,
        "moment": moment,
        "zone": f"UTC{maker.at:%z}",
        "timeline": timeline,
        "lines": lines,
        "number": number,
        "qualities": qualities,
        "far_end": far_end,
        "speaker": speaker,
        "sources": dict.fromkeys(number(evidence, call) for call in evidence.calls),
        "intact": sum(bool(sound.agrees) for sound in sounds.values()),
        "problems": [sound.problem for sound in sounds.values() if sound.problem],
    }
    return _environment.get_template("summary.html").render(values)
