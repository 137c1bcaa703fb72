"""What the desk and the web need from machinery, as protocols; app.py says who answers. Pure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from callcenter.core.cards import Card
from callcenter.core.events import Event
from callcenter.core.records import (
    NOTHING_KNOWN,
    Agent,
    CallerHistory,
    Frame,
    Gap,
    Hit,
    Known,
    LineState,
    LiveCall,
    Noticed,
    Party,
    Prompt,
    RecordingInfo,
    RecoveryBreak,
    Segment,
)
from callcenter.core.trials import Draft, RuleInForce


class Leg(Protocol):
    """One party's sound, both ways. The session pulls and pushes one Frame each 20 ms tick.

    Neither call blocks or raises: sound that is not there yet is silence, marked lost.
    """

    def receive(self, start: int) -> Frame:
        """The next 20 ms that this party said; `start` is the frame's sample index since answer."""
        ...

    def send(self, frame: Frame) -> bool:
        """Give this party 20 ms to hear. True when it has left for the wire or the device on
        return; False where the far end does not listen now (on hold, gone)."""
        ...

    def close(self) -> None:
        """Let go of the device or socket; may be called twice."""
        ...


class LineCall(Protocol):
    """One call as a telephone line sees it."""

    caller_number: str
    callee_number: str
    on_hang_up: Callable[[], None]
    """Set by the taker; called once when the far end cancels or hangs up."""

    def answer(self) -> Leg:
        """Pick up; the leg can be used at once."""
        ...

    def reject(self) -> None:
        """Turn the caller away, as busy."""
        ...

    def hang_up(self) -> None:
        """End an answered call; the far end is told, again and again until it confirms."""
        ...


class Line(Protocol):
    """A way for calls to come in (线路)."""

    async def start(self, on_call: Callable[[LineCall], None]) -> None:
        """Open the sockets, register if so configured. Raises PortInUse."""
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

    async def close(self) -> RecordingInfo:
        """Finish the file and hash it."""
        ...


class Recorder(Protocol):
    """Opens recordings in the recordings folder."""

    def open(self, call_id: str, at: datetime) -> Recording: ...


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


class Books(Protocol):
    """Where the ledger writes."""

    def write(self, event: Event) -> Sequence[Event]:
        """Write one event in one transaction (blocking, thread of the ledger only).

        Returns the facts that follow from it, such as WorkOrderLinked after CallAnswered; they
        are written already. Raises StoreAway where the same write may pass later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Unheard:
    """A recording, and the parts of it that wait to be transcribed."""

    call_id: str
    path: str
    gaps: tuple[Gap, ...]


class Backlog(Protocol):
    """Recordings that wait to be transcribed. Blocking: called in a thread."""

    def waiting(self) -> Sequence[Unheard]: ...

    def sound(self, path: str) -> dict[Party, bytes]:
        """Each party's sound, 8 kHz mono 16-bit. Raises SoundFileError."""
        ...


class Directory(Protocol):
    """What the desk must know of a number before it rings. May block: called in a thread."""

    def is_blocked(self, caller_number: str) -> bool:
        """True where a supervisor's block of this number is in force."""
        ...

    def history(self, caller_number: str) -> CallerHistory:
        """What is kept of this number; empty where it is withheld."""
        ...


AgentVoice = Callable[[], Awaitable[Leg]]
"""Opens the sound of an agent: a headset, a recorded voice. Raises MissingPiece."""


class Desk(Protocol):
    """The live calls, as the pages and the API command and see them. Runs on the event loop.

    Commands raise NoSuchCall, NotNow (what the state allows), Refused (who may) and MissingPiece
    (an agent's headset).
    """

    async def answer(self, call_id: str, agent: str) -> None: ...

    async def hang_up(self, call_id: str, agent: str) -> None: ...

    async def terminate(self, call_id: str, prompt: str, agent: str) -> None:
        """Play the named prompt to its end, then hang up; `agent` is the person who confirmed."""
        ...

    async def undo(self, call_id: str, agent: str) -> None:
        """Take a confirmation back within two seconds: the prompt stops, both can talk again."""
        ...

    async def dismiss(self, call_id: str, agent: str) -> None:
        """It is no harassment: take the desk's proposal back; `agent` is who says so."""
        ...

    async def mute(self, call_id: str, muted: bool, agent: str) -> None:
        """Switch the agent's microphone off, or on again."""
        ...

    async def tick_box(self, call_id: str, what: str, agent: str) -> None:
        """The agent hears this behind the caller: one of TICKS; ticked twice is ticked once."""
        ...

    def live(self) -> Sequence[LiveCall]:
        """The calls that ring or run now, oldest first."""
        ...

    def agents(self) -> Sequence[Agent]: ...

    def breaks(self) -> Sequence[RecoveryBreak]:
        """The recovery breaks that are offered or being taken."""
        ...

    def lines(self) -> Sequence[LineState]: ...

    def notices(self) -> Sequence[str]:
        """What the people at the desk must know, e.g. that there is no model: one sentence each."""
        ...

    async def record(self, event: Event) -> None:
        """Publish a fact decided by a person; returns when the ledger has written it."""
        ...


class RuleTrials(Protocol):
    """The rules in force, and back-tests of a draft over kept calls."""

    def listed(self) -> Sequence[RuleInForce]:
        """The rules in force, pack by pack. Asked on the event loop."""
        ...

    def problems(self) -> Sequence[str]:
        """What is wrong with the packs as they lie on disk. Blocking: called in a thread."""
        ...

    def check(self, draft: Draft) -> None:
        """Raises PackError: file, entry and reason. Blocking: called in a thread."""
        ...

    async def back_test(
        self, draft: Draft | None, limit: int, progress: Callable[[int, int], None]
    ) -> Mapping[str, Any]:
        """Try the rules in force, and the draft, on the last `limit` calls; `progress` is told how
        many are done, and of how many. The outcome as JSON types. Raises TrialFailed."""
        ...
