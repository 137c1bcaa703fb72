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
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callcenter.asr import fst
from callcenter.asr.fst import Fst, Stored, write_header

History = tuple[int, ...]
"""Words from the first to the last; BEGIN only in front."""
BEGIN = 0
KIND = "ngram"
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
    return Stored(KIND, _as_fst(_model(_Source(data, header.end))), header.properties)


def _model(source: _Source) -> dict[History, After]:
    count, followers, endings = _COUNTS.unpack(source.take(_COUNTS.size))
    children = _runs(source.bits(2 * count + 1), 2)
    lengths = _runs(source.bits(followers + count + 1), 1)
    final = source.bits(count)
    histories = _histories(children, source.numbers("<i4", count + 1), count)
    words = source.numbers("<i4", followers)
    shorter = source.numbers("<f4", count + 1)
    ends = iter(source.numbers("<f4", endings))
    costs = source.numbers("<f4", followers + 1)
    model: dict[History, After] = {}
    place = 0
    for history, length, last, less in zip(histories, lengths, final, shorter, strict=False):
        here = slice(place, place + length)
        row = {int(w): float(c) for w, c in zip(words[here], costs[here], strict=True)}
        model[history] = After(row, float(next(ends)) if last else math.inf, float(less))
        place += length
    return model


def _as_fst(model: Mapping[History, After]) -> Fst:
    """An Fst starts at 0, which is what stands after BEGIN; the state without a history is 1."""
    order = [(BEGIN,), (), *(h for h in model if h not in ((), (BEGIN,)))]
    states = {history: number for number, history in enumerate(order)}
    made = Fst([[] for _ in order])
    for history, after in model.items():
        state = states[history]
        if history:
            made.add_arc(state, 0, 0, after.shorter, states[history[1:]])
        for word, cost in after.words.items():
            made.add_arc(state, word, word, cost, _longest((*history, word), states))
        if after.end < math.inf:
            made.finals[state] = after.end
    return made


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


def _runs(bits: NDArray[np.uint8], start: int) -> list[int]:
    """How many ones stand before each zero from `start` on."""
    zeros = np.flatnonzero(bits[start:] == 0)
    return [int(n) for n in np.diff(zeros, prepend=-1) - 1]


def _histories(children: Sequence[int], words: NDArray[np.int32], count: int) -> list[History]:
    histories: list[History] = [()]
    for history, number in zip(histories, children, strict=False):
        begin = len(histories)
        histories += [(int(word), *history) for word in words[begin : begin + number]]
    if len(histories) != count or histories[1:2] != [(BEGIN,)]:
        raise ValueError("an n-gram FST whose tree of histories is not whole")
    return histories


def _longest(history: History, states: Mapping[History, int]) -> int:
    """The state of the longest ending of `history` that there is."""
    return next(states[history[at:]] for at in range(len(history) + 1) if history[at:] in states)


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

    def numbers(self, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.take(4 * count), kind)
