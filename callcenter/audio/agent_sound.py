"""The leg that a headset and a browser share: 20 ms frames towards the call, 16 kHz towards the
agent. Touches nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from callcenter.audio.ring import Ring
from callcenter.core.halfband import Halver, Widener
from callcenter.core.records import FRAME_MS, WIDE_BYTES, WIDE_RATE, Frame, Level

PREFILL_MS = 60
LIMIT_MS = 240
_METER_FRAMES = 200 // FRAME_MS


class Player(Protocol):
    """What takes the sound to the ear."""

    def play(self, pcm: bytes) -> None:
        """20 ms at 16 kHz; never blocks."""
        ...


class AgentLeg:
    """The agent's side of one call; core.ports.Leg."""

    def __init__(self) -> None:
        self.player: Player | None = None
        """None while the headset is gone."""
        self.on_close: Callable[[], object] = lambda: None
        self._said = Ring(PREFILL_MS, LIMIT_MS, WIDE_RATE)
        self._halve = Halver()
        self._widen = Widener()
        self._microphone: deque[bytes] = deque(maxlen=_METER_FRAMES)
        self._ear: deque[bytes] = deque(maxlen=_METER_FRAMES)

    def say(self, pcm: bytes) -> None:
        """The microphone heard this, at 16 kHz; past 240 ms the oldest goes."""
        self._said.push(pcm)

    def receive(self, start: int) -> Frame:
        """The next 20 ms from the microphone; silence marked lost where none came."""
        wide = self._said.pull(WIDE_BYTES)
        if wide is None:
            frame = Frame(start, lost=True)
        else:
            frame = Frame(start, self._halve(wide), wide=wide)
        self._microphone.append(frame.pcm)
        return frame

    def send(self, frame: Frame) -> bool:
        """20 ms for the agent's ear; False while the headset is gone."""
        self._ear.append(frame.pcm)
        if self.player is None:
            return False
        self.player.play(self._widen(frame))
        return True

    def quality(self) -> None:
        """Not measured: the way to the agent is short."""

    def levels(self) -> tuple[Level, Level]:
        """How loud the microphone and the ear were; worked out only when asked."""
        return level(b"".join(self._microphone)), level(b"".join(self._ear))

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        self.player = None
        self.on_close()


def level(pcm: bytes) -> Level:
    """How loud mono 16-bit sound is."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    if not samples.any():
        return Level()
    return Level(_dbfs(float(abs(samples).max())), _dbfs(float(np.sqrt(np.mean(samples**2)))))


def _dbfs(amplitude: float) -> float:
    return round(max(-96.0, 20 * float(np.log10(amplitude / 32768))), 1)
