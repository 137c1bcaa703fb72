"""Probabilities add up to one after every history, and the FST says the same."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asr import ngram_fst
from callcenter.asr.train.backoff import Backoff, by_label, pruned
from callcenter.asr.train.language_model import (
    BEGIN,
    END,
    LanguageModel,
    Settings,
    entropy,
    estimate,
)

GENERAL = {"我": 100, "要": 50, "投诉": 5, "退货": 3, "你们": 20}
words = st.sampled_from(sorted(GENERAL))
texts = st.lists(
    st.tuples(st.lists(words, max_size=6), st.sampled_from([0.15, 1.0, 3.0])),
    min_size=1,
    max_size=12,
)


@given(texts, st.floats(0.1, 0.9), st.floats(0.05, 0.95))
def test_probabilities_add_up(
    text: list[tuple[list[str], float]], share: float, discount: float
) -> None:
    model = estimate(text, GENERAL, Settings(share, 0.75, discount))
    known = [BEGIN, *GENERAL]
    for history in [(), *((w,) for w in known), *product(known, GENERAL)]:
        total = sum(model.probability(word, history) for word in [*GENERAL, END])
        assert total == pytest.approx(1.0)


def small() -> LanguageModel:
    return estimate([(["我", "要", "投诉"], 1.0), (["我", "要", "退货"], 1.0)], GENERAL)


def test_what_was_seen_is_more_probable() -> None:
    model = small()
    assert model.probability("要", [BEGIN, "我"]) > model.probability("投诉", [BEGIN, "我"])
    assert model.probability("你们", ["要", "投诉"]) > 0
    assert model.probability("火星") == 0


def test_a_sentence_that_was_seen_surprises_less() -> None:
    model = small()
    assert entropy(model, [["我", "要", "投诉"]]) < entropy(model, [["投诉", "我", "你们"]])


def path_costs(model: Backoff, text: list[str]) -> list[float]:
    """The costs of all paths through the FST that accept `text`."""
    ids = {word: number for number, word in enumerate(GENERAL, 1)}
    fst = ngram_fst.read(ngram_fst.write(by_label(model, ids))).fst
    tokens = [(0, 0.0)]
    for word in text:
        tokens = [
            (target, cost + weight)
            for state, cost in with_shorter_histories(fst.arcs, tokens)
            for label, _, weight, target in fst.arcs[state]
            if label == ids[word]
        ]
    ends = with_shorter_histories(fst.arcs, tokens)
    return [cost + fst.finals[state] for state, cost in ends if state in fst.finals]


def with_shorter_histories(
    arcs: list[list[tuple[int, int, float, int]]], tokens: list[tuple[int, float]]
) -> list[tuple[int, float]]:
    tokens = list(tokens)
    for state, cost in tokens:
        tokens += [(target, cost + weight) for label, _, weight, target in arcs[state] if not label]
    return tokens


@pytest.mark.parametrize("size", [None, 9, 4, 0])
@pytest.mark.parametrize("text", [["我", "要", "投诉"], ["你们", "退货"], [], ["投诉"] * 4])
def test_the_cheapest_path_is_the_probability(text: list[str], size: int | None) -> None:
    model = pruned(small(), size)
    padded = [BEGIN, *text, END]
    wanted = sum(-math.log(model.probability(padded[i], padded[:i])) for i in range(1, len(padded)))
    assert min(path_costs(model, text)) == pytest.approx(wanted)


@given(texts, st.integers(0, 12))
def test_probabilities_add_up_also_after_pruning(
    text: list[tuple[list[str], float]], size: int
) -> None:
    model = pruned(estimate(text, GENERAL), size)
    known = [BEGIN, *GENERAL]
    for history in [(), *((w,) for w in known), *product(known, GENERAL)]:
        total = sum(model.probability(word, history) for word in [*GENERAL, END])
        assert total == pytest.approx(1.0)


@given(texts)
def test_nothing_is_lost_where_all_is_kept(text: list[tuple[list[str], float]]) -> None:
    model = estimate(text, GENERAL)
    whole = pruned(model)
    for history in [(), *((w,) for w in GENERAL)]:
        for word in GENERAL:
            before = model.probability(word, history)
            assert whole.probability(word, history) == pytest.approx(before)
