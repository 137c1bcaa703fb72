"""Misses, false alarms and changes, each counted by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from callcenter.casework.reviews import backtest
from callcenter.casework.reviews.backtest import (
    Listing,
    RuleChange,
    as_dict,
    back_test,
    changes,
)
from callcenter.casework.reviews.labels import labelled
from callcenter.core.records import Hit, Party
from callcenter.core.trials import HeardCall, Judged, RuleInForce
from callcenter.store.sql import Store
from tests.casework.kept import Kept

RULES = {"bad": "harassment", "sue": "complaint", "idea": "suggestion"}


def hit(rule: str, start_ms: int = 0, severity: int = 3) -> Hit:
    return Hit(rule, rule, Party.CALLER, start_ms, start_ms + 400, rule, severity=severity)


class Words:
    """core.trials.Rules by words: each has its rule; the first word found decides the label."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def listed(self) -> Sequence[RuleInForce]:
        return [RuleInForce("p.toml", rule, rule, group, 3, "") for rule, group in RULES.items()]

    def judge(self, call: HeardCall) -> Judged:
        rules = [r for s in call.segments for word, r in self._words.items() if word in s.text]
        groups = [RULES[rule] for rule in rules if RULES[rule] != "suggestion"]
        return Judged(groups[0] if groups else "ordinary", tuple(hit(rule) for rule in rules))


IN_FORCE = Words({"滚": "bad", "告": "sue", "建议": "idea"})
DRAFT = Words({"滚出去": "bad", "笨": "bad", "告": "sue", "建议": "idea"})


@pytest.fixture
def kept(store: Store) -> Kept:
    made = Kept(store)
    made.call("rude", "滚出去", "你真笨", verdict="harassment")  # both right
    made.call("sly", "你真笨", verdict="harassment")  # a miss; found by the draft
    made.call("wheels", "箱子滚轮坏了", verdict="complaint")  # a false alarm; the draft has none
    made.call("sues", "我要告你们", verdict="complaint")  # both right
    made.call("helper", "我有个建议", verdict="ordinary")  # both right
    made.call("fool", "我太笨了", verdict="ordinary", number="13912345678")  # draft: false alarm
    made.call("unjudged", "滚开")  # told, and nobody knows; the draft does not tell it
    made.call("silent")
    return made


def test_what_the_rules_in_force_get_right_and_wrong(kept: Kept) -> None:
    found = back_test(labelled(kept.store), IN_FORCE)
    assert (found.calls, found.segments, found.judged) == (8, 8, 6)
    side = found.in_force
    assert side.told == {"harassment": 3, "complaint": 1, "ordinary": 4}
    bad = side.label("harassment")
    assert (bad.misses, bad.false_alarms) == (1, 1)
    assert (bad.precision.good, bad.precision.of) == (1, 2)
    assert (bad.recall.good, bad.recall.of) == (1, 2)
    sues = side.label("complaint")
    assert (sues.misses, sues.false_alarms, sues.precision.of, sues.recall.of) == (1, 0, 1, 2)
    plain = side.label("ordinary")
    assert (plain.misses, plain.false_alarms, plain.precision.of, plain.recall.of) == (0, 1, 3, 2)
    assert {one.call_id: one.after for one in found.wrong.listed} == {
        "sly": "ordinary",
        "wheels": "harassment",
    }
    assert found.wrong.calls == 2
    assert (found.draft, found.changed, found.touched) == (None, Listing(), Listing())


def test_each_rule_is_counted_against_verdicts(kept: Kept) -> None:
    rules = back_test(labelled(kept.store), IN_FORCE).in_force.rules
    counted = {name: (r.hits, r.calls, r.right, r.wrong) for name, r in rules.items()}
    assert counted == {"bad": (3, 3, 1, 1), "sue": (1, 1, 1, 0), "idea": (1, 1, 0, 0)}


def test_each_call_that_a_draft_changes_is_named_with_the_rule_and_the_verdict(kept: Kept) -> None:
    found = back_test(labelled(kept.store), IN_FORCE, DRAFT)
    assert found.changed.calls == 4
    told = {
        one.call_id: (one.before, one.after, one.verdict, one.rules) for one in found.changed.listed
    }
    added, gone = (RuleChange("bad", "added"),), (RuleChange("bad", "gone"),)
    assert told == {
        "sly": ("ordinary", "harassment", "harassment", added),
        "wheels": ("harassment", "ordinary", "complaint", gone),
        "fool": ("ordinary", "harassment", "ordinary", added),
        "unjudged": ("harassment", "ordinary", "", gone),
    }
    assert found.draft is not None
    assert found.touched.calls == 0
    bad = found.draft.label("harassment")
    assert (bad.misses, bad.false_alarms, bad.precision.of, bad.recall.of) == (0, 1, 3, 2)
    assert {one.call_id for one in found.wrong.listed} == {"wheels", "fool"}


def test_the_outcome_as_json_masks_numbers(kept: Kept) -> None:
    told = as_dict(back_test(labelled(kept.store), IN_FORCE, DRAFT))
    text = json.dumps(told)
    assert "13912345678" not in text
    assert "139****5678" in text
    assert told["in_force"]["confusion"]["complaint"] == {
        "harassment": 1, "complaint": 1, "ordinary": 0,
    }  # fmt: skip
    assert told["draft"]["labels"]["harassment"]["recall"] == {
        "good": 2, "of": 2, "value": 1.0, "low": 0.3424, "high": 1.0,
    }  # fmt: skip


def test_of_no_calls_every_share_is_unknown(store: Store) -> None:
    told = as_dict(back_test(labelled(store), IN_FORCE, DRAFT))
    assert told["calls"] == 0
    for side in (told["in_force"], told["draft"]):
        for one in side["labels"].values():
            assert (one["precision"]["value"], one["recall"]["value"]) == (None, None)


def test_lists_stay_short_and_counts_stay_true(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest, "MOST_LISTED", 1)
    found = back_test(labelled(kept.store), IN_FORCE, DRAFT)
    assert (len(found.changed.listed), found.changed.calls) == (1, 4)
    assert (len(found.wrong.listed), found.wrong.calls) == (1, 2)


def test_how_far_it_is_is_told(kept: Kept) -> None:
    told: list[int] = []
    back_test(labelled(kept.store), IN_FORCE, None, told.append)
    assert told == list(range(1, 9))


def test_a_rule_that_weighs_otherwise_is_a_change() -> None:
    before = [hit("bad"), hit("sue"), hit("sue", 900)]
    after = [hit("bad", severity=5), hit("sue", 900), hit("sue"), hit("idea")]
    assert changes(before, after) == [RuleChange("bad", "other"), RuleChange("idea", "added")]


def test_a_call_that_keeps_its_label_by_other_rules_is_touched(store: Store) -> None:
    kept = Kept(store)
    kept.call("both", "滚出去，我要告你们", verdict="harassment")
    kept.call("one", "滚出去")
    found = back_test(labelled(store), IN_FORCE, Words({"滚": "bad"}))
    assert found.changed.calls == 0
    (touched,) = found.touched.listed
    assert (touched.call_id, touched.before, touched.after) == ("both", "harassment", "harassment")
    assert touched.rules == (RuleChange("sue", "gone"),)
