from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.casework.quality.measures import Heard
from callcenter.casework.quality.scoring import (
    excuse,
    machine_answer,
    points_of,
    resettled,
    score,
)
from callcenter.core.records import Hit, Party, Segment
from callcenter.core.scorecards import Form, Item, Section

POINTS = st.floats(0, 10)


def card(*items: Item, pass_mark: float = 80) -> Form:
    return Form("表", (Section("一", items),), pass_mark)


def answers(*points: float | None) -> dict[str, Any]:
    return {f"k{n}": {"points": value} for n, value in enumerate(points)}


@pytest.mark.parametrize(
    ("limits", "value", "points"),
    [
        ({"most": 0, "minus": 2}, 0, 10),
        ({"most": 0, "minus": 2}, 3, 4),
        ({"most": 0, "minus": 2}, 9, 0),
        ({"most": 0}, 1, 0),
        ({"least": 1}, 1, 10),
        ({"least": 1}, 0, 0),
        ({"least": 140, "most": 300, "minus": 0.1}, 120, 8),
        ({"least": 140, "most": 300, "minus": 0.1}, 320, 8),
        ({"most": 15, "minus": 1, "yes_no": True}, 16, 0),
        ({"most": 15}, None, None),
    ],
)
def test_r6_a_measured_value_brings_points(
    limits: dict[str, Any], value: float | None, points: float | None
) -> None:
    assert points_of(Item("k", "K", 10, measure="x", **limits), value) == points


def test_r6_the_score_weighs_what_applies() -> None:
    form = card(Item("k0", "甲", 10), Item("k1", "乙", 5, weight=2), Item("k2", "丙", 10))
    assert score(form, answers(10, 5, 10)).value == 100
    half = score(form, answers(5, 5, 10))
    assert (half.points, half.most, half.value, half.passed) == (25, 30, 83.3, True)
    apart = answers(10, 0, 0) | {"k2": {"points": None, "not_applicable": True}}
    assert (score(form, apart).value, score(form, apart).suggested) == (50, "observed")
    open_ = score(form, answers(10, None))
    assert (open_.waiting, open_.value) == (("乙", "丙"), 100)
    assert score(form, {}).value is None


def test_r6_a_critical_item_fails_the_whole() -> None:
    form = card(Item("k0", "甲", 95), Item("k1", "不恶言", 5, critical=True))
    told = score(form, answers(95, 0))
    assert (told.value, told.failed, told.suggested) == (0, ("不恶言",), "rejected")
    assert score(form, answers(95, 5)).suggested == "approved"


@given(st.lists(st.tuples(POINTS, st.floats(0.1, 5), st.booleans()), max_size=6))
def test_the_score_is_within_bounds(kept: list[tuple[float, float, bool]]) -> None:
    items = [
        Item(f"k{n}", "K", 10, weight=weight, critical=critical)
        for n, (_, weight, critical) in enumerate(kept)
    ]
    told = score(card(*items), answers(*(points for points, _, _ in kept)))
    assert told.waiting == ()
    if kept:
        assert told.value is not None
        assert 0 <= told.value <= 100
        more = score(card(*items), answers(*(10.0 for _ in kept)))
        assert more.value == 100


def test_d14_a_place_can_be_excused_and_stays_so() -> None:
    item = Item("k", "静默", 5, measure="silence", most=0, minus=2)
    words = (Segment(Party.CALLER, 0, 1000, "喂"), Segment(Party.CALLER, 9000, 9900, "喂"))
    made = machine_answer(item, Heard(words))
    assert (made["value"], made["points"], made["by"]) == (1, 3, "")
    with pytest.raises(ValueError, match="静默: nothing is counted at 5 ms"):
        excuse(item, made, 5, {})
    why = {"by": "郑岚", "at": "…", "reason": "无言等待"}
    spared = excuse(item, made, 1000, why)
    assert (spared["value"], spared["points"], spared["measured"]) == (0, 5, 5)
    assert spared["places"][0]["excused"] == why
    longer = (*words, Segment(Party.CALLER, 20_000, 20_500, "喂"))
    again = machine_answer(item, Heard(longer), spared)
    assert (again["value"], again["points"]) == (1, 3)
    judged = resettled(item, {**again, "points": 1.0, "by": "郑岚"})
    assert (judged["points"], judged["measured"]) == (1, 3)


def test_a_banned_word_is_a_place() -> None:
    item = Item("k", "忌语", 10, measure="banned", most=0, minus=5)
    hit = Hit("flat_no", "banned", Party.AGENT, 500, 900, "不知道")
    made = machine_answer(item, Heard((Segment(Party.AGENT, 0, 900, "我不知道"),), (hit,)))
    assert made["points"] == 5
    assert made["places"] == [{"start_ms": 500, "end_ms": 900, "party": "agent", "text": "不知道"}]
