"""What is hidden of an answer, from whom, and that no field is forgotten."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.people import AGENT, QA
from callcenter.core.visitor import ANYBODY, Visitor
from callcenter.web.access.masking import (
    NO_TELEPHONE,
    NUMBERS,
    in_text,
    is_masked,
    masked,
)

REVIEWER = Visitor("吴敏", frozenset({QA}))
LIN = Visitor("林晓雯", frozenset({AGENT}), "6018")
NUMBER = "13800006127"
CALL = {"call_id": "a", "direction": "inbound", "caller_number": NUMBER,
        "callee_number": "4008200001", "agent": "6018"}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("回电13800006127谢谢", "回电138****6127谢谢"),
        ("138 0000 6127", "138 **** 6127"),
        ("+86 138-0000-6127", "+86 138-****-6127"),
        ("010-88880001", "010-****0001"),
        ("身份证11010519491231002X", "身份证110***********002X"),
        ("卡号6222 0212 3456 7890 123", "卡号622* **** **** ***0 123"),
        ("幺三八零零零零六幺二七", "幺三八****六幺二七"),
        ("热线4008200001，分机8012", "热线4008200001，分机8012"),
        ("WO-20261122-0001，2026-11-22 12:30", "WO-20261122-0001，2026-11-22 12:30"),
        ("三百五十块，一二三四号", "三百五十块，一二三四号"),
        ("5f2e13800006127aa", "5f2e13800006127aa"),
    ],
)
def test_digits_in_a_text(said: str, shown: str) -> None:
    assert in_text(said) == shown


@given(st.text(alphabet="0123456789 -Xx一二零幺身份证+86"))
def test_a_text_stays_as_long_and_is_hidden_once(text: str) -> None:
    assert len(in_text(text)) == len(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from([*NUMBERS, "words", "changes", "state", "x"]), inner)
        ),
        max_leaves=8,
    )
)
def test_no_answer_is_an_error(told: Any) -> None:
    assert masked(told, ANYBODY) == told
    json.dumps(masked(told, LIN))


def test_the_number_beyond_the_line_is_hidden_and_the_house_own_is_not() -> None:
    shown = masked(CALL, REVIEWER)
    assert (shown["caller_number"], shown["callee_number"]) == ("138****6127", "4008200001")
    out = CALL | {"direction": "outbound", "caller_number": "4008200001", "callee_number": NUMBER}
    shown = masked(out, REVIEWER)
    assert (shown["caller_number"], shown["callee_number"]) == ("4008200001", "138****6127")


def test_what_is_ones_own_is_whole_with_everything_in_it() -> None:
    told = {"owner": "林晓雯", "phone": NUMBER, "contacts": [{"note": NUMBER}]}
    assert masked(told, LIN) == told
    assert NUMBER not in json.dumps(masked(told, REVIEWER))
    assert masked([CALL, CALL | {"agent": "6007"}], LIN)[1]["caller_number"] == "138****6127"


def test_a_call_that_rings_is_whole_for_who_may_take_it() -> None:
    rings = CALL | {"agent": "", "state": "ringing"}
    assert masked(rings, LIN)["caller_number"] == NUMBER
    assert masked(rings, REVIEWER)["caller_number"] == "138****6127"
    assert masked(rings | {"state": "ended"}, LIN)["caller_number"] == "138****6127"


def test_numbers_of_a_file_read_out_numbers_and_steps() -> None:
    told = {
        "numbers": [{"number": NUMBER, "e164": "+86" + NUMBER, "extension": "8012"}],
        "steps": [{"changes": json.dumps({"phone": NUMBER, "n": 1})}],
    }
    shown = masked(told, REVIEWER)
    assert shown["numbers"] == [
        {"number": "138****6127", "e164": "138****6127", "extension": "8012"}
    ]
    assert json.loads(shown["steps"][0]["changes"]) == {"phone": "138****6127", "n": 1}
    assert masked({"numbers": ["888123", NUMBER]}, REVIEWER) == {
        "numbers": ["888123", "138****6127"]
    }


def test_recognised_words_hide_what_their_sentence_hides() -> None:
    spoken = "号码是幺三八零零零零六幺二七"
    segment = {"text": spoken, "words": [{"word": char} for char in spoken]}
    shown = masked(segment, REVIEWER)
    assert "".join(one["word"] for one in shown["words"]) == shown["text"]
    assert shown["text"] == "号码是幺三八****六幺二七"


def test_a_list_of_calls_is_no_list_of_their_ids() -> None:
    assert masked({"calls": ["13800006127"]}, REVIEWER) == {"calls": ["13800006127"]}
    assert masked({"calls": [CALL]}, REVIEWER)["calls"][0]["caller_number"] == "138****6127"


def test_a_withheld_number_stays_as_it_is() -> None:
    assert masked({"caller_number": "anonymous"}, REVIEWER) == {"caller_number": "anonymous"}


@pytest.mark.parametrize(
    ("told", "is_so"),
    [("138****6127", True), ("138 •••• 6127", True), (NUMBER, False),
     ([{"number": "138****6127"}], True), ([], False), (None, False)],
)  # fmt: skip
def test_what_is_masked(told: Any, is_so: bool) -> None:
    assert is_masked(told) is is_so


def test_every_field_that_may_hold_a_telephone_number_is_known(app: FastAPI) -> None:
    """A new field with such a name has to be put on one of the two lists."""
    looks = re.compile(r"number|phone|mobile|e164|caller|callee|\btel", re.IGNORECASE)
    told = {
        name
        for name, schema in answered(app.openapi()).items()
        if looks.search(name) and holds_text(schema)
    }
    assert told >= NUMBERS
    assert told - NUMBERS - NO_TELEPHONE == set()


def answered(described: dict[str, Any]) -> dict[str, Any]:
    """Every field of every good answer of the API, by name."""
    schemas: dict[str, Any] = described["components"]["schemas"]
    found: dict[str, Any] = {}
    seen: set[str] = set()
    waiting = [
        answer
        for methods in described["paths"].values()
        for operation in methods.values()
        for code, answer in operation["responses"].items()
        if code.startswith("2")
    ]
    while waiting:
        named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(waiting.pop()))) - seen
        seen |= named
        for name in named:
            found |= schemas[name].get("properties", {})
            waiting.append(schemas[name])
    return found


def holds_text(schema: dict[str, Any]) -> bool:
    """Not a figure, nor a truth value."""
    return schema.get("type") not in ("integer", "number", "boolean")
