"""The network's shape and its classes, known without torch. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from callcenter.asr.phones import FINALS, INITIALS, PDF_COUNT

CONTEXT = 21
"""Frames that an output sees on either side."""
STRIDE = 3
"""Frames between outputs."""
LAYERS = ((160, 5, 1), (384, 3, 1), (384, 3, 3), (384, 3, 3), (384, 3, 6), (384, 3, 6))
"""(width, taps, frames between taps)."""
SOUND_COUNT = 1 + len(INITIALS) + 2 * len(FINALS)
TONE_COUNT = 11
"""No tone (silence and initials), and the two halves of each of five tones."""


def _classes() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pdfs = np.arange(PDF_COUNT)
    first = 1 + len(INITIALS)
    half, toned = (pdfs - first) % 2, (pdfs - first) // 2
    sounds = np.where(pdfs < first, pdfs, first + 2 * (toned // 5) + half)
    tones = np.where(pdfs < first, 0, 1 + 2 * (toned % 5) + half)
    return sounds, tones


SOUND_OF, TONE_OF = _classes()
"""The toneless class and the tone class of every pdf."""
