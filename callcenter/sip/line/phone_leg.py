"""The agent's own telephone: rung over one of our lines when they answer, and bridged. Touches
asyncio; works over any Line that can dial."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcenter.core.errors import CallcenterError, CallRefused, NotNow, NotTaken
from callcenter.core.ports import Dialled, Gone, Leg, Line
from callcenter.core.records import Frame, Quality, VoiceState

WHY = {
    NotTaken.BUSY: "is busy",
    NotTaken.NO_ANSWER: "was not picked up",
    NotTaken.REJECTED: "turned the call away",
    NotTaken.NOT_FOUND: "is not known there",
    NotTaken.CANCELLED: "was not rung: the line closed",
    NotTaken.UNREACHABLE: "cannot be reached",
}


class Phone:
    """core.ports.Voice over a telephone."""

    def __init__(
        self,
        line: Line,
        number: str,
        from_number: str,
        ring_seconds: float,
        tell: Callable[[VoiceState], None],
    ) -> None:
        """`number` may be a SIP URI; `from_number` is what the telephone shows; `tell` is told of
        every change."""
        self._line = line
        self._number = number
        self._from_number = from_number
        self._ring_seconds = ring_seconds
        self._tell = tell
        self._state, self._detail = "idle", ""

    async def open(self, gone: Gone) -> Leg:
        """Ring the telephone until it is picked up. Raises NotNow; cancelled, it rings no more."""
        self._set("ringing", self._number)
        try:
            call = await self._dial()
            await self._picked_up(call)
        except NotNow as missed:
            self._set("idle", str(missed))
            raise
        except BaseException:
            self._set("idle")
            raise
        self._set("connected", self._number)

        def hung_up() -> None:
            self._set("idle")
            gone()

        call.on_hang_up = hung_up
        return PhoneLeg(call, lambda: self._set("idle"))

    def state(self) -> VoiceState:
        """How it stands; the telephone has its own loudness."""
        return VoiceState("phone", self._state, self._detail)

    async def close(self) -> None:
        """Nothing outlives a call."""

    async def _dial(self) -> Dialled:
        try:
            return await self._line.dial(self._number, self._from_number)
        except (CallcenterError, OSError) as error:
            raise NotNow(f"telephone {self._number} cannot be rung: {error}") from error

    async def _picked_up(self, call: Dialled) -> None:
        try:
            async with asyncio.timeout(self._ring_seconds):
                await call.answered()
        except CallRefused as refused:
            raise NotNow(f"telephone {self._number} {WHY[refused.why]}") from refused
        except TimeoutError:
            call.hang_up()
            why = WHY[NotTaken.NO_ANSWER]
            seconds = f"{self._ring_seconds:.0f} s"
            raise NotNow(f"telephone {self._number} {why} within {seconds}") from None
        except BaseException:
            call.hang_up()
            raise

    def _set(self, state: str, detail: str = "") -> None:
        if (state, detail) != (self._state, self._detail):
            self._state, self._detail = state, detail
            self._tell(self.state())


class PhoneLeg:
    """The agent's side of one call, at their telephone."""

    def __init__(self, call: Dialled, closed: Callable[[], None]) -> None:
        self._call = call
        self._closed = closed

    def receive(self, start: int) -> Frame:
        """20 ms from the telephone."""
        return self._call.leg.receive(start)

    def send(self, frame: Frame) -> bool:
        """20 ms for the telephone."""
        return self._call.leg.send(frame)

    def quality(self) -> Quality | None:
        """How the telephone's sound came."""
        return self._call.leg.quality()

    def close(self) -> None:
        """Hang the telephone up; may be called twice."""
        self._call.hang_up()
        self._closed()
