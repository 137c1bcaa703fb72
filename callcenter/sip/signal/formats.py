"""What offers say of the codecs we have: payload type, RTP clock, width (RFC 3551 §6). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.core.records import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Format:
    """What is known of a codec before a call: static payload type, RTP clock (Hz)."""

    payload_type: int
    wide: bool = False
    """True for 16 kHz sound."""
    clock_rate: int = SAMPLE_RATE


FORMATS: Mapping[str, Format] = {
    "PCMU": Format(0),
    "PCMA": Format(8),
    "G722": Format(9, wide=True),
}
"""By name; sip/sound/codecs.py has a codec for each."""
