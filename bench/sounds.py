"""Calls to measure with, made of the voices that the demo ships. May read those files."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

import callcenter
from callcenter.core.records import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Frame

VOICES = Path(callcenter.__file__).parent / "demo" / "voices"
CALLER = (
    "enquiry_ask",
    "complaint_quality",
    "complaint_lead",
    "harasser_opening",
    "enquiry_thanks",
)
AGENT = ("agent_greeting", "agent_look_up", "agent_sorry", "agent_steer_back", "agent_goodbye")
TRIGGERS = ("complaint_quality", "harasser_opening", "complaint_lead", "harasser_again")
LINE_NOISE = 16.0
"""Root mean square of what a telephone line carries while nobody speaks, −66 dBFS."""


@dataclass(frozen=True, slots=True)
class TwoWay:
    """One call: what each party's leg carries, equally long; 8 kHz mono 16-bit."""

    caller: bytes
    agent: bytes

    @property
    def seconds(self) -> float:
        """How long the call lasts."""
        return len(self.caller) / 2 / SAMPLE_RATE


def voice(name: str) -> bytes:
    """One line of the demo."""
    with wave.open(str(VOICES / f"{name}.wav")) as file:
        sound: bytes = file.readframes(file.getnframes())
    return sound


def turns(seconds: float, *, pauses: bool = False) -> TwoWay:
    """The parties take turns of two lines each, so that every leg is silent for half of the call;
    with `pauses`, nobody speaks for as long again after each turn."""
    caller = agent = b""
    for mine, theirs in zip(_lines(CALLER), _lines(AGENT), strict=False):
        still = noise(len(mine)), noise(len(theirs))
        caller, agent = caller + mine, agent + still[0]
        if pauses:
            caller, agent = caller + still[0], agent + still[0]
        caller, agent = caller + still[1], agent + theirs
        if pauses:
            caller, agent = caller + still[1], agent + still[1]
        if len(caller) >= 2 * seconds * SAMPLE_RATE:
            break
    return _cut(caller, agent, seconds)


def half_silent(seconds: float) -> TwoWay:
    """Nobody speaks for half of the call; the parties share the other half."""
    return turns(seconds, pauses=True)


def continuous(seconds: float) -> TwoWay:
    """Both parties speak all the time."""
    return _cut(_endless(CALLER, seconds), _endless(AGENT, seconds), seconds)


def staggered(call: TwoWay, count: int) -> list[TwoWay]:
    """So many calls like this one, each at another point of it."""
    steps = (len(call.caller) // FRAME_BYTES * n // count * FRAME_BYTES for n in range(count))
    return [
        TwoWay(call.caller[at:] + call.caller[:at], call.agent[at:] + call.agent[:at])
        for at in steps
    ]


def noise(size: int) -> bytes:
    """Line noise of so many bytes, the same each time."""
    chance = np.random.default_rng(7).standard_normal(size // 2)
    return (chance * LINE_NOISE).astype("<i2").tobytes()


def triggers(seconds: float) -> bytes:
    """A caller whose every line holds phrases that the rules look for, a second apart."""
    sound = b""
    for line in map(voice, cycle(TRIGGERS)):
        if len(sound) >= 2 * seconds * SAMPLE_RATE:
            break
        sound += line + noise(2 * SAMPLE_RATE)
    return sound


def frames(sound: bytes) -> Iterator[Frame]:
    """The whole frames of a sound, from the call's first sample on."""
    for number in range(len(sound) // FRAME_BYTES):
        start = number * FRAME_BYTES
        yield Frame(number * FRAME_SAMPLES, sound[start : start + FRAME_BYTES])


def _lines(names: tuple[str, ...]) -> Iterator[bytes]:
    lines = map(voice, cycle(names))
    while True:
        yield next(lines) + next(lines)


def _endless(names: tuple[str, ...], seconds: float) -> bytes:
    sound = b""
    for line in map(voice, cycle(names)):
        if len(sound) >= 2 * seconds * SAMPLE_RATE:
            break
        sound += line
    return sound


def _cut(caller: bytes, agent: bytes, seconds: float) -> TwoWay:
    size = round(seconds * SAMPLE_RATE / FRAME_SAMPLES) * FRAME_BYTES
    return TwoWay(caller[:size], agent[:size])
