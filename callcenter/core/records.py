"""What the rooms hand each other: frames of sound, what was heard, what was found in it. Pure.

Offsets are milliseconds since the call was answered, unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SAMPLE_RATE = 8000
"""Samples a second, everywhere inside the house."""
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2
SILENCE = bytes(FRAME_BYTES)
"""The sound of one silent frame."""


def samples_to_ms(samples: int) -> int:
    """Milliseconds that `samples` last at 8 kHz, rounded to the nearest."""
    return (samples * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE


class Party(StrEnum):
    """Who speaks (通话方)."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Frame:
    """The one currency: 20 ms of 8 kHz mono signed 16-bit little-endian sound.

    `start` is the index of its first sample since the call was answered; `lost` marks silence that
    stands for sound which never came.
    """

    start: int
    pcm: bytes = SILENCE
    lost: bool = False

    @property
    def start_ms(self) -> int:
        """Milliseconds since answer."""
        return samples_to_ms(self.start)


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word with its time and the recogniser's confidence (0 to 1)."""

    word: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Segment:
    """What one party said between two pauses; not `final` while it is still being said."""

    party: Party
    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    final: bool = True
    live: bool = True
    """False where the text was made from the recording after the call (补转写)."""
    spotted: tuple[Word, ...] = ()
    """Phrases of the call scripts that were listened for and heard, whatever the text says."""
    settled: bool = False
    """True where the speaker of an unfinished segment pauses: its text will hardly change."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Sound that was recorded but not listened to; it is transcribed later."""

    party: Party
    start_ms: int
    end_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in what was said (命中): rule, category, when, the text as heard."""

    rule: str
    category: str
    party: Party
    start_ms: int
    end_ms: int
    text: str
    spotted: bool = False
    """True where the phrase was picked out of the sound and the text says something else."""
    operator: str = ""
    """What held: any, all, n_of, and, or, repeat; sound or spotted where it was only heard."""
    score: float = 1.0
    """How surely it was said, 0 to 1: 1 where the transcript has the very characters."""
    severity: int = 3
    """1 (worth a note) to 5 (danger)."""
    why: str = ""
    """A sentence for people: what the rule is about, and what it rests on here."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A recorded announcement (提示音): `pcm` is 8 kHz mono 16-bit; `text` is what it says."""

    name: str
    text: str
    pcm: bytes

    @property
    def file_ms(self) -> int:
        """How long the whole prompt lasts, in milliseconds."""
        return samples_to_ms(len(self.pcm) // 2)


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """A closed recording: its path in the recordings folder, how long, its SHA-256."""

    path: str
    seconds: float
    sha256: str
    channels: int = 2


@dataclass(frozen=True, slots=True)
class LineState:
    """How a line stands: `registered` is None where it needs no registrar."""

    name: str
    address: str
    registered: bool | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes calls (座席): seat number (工号) and name."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the desk proposes and why; nothing happens until a person confirms."""

    reason: str
    """A hit's category, or "silent"."""
    prompt: str
    evidence: str
    """The words as heard, or what was observed."""


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A snapshot of a call that rings or runs, for the pages."""

    call_id: str
    state: str
    """A value of core.call.State."""
    caller_number: str
    callee_number: str
    rang_at: datetime
    answered_at: datetime | None = None
    agent: str = ""
    segments: tuple[Segment, ...] = ()
    partials: tuple[Segment, ...] = ()
    hits: tuple[Hit, ...] = ()
    proposal: Proposal | None = None
    muted: bool = False
    lag_ms: int = 0
    """How far listening is behind talking."""
    work_order: str = ""
