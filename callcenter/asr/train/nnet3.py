"""Writes am/final.mdl, Kaldi's binary acoustic model, as Vosk 0.3.45 reads it; no I/O but bytes.

Layout: TransitionModel (topology, triples, log-probabilities), Nnet3 (config lines, components),
context and priors. Tokens are ASCII and a blank; integers and floats carry their size in a byte.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from callcenter.asr.phones import PHONE_COUNT, TRANSITION_COUNT, TRIPLES, phone_pdfs
from callcenter.asr.train.network_shape import CONTEXT, LAYERS, SOUND_OF, TONE_OF

Floats = NDArray[np.float32]
Affine = tuple[Floats, Floats]
HALF = float(np.log(0.5))
"""Every transition's log-probability."""
LAST = "sounds", "tones"


def final_mdl(
    affines: Sequence[Affine], priors: tuple[Floats, Floats], tone_weight: float
) -> bytes:
    """The whole file. `affines`: the layers in order, then sounds and tones (see network.py)."""
    return b"".join(
        [
            b"\0B",
            _transition_model(),
            _network(affines, tone_weight),
            _token("<LeftContext>") + _int(CONTEXT),
            _token("<RightContext>") + _int(CONTEXT),
            _token("<Priors>") + _vector(joined_priors(priors, tone_weight)),
        ]
    )


def joined_priors(priors: tuple[Floats, Floats], tone_weight: float) -> Floats:
    """What Kaldi subtracts (as a logarithm) from a pdf's score."""
    sounds, tones = priors
    return np.asarray(sounds[SOUND_OF] * tones[TONE_OF] ** tone_weight, np.float32)


def joining(tone_weight: float) -> Affine:
    """The layer that makes a pdf's score from those of its sound and its tone."""
    sounds, count = int(SOUND_OF.max()) + 1, len(SOUND_OF)
    matrix = np.zeros((count, sounds + int(TONE_OF.max()) + 1), np.float32)
    matrix[np.arange(count), SOUND_OF] = 1
    matrix[np.arange(count), sounds + TONE_OF] = tone_weight
    return matrix, np.zeros(count, np.float32)


