"""Finite-state transducers as OpenFst writes them to disk, in as far as the graph needs. Pure.

Layouts: OpenFst 1.8 `const-fst.h` (version 2, unaligned) and `matcher-fst.h` with
`label-reachable.h` for type olabel_lookahead; all numbers are little-endian.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

Arc = tuple[int, int, float, int]
"""(input label, output label, cost, next state); label 0 is epsilon"""
Interval = tuple[int, int]
"""Labels from the first number up to, but without, the second."""

_MAGIC = 2125659606
_ADD_ON_MAGIC = 446681434
_EXPANDED, _ACCEPTOR, _NOT_ACCEPTOR = 0x1, 0x10000, 0x20000
_INPUT_SORTED, _OUTPUT_SORTED = 0x10000000, 0x40000000
ACCEPTOR = _EXPANDED | _ACCEPTOR | _INPUT_SORTED
"""Properties of what `write_acceptor` writes."""
_FIXED = struct.Struct("<iiQqqq")
_STATE = struct.Struct("<fIIII")
_ARC = struct.Struct("<iifi")
_STATE_BYTES = {"const": _STATE.size, "vector": 12}
_LONGEST_NAME = 64


@dataclass(slots=True)
class Fst:
    """States are numbered from 0, the start; `finals` holds the cost of ending in a state."""

    arcs: list[list[Arc]] = field(default_factory=list)
    finals: dict[int, float] = field(default_factory=dict)

    def add_state(self) -> int:
        """A new state without arcs; returns its number."""
        self.arcs.append([])
        return len(self.arcs) - 1

    def add_arc(self, state: int, ilabel: int, olabel: int, cost: float, target: int) -> None:
        """An arc from `state` to `target`; `cost` is a negative natural logarithm."""
        self.arcs[state].append((ilabel, olabel, cost, target))


def write_acceptor(fst: Fst) -> bytes:
    """`fst`, whose arcs have equal labels, as a const FST sorted by label."""
    return _const(fst, ACCEPTOR, key=0)


def write_lookahead(fst: Fst, final_label: int) -> bytes:
    """`fst` as an olabel_lookahead FST; `final_label` is a number above every output label."""
    properties = _EXPANDED | _NOT_ACCEPTOR | _OUTPUT_SORTED
    head = write_header("olabel_lookahead", 1, properties, -1, 0, 0) + struct.pack(
        "<i", _ADD_ON_MAGIC
    )
    # Add-on: there is one; none for the input side; one for the output side, which says that it
    # is about output labels (reach_input 0) and keeps no relabelling table (0).
    flags = bytes([1, 0, 1, 0, 0])
    reach = reachable(fst, final_label)
    counts = struct.pack("<iq", final_label, len(reach))
    sets = b"".join(_interval_set(intervals) for intervals in reach)
    return head + _const(fst, properties, key=1) + flags + counts + sets


def _const(fst: Fst, properties: int, key: int) -> bytes:
    total = sum(map(len, fst.arcs))
    parts = [write_header("const", 2, properties, 0, len(fst.arcs), total)]
    position = 0
    for state, arcs in enumerate(fst.arcs):
        final = fst.finals.get(state, math.inf)
        silent_in, silent_out = (sum(1 for arc in arcs if not arc[side]) for side in (0, 1))
        parts.append(_STATE.pack(final, position, len(arcs), silent_in, silent_out))
        position += len(arcs)
    for arcs in fst.arcs:
        parts += [_ARC.pack(*arc) for arc in sorted(arcs, key=lambda arc: (arc[key], arc[1 - key]))]
    return b"".join(parts)


def write_header(
    kind: str, version: int, properties: int, start: int, states: int, arcs: int
) -> bytes:
    """What every file begins with."""
    numbers = _FIXED.pack(version, 0, properties, start, states, arcs)
    return struct.pack("<i", _MAGIC) + _text(kind) + _text("standard") + numbers


def _text(text: str) -> bytes:
    return struct.pack("<i", len(text)) + text.encode("ascii")


def _interval_set(intervals: list[Interval]) -> bytes:
    count = sum(end - begin for begin, end in intervals)
    pairs = b"".join(struct.pack("<ii", *interval) for interval in intervals)
    return struct.pack("<q", len(intervals)) + pairs + struct.pack("<i", count)


def reachable(fst: Fst, final_label: int) -> list[list[Interval]]:
    """For every state, the output labels that come first on some path from it.

    `final_label` stands for the end, where a final state is reached without an output label.
    """
    reach: list[list[Interval]] = [[] for _ in fst.arcs]
    order = list(_children_first(fst))
    changed = True
    while changed:  # twice and once more to see it: loops go through the start only
        changed = False
        for state in order:
            found = _merged(_first_labels(fst, state, reach, final_label))
            changed |= found != reach[state]
            reach[state] = found
    return reach


def _first_labels(
    fst: Fst, state: int, reach: list[list[Interval]], final_label: int
) -> Iterator[Interval]:
    if state in fst.finals:
        yield final_label, final_label + 1
    for _, olabel, _, target in fst.arcs[state]:
        if olabel:
            yield olabel, olabel + 1
        elif target != state:
            yield from reach[target]


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _children_first(fst: Fst) -> Iterator[int]:
    seen = {0}
    stack = [(0, iter(fst.arcs[0]))]
    while stack:
        state, arcs = stack[-1]
        target = next((arc[3] for arc in arcs if arc[3] not in seen), None)
        if target is None:
            stack.pop()
            yield state
        else:
            seen.add(target)
            stack.append((target, iter(fst.arcs[target])))


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file held. `reach` and `final_label` are those of an olabel_lookahead FST."""

    kind: str
    fst: Fst
    properties: int
    reach: list[list[Interval]] = field(default_factory=list)
    final_label: int = 0


