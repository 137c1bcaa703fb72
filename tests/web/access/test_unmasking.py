"""Who saves a form as it was shown to them changes no number."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.web.access.unmasking import put_back, still_hidden

KEPT = [{"number": "13800006127", "kind": "mobile"}, {"number": "01088880001", "kind": "work"}]


@pytest.mark.parametrize(
    ("given", "kept", "saved"),
    [
        ("138****6127", "13800006127", "13800006127"),
        ("13900000001", "13800006127", "13900000001"),
        ("138****9999", "13800006127", "138****9999"),
        ("急，回138****6127", "请回13800006127", "急，回13800006127"),
        ("打星号*的", "旧的", "打星号*的"),
        ("138****6127", None, "138****6127"),
        ([{"number": "138****6127", "kind": "home"}], KEPT,
         [{"number": "13800006127", "kind": "home"}]),
        ([{"number": "13900000001"}, {"number": "010****0001"}], KEPT,
         [{"number": "13900000001"}, {"number": "01088880001"}]),
        (7, "x", 7),
    ],
)  # fmt: skip
def test_what_is_saved(given: Any, kept: Any, saved: Any) -> None:
    assert put_back(given, kept) == saved


def test_a_number_that_is_hidden_still_is_found() -> None:
    assert still_hidden({"title": "***", "phone": "138****6127"}) == "phone"
    assert still_hidden({"title": "***", "phone": "13800006127"}) == ""