def config() -> str:
    """The network's config lines."""
    lines = ["input-node name=input dim=40"]
    before = "input"
    for at, (_, taps, apart) in enumerate(LAYERS):
        offsets = [apart * (tap - taps // 2) for tap in range(taps)]
        lines += _node(f"l{at}.affine", f"Append({', '.join(_at(before, o) for o in offsets)})")
        lines += _node(f"l{at}.relu", f"l{at}.affine")
        before = f"l{at}.relu"
    for name in LAST:
        lines += _node(f"{name}.affine", before) + _node(f"{name}.lsm", f"{name}.affine")
    lines += _node("joined", f"Append({', '.join(f'{name}.lsm' for name in LAST)})")
    return "\n".join([*lines, "output-node name=output input=joined objective=linear"])


def _node(name: str, source: str) -> list[str]:
    return [f"component-node name={name} component={name} input={source}"]


def _at(name: str, offset: int) -> str:
    return f"Offset({name}, {offset})" if offset else name


def _network(affines: Sequence[Affine], tone_weight: float) -> bytes:
    components = list(_components(affines, tone_weight))
    head = _token("<Nnet3>") + f"\n{config()}\n\n".encode()
    count = _token("<NumComponents>") + _int(len(components))
    return head + count + b"".join(components) + _token("</Nnet3>")


def _components(affines: Sequence[Affine], tone_weight: float) -> Iterable[bytes]:
    for at, affine in enumerate(affines[: len(LAYERS)]):
        yield _affine(f"l{at}.affine", affine)
        yield _plain(f"l{at}.relu", "RectifiedLinearComponent", len(affine[1]))
    for name, affine in zip(LAST, affines[len(LAYERS) :], strict=True):
        yield _affine(f"{name}.affine", affine)
        yield _plain(f"{name}.lsm", "LogSoftmaxComponent", len(affine[1]))
    yield _affine("joined", joining(tone_weight))


def _named(name: str) -> bytes:
    return _token("<ComponentName>") + _token(name)


def _affine(name: str, affine: Affine) -> bytes:
    matrix, bias = affine
    kind = "FixedAffineComponent"
    parts = (_token("<LinearParams>"), _matrix(matrix), _token("<BiasParams>"), _vector(bias))
    return _named(name) + _token(f"<{kind}>") + b"".join(parts) + _token(f"</{kind}>")


def _plain(name: str, kind: str, size: int) -> bytes:
    empty = _vector(np.zeros(0, np.float32))
    parts = (_token("<Dim>"), _int(size), _token("<ValueAvg>"), empty, _token("<DerivAvg>"), empty)
    count = _token("<Count>") + b"\x08" + struct.pack("<d", 0.0)
    return _named(name) + _token(f"<{kind}>") + b"".join(parts) + count + _token(f"</{kind}>")


def _transition_model() -> bytes:
    triples = b"".join(_int(phone) + _int(state) + _int(pdf) for phone, state, pdf in TRIPLES)
    chances = np.full(TRANSITION_COUNT + 1, HALF, np.float32)
    chances[0] = 0
    return b"".join(
        [
            _token("<TransitionModel>"),
            _topology(),
            _token("<Triples>") + _int(len(TRIPLES)) + triples + _token("</Triples>"),
            _token("<LogProbs>") + _vector(chances) + _token("</LogProbs>"),
            _token("</TransitionModel>"),
        ]
    )


def _topology() -> bytes:
    """One entry for silence and initials (one state), one for finals (two)."""
    phones = list(range(1, PHONE_COUNT + 1))
    entry = [-1, *(len(phone_pdfs(phone)) - 1 for phone in phones)]
    body = _ints(phones) + _ints(entry) + _int(2) + _entry(1) + _entry(2)
    return _token("<Topology>") + body + _token("</Topology>")


def _entry(states: int) -> bytes:
    """`states` states with a self-loop and a step forward each, and the last, which has none."""
    result = _int(states + 1)
    for state in range(states):
        result += _int(state) + _int(2)
        result += _int(state) + _float(0.5) + _int(state + 1) + _float(0.5)
    return result + _int(-1) + _int(0)


def _token(name: str) -> bytes:
    return name.encode() + b" "


def _int(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _ints(values: Sequence[int]) -> bytes:
    return _int(len(values)) + np.asarray(values, "<i4").tobytes()


def _vector(values: Floats) -> bytes:
    return b"FV " + _int(len(values)) + np.asarray(values, "<f4").tobytes()


def _matrix(values: Floats) -> bytes:
    """Kaldi's compressed matrix: a byte a number, a quarter of the file, measured to lose nothing.

    A column's bytes 0 to 64 lie evenly between its least number and its first quartile, 64 to 192
    between the quartiles, 192 to 255 from there to its greatest (compressed-matrix.h, format 1).
    """
    rows, columns = values.shape
    exact = values.astype(np.float64)
    least = float(exact.min())
    span = max(float(exact.max()) - least, 1e-9)
    marks = _marks((exact - least) / span * 65535)
    first, lower, upper, last = marks / 65535 * span + least
    low = np.rint((exact - first) / (lower - first) * 64).clip(0, 64)
    middle = np.rint((exact - lower) / (upper - lower) * 128).clip(0, 128) + 64
    high = np.rint((exact - upper) / (last - upper) * 63).clip(0, 63) + 192
    numbers = np.where(exact < lower, low, np.where(exact < upper, middle, high))
    head = struct.pack("<ffii", least, span, rows, columns)
    return b"CM " + head + marks.T.astype("<u2").tobytes() + numbers.T.astype(np.uint8).tobytes()


def _marks(scaled: NDArray[np.float64]) -> NDArray[np.int64]:
    """(4, columns): least, first and third quartile and greatest, each above the one before."""
    ordered = np.sort(np.rint(scaled), axis=0).astype(np.int64)
    rows = len(ordered)
    marks = ordered[[0, rows // 4, 3 * rows // 4, rows - 1]]
    marks[0] = np.minimum(marks[0], 65532)
    for at in (1, 2, 3):
        marks[at] = np.clip(marks[at], marks[at - 1] + 1, 65532 + at)
    return marks
