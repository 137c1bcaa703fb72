"""A back-off language model as OpenFst's type `ngram` keeps it: half the size of its arcs. Pure.

Layout: OpenFst 1.8 `ngram-fst.h`, version 4, little-endian; the structure is that of Sorensen and
Allauzen, "Unary data structures for language models" (Interspeech 2011). The histories form a tree
by their words from the last to the first; two rows of bits say how many children and how many
followers each has, so that no arc needs to name its target.
"""

from __future__ import annotations

import math
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callcenter.asr import fst
from callcenter.asr.fst import Fst, Stored, write_header

Numbers = NDArray[Any]
History = tuple[int, ...]
"""Words from the first to the last; BEGIN only in front."""
BEGIN = 0
KIND = "ngram"
LONGEST = 16
"""Words of the longest history that is read."""
_VERSION = 4
_PROPERTIES = 0x1 | 0x10000 | 0x40000 | 0x100000 | 0x400000 | 0x1000000 | 0x4000000 | 0x10000000
_PROPERTIES |= 0x40000000 | 0x100000000 | 0x400000000 | 0x2000000000 | 0x8000000000
_PROPERTIES |= 0x10000000000 | 0x40000000000 | 0x200000000000
"""An expanded, deterministic, sorted, weighted acceptor with epsilons; cyclic, but not at its
start; not sorted topologically; every state can be reached and can end; no string."""
_COUNTS = struct.Struct("<QQQ")


@dataclass(frozen=True, slots=True)
class After:
    """What may follow one history, as costs (negative natural logarithms)."""

    words: Mapping[int, float]
    end: float = math.inf
    shorter: float = 0.0
    """The cost of going on from the history without its first word."""


def write(model: Mapping[History, After]) -> bytes:
    """The model as a file. It holds (), (BEGIN,), and with a history every ending of it.

    Raises KeyError where one is missing.
    """
    order, children = _by_length(model)
    states = [model[history] for history in order]
    words = [sorted(state.words.items()) for state in states]
    ends = [state.end for state in states if state.end < math.inf]
    counts = (len(order), sum(map(len, words)), len(ends))
    parts = [
        write_header(KIND, _VERSION, _PROPERTIES, 1, len(order), 0),
        _COUNTS.pack(*counts),
        _bits(chain([1, 0], *([*[1] * len(children[h]), 0] for h in order))),
        _bits(chain([0], *([*[1] * len(row), 0] for row in words))),
        _bits(int(state.end < math.inf) for state in states),
        _row([-1, *(history[0] for history in order[1:])], "<i4", 1),
        _row([word for row in words for word, _ in row], "<i4"),
        _row([math.inf, *(state.shorter for state in states[1:])], "<f4", 1),
        _row(ends, "<f4"),
        _row([cost for row in words for _, cost in row], "<f4", 1),
    ]
    return b"".join(parts)


def read(data: bytes) -> Stored:
    """What `write` wrote, as states and arcs; else what `fst.read` reads.

    Raises ValueError, struct.error.
    """
    header = fst.header_at(data)
    if header.kind != KIND:
        return fst.read(data)
    rows = _rows(_Source(data, header.end))
    labels = rows.labels.tolist()
    arcs = zip(labels, labels, rows.costs.tolist(), rows.targets.tolist(), strict=True)
    made = Fst([list(islice(arcs, count)) for count in rows.counts.tolist()])
    made.finals = {n: cost for n, cost in enumerate(rows.finals.tolist()) if cost < math.inf}
    return Stored(KIND, made, header.properties)


def as_const(data: bytes) -> bytes:
    """A file of type `ngram` with its arcs written out, as `fst.write_acceptor` would write them.

    Raises ValueError, struct.error, also where it is of another type.
    """
    header = fst.header_at(data)
    if header.kind != KIND:
        raise ValueError(f"FST type {header.kind!r}: expected {KIND}")
    rows = _rows(_Source(data, header.end))
    silent = np.ones_like(rows.counts)
    silent[_EMPTY] = 0
    states = np.zeros(len(rows.counts), "<f4,<u4,<u4,<u4,<u4")
    firsts = np.cumsum(rows.counts) - rows.counts
    for name, column in zip(
        states.dtype.names or (), (rows.finals, firsts, rows.counts, silent, silent), strict=True
    ):
        states[name] = column
    arcs = np.zeros(len(rows.labels), "<i4,<i4,<f4,<i4")
    for name, column in zip(
        arcs.dtype.names or (), (rows.labels, rows.labels, rows.costs, rows.targets), strict=True
    ):
        arcs[name] = column
    head = write_header("const", 2, fst.ACCEPTOR, 0, len(states), len(arcs))
    return head + states.tobytes() + arcs.tobytes()


@dataclass(frozen=True, slots=True)
class _Rows:
    """States in the order of an Fst: the start, which is what stands after BEGIN, then the state
    without a history, then the others as they were. Arcs in the order of states and labels."""

    counts: Numbers
    """How many arcs each state has."""
    finals: Numbers
    labels: Numbers
    costs: Numbers
    targets: Numbers


_EMPTY = 1
"""The state without a history, which alone has nothing shorter to go on from."""


