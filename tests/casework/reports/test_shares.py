from __future__ import annotations

import pytest

from callcenter.casework.reports.shares import wilson


def test_an_interval_that_leaves_too_much_open_is_said_to_be_wide() -> None:
    assert wilson(1, 2).is_wide
    assert not wilson(81, 263).is_wide
    assert not wilson(0, 0).is_wide, "there is nothing to compare"


@pytest.mark.parametrize(
    ("good", "of", "value", "low", "high"),
    [
        (10, 10, 1.0, 0.7225, 1.0),
        (0, 10, 0.0, 0.0, 0.2775),
        (5, 10, 0.5, 0.2366, 0.7634),
        (81, 263, 0.308, 0.2553, 0.3662),  # R. G. Newcombe 1998, table I
        (1, 1, 1.0, 0.2065, 1.0),
    ],
)
def test_wilsons_interval(good: int, of: int, value: float, low: float, high: float) -> None:
    share = wilson(good, of)
    assert (share.value, share.low, share.high) == pytest.approx((value, low, high), abs=1e-4)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0).as_dict() == {"good": 0, "of": 0, "value": None, "low": 0.0, "high": 1.0}
