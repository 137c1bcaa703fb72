"""A statistical judge beside the rules: harassment, complaint or ordinary; reads its model file.

Linear over what a line is made of: 1 to 4 characters in a row, and 2 to 4 folded syllables, so that
a homophone weighs nearly what the word itself does. `callcenter.scripts.training` makes the model.
"""

from __future__ import annotations

import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from callcenter.scripts.normalise import plain
from callcenter.scripts.sound import sounds

log = logging.getLogger(__name__)

MODEL = Path(__file__).with_name("judge.npz")
LABELS = ("harassment", "complaint", "ordinary")
ORDINARY = LABELS.index("ordinary")
BUCKETS = 1 << 20
"""Pieces of text are hashed to so many weights for each label."""
VERSION = 1
"""Of the model file; a file of another version is refused."""
LONGEST = 400
"""Characters of a line that are looked at, counted from its beginning: time stays bounded."""
CHARACTERS = (1, 2, 3, 4)
SYLLABLES = (2, 3, 4)
NUMERALS = str.maketrans(dict.fromkeys("0123456789二三四五六七八九十百千两俩几", "0"))
"""打了三次 and 打了8次 are one; 一 is too often no number to go with them."""
SAYS_NOTHING = re.compile(
    "(?:喂|你好|您好|哎|嗯|哦|噢|啊|唉|呃|请问|那个|就是|是的?|对|好的?|行|谢谢|再见|拜拜)*"
)
"""What every kind of caller says: a line of nothing else is ordinary, whatever came before."""
ENDS = "\x02", "\x03"
"""Stand for the beginning and the end of a line, so that "喂" alone is not any "喂"."""


class Piece(NamedTuple):
    """`text[start:end]` of a plain line, and the weight that it is looked up by."""

    bucket: int
    start: int
    end: int


class Judge:
    """Weighs one line of text at a time; the same text always weighs the same."""

    def __init__(
        self, weights: NDArray[np.int8], scale: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> None:
        """`weights` [label, bucket] times `scale` [label], and `bias` [label] beside them."""
        self._weights = weights
        self._scale = scale
        self._bias = bias
        self._last: tuple[str, dict[str, float]] = "", {}

    @classmethod
    def open(cls, path: Path | None = None) -> Judge | None:
        """The judge in `path`, else the one shipped; None where the file is missing or damaged."""
        file = path or MODEL
        try:
            return cls(*_read(file))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            log.warning("%s: is no judge's model: %s; going on without it", file, error)
            return None

    def score(self, text: str) -> dict[str, float]:
        """The probability of each label, together 1; a text that says nothing is all ordinary."""
        if not text or text != self._last[0]:
            self._last = text, self._scored(text)
        return dict(self._last[1])

    def _scored(self, text: str) -> dict[str, float]:
        line = plain(text[:LONGEST])[:LONGEST]
        if SAYS_NOTHING.fullmatch(line):
            return {label: float(label == LABELS[ORDINARY]) for label in LABELS}
        buckets = list({piece.bucket for piece in pieces(line)})
        total = self._weights[:, buckets].sum(axis=1, dtype=np.int64) * self._scale
        odds = np.exp(_less_its_top(total / np.sqrt(len(buckets)) + self._bias))
        return dict(zip(LABELS, (odds / odds.sum()).tolist(), strict=True))

    def reasons(self, text: str, n: int = 3) -> list[str]:
        """Up to `n` pieces of the text that spoke most for the label, the strongest first.

        None overlaps another; [] for an ordinary line, for which there is nothing to show.
        """
        scores = self.score(text)
        label = LABELS.index(max(scores, key=lambda name: scores[name]))
        if label == ORDINARY:
            return []
        line = plain(text[:LONGEST])[:LONGEST]
        return [line[start:end] for start, end in _apart(self._weighed(line, label), n)]

    def _weighed(self, line: str, label: int) -> list[tuple[int, int]]:
        """The spans that speak for `label` rather than for ordinary talk, the strongest first."""
        weight: dict[tuple[int, int], float] = {}
        for bucket, start, end in pieces(line):
            span = max(start, 0), min(end, len(line))
            column = self._weights[:, bucket] * self._scale
            weight[span] = weight.get(span, 0.0) + float(column[label] - column[ORDINARY])
        within = {span: _within(weight, *span) for span in _windows(len(line))}
        spans = [span for span, total in within.items() if total > 0]
        return sorted(spans, key=lambda span: (-within[span], span))


def pieces(line: str) -> Iterator[Piece]:
    """What a line of `normalise.plain` is weighed by; its two ends are characters -1 and len."""
    line = line.translate(NUMERALS)
    yield from _runs(f"{ENDS[0]}{line}{ENDS[1]}", CHARACTERS, 1)
    yield from _runs(sounds(line), SYLLABLES, 0)


def _runs(units: str, lengths: tuple[int, ...], before: int) -> Iterator[Piece]:
    for length in lengths:
        for i in range(len(units) - length + 1):
            name = units[i : i + length].encode("utf-8", "surrogatepass")
            yield Piece(zlib.crc32(name) % BUCKETS, i - before, i - before + length)


def save(
    file: Path,
    weights: NDArray[np.int8],
    scale: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> None:
    """Writes a model that `Judge.open` reads. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        np.savez_compressed(out, version=np.array(VERSION), weights=weights, scale=scale, bias=bias)


def _read(file: Path) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    with file.open("rb") as opened:
        model = np.load(opened, allow_pickle=False)
        if not isinstance(model, NpzFile) or int(model["version"]) != VERSION:
            raise ValueError(f"not of version {VERSION}")
        weights, scale, bias = model["weights"], model["scale"], model["bias"]
    shapes = (weights.shape, scale.shape, bias.shape)
    expected = ((len(LABELS), BUCKETS), (len(LABELS),), (len(LABELS),))
    if shapes != expected or weights.dtype != np.int8:
        raise ValueError(f"{weights.dtype} {shapes}, expected int8 {expected}")
    if not (np.isfinite(scale).all() and np.isfinite(bias).all()):
        raise ValueError("a scale or bias is no number; expected finite numbers")
    return weights, scale.astype(np.float32), bias.astype(np.float32)


def _less_its_top(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """So that exp() cannot overflow; the probabilities stay what they were."""
    less: NDArray[np.float64] = values - values.max()
    return less


def _windows(length: int) -> Iterator[tuple[int, int]]:
    """The spans of a line that may be shown: two characters or more, if it has them."""
    for size in range(min(2, length), min(CHARACTERS[-1], length) + 1):
        yield from ((start, start + size) for start in range(length - size + 1))


def _within(weight: dict[tuple[int, int], float], start: int, end: int) -> float:
    """What all pieces from `start` to `end` weigh together."""
    starts = range(start, end)
    return sum(weight.get((i, j), 0.0) for i in starts for j in range(i + 1, end + 1))


def _apart(spans: list[tuple[int, int]], n: int) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    for start, end in spans:
        if len(chosen) >= n:
            break
        if all(end <= other[0] or other[1] <= start for other in chosen):
            chosen.append((start, end))
    return chosen