def _rows(source: _Source) -> _Rows:
    count, followers, endings = _COUNTS.unpack(source.take(_COUNTS.size))
    children = _runs(source.bits(2 * count + 1)[2:], count, count - 1)
    lengths = _runs(source.bits(followers + count + 1)[1:], count, followers)
    final = source.bits(count)
    tree = _Tree(children, source.numbers("<i4", count + 1)[:count])
    words = source.numbers("<i4", followers)
    shorter = source.numbers("<f4", count + 1)[1:count]
    finals = np.full(count, math.inf, np.float32)
    finals[final == 1] = source.numbers("<f4", endings)
    costs = source.numbers("<f4", followers + 1)[:followers]

    states = np.repeat(np.arange(count), lengths)
    number = np.arange(count)
    number[:2] = 1, 0
    owners = number[np.concatenate([np.arange(1, count), states])]
    order = np.argsort(owners, kind="stable")
    targets = np.concatenate([tree.parents, tree.longest(states, words)])
    return _Rows(
        np.bincount(owners, minlength=count),
        finals[number],
        np.concatenate([np.zeros(count - 1, np.int32), words])[order],
        np.concatenate([shorter, costs])[order],
        number[targets][order],
    )


class _Tree:
    """The histories by their words from the last to the first, level by level."""

    def __init__(self, children: Numbers, labels: Numbers) -> None:
        count = len(labels)
        self.parents = np.repeat(np.arange(count), children)
        if count < 2 or labels[1] != BEGIN or not (self.parents < np.arange(1, count)).all():
            raise ValueError("an n-gram FST whose tree of histories is not whole")
        self._words = self._columns(children, labels)
        self._span = int(labels.max()) + 2
        self._ways = self._way(self.parents, labels[1:])
        if labels[1:].min() < 0 or not (np.diff(self._ways) > 0).all():
            raise ValueError("an n-gram FST whose histories are not in order")

    def longest(self, states: Numbers, words: Numbers) -> Numbers:
        """For each pair, the state of the longest ending of that state's history and the word."""
        found = np.zeros_like(states)
        on = np.ones(len(states), bool)
        for wanted in (words, *(column[states] for column in self._words)):
            way = self._way(found, np.where(wanted < self._span - 1, wanted, -1))
            at = np.minimum(np.searchsorted(self._ways, way), len(self._ways) - 1)
            on &= self._ways[at] == way
            found = np.where(on, at + 1, found)
        return found

    def _way(self, states: Numbers, labels: Numbers) -> Numbers:
        """One number for a state and a label; those of label -1 lead nowhere."""
        return states.astype(np.int64) * self._span + labels + 1

    def _columns(self, children: Numbers, labels: Numbers) -> list[Numbers]:
        """The last word of each history, the one before it, and so on; -1 where there is none."""
        columns: list[Numbers] = []
        begin, end = 1, 1 + int(children[0])
        while begin < end:
            if len(columns) == LONGEST:
                raise ValueError(f"an n-gram FST with histories of more than {LONGEST} words")
            here, above = slice(begin, end), self.parents[begin - 1 : end - 1]
            for column in columns:
                column[here] = column[above]
            columns.append(np.full(len(labels), -1, np.int64))
            columns[-1][here] = labels[here]
            begin, end = end, end + int(children[here].sum())
        return columns


def least_size(head: bytes) -> int:
    """The bytes of a file of which `head` are the first; else what `fst.least_size` says.

    Raises ValueError, struct.error.
    """
    header = fst.header_at(head)
    if header.kind != KIND:
        return fst.least_size(head)
    states, followers, ends = map(int, _COUNTS.unpack_from(head, header.end))
    rows = (2 * states + 1, followers + states + 1, states)
    numbers = states + 1 + followers + states + 1 + ends + followers + 1
    return header.end + _COUNTS.size + 8 * sum(-(-bits // 64) for bits in rows) + 4 * numbers


def _by_length(
    model: Mapping[History, After],
) -> tuple[list[History], dict[History, list[History]]]:
    """The histories in the order of their states, and those that are longer by a word."""
    children: dict[History, list[History]] = defaultdict(list)
    for history in sorted(model):
        if history:
            children[history[1:]].append(history)
    order: list[History] = [()]
    for history in order:
        order += children[history]
    if missing := [h for h in ((BEGIN,), *children) if h not in model]:
        raise KeyError(missing[0])
    return order, children


def _bits(values: Iterator[int]) -> bytes:
    row = np.packbits(np.fromiter(values, np.uint8), bitorder="little").tobytes()
    return row + bytes(-len(row) % 8)


def _row(values: Sequence[float], kind: str, spare: int = 0) -> bytes:
    """Numbers of four bytes, and room for `spare` more that nobody reads."""
    return np.array([*values, *[0] * spare], kind).tobytes()


def _runs(bits: NDArray[np.uint8], count: int, total: int) -> Numbers:
    """How many ones stand before each zero. Raises ValueError for other numbers of either."""
    runs: Numbers = np.diff(np.flatnonzero(bits == 0), prepend=-1) - 1
    if len(runs) != count or runs.sum() != total:
        raise ValueError("an n-gram FST whose bits do not fit its counts")
    return runs


@dataclass(slots=True)
class _Source:
    data: bytes
    at: int = 0

    def take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        if size < 0 or len(taken) < size:
            raise ValueError("an n-gram FST that ends too early")
        self.at += size
        return taken

    def bits(self, count: int) -> NDArray[np.uint8]:
        row = np.frombuffer(self.take(-(-count // 64) * 8), np.uint8)
        return np.unpackbits(row, bitorder="little")[:count]

    def numbers(self, kind: str, count: int) -> Numbers:
        return np.frombuffer(self.take(4 * count), kind)
