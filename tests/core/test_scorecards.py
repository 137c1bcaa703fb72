from __future__ import annotations

import json
from typing import Any

import pytest

from callcenter.core.scorecards import MOST_ITEMS, form_of

GOOD: dict[str, Any] = {"key": "greeting", "title": "开场", "points": 5}


def form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "表", "sections": [{"title": "一", "items": list(items)}], **more}


def test_r6_a_form_is_plain_data_and_read_back() -> None:
    made = form_of(form(GOOD, {**GOOD, "key": "b", "measure": "silence", "most": 0, "words": []}))
    assert form_of(json.loads(json.dumps(made.as_dict()))) == made
    assert [item.key for item in made.items] == ["greeting", "b"]
    assert [item.span for item in made.items] == [0, 3000]
    assert made.item("none") is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"colour": "red"}, "item greeting: unknown key 'colour'"),
        ({"key": "Ä"}, "key is small letters"),
        ({"title": " "}, "title is a text of 1 to 500"),
        ({"points": 0}, "points is 0; expected 0.5 to 100"),
        ({"points": float("nan")}, "points is nan"),
        ({"points": True}, "points is True"),
        ({"weight": -1}, "weight is -1"),
        ({"critical": "yes"}, "critical is true or false"),
        ({"hint": 1}, "hint is a text"),
        ({"measure": "mood", "most": 1}, "no measure 'mood'; expected silence, overlap"),
        ({"measure": "pace"}, "what is measured needs least or most"),
        ({"measure": "greeting", "least": 1}, "greeting needs words"),
        ({"measure": "silence", "most": "0"}, "most is '0'"),
        ({"span_ms": 1.5}, "span_ms is 1.5; expected a whole number"),
        ({"words": ["x" * 41]}, "words are at most"),
        ({"words": "您好"}, "words are at most"),
    ],
)
def test_a_wrong_item_is_told(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        form_of(form(GOOD | wrong))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (form(GOOD, GOOD), "item greeting is there twice"),
        (form(), "expected a list of items of 一"),
        ({"name": "表"}, "expected a list of sections"),
        ({"name": "表", "sections": ["一"]}, "expected a list of sections"),
        (form(GOOD, name=""), "name is a text"),
        (form(GOOD, pass_mark=101), "pass_mark is 101"),
        (form(GOOD, appeal_days=2.5), "appeal_days is 2.5; expected a whole number"),
        (form(GOOD, extra=1), "the form: unknown key 'extra'"),
        (form(*({**GOOD, "key": f"k{n}"} for n in range(MOST_ITEMS + 1))), "expected at most 60"),
    ],
)
def test_a_wrong_form_is_told(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        form_of(wrong)
    assert told in str(caught.value)
