"""What the rooms hand each other: frames of sound, what was heard, what was found in it. Pure.

Offsets are milliseconds since the call was answered, unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple

from callcenter.core.cards import CardOffer
from callcenter.core.lead import Joined as Joined
from callcenter.core.lead import LeadCall
from callcenter.core.pauses import Pause

SAMPLE_RATE = 8000
"""Samples a second, everywhere inside the house."""
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2
SILENCE = bytes(FRAME_BYTES)
"""The sound of one silent frame."""
WIDE_RATE = 2 * SAMPLE_RATE
"""Samples a second of a frame's `wide` form."""
WIDE_BYTES = 2 * FRAME_BYTES
WIDE_SILENCE = bytes(WIDE_BYTES)


def samples_to_ms(samples: int) -> int:
    """Milliseconds that `samples` last at 8 kHz, rounded to the nearest."""
    return (samples * 1000 + SAMPLE_RATE // 2) // SAMPLE_RATE


class Party(StrEnum):
    """Who speaks (通话方)."""

    CALLER = "caller"
    AGENT = "agent"


class Frame(NamedTuple):
    """The one currency: 20 ms of 8 kHz mono signed 16-bit little-endian sound.

    `start` is the index of its first sample since the call was answered; `lost` marks what stands
    for sound that never came: silence, or a repeat of the sound before it that fades within 60 ms.
    `wide` is the same 20 ms at 16 kHz where the line carries it (G.722), else empty: who does not
    ask for it misses nothing.
    """

    start: int
    pcm: bytes = SILENCE
    lost: bool = False
    wide: bytes = b""

    @property
    def start_ms(self) -> int:
        """Milliseconds since answer."""
        return samples_to_ms(self.start)


class Ability(StrEnum):
    """What a line can do besides taking calls."""

    DIAL = "dial"
    HOLD = "hold"
    TRANSFER = "transfer"
    DTMF = "dtmf"
    WIDEBAND = "wideband"
    SECURE = "secure"


@dataclass(frozen=True, slots=True)
class Quality:
    """How one party's sound came over the wire in a call (通话质量).

    `mos` is estimated from loss and delay by the E-model (ITU-T G.107), from 1 to 4.5;
    `round_trip_ms` is -1 where the far end sent no reports.
    """

    packets: int
    lost: int
    late: int
    jitter_ms: float
    round_trip_ms: float
    mos: float


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
class CustomerFile:
    """What a customer's file says first (客户档案), for the screen that pops when they ring."""

    number: str
    """Of the file."""
    name: str
    customer_class: str
    """key, ordinary or potential (U5)."""
    member: bool = False
    agent: str = ""
    """To whom it is allotted."""


@dataclass(frozen=True, slots=True)
class CallerHistory:
    """What is known of a caller's number before it rings (来电历史)."""

    calls_24h: int = 0
    """How often it called in the last 24 hours, this call not counted."""
    attempts: int = 0
    """The same, where calls within 60 s are one attempt."""
    prompts_a: int = 0
    """How often prompt A was played to it in the last 30 days (H12)."""
    prompts_b: int = 0
    last_verdict: str = ""
    """harassment, complaint or ordinary; "" where nobody judged a call of this number."""
    known_customer: bool = False
    """A harasser may be a customer (H4)."""
    blocked: bool = False
    customer: CustomerFile | None = None
    """Whose number it is; None where it is in no file."""


@dataclass(frozen=True, slots=True)
class Known:
    """What holds of a call before anybody speaks; None where it is not known."""

    history: CallerHistory | None = None
    local_time: time | None = None
    """When the call came in, by the clock on the wall."""
    withheld: bool | None = None


NOTHING_KNOWN = Known()
BANNED = "banned"
"""The category of an agent's own banned words (D6, D7): for that agent alone, they flag nothing."""
TICKS = ("laughter", "several_voices")
"""What an agent may tick as heard behind the caller (H7)."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something about a call that is not words; `amount` is in the unit of its `kind`.

    overlap (s of the last 30 s in which both spoke), silence (s that the caller has been quiet),
    level (dBFS of a second of speech), rise (dB above the same party's first 10 s of speech), pace
    (characters a second), or one of TICKS.
    """

    kind: str
    party: Party
    start_ms: int
    end_ms: int
    amount: float = 1.0


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
    limited: int = 0
    """Messages that were passed over, their source having sent too many (限速)."""
    turned_away: int = 0
    """Messages that were passed over, their source not being in the line's list."""
    scanners: int = 0
    """Messages of programs that look for telephones to abuse (扫描), passed over."""
    shut_out: int = 0
    """Messages that were passed over, their source having guessed passwords."""
    wrong_logins: int = 0
    """Calls with a wrong password."""
    ignored: int = 0
    """What came to the line and is no SIP: keep-alives, STUN, garbage."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes calls (座席): seat number (工号) and name."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Level:
    """How loud the last 200 ms were, in dBFS: 0 is the loudest there is, -96 silence."""

    peak: float = -96.0
    rms: float = -96.0


@dataclass(frozen=True, slots=True)
class VoiceState:
    """How an agent's sound stands (座席话音)."""

    kind: str
    """headset, phone, browser or none."""
    state: str = "idle"
    """idle, ringing (their telephone), connected, or lost: silence until it is back."""
    detail: str = ""
    """The device that is used, or what is wrong."""
    microphone: Level = Level()
    ear: Level = Level()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the desk proposes and why; nothing happens until a person confirms."""

    reason: str
    """A hit's category, or "silent"."""
    prompt: str
    evidence: str
    """The words as heard, or what was observed."""


@dataclass(frozen=True, slots=True)
class SteerBack:
    """Words that lead the caller back to the subject (引导转回主题, H2), and why."""

    reason: str
    """A hit's category."""
    say: str
    evidence: str
    """The words as heard."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What an agent promised a caller (承诺), and by when; a person makes it a follow-up."""

    promise_id: str
    what: str
    """call_back, reply, refund, visit, send or solve."""
    due_at: datetime
    text: str
    """The words as heard."""
    start_ms: int
    end_ms: int
    status: str = "offered"
    """offered, accepted or dismissed."""


@dataclass(frozen=True, slots=True)
class RecoveryBreak:
    """A break offered to an agent, or being taken (H23)."""

    agent: str
    call_id: str
    """The call after which it was offered."""
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer under way, or the one that brought the call to its agent, with the notes (E1)."""

    by: str
    to: str
    """An agent's number, or, `outside`, a telephone number."""
    notes: str
    attended: bool
    outside: bool
    asked_at: datetime


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
    rung: str = "none"
    """How far up the ladder: a value of desk.policy.Rung."""
    steer_back: SteerBack | None = None
    card: CardOffer | None = None
    promises: tuple[Promise, ...] = ()
    proposal: Proposal | None = None
    history: CallerHistory = CallerHistory()
    muted: bool = False
    ticked: tuple[str, ...] = ()
    """Which of TICKS the agent has ticked."""
    lag_ms: int = 0
    """How far listening is behind talking."""
    work_order: str = ""
    direction: str = "inbound"
    """inbound, or outbound: then the callee is the party that our records call the caller."""
    transfer: Transfer | None = None
    joined: tuple[Joined, ...] = ()
    lead_called: LeadCall | None = None
    paused: Pause | None = None
    pressed: str = ""
    """The keys that the far end has pressed."""
    line: str = ""
    """The name of the telephone line that it came in on, or goes out by."""
    node: str = ""
    """The machine that has it, where several are one call centre."""

    @property
    def far_number(self) -> str:
        """The number of the party beyond the line: who calls us, or whom we call."""
        return self.callee_number if self.direction == "outbound" else self.caller_number
