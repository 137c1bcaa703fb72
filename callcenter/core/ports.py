"""What the desk and the web need from machinery, as protocols; app.py says who answers. Pure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from callcenter.core.cards import Card
from callcenter.core.desk import Desk as Desk
from callcenter.core.events import Event
from callcenter.core.records import (
    NOTHING_KNOWN,
    Ability,
    Frame,
    Gap,
    Hit,
    Known,
    LineState,
    Noticed,
    Party,
    Prompt,
    Quality,
    RecordingInfo,
    Segment,
    VoiceState,
)
from callcenter.core.redaction import Hidden
from callcenter.core.targets import Target
from callcenter.core.trials import RuleTrials as RuleTrials


class Leg(Protocol):
    """One party's sound, both ways. The session pulls and pushes one Frame each 20 ms tick.

    Neither call blocks or raises: what stands for sound that is not there is marked lost.
    """

    def receive(self, start: int) -> Frame:
        """The next 20 ms that this party said; `start` is the frame's sample index since answer."""
        ...

    def send(self, frame: Frame) -> bool:
        """Give this party 20 ms to hear. True when it has left for the wire or the device on
        return; False where the far end does not listen now (on hold, gone)."""
        ...

    def quality(self) -> Quality | None:
        """How this party's sound came so far; None where it comes over no network."""
        ...

    def close(self) -> None:
        """Let go of the device or socket; may be called twice."""
        ...


TransferTold = Callable[[bool, str], None]
"""Told once how a transfer went: whether the new party answered, and in words why not."""


class LineCall(Protocol):
    """One call as a telephone line sees it; a call that came in, unless it is a Dialled one."""

    caller_number: str
    callee_number: str
    on_hang_up: Callable[[], None]
    """Set by the taker; called once when the far end cancels or hangs up."""
    on_transfer: Callable[[str], None]
    """Set by the taker; called with the number or URI to which the far end asks us to transfer it
    (REFER, RFC 3515)."""

    def answer(self) -> Leg:
        """Pick up; the leg can be used at once."""
        ...

    def reject(self) -> None:
        """Turn the caller away, as busy."""
        ...

    def hang_up(self) -> None:
        """End an answered call; the far end is told, again and again until it confirms."""
        ...

    def hold(self, on: bool) -> None:
        """Ask the far end to wait without talking, or to go on (RFC 3264 §8.4). Raises NotNow."""
        ...

    def transfer(self, to: str, told: TransferTold) -> None:
        """Send the far end to another number or URI without asking first (RFC 5589 §6).

        Raises NotNow.
        """
        ...

    def transfer_to(self, other: LineCall, told: TransferTold) -> None:
        """Join the far end to that of `other`, an answered call of the same line (RFC 5589 §7).

        Both our calls end when it has worked. Raises NotNow.
        """
        ...

    def send_digits(self, digits: str) -> None:
        """Press these keys, 0-9 * # A-D: the far end gets them in place of sound (RFC 4733).

        Raises NotNow, also where the far end takes none.
        """
        ...

    def drop_digits(self) -> None:
        """Press none of the keys that still wait: words are coming that must be heard whole."""
        ...

    def pressed(self) -> str:
        """The keys that the far end pressed since this was last asked; cheap."""
        ...


class Dialled(LineCall, Protocol):
    """A call that we make; `leg` carries early media too and is silent until there is any."""

    @property
    def leg(self) -> Leg: ...

    async def answered(self) -> None:
        """Wait until they pick up. Raises CallRefused: busy, no answer, rejected, not found."""
        ...


class Line(Protocol):
    """A way for calls to come in and go out (线路)."""

    @property
    def can(self) -> frozenset[Ability]:
        """What it can do; a command beyond that raises NotNow."""
        ...

    async def dial(self, to: str, from_number: str) -> Dialled:
        """Call a number or SIP URI; returns while it rings. Raises NotNow, CallcenterError."""
        ...

    async def start(
        self, on_call: Callable[[LineCall], None], is_behind: Callable[[], bool] = ...
    ) -> None:
        """Open the sockets, register if so configured. While `is_behind`, this machine cannot keep
        up with the calls it has: further ones are told to come again later. Raises PortInUse."""
        ...

    def drain(self) -> None:
        """Take no further calls and unregister; those that ring or run go on."""
        ...

    async def close(self) -> None:
        """End what runs, unregister, close the sockets."""
        ...

    def state(self) -> LineState:
        """How the line stands, for the page and the doctor."""
        ...


class Ear(Protocol):
    """Listens to one party of one call."""

    def hear(self, frame: Frame) -> None:
        """Take a frame; never blocks. A full queue drops its oldest, and a Gap is told."""
        ...

    @property
    def lag_ms(self) -> int:
        """How much sound waits to be listened to, in milliseconds."""
        ...

    async def close(self) -> None:
        """Finish what was heard; every segment has been told when this returns."""
        ...


