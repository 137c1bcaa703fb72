"""A simulated caller: dials over real SIP, talks over real RTP, keeps what it hears."""

from __future__ import annotations

import asyncio

from callcenter.core.records import FRAME_SAMPLES, Frame
from callcenter.demo.scenarios import Scenario
from callcenter.demo.talker import Talker
from callcenter.desk.metronome import beat
from callcenter.sip.line.line_calls import DialledCall
from callcenter.sip.line.sip_line import SipLine

LONGEST_SECONDS = 90.0
"""A call that lasts longer has gone wrong; the caller hangs up."""


class Caller:
    """Makes one call of a scenario, from dialling to either side's hang-up."""

    def __init__(self, scenario: Scenario) -> None:
        self._talker = Talker(scenario.caller, opens=not scenario.agent)
        self._leaves = scenario.expect.ended_by == "caller"
        self._number = scenario.caller_number
        self._ticks = 0
        self._over = asyncio.Event()
        self.heard = bytearray()
        """Everything that came from the other side, 8 kHz mono 16-bit."""

    @property
    def spoken(self) -> str:
        """What was said to the end, as text."""
        return "".join(self._talker.said)

    async def call(self, phone: SipLine, to: str) -> None:
        """Dial `to` (a SIP URI), talk, and return when the call is over."""
        call = await phone.dial(to, self._number)
        call.on_hang_up = self._over.set
        await call.answered()
        clock = asyncio.create_task(beat(lambda *_: self._tick(call)))
        try:
            await asyncio.wait_for(self._over.wait(), LONGEST_SECONDS)
        finally:
            clock.cancel()
            call.hang_up()
        while call.leg.buffered_ms:
            self.heard += call.leg.receive(0).pcm

    def _tick(self, call: DialledCall) -> None:
        start = self._ticks * FRAME_SAMPLES
        self._ticks += 1
        frame = call.leg.receive(start)
        self.heard += frame.pcm
        self._talker.hear(frame.pcm)
        call.leg.send(Frame(start, self._talker.say()))
        if self._leaves and self._talker.done:
            self._over.set()
