"""How sound goes into RTP payloads and out of them: PCMU, PCMA, G.722, behind one port. Pure.

All of them carry 8000 bytes a second, and one byte is one tick of their RTP clock. G.722 holds two
samples in each: its clock is called 8000 Hz by an old mistake that stays (RFC 3551 §4.5.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from callcenter.core.halfband import Halver, Widener
from callcenter.core.records import Frame
from callcenter.sip.sound import g711, g722


class Codec(Protocol):
    """One party's sound in one call; it may remember, so each party has its own."""

    @property
    def name(self) -> str:
        """As in an rtpmap, in capitals."""
        ...

    @property
    def wide(self) -> bool:
        """True where decoded frames have 16 kHz sound, too."""
        ...

    def encode(self, frame: Frame) -> bytes:
        """The payload for a frame."""
        ...

    def decode(self, payload: bytes, start: int = 0) -> Frame:
        """The sound of any payload, one sample of `pcm` for each byte."""
        ...


@dataclass(frozen=True)
class G711:
    """PCMU or PCMA."""

    name: str
    wide = False

    def encode(self, frame: Frame) -> bytes:
        """Of the frame's 8 kHz sound."""
        return g711.encode(frame.pcm, self.name)

    def decode(self, payload: bytes, start: int = 0) -> Frame:
        """8 kHz sound."""
        return Frame(start, g711.decode(payload, self.name))


class G722:
    """16 kHz sound; frames without it are brought up to it, and decoded ones have both."""

    name = "G722"
    wide = True

    def __init__(self) -> None:
        self._encode, self._decode = g722.Encoder(), g722.Decoder()
        self._widen, self._halve = Widener(), Halver()

    def encode(self, frame: Frame) -> bytes:
        """Of the frame's 16 kHz sound, or of its 8 kHz sound where it has no other."""
        return self._encode(self._widen(frame))

    def decode(self, payload: bytes, start: int = 0) -> Frame:
        """16 kHz sound, and the same at 8 kHz."""
        wide = self._decode(payload)
        return Frame(start, self._halve(wide), wide=wide)


_MAKERS: Mapping[str, Callable[[], Codec]] = {
    "PCMU": partial(G711, "PCMU"),
    "PCMA": partial(G711, "PCMA"),
    "G722": G722,
}


def new_codec(name: str) -> Codec:
    """A codec for one party's sound. Raises KeyError for one that is not in FORMATS."""
    return _MAKERS[name]()
