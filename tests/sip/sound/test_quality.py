"""The E-model in short, against values of G.107 and G.113."""

from __future__ import annotations

import pytest

from callcenter.sip.sound.quality import Path, mos, rating


@pytest.mark.parametrize(
    ("loss", "delay_ms", "expected"),
    [
        (0.0, 0.0, 4.41),
        (0.0, 100.0, 4.36),
        (0.0, 400.0, 3.05),
        (0.01, 50.0, 4.30),
        (0.05, 100.0, 3.82),
        (0.3, 100.0, 2.02),
        (1.0, 100.0, 1.12),
        (1.0, 2000.0, 1.0),
        (-1.0, -50.0, 4.41),
        (2.0, 1e9, 1.0),
    ],
)
def test_mos(loss: float, delay_ms: float, expected: float) -> None:
    assert mos(loss, delay_ms) == pytest.approx(expected, abs=0.005)


def test_the_recommendation_s_own_landmarks() -> None:
    """R = 93.2 without loss and delay is MOS 4.41 (G.107 §7); G.113 Appendix I gives 2 % loss of
    G.711 with concealment an impairment of 7."""
    assert rating(0, 0) == 93.2
    assert mos(0, 0) == 4.41
    assert rating(0, 0) - rating(0.02, 0) == pytest.approx(7, abs=0.1)
    assert rating(0, 177.3) == pytest.approx(93.2 - 4.26, abs=0.01)


def test_more_loss_or_delay_is_never_better() -> None:
    by_loss = [mos(percent / 100, 50) for percent in range(101)]
    by_delay = [mos(0.01, ms) for ms in range(0, 1000, 10)]
    assert by_loss == sorted(by_loss, reverse=True)
    assert by_delay == sorted(by_delay, reverse=True)


@pytest.mark.parametrize(("trip", "buffered", "delay"), [(-1, 40, 60), (80, 40, 100), (80, -5, 60)])
def test_the_way_of_sound(trip: float, buffered: float, delay: float) -> None:
    assert Path(trip, buffered).delay_ms == delay