class Header(NamedTuple):
    """What every file begins with; `end` is where the rest begins. Counts may be unknown: -1."""

    kind: str
    properties: int
    states: int
    arcs: int
    end: int


def header_at(data: bytes, at: int = 0) -> Header:
    """The header that begins there. Raises ValueError, struct.error."""
    (magic,) = struct.unpack_from("<i", data, at)
    if magic != _MAGIC:
        raise ValueError("no FST: the first four bytes are not OpenFst's")
    kind, at = _name_at(data, at + 4)
    _, at = _name_at(data, at)
    _, _, properties, _, states, arcs = _FIXED.unpack_from(data, at)
    return Header(kind, properties, states, arcs, at + _FIXED.size)


def _name_at(data: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<i", data, at)
    if not 0 < length < _LONGEST_NAME:
        raise ValueError("no FST: it has no type")
    return data[at + 4 : at + 4 + length].decode("ascii"), at + 4 + length


def least_size(head: bytes) -> int:
    """The bytes that a file must have at least, by its first ones. Raises ValueError, struct.error.

    Of other types than const and vector no more than the header is known.
    """
    header = header_at(head)
    if head[header.end : header.end + 4] == struct.pack("<i", _ADD_ON_MAGIC):
        header = header_at(head, header.end + 4)
    if header.kind not in _STATE_BYTES:
        return header.end
    per_state = _STATE_BYTES[header.kind]
    return header.end + max(header.states, 0) * per_state + max(header.arcs, 0) * _ARC.size


def read(data: bytes) -> Stored:
    """A const or olabel_lookahead FST, as it was written. Raises ValueError, struct.error."""
    kind, properties, _, _, end = header_at(data)
    if kind == "const":
        return Stored(kind, _Source(data).const(), properties)
    source = _Source(data, end)
    if kind != "olabel_lookahead" or source.take("<i") != (_ADD_ON_MAGIC,):
        raise ValueError(f"FST type {kind!r}: expected const or olabel_lookahead")
    fst = source.const()
    source.at += 5
    final_label, states = source.take("<iq")
    return Stored(
        kind, fst, properties, [source.interval_set() for _ in range(states)], final_label
    )


@dataclass(slots=True)
class _Source:
    data: bytes
    at: int = 0

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return values

    def const(self) -> Fst:
        _, _, states, arcs, self.at = header_at(self.data, self.at)
        fst = Fst([[] for _ in range(states)])
        rows = [_STATE.unpack_from(self.data, self.at + _STATE.size * i) for i in range(states)]
        self.at += _STATE.size * states
        for state, (final, first, count, _, _) in enumerate(rows):
            if final < math.inf:
                fst.finals[state] = final
            places = (self.at + _ARC.size * i for i in range(first, first + count))
            fst.arcs[state] = [_ARC.unpack_from(self.data, place) for place in places]
        self.at += _ARC.size * arcs
        return fst

    def interval_set(self) -> list[Interval]:
        (count,) = self.take("<q")
        pairs = [self.take("<ii") for _ in range(count)]
        self.take("<i")
        return [(begin, end) for begin, end in pairs]
