"""A language model in OpenFst's `ngram` type is read back."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asr import fst, ngram_fst
from callcenter.asr.ngram_fst import BEGIN, After, History

costs = st.floats(0, 50, width=32)
words = st.dictionaries(st.integers(1, 6), costs, max_size=5)


@st.composite
def models(draw: st.DrawFn) -> dict[History, After]:
    """Any model that holds every ending of what it holds."""
    label = st.integers(1, 6)
    longer = draw(st.lists(st.tuples(st.integers(BEGIN, 6), label), max_size=6))
    histories = {(), (BEGIN,), *longer, *((last,) for _, last in longer)}
    ends = st.one_of(costs, st.just(math.inf))
    return {h: After(draw(words), draw(ends), draw(costs) if h else 0.0) for h in histories}


def cost_of(stored: fst.Fst, text: list[int]) -> float | None:
    """What the arcs say `text` costs, the longest history first; None where a word lacks."""
    state, cost = 0, 0.0
    for word in text:
        arcs = {arc[0]: arc for arc in stored.arcs[state]}
        while word not in arcs and 0 in arcs:
            cost, state = cost + arcs[0][2], arcs[0][3]
            arcs = {arc[0]: arc for arc in stored.arcs[state]}
        if word not in arcs:
            return None
        cost, state = cost + arcs[word][2], arcs[word][3]
    return cost


def walked(model: dict[History, After], text: list[int]) -> float | None:
    """What the model itself says `text` costs; None where it lacks a word."""
    history: History = (BEGIN,)
    cost = 0.0
    for word in text:
        while word not in model[history].words and history:
            cost += model[history].shorter
            history = history[1:]
        if word not in model[history].words:
            return None
        cost += model[history].words[word]
        history = (*history, word)
        while history not in model:
            history = history[1:]
    return cost


@given(models(), st.lists(st.integers(1, 6), max_size=6))
def test_every_text_costs_the_same_after_reading_back(
    model: dict[History, After], text: list[int]
) -> None:
    stored = ngram_fst.read(ngram_fst.write(model))
    assert stored.kind == "ngram"
    assert cost_of(stored.fst, text) == pytest.approx(walked(model, text))


@given(models())
def test_the_size_follows_from_the_counts_and_a_shorter_file_is_refused(
    model: dict[History, After],
) -> None:
    data = ngram_fst.write(model)
    assert ngram_fst.least_size(data[:512]) == len(data)
    with pytest.raises((ValueError, struct.error)):
        ngram_fst.read(data[:-1])


def test_a_model_without_a_shorter_history_is_not_written() -> None:
    empty = After({})
    with pytest.raises(KeyError):
        ngram_fst.write({(): empty, (BEGIN,): empty, (2, 3): empty})


def test_other_types_are_read_as_before() -> None:
    made = fst.Fst([[(1, 1, 0.5, 0)]], {0: 0.0})
    assert ngram_fst.read(fst.write_acceptor(made)).fst == made
