"""Calls as the desk and callers hold them: one from outside, one that we dialled. Touches asyncio.

They keep no protocol: what they are told to do they hand to the line that made them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from callcenter.core.errors import CallRefused, NotNow, NotTaken
from callcenter.core.ports import LineCall, TransferTold
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound.rtp_leg import RtpLeg


def _nothing() -> None:
    """Stands in until the taker sets a callback."""


def _nobody(to: str) -> None:
    """Stands in for `on_transfer`: where the taker sets nothing, transfers are declined."""


class Changes(Protocol):
    """What a standing call asks of its line; each raises NoSuchCall, NotNow."""

    def hold(self, on: bool) -> None:
        """Ask the far end to wait, or to go on."""
        ...

    def transfer(self, to: str) -> None:
        """Send the far end to a number or URI."""
        ...

    def transfer_to(self, other: LineCall) -> None:
        """Join the far end to that of another call of the same line."""
        ...


class NoChanges:
    """For a line that can do none of this."""

    def hold(self, on: bool) -> None:
        raise NotNow("this line cannot hold a call")

    def transfer(self, to: str) -> None:
        raise NotNow("this line cannot transfer a call")

    def transfer_to(self, other: LineCall) -> None:
        raise NotNow("this line cannot transfer a call")


class _StandingCall:
    """What both kinds of call can do while they stand."""

    leg: RtpLeg | None

    def __init__(self, caller_number: str, callee_number: str, changes: Changes | None) -> None:
        self.caller_number = caller_number
        self.callee_number = callee_number
        self.on_hang_up: Callable[[], None] = _nothing
        self.on_transfer: Callable[[str], None] = _nobody
        self._changes: Changes = changes or NoChanges()
        self._told: TransferTold | None = None

    @property
    def takes_transfers(self) -> bool:
        """True where the taker wants to know when the far end asks for a transfer."""
        return self.on_transfer is not _nobody

    def hold(self, on: bool) -> None:
        """Ask the far end to wait without talking, or to go on. Raises NoSuchCall, NotNow."""
        self._changes.hold(on)

    def transfer(self, to: str, told: TransferTold) -> None:
        """Send the far end to a number or URI. Raises NoSuchCall, NotNow, BadHeader."""
        self._changes.transfer(to)
        self._told = told

    def transfer_to(self, other: LineCall, told: TransferTold) -> None:
        """Join the far end to that of `other`, an answered call of this line.

        The two may be joined, and `other` hang up, before `told` is called. Raises NoSuchCall,
        NotNow.
        """
        self._changes.transfer_to(other)
        self._told = told

    def send_digits(self, digits: str) -> None:
        """Press these keys, in place of sound. Raises NotNow."""
        if self.leg is None or not self.leg.send_digits(digits):
            raise NotNow("the far end takes no digits (telephone-event), or too many wait already")

    def drop_digits(self) -> None:
        """Press none of the keys that still wait."""
        if self.leg is not None:
            self.leg.drop_digits()

    def pressed(self) -> str:
        """The keys that the far end pressed since this was last asked."""
        return "" if self.leg is None else self.leg.pressed()

    def far_end_left(self) -> None:
        """Tell the taker; nothing is told after that, and the taker can be forgotten."""
        told, self.on_hang_up = self.on_hang_up, _nothing
        told()

    def transferred(self, worked: bool, reason: str) -> None:
        """The far end told how the transfer went."""
        told, self._told = self._told, None
        if told is not None:
            told(worked, reason)


class InboundCall(_StandingCall):
    """A LineCall: somebody rings our line."""

    def __init__(
        self,
        caller_number: str,
        callee_number: str,
        pick_up: Callable[[], RtpLeg],
        turn_away: Callable[[], None],
        hang_up: Callable[[], None],
        changes: Changes | None = None,
    ) -> None:
        super().__init__(caller_number, callee_number, changes)
        self.leg = None
        self._pick_up = pick_up
        self._turn_away = turn_away
        self._hang_up = hang_up

    def answer(self) -> RtpLeg:
        """Pick up; the leg can be used at once. Raises NoSuchCall, NotNow, PortInUse."""
        self.leg = self._pick_up()
        return self.leg

    def reject(self) -> None:
        """Turn the caller away, as busy; nothing happens where they have left already."""
        self._turn_away()
        self.on_hang_up = _nothing

    def hang_up(self) -> None:
        """End the call; the far end is told, again and again until it confirms."""
        self._hang_up()

    def agreed(self, stream: Stream) -> None:
        """The two sides agreed on the sound, at first or anew."""
        if self.leg is not None:
            self.leg.agree(stream)

    def ended(self) -> None:
        """The other side left; what it said before can still be received."""
        if self.leg is not None:
            self.leg.finish()
        self.far_end_left()

    def hung_up(self) -> bool:
        """We hung up; true where nothing more will be told of this call."""
        self.on_hang_up = _nothing
        self.line_closed()
        return True

    def line_closed(self) -> None:
        """No sound can come or go any more."""
        if self.leg is not None:
            self.leg.close()


class DialledCall(_StandingCall):
    """A Dialled: a call to somebody else; `leg` can be used from the start.

    It is silent until they answer, or until sound comes before that (early media).
    """

    leg: RtpLeg

    def __init__(
        self,
        leg: RtpLeg,
        hang_up: Callable[[], None],
        caller_number: str = "",
        callee_number: str = "",
        changes: Changes | None = None,
    ) -> None:
        super().__init__(caller_number, callee_number, changes)
        self.leg = leg
        self._hang_up = hang_up
        self._decided = asyncio.Event()
        self._refusal: CallRefused | None = None
        self._over = asyncio.Event()

    def answer(self) -> RtpLeg:
        """Only the far end can answer this one. Raises NotNow."""
        raise NotNow("a call that we made is answered by the far end")

    def reject(self) -> None:
        """The same as hanging up."""
        self.hang_up()

    async def answered(self) -> None:
        """Wait until they pick up. Raises CallRefused where they do not."""
        await self._decided.wait()
        if self._refusal is not None:
            raise self._refusal

    async def over(self) -> None:
        """Wait until either side has hung up, or the call was refused."""
        await self._over.wait()

    def hang_up(self) -> None:
        """CANCEL before they answer, BYE after; may be called twice."""
        self._hang_up()

    def early(self, stream: Stream) -> None:
        """Sound comes before they pick up."""
        self.leg.agree(stream)

    def agreed(self, stream: Stream) -> None:
        """They answered, or changed the sound."""
        self.leg.agree(stream)
        self._decided.set()

    def hung_up(self) -> bool:
        """We hung up; false where the refusal of the cancelled call is still to come."""
        self.on_hang_up = _nothing
        self.leg.finish()
        if not self._decided.is_set():
            return False
        self._over.set()
        return True

    def line_closed(self) -> None:
        """Whoever waits for this call waits in vain."""
        if not self._decided.is_set():
            self.refused(487, "the line was closed", NotTaken.CANCELLED)
        self.leg.close()
        self._over.set()

    def refused(self, code: int, reason: str, why: NotTaken) -> None:
        """They did not take the call."""
        self._refusal = self._refusal or CallRefused(code, reason, why)
        self._decided.set()
        self._over.set()
        self.leg.close()

    def ended(self) -> None:
        """They hung up; what they said before can still be received."""
        self.leg.finish()
        self._over.set()
        self.far_end_left()
