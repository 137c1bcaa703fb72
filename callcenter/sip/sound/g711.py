"""G.711 µ-law and A-law to 16-bit sound and back, by NumPy tables (ITU-T G.711). Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BIAS = 132
_CLIP = 32635


def _ulaw_decoded() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS << ((code >> 4) & 7)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype("<i2")


def _alaw_decoded() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (code >> 4) & 7
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, step, (step + 256) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype("<i2")


def _samples() -> NDArray[np.int32]:
    """Every 16-bit sample, at the index that its two bytes make."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _ulaw_encoded() -> NDArray[np.uint8]:
    samples = _samples()
    magnitude = np.minimum(np.abs(samples), _CLIP) + _BIAS
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    code = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0F)
    sign = np.where(samples < 0, 0x80, 0)
    return np.asarray(~(code | sign) & 0xFF, dtype=np.uint8)


def _alaw_encoded() -> NDArray[np.uint8]:
    samples = _samples()
    magnitude = np.where(samples < 0, -samples - 1, samples) >> 4
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 3, 0)
    shift = np.maximum(segment - 1, 0)
    code = (segment << 4) | ((magnitude >> shift) & 0x0F)
    sign = np.where(samples < 0, 0, 0x80)
    return np.asarray((code | sign) ^ 0x55, dtype=np.uint8)


_DECODED = {"PCMU": _ulaw_decoded(), "PCMA": _alaw_decoded()}
_ENCODED = {"PCMU": _ulaw_encoded(), "PCMA": _alaw_encoded()}


def decode(payload: bytes, codec: str) -> bytes:
    """16-bit little-endian sound from G.711 bytes; `codec` is PCMU or PCMA (else KeyError)."""
    return _DECODED[codec].take(np.frombuffer(payload, np.uint8)).tobytes()


def encode(pcm: bytes, codec: str) -> bytes:
    """G.711 bytes from 16-bit little-endian sound; an odd last byte is left out."""
    whole = len(pcm) // 2 * 2
    return _ENCODED[codec].take(np.frombuffer(pcm[:whole], "<u2")).tobytes()
