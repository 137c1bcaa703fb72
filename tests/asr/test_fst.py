"""What is written is read back, and the look-ahead sets hold the labels that come first."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asr import bundled
from callcenter.asr.fst import Fst, reachable, read, write_acceptor, write_lookahead

costs = st.floats(0, 100, width=32)


@st.composite
def transducers(draw: st.DrawFn) -> Fst:
    count = draw(st.integers(1, 6))
    states = st.integers(0, count - 1)
    labels = st.integers(0, 5)
    fst = Fst([[] for _ in range(count)], draw(st.dictionaries(states, costs)))
    for state in range(count):
        for arc in draw(st.lists(st.tuples(labels, labels, costs, states), max_size=4)):
            fst.add_arc(state, *arc)
    return fst


def by_label(fst: Fst) -> list[list[tuple[int, int, float, int]]]:
    return [sorted(arcs) for arcs in fst.arcs]


@given(transducers())
def test_a_lookahead_fst_is_read_back(fst: Fst) -> None:
    stored = read(write_lookahead(fst, final_label=9))
    assert stored.kind == "olabel_lookahead"
    assert by_label(stored.fst) == by_label(fst)
    assert stored.fst.finals == fst.finals
    assert stored.reach == reachable(fst, 9)
    assert stored.final_label == 9
    assert all(
        [arc[1] for arc in arcs] == sorted(arc[1] for arc in arcs) for arcs in stored.fst.arcs
    )


@given(transducers())
def test_an_acceptor_is_read_back_sorted_by_label(fst: Fst) -> None:
    stored = read(write_acceptor(fst))
    assert stored.kind == "const"
    assert by_label(stored.fst) == by_label(fst)
    assert all(
        [arc[0] for arc in arcs] == sorted(arc[0] for arc in arcs) for arcs in stored.fst.arcs
    )


def first_labels(fst: Fst, state: int, final_label: int) -> set[int]:
    """The same by walking, slowly."""
    labels, waiting, seen = set(), [state], set()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        labels |= {final_label} if here in fst.finals else set()
        for _, olabel, _, target in fst.arcs[here]:
            if olabel:
                labels.add(olabel)
            else:
                waiting.append(target)
    return labels


@given(transducers())
def test_reach_is_what_walking_finds(fst: Fst) -> None:
    reach = reachable(fst, 9)
    from_start, waiting = set(), [0]
    while waiting:
        state = waiting.pop()
        if state not in from_start:
            from_start.add(state)
            waiting += [arc[3] for arc in fst.arcs[state]]
    for state in from_start:
        held = {label for begin, end in reach[state] for label in range(begin, end)}
        assert held == first_labels(fst, state, 9)


def test_what_is_no_fst_is_refused() -> None:
    with pytest.raises(ValueError, match="no FST"):
        read(struct.pack("<i", 1) + bytes(80))
    with pytest.raises(ValueError, match="expected const"):
        read(write_acceptor(Fst([[]])).replace(b"const", b"cons2"))


def test_the_bundled_graph_is_read_and_loops_through_its_start() -> None:
    stored = read((bundled() / "graph" / "HCLr.fst").read_bytes())
    everything = [(1, stored.final_label + 1)]
    assert stored.reach[0] == everything
    assert not any(math.isinf(cost) for cost in stored.fst.finals.values())
