"""Measures what came of a call: character error rate, and how much of a prompt was heard. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from callcenter.core.records import FRAME_MS, FRAME_SAMPLES

ALIKE = 0.9
"""Correlation from which a heard frame is the prompt's frame; G.711 leaves more than 0.99."""
_SHIFTS = tuple(frames * FRAME_SAMPLES for frames in (0, 1, -1, 2, -2, *range(3, 101)))
"""Where a frame is looked for: a jitter buffer adds frames or leaves some out, and a prompt waits,
for up to two seconds here, while its sender makes up for lost time."""
_OPENING = 8000
"""Samples (1 s) of a prompt by which its place is found."""
QUIET = 100.0
"""Root mean square below which a frame of the prompt is a pause."""


def character_error_rate(spoken: str, heard: str) -> float:
    """Edits that turn `heard` into `spoken`, for each character spoken; punctuation does not count.

    0.0 where nothing was spoken and nothing heard; 1.0 where words were heard in silence.
    """
    spoken, heard = ("".join(c for c in text if c.isalnum()) for text in (spoken, heard))
    if not spoken:
        return 1.0 if heard else 0.0
    return _edits(spoken, heard) / len(spoken)


def _edits(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]


def prompt_heard_ms(heard: bytes, prompt: bytes) -> int:
    """How many milliseconds of `prompt` stand in `heard` (both 8 kHz mono 16-bit), frame by frame
    in their order, from the place where its opening fits best. What is lost counts as lost, and so
    may what comes after it; a pause loses nothing."""
    sound = np.frombuffer(heard, np.int16).astype(np.float64)
    wanted = np.frombuffer(prompt, np.int16).astype(np.float64)
    sound = np.concatenate([sound, np.zeros(len(wanted))])
    at = _best_fit(sound, wanted[:_OPENING])
    alike = 0
    for i in range(0, len(wanted), FRAME_SAMPLES):
        frame = wanted[i : i + FRAME_SAMPLES]
        shifts = (s for s in _SHIFTS if _alike(sound[max(0, at + i + s) :], frame))
        shift = next(shifts, None)
        if shift is not None:
            at, alike = at + shift, alike + 1
    whole_ms = len(wanted) * 1000 // 8000
    return min(alike * FRAME_MS, whole_ms)


def _best_fit(sound: NDArray[np.float64], wanted: NDArray[np.float64]) -> int:
    """Where the cross-correlation is highest, through the spectrum."""
    size = 1 << (len(sound) + len(wanted)).bit_length()
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    lags = np.fft.irfft(product, size)[: len(sound) - len(wanted) + 1]
    return int(np.argmax(lags))


def _alike(heard: NDArray[np.float64], wanted: NDArray[np.float64]) -> bool:
    heard = heard[: len(wanted)]
    if len(heard) < len(wanted):
        return False
    loudness = [float(np.sqrt(np.mean(x**2))) for x in (heard, wanted)]
    if loudness[1] < QUIET:
        return loudness[0] < 2 * QUIET
    return bool(np.dot(heard, wanted) >= ALIKE * len(wanted) * loudness[0] * loudness[1] > 0)
