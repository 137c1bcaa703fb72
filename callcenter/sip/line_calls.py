"""Calls as the desk and callers hold them: one from outside, one that we dialled. Touches asyncio.

They keep no protocol: what they are told to do they hand to the line that made them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcenter.sip.errors import CallRefused
from callcenter.sip.rtp_leg import RtpLeg
from callcenter.sip.sdp import Stream


def _nothing() -> None:
    """Stands in until the taker sets a callback."""


class InboundCall:
    """A LineCall: somebody rings our line."""

    def __init__(
        self,
        caller_number: str,
        callee_number: str,
        pick_up: Callable[[], RtpLeg],
        turn_away: Callable[[], None],
        hang_up: Callable[[], None],
    ) -> None:
        self.caller_number = caller_number
        self.callee_number = callee_number
        self.on_hang_up: Callable[[], None] = _nothing
        self.leg: RtpLeg | None = None
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
        self.on_hang_up()

    def hung_up(self) -> bool:
        """We hung up; true where nothing more will be told of this call."""
        self.line_closed()
        return True

    def line_closed(self) -> None:
        """No sound can come or go any more."""
        if self.leg is not None:
            self.leg.close()


class DialledCall:
    """A call to somebody else; `leg` can be used from the start and is silent until answered."""

    def __init__(self, leg: RtpLeg, hang_up: Callable[[], None]) -> None:
        self.leg = leg
        self.on_hang_up: Callable[[], None] = _nothing
        self._hang_up = hang_up
        self._decided = asyncio.Event()
        self._refusal: CallRefused | None = None
        self._over = asyncio.Event()

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

    def agreed(self, stream: Stream) -> None:
        """They answered, or changed the sound."""
        self.leg.agree(stream)
        self._decided.set()

    def hung_up(self) -> bool:
        """We hung up; false where the refusal of the cancelled call is still to come."""
        self.leg.finish()
        if not self._decided.is_set():
            return False
        self._over.set()
        return True

    def line_closed(self) -> None:
        """Whoever waits for this call waits in vain."""
        if not self._decided.is_set():
            self.refused(487, "the line was closed")
        self.leg.close()
        self._over.set()

    def refused(self, code: int, reason: str) -> None:
        """They did not take the call."""
        self._refusal = self._refusal or CallRefused(code, reason)
        self._decided.set()
        self._over.set()
        self.leg.close()

    def ended(self) -> None:
        """They hung up; what they said before can still be received."""
        self.leg.finish()
        self._over.set()
        self.on_hang_up()
