"""When a model can know more than before: read from its files. May touch files.

The network works in chunks, and each chunk waits for the sound to its right. Asking in between
costs the same and tells nothing, so the decoder asks exactly when a chunk is full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from callcenter.core.records import SAMPLE_RATE

SHIFT_MS, WINDOW_MS = 10, 25
"""Of a feature frame (Kaldi, feat/feature-window.h: the defaults, which Vosk's clock assumes)."""
CONTEXT = re.compile(rb"<RightContext> (?:\x04(....)|(\d+))", re.DOTALL)
LARGEST_MS = 2000


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Samples of an utterance after which there is news: `first`, then `every` so many more."""

    first: int = SAMPLE_RATE // 10
    every: int = SAMPLE_RATE // 10


def rhythm(path: Path) -> Rhythm:
    """The rhythm of the model in the folder `path`; 100 ms where its files do not tell."""
    try:
        conf = (path / "conf" / "model.conf").read_text("utf-8")
        context = _right_context((path / "am" / "final.mdl").read_bytes())
        return _rhythm(_option(conf, "frames-per-chunk"), context, _subsampling(conf))
    except (OSError, ValueError):
        return Rhythm()


def _rhythm(chunk: int, context: int, subsampling: int) -> Rhythm:
    """nnet3/decodable-online-looped.cc: a chunk is a multiple of the subsampling factor, and is
    computed once the frames to its right are there."""
    chunk = -(-chunk // subsampling) * subsampling
    every, first = chunk * SHIFT_MS, (chunk + context - 1) * SHIFT_MS + WINDOW_MS
    if not 0 < every <= first <= LARGEST_MS:
        raise ValueError(f"no such rhythm: {first} and {every} ms")
    return Rhythm(first * SAMPLE_RATE // 1000, every * SAMPLE_RATE // 1000)


def _option(conf: str, name: str) -> int:
    found = re.search(rf"^--{name}=(\d{{1,4}})\s*$", conf, re.MULTILINE)
    if found is None:
        raise ValueError(f"no {name}")
    return int(found[1])


def _subsampling(conf: str) -> int:
    return max(_option(conf, "frame-subsampling-factor"), 1)


def _right_context(model: bytes) -> int:
    """Kaldi writes it after the network, as an int32 behind its length or as text."""
    found = CONTEXT.search(model)
    if found is None:
        raise ValueError("no right context")
    binary, text = found.groups()
    return int.from_bytes(binary, "little", signed=True) if binary else int(text)
