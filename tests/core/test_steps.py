from __future__ import annotations

import pytest

from callcenter.core.errors import NotNow, Refused
from callcenter.core.steps import NOT_YET, Move, anywhere, check, find, possible

MOVES = {
    (NOT_YET, "open"): Move("open", ("title",)),
    ("open", "close"): Move("closed", ("summary", "count", "ticks")),
    **anywhere(("open", "closed"), "note", ("text",)),
}


def test_a_wrong_step_is_refused_with_the_possible_ones_named() -> None:
    assert find(MOVES, "order 1", "open", "close").to == "closed"
    with pytest.raises(NotNow, match="order 1 is closed: close is not possible; possible: note"):
        find(MOVES, "order 1", "closed", "close")
    with pytest.raises(NotNow, match="not there yet: close is not possible; possible: open"):
        find(MOVES, "an order", NOT_YET, "close")
    assert possible(MOVES, "open") == ("close", "note")
    assert find(MOVES, "order 1", "closed", "note").to == "closed"


def test_what_a_step_needs_is_named() -> None:
    move = MOVES["open", "close"]
    check(move, "close", {"summary": "好了", "count": 0, "ticks": [1]})
    with pytest.raises(Refused, match="close needs: summary, ticks"):
        check(move, "close", {"summary": " ", "count": 0, "ticks": []})
    with pytest.raises(Refused, match="close needs: summary, count, ticks"):
        check(move, "close", {})
