"""What may be dialled, and what the records call it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import Refused
from callcenter.desk.dialling import dialled, recorded


@pytest.mark.parametrize(
    ("wish", "to", "kept"),
    [
        ("13800138001", "13800138001", "13800138001"),
        (" +86 138-0013-8001 ", "+8613800138001", "+8613800138001"),
        ("(010) 8888.0001", "01088880001", "01088880001"),
        ("*57#", "*57#", "*57#"),
        ("sip:bob@192.0.2.1:5070", "sip:bob@192.0.2.1:5070", "bob"),
        ("SIPS:1001@pbx.example", "SIPS:1001@pbx.example", "1001"),
        ("sip:192.0.2.1", "sip:192.0.2.1", "sip:192.0.2.1"),
    ],
)
def test_numbers_and_uris(wish: str, to: str, kept: str):
    assert dialled(wish) == to
    assert recorded(to) == kept


@pytest.mark.parametrize(
    "wish",
    [
        "",
        " ",
        "bob",
        "sip:",
        "sip:a b@c",
        "sip:a@b\r\nVia: x",
        "1" * 33,
        "tel:123",
        "<sip:a@b>",
        "１２３",
    ],
)
def test_what_cannot_be_dialled_is_refused(wish: str):
    with pytest.raises(Refused, match="expected a telephone number"):
        dialled(wish)


@given(st.text(max_size=300))
def test_nothing_that_is_dialled_holds_a_space_or_a_sign_of_control(wish: str):
    try:
        to = dialled(wish)
    except Refused:
        return
    assert to == "".join(to.split())
    assert to.isprintable()
    assert recorded(to)