class Recogniser(Protocol):
    """Turns sound into text. `ready` is False, and `detail` says why, while there is no model."""

    @property
    def ready(self) -> bool: ...

    @property
    def detail(self) -> str: ...

    def try_load(self) -> bool:
        """Look again for a model that was not there; blocking. True when ready."""
        ...

    def open(
        self,
        party: Party,
        on_segment: Callable[[Segment], None],
        on_gap: Callable[[Gap], None],
    ) -> Ear:
        """An ear for one party; both callbacks run on the event loop. Without a model the ear
        reports everything it was given as one Gap when closed."""
        ...

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        """Everything said in 8 kHz mono 16-bit sound; blocking, for a worker thread.

        Raises ModelMissing.
        """
        ...


class Recording(Protocol):
    """The stereo sound file of one call, valid on disk at every moment."""

    def write(self, caller: Frame, agent: Frame) -> None:
        """Add 20 ms of both channels; never blocks."""
        ...

    def hide(self, hidden: Hidden) -> None:
        """A quiet tone goes in place of what this party said there; never blocks."""
        ...

    @property
    def lost(self) -> Sequence[tuple[int, int]]:
        """Where sound reached no disk, from and until, in milliseconds; final once it is closed."""
        ...

    async def close(self) -> RecordingInfo:
        """Finish the file and hash it."""
        ...


class Recorder(Protocol):
    """Opens recordings in the recordings folder."""

    def open(self, call_id: str, at: datetime) -> Recording: ...

    def targets(self) -> Sequence[Target]:
        """How the folders stand that recordings go to; cheap."""
        ...


class Listener(Protocol):
    """Watches one call for what the rules ask; keeps what it heard, so a hit is told once."""

    def heard(self, segment: Segment) -> Sequence[Hit]:
        """New hits in this partial or final segment."""
        ...

    def noticed(self, notice: Noticed) -> Sequence[Hit]:
        """New hits where this is noticed in the sound, or ticked by the agent."""
        ...

    def closed(self, end_ms: int) -> Sequence[Hit]:
        """New hits that only the call's end decides, `end_ms` since answer."""
        ...


class Scripts(Protocol):
    """The call scripts (话术): patterns and prompts. `problem` says what is wrong with an edit."""

    @property
    def problem(self) -> str: ...

    def listener(self, known: Known = NOTHING_KNOWN) -> Listener:
        """A watcher for one call; `known` is what is known of it before anybody speaks."""
        ...

    def prompt(self, name: str) -> Prompt:
        """Raises KeyError for a name that is not in the book."""
        ...

    def group(self, category: str) -> str:
        """What a category counts as: harassment, complaint, suggestion or agent."""
        ...

    def cards(self) -> Sequence[Card]:
        """The cards with words to say (话术卡)."""
        ...


class Subscription(Protocol):
    """One listener's events: iterate it with `async for`; it ends when the listener is too slow."""

    def __aiter__(self) -> AsyncIterator[Event]: ...

    async def __anext__(self) -> Event: ...

    def close(self) -> None:
        """Stop listening; the iteration ends."""
        ...


class Bus(Protocol):
    """Carries events to whoever listens."""

    def publish(self, event: Event) -> None:
        """Never blocks."""
        ...

    def subscribe(self) -> Subscription:
        """Events from now on."""
        ...


Gone = Callable[[], None]
"""Called once when an agent has left a call by themselves: their telephone hung up."""

AgentVoice = Callable[[Gone], Awaitable[Leg]]
"""Opens the sound of an agent: a headset, a telephone, a recorded voice. It may take as long as a
telephone rings, and can be cancelled. Raises MissingPiece (a headset that is not there), NotNow
(a telephone that nobody picks up)."""


class Voice(Protocol):
    """An agent's sound: how it is opened for a call, and how it stands, for the page."""

    async def open(self, gone: Gone) -> Leg:
        """An AgentVoice."""
        ...

    def state(self) -> VoiceState:
        """How it stands now; cheap."""
        ...

    async def close(self) -> None:
        """Let go of what outlives a call."""
        ...


@runtime_checkable
class LocalVoice(Voice, Protocol):
    """The sound of an agent whose headset is at this machine."""

    device: str
    """Part of its name; the system's default where empty."""

    async def try_out(self) -> VoiceState:
        """Play back two seconds of what the microphone hears; the device, and how loud it was. A
        call that is answered meanwhile ends it. Raises NotNow (in a call), MissingPiece."""
        ...


@runtime_checkable
class BrowserVoice(Voice, Protocol):
    """The sound of an agent whose headset is at the browser."""

    async def connect(self, offer: str) -> str:
        """Take a page's SDP offer (RFC 8829); the answer. A page that was connected is let go.

        Raises Refused (no such offer), MissingPiece.
        """
        ...
