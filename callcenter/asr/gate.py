"""Which frames the recogniser gets to hear: a state machine as a table. Pure.

A closed gate keeps the last `PRE_ROLL` frames; a run of `OPEN_AFTER` voiced frames opens it and
releases what it kept, so that no first syllable is clipped; `HANGOVER` frames without voice close
it again. What is fed between an opening and a closing is one utterance: contiguous, nothing twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

PRE_ROLL = 15
"""Frames kept while closed, the opening run included: 300 ms."""
OPEN_AFTER = 3
"""Voiced frames in a row that open the gate: 60 ms, longer than a click."""
HANGOVER = 30
"""Frames in a row without voice that close it: 600 ms, longer than a pause between words."""

T = TypeVar("T")


class State(StrEnum):
    """Whether sound passes."""

    __hash__ = str.__hash__  # Enum's own is Python code, and runs for every frame

    CLOSED = "closed"
    OPEN = "open"


class Input(StrEnum):
    """What a frame is, given how many of its kind came in a row."""

    __hash__ = str.__hash__

    VOICED = "voiced"
    QUIET = "quiet"
    VOICED_ENOUGH = "voiced enough"
    QUIET_LONG = "quiet for long"


class Action(StrEnum):
    """What to do with the frame."""

    KEEP = "keep"
    RELEASE = "release all that is kept"
    FEED = "feed"
    FEED_AND_END = "feed, and end the utterance"


_S, _I, _A = State, Input, Action

TABLE: dict[tuple[State, Input], tuple[State, Action]] = {
    (_S.CLOSED, _I.QUIET): (_S.CLOSED, _A.KEEP),
    (_S.CLOSED, _I.QUIET_LONG): (_S.CLOSED, _A.KEEP),
    (_S.CLOSED, _I.VOICED): (_S.CLOSED, _A.KEEP),
    (_S.CLOSED, _I.VOICED_ENOUGH): (_S.OPEN, _A.RELEASE),
    (_S.OPEN, _I.VOICED): (_S.OPEN, _A.FEED),
    (_S.OPEN, _I.VOICED_ENOUGH): (_S.OPEN, _A.FEED),
    (_S.OPEN, _I.QUIET): (_S.OPEN, _A.FEED),
    (_S.OPEN, _I.QUIET_LONG): (_S.CLOSED, _A.FEED_AND_END),
}


@dataclass(frozen=True, slots=True)
class Step(Generic[T]):
    """What one frame brought: the frames to feed, oldest first, and whether that was the last."""

    feed: tuple[T, ...] = ()
    ended: bool = False


class Gate(Generic[T]):
    """One party's gate; `T` is whatever stands for a frame."""

    def __init__(self) -> None:
        self.state = State.CLOSED
        self._kept: deque[T] = deque(maxlen=PRE_ROLL)
        self._nothing: Step[T] = Step()
        self._voiced = False
        self._run = 0

    @property
    def quiet_left(self) -> int:
        """How many more frames without voice would close an open gate."""
        return HANGOVER if self._voiced else HANGOVER - self._run

    def take(self, frame: T, *, voiced: bool) -> Step[T]:
        """Judge the next frame."""
        self.state, action = TABLE[self.state, self._input(voiced)]
        self._kept.append(frame)
        if action is Action.KEEP:
            return self._nothing
        return Step(self._release(), ended=action is Action.FEED_AND_END)

    def close(self) -> bool:
        """Forget what is kept and start afresh; True where that cut an utterance."""
        was_open = self.state is State.OPEN
        self.state, self._voiced, self._run = State.CLOSED, False, 0
        self._kept.clear()
        return was_open

    def _input(self, voiced: bool) -> Input:
        self._run = self._run + 1 if voiced is self._voiced else 1
        self._voiced = voiced
        if voiced:
            return Input.VOICED_ENOUGH if self._run >= OPEN_AFTER else Input.VOICED
        return Input.QUIET_LONG if self._run >= HANGOVER else Input.QUIET

    def _release(self) -> tuple[T, ...]:
        kept = tuple(self._kept)
        self._kept.clear()
        return kept
