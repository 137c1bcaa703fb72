"""Stand-ins for machinery, as classes; what they promise is what core.ports says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from callcenter.core.errors import CallRefused, NotNow, NotTaken, PortInUse, SealBroken, StoreAway
from callcenter.core.events import Event
from callcenter.core.ports import TransferTold
from callcenter.core.records import (
    FRAME_BYTES,
    Ability,
    CallerHistory,
    Frame,
    Gap,
    LineState,
    Party,
    Quality,
    RecordingInfo,
    Segment,
)
from callcenter.core.redaction import Hidden

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class FakeSeal:
    """Closes by a word in front; `lost` is what a missing key does."""

    def __init__(self) -> None:
        self.lost = False
        self.newest = True
        self.sealed = 0

    def seal(self, plain: bytes, about: str) -> bytes:
        self.sealed += 1
        return f"closed {about}:".encode() + plain[::-1]

    def open(self, sealed: bytes, about: str) -> bytes:
        head = f"closed {about}:".encode()
        if self.lost or not sealed.startswith(head):
            raise SealBroken(f"{about}: cannot be opened")
        return sealed.removeprefix(head)[::-1]

    def is_newest(self, sealed: bytes) -> bool:
        return self.newest

    def alias(self, of: str) -> str:
        return f"alias{sum(of.encode()) % 10_000}"


class FakeLeg:
    """Says what it is told to, keeps what it is sent."""

    def __init__(
        self, says: bytes = b"", listens: bool = True, measured: Quality | None = None
    ) -> None:
        self.says = says
        self.listens = listens
        self.measured = measured
        self.heard: list[Frame] = []
        self.closed = False

    def receive(self, start: int) -> Frame:
        pcm, self.says = self.says[:FRAME_BYTES], self.says[FRAME_BYTES:]
        return Frame(start, pcm.ljust(FRAME_BYTES, b"\0"))

    def send(self, frame: Frame) -> bool:
        self.heard.append(frame)
        return self.listens

    def quality(self) -> Quality | None:
        return self.measured

    def close(self) -> None:
        self.closed = True


class QuietLeg(FakeLeg):
    """As a leg to which no sound comes: what it has nothing of is lost."""

    def receive(self, start: int) -> Frame:
        return super().receive(start) if self.says else Frame(start, lost=True)


class FakeLineCall:
    """A call that came in; `log` is what was asked of the line."""

    def __init__(self, caller_number: str = "13800138001", leg: FakeLeg | None = None) -> None:
        self.caller_number = caller_number
        self.callee_number = "95000"
        self.on_hang_up: Callable[[], None] = lambda: None
        self.leg = leg or FakeLeg()
        self.log: list[str] = []
        self.keys = ""
        self.broken = False

    def answer(self) -> FakeLeg:
        if self.broken:
            raise PortInUse("no free RTP port")
        self.log.append("answer")
        return self.leg

    def reject(self) -> None:
        self.log.append("reject")

    def hang_up(self) -> None:
        self.log.append("hang up")

    def send_digits(self, digits: str) -> None:
        if self.broken:
            raise NotNow("the far end takes no digits")
        self.log.append(f"press {digits}")

    def drop_digits(self) -> None:
        if self.log[-1].startswith("press"):
            self.log.append("drop digits")

    def pressed(self) -> str:
        keys, self.keys = self.keys, ""
        return keys

    def transfer(self, to: str, told: TransferTold) -> None:
        if self.broken:
            raise NotNow("the far end takes no transfers")
        self.log.append(f"transfer to {to}")
        self.told = told


class FakeDialled(FakeLineCall):
    """A call that was dialled; `pick_up` and `refuse` are what the callee does."""

    def __init__(self, to: str, from_number: str) -> None:
        super().__init__(from_number, QuietLeg())
        self.callee_number = to
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def pick_up(self) -> None:
        self._answer.set_result(None)

    def refuse(self, code: int, why: NotTaken) -> None:
        self._answer.set_exception(CallRefused(code, "as the callee says", why))

    async def answered(self) -> None:
        await self._answer


class FakeLine:
    """A line on which `ring` lets calls in, and `dialled` are the calls that went out."""

    def __init__(self, *can: Ability) -> None:
        self.ring: Callable[[FakeLineCall], None] = lambda call: None
        self.is_behind: Callable[[], bool] = lambda: False
        self.closed = self.drained = False
        self.can = frozenset(can)
        self.dialled: list[FakeDialled] = []
        self.trouble: Exception | None = None

    async def dial(self, to: str, from_number: str) -> FakeDialled:
        if self.trouble is not None:
            raise self.trouble
        self.dialled.append(FakeDialled(to, from_number))
        return self.dialled[-1]

    async def start(
        self, on_call: Callable[[FakeLineCall], None], is_behind: Callable[[], bool]
    ) -> None:
        self.ring, self.is_behind = on_call, is_behind

    def drain(self) -> None:
        self.drained = True

    async def close(self) -> None:
        self.closed = True

    def state(self) -> LineState:
        return LineState("main", "127.0.0.1:5060")


class FakeEar:
    """Keeps the frames; `say` reports a segment as the recogniser would."""

    def __init__(self, tell: Callable[[Segment], None], gap: Callable[[Gap], None]) -> None:
        self.frames: list[Frame] = []
        self.last_words: list[Segment] = []
        self.tell = tell
        self.gap = gap
        self.closed = False
        self.lag_ms = 0

    def hear(self, frame: Frame) -> None:
        self.frames.append(frame)

    async def close(self) -> None:
        for segment in self.last_words:
            self.tell(segment)
        self.closed = True


class FakeRecogniser:
    """Opens fake ears; `will_transcribe` is what `transcribe` finds."""

    def __init__(self, ready: bool = True) -> None:
        self.ready = ready
        self.detail = "fake"
        self.ears: dict[Party, FakeEar] = {}
        self.will_transcribe: list[Segment] = []

    def try_load(self) -> bool:
        return self.ready

    def open(
        self, party: Party, on_segment: Callable[[Segment], None], on_gap: Callable[[Gap], None]
    ) -> FakeEar:
        self.ears[party] = FakeEar(on_segment, on_gap)
        return self.ears[party]

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        return [segment for segment in self.will_transcribe if segment.party is party]


class FakeRecording:
    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.frames: list[tuple[Frame, Frame]] = []
        self.hidden: list[Hidden] = []
        self.lost: list[tuple[int, int]] = []

    def write(self, caller: Frame, agent: Frame) -> None:
        self.frames.append((caller, agent))

    def hide(self, hidden: Hidden) -> None:
        self.hidden.append(hidden)

    async def close(self) -> RecordingInfo:
        return RecordingInfo(f"{self.call_id}.wav", len(self.frames) * 0.02, "00")


class FakeRecorder:
    def __init__(self) -> None:
        self.opened: list[FakeRecording] = []

    def open(self, call_id: str, at: datetime) -> FakeRecording:
        self.opened.append(FakeRecording(call_id))
        return self.opened[-1]


class FakeBooks:
    """Remembers what was written, and in how many at once; `away` is how often it is away first;
    refuses `refuses`."""

    def __init__(self, away: int = 0, refuses: type[Event] | None = None) -> None:
        self.written: list[Event] = []
        self.together: list[int] = []
        self.away = away
        self.refuses = refuses
        self.follow: dict[type[Event], Event] = {}

    def write(self, *events: Event) -> Sequence[Event]:
        if self.away:
            self.away -= 1
            raise StoreAway("the fake store is away")
        if self.refuses is not None and any(isinstance(event, self.refuses) for event in events):
            raise ValueError("the fake store refuses this")
        self.written += events
        self.together.append(len(events))
        return [self.follow[type(event)] for event in events if type(event) in self.follow]


class FakeDirectory:
    def __init__(self, *blocked: str) -> None:
        self.blocked = blocked
        self.histories: dict[str, CallerHistory] = {}

    def history(self, caller_number: str) -> CallerHistory:
        if "away" in self.blocked:
            raise StoreAway("the fake store is away")
        history = self.histories.get(caller_number, CallerHistory())
        return replace(history, blocked=history.blocked or caller_number in self.blocked)
