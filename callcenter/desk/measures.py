"""What the sound of a call says beside its words: silence, overlap, loudness (D1, D4, D5). Pure.

Fed with stretches of both parties' sound; tells each kind at most once a second for each party.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import log10

import numpy as np

from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame, Noticed, Party

GATE = 104.0**2
"""Mean square below which nothing is speech, however still the line: -50 dBFS."""
ABOVE_NOISE = 6.0
"""Speech has at least so many times the energy of the noise floor: 8 dB."""
BLOCK_FRAMES = 25
"""The quietest frame of each half second is kept to know the noise floor,"""
BLOCKS = 8
"""for so many of them: within four seconds everybody takes a breath."""
ONSET_FRAMES = 3
"""60 ms in a row are speech; less is a click."""
HANG_FRAMES = 10
"""Speech goes on over 200 ms between two words."""
PAUSE_FRAMES = 100
"""A level is taken of one stretch of speech: after 2 s without any it begins anew."""
SECOND_FRAMES = 1000 // FRAME_MS
SAMPLES_A_MS = FRAME_SAMPLES // FRAME_MS
BASELINE_FRAMES = 10 * SECOND_FRAMES
"""The first 10 s that a party speaks are what its later loudness is compared with."""
WINDOW_MS = 30_000
FULL_SCALE = 32768.0**2


class Measures:
    """Measures one call, stretch by stretch."""

    def __init__(self) -> None:
        self._caller = _Voice(Party.CALLER)
        self._agent = _Voice(Party.AGENT)
        self._quiet_told = 0
        self._both: deque[int] = deque()
        self._both_told = -WINDOW_MS

    def hear(self, caller: Sequence[Frame], agent: Sequence[Frame]) -> list[Noticed]:
        """The next frames of both, with the same starts; what is to be noticed, mostly nothing."""
        noticed: list[Noticed] = []
        levels = energies([*caller, *agent])
        both = zip(caller, levels[: len(caller)], levels[len(caller) :], strict=True)
        for frame, by_caller, by_agent in both:
            now_ms = frame.start // SAMPLES_A_MS
            noticed += self._caller.hear(by_caller, now_ms)
            noticed += self._agent.hear(by_agent, now_ms)
            if self._caller.speaking:
                self._quiet_told = 0
                if self._agent.speaking:
                    noticed += self._overlap(now_ms)
            elif now_ms + FRAME_MS - self._caller.quiet_since >= 1000 * (self._quiet_told + 1):
                noticed.append(self._silence(now_ms + FRAME_MS))
        return noticed

    def resumed(self, now_ms: int) -> None:
        """Nothing was measured until now: nobody was silent meanwhile."""
        self._quiet_told = 0
        for voice in (self._caller, self._agent):
            voice.speaking, voice.quiet_since = False, now_ms

    def _silence(self, now_ms: int) -> Noticed:
        """A full second more of the caller's silence."""
        since = self._caller.quiet_since
        self._quiet_told = (now_ms - since) // 1000
        return Noticed("silence", Party.CALLER, since, now_ms, float(self._quiet_told))

    def _overlap(self, now_ms: int) -> Sequence[Noticed]:
        """How long both spoke, a second of it or more, within the last 30."""
        both = self._both
        both.append(now_ms)
        while both[0] <= now_ms - WINDOW_MS:
            both.popleft()
        if len(both) < SECOND_FRAMES or now_ms - self._both_told < 1000:
            return ()
        self._both_told = now_ms
        seconds = round(len(both) * FRAME_MS / 1000, 2)
        return [Noticed("overlap", Party.CALLER, both[0], now_ms + FRAME_MS, seconds)]


class _Voice:
    """One party: whether it speaks, and how loud."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self.speaking = False
        self.quiet_since = 0
        """Milliseconds since answer; of use only while it does not speak."""
        self._floors: deque[float] = deque(maxlen=BLOCKS)
        self._floor = self._quietest = FULL_SCALE
        self._gate = ABOVE_NOISE * FULL_SCALE
        """The mean square above which a frame is speech."""
        self._in_block = 0
        self._loud_run = 0
        self._quiet_run = 0
        self._energy = 0.0
        self._frames = 0
        self._begun_ms = 0
        self._baseline = 0.0
        self._baseline_frames = 0

    def hear(self, energy: float, now_ms: int) -> Sequence[Noticed]:
        """A frame of this mean square; the levels of a second of speech, where that is full."""
        if energy:
            self._in_block += 1
            if energy < self._quietest or self._in_block == BLOCK_FRAMES:
                self._learn(energy)
        if energy <= self._gate:
            self._quiet(now_ms)
            return ()
        self._quiet_run = 0
        self._loud_run += 1
        if self._loud_run >= ONSET_FRAMES:
            self.speaking = True
        return self._level(energy, now_ms)

    def _learn(self, energy: float) -> None:
        """The floor is the quietest frame of the last seconds; lost sound says nothing of it."""
        if energy < self._quietest:
            self._quietest = energy
            self._set_floor(min(self._floor, energy))
        if self._in_block == BLOCK_FRAMES:
            self._floors.append(self._quietest)
            self._set_floor(min(self._floors))
            self._quietest, self._in_block = FULL_SCALE, 0

    def _set_floor(self, floor: float) -> None:
        self._floor, self._gate = floor, max(GATE, ABOVE_NOISE * floor)

    def _quiet(self, now_ms: int) -> None:
        self._loud_run = 0
        self._quiet_run += 1
        if self.speaking and self._quiet_run >= HANG_FRAMES:
            self.speaking = False
            self.quiet_since = now_ms - (HANG_FRAMES - 1) * FRAME_MS
        if self._quiet_run == PAUSE_FRAMES:
            self._energy, self._frames = 0.0, 0

    def _level(self, energy: float, now_ms: int) -> Sequence[Noticed]:
        if not self._frames:
            self._begun_ms = now_ms
        self._energy += energy
        self._frames += 1
        if self._frames < SECOND_FRAMES:
            return ()
        level = self._energy / self._frames
        begun, self._energy, self._frames = self._begun_ms, 0.0, 0
        span = (self._party, begun, now_ms + FRAME_MS)
        rise = self._rise(level)
        told = [Noticed("level", *span, decibels(level, FULL_SCALE))]
        return told if rise is None else [*told, Noticed("rise", *span, rise)]

    def _rise(self, level: float) -> float | None:
        """How far above the beginning; None while that is still the beginning."""
        if self._baseline_frames < BASELINE_FRAMES:
            self._baseline += level * SECOND_FRAMES
            self._baseline_frames += SECOND_FRAMES
            return None
        return decibels(level, self._baseline / self._baseline_frames)


def energies(frames: Sequence[Frame]) -> list[float]:
    """The mean square of each frame, 0 to 32768²; 0 where it is lost."""
    sound = np.frombuffer(b"".join([frame.pcm for frame in frames]), "<i2")
    samples = sound.reshape(len(frames), FRAME_SAMPLES).astype(np.float32)
    squares: list[float] = (np.einsum("ij,ij->i", samples, samples) / FRAME_SAMPLES).tolist()
    return [0.0 if frame.lost else square for frame, square in zip(frames, squares, strict=True)]


def decibels(energy: float, reference: float) -> float:
    """The ratio of two energies, to a tenth of a decibel."""
    return round(10 * log10(energy / reference), 1)
