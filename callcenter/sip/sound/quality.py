"""How good a call sounded: the E-model in short (ITU-T G.107), from loss and delay to MOS. Pure.

All terms but delay and loss stand at their defaults, which gives R = 93.2 for a call without
either. The delay term is the fit by Cole and Rosenbluth (ACM CCR 31(2), 2001) to G.107's own.
"""

from __future__ import annotations

from dataclasses import dataclass

BEST = 93.2
"""R at the defaults of G.107 §7."""
ROBUSTNESS = 25.1
"""Packet-loss robustness Bpl of G.711 with concealment (G.113 Appendix I); equipment impairment Ie
is 0. G.722 is rated the same: what it gains in width is not on this scale."""
_WORST_LOSS = 95.0
_NOTICED_MS = 177.3


def rating(loss: float, delay_ms: float) -> float:
    """The rating R: `loss` is a share from 0 to 1, `delay_ms` goes from mouth to ear."""
    percent = 100 * min(1.0, max(0.0, loss))
    delay_ms = max(0.0, delay_ms)
    by_delay = 0.024 * delay_ms + 0.11 * max(0.0, delay_ms - _NOTICED_MS)
    by_loss = _WORST_LOSS * percent / (percent + ROBUSTNESS)
    return BEST - by_delay - by_loss


def mos(loss: float, delay_ms: float) -> float:
    """The mean opinion score, from 1 (bad) to 4.5 (G.107 Annex B), rounded to two places."""
    r = min(100.0, max(0.0, rating(loss, delay_ms)))
    return round(max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6), 2)


@dataclass(frozen=True, slots=True)
class Path:
    """Where sound spends its time on the way, in milliseconds; `round_trip_ms` -1: not known."""

    round_trip_ms: float
    buffered_ms: float
    packet_ms: float = 20.0

    @property
    def delay_ms(self) -> float:
        """From mouth to ear: gathering a packet, half a round trip, the jitter buffer."""
        return self.packet_ms + max(0.0, self.round_trip_ms) / 2 + max(0.0, self.buffered_ms)
