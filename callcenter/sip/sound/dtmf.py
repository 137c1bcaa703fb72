"""Digits as telephone-events, both ways (RFC 4733 §2). Pure.

An event's packets have one timestamp, its beginning; its end is sent three times.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

from callcenter.core.records import FRAME_SAMPLES
from callcenter.sip.sound.rtp import RtpPacket, signed

DIGITS = "0123456789*#ABCD"
"""Events 0 to 15 (RFC 4733 §3.2)."""
MOST_WAITING = 64
"""Digits kept until they are sent, or asked for."""
TONE_TICKS, END_PACKETS, GAP_TICKS = 5, 3, 5
"""A digit sounds for 100 ms, ends three times, and 100 ms of sound come before the next."""
_VOLUME = 10
"""-10 dBm0."""
_END = 0x80
_EVENT = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class EventPacket:
    """What goes into one RTP packet."""

    timestamp: int
    payload: bytes
    marker: bool


class DigitSender:
    """Asked each tick whether an event's packet goes out in place of sound."""

    def __init__(self) -> None:
        self.busy = False
        """True while digits wait or one is being sent."""
        self._waiting: deque[int] = deque()
        self._event = 0
        self._began = 0
        self._step = 0
        """How many packets of the present event have been sent; counts up to 0 in a gap."""

    def add(self, digits: str) -> bool:
        """Queue digits; False, and none of them, where one is no digit or they are too many."""
        events = [DIGITS.find(d) for d in digits.upper()]
        if -1 in events or len(self._waiting) + len(events) > MOST_WAITING:
            return False
        self._waiting.extend(events)
        self._settle()
        return True

    def clear(self) -> None:
        """Send none of those that wait."""
        self._waiting.clear()
        self._settle()

    def next(self, timestamp: int) -> EventPacket | None:
        """The packet of this tick; None where sound is to be sent. `timestamp`: the tick's."""
        if self._step < 0:
            self._step += 1
            self._settle()
            return None
        if self._step == 0:
            if not self._waiting:
                return None
            self._event, self._began = self._waiting.popleft(), timestamp
        self._step += 1
        step = self._step
        if step == TONE_TICKS + END_PACKETS:
            self._step = -GAP_TICKS
        over = _END if step > TONE_TICKS else 0
        duration = min(step, TONE_TICKS) * FRAME_SAMPLES
        payload = _EVENT.pack(self._event, over | _VOLUME, duration)
        return EventPacket(self._began, payload, marker=step == 1)

    def _settle(self) -> None:
        self.busy = bool(self._waiting) or self._step != 0


class DigitReceiver:
    """Fed with the event packets that come; each event counts once, whichever packet is first."""

    def __init__(self) -> None:
        self.events = 0
        """Digits that were pressed."""
        self.foreign = 0
        """Packets that are no digit: another event (16 and up, RFC 4733 §3.2), or broken."""
        self._pressed: deque[str] = deque(maxlen=MOST_WAITING)
        self._ssrc: int | None = None
        self._began = self._ends = 0
        self._event = -1

    def take(self, packet: RtpPacket) -> None:
        """One packet of the agreed event type."""
        if len(packet.payload) < _EVENT.size:
            self.foreign += 1
            return
        event, _, duration = _EVENT.unpack_from(packet.payload)
        if event >= len(DIGITS):
            self.foreign += 1
            return
        age = signed(packet.timestamp - self._began, 32)
        if packet.ssrc == self._ssrc and self._is_known(packet, event, age):
            if age >= 0:
                self._ends = packet.timestamp + duration
            return
        self._ssrc, self._event, self._began = packet.ssrc, event, packet.timestamp
        self._ends = packet.timestamp + duration
        self.events += 1
        self._pressed.append(DIGITS[event])

    def pressed(self) -> str:
        """The digits that came since this was last asked, the newest 64."""
        if not self._pressed:
            return ""
        digits = "".join(self._pressed)
        self._pressed.clear()
        return digits

    def _is_known(self, packet: RtpPacket, event: int, age: int) -> bool:
        """Of this event or of one before it; or a long one that goes on (§2.5.1.3)."""
        if -_LONGEST_AGO < age <= 0:
            return True
        goes_on = signed(packet.timestamp - self._ends, 32) == 0
        if goes_on and event == self._event and not packet.marker:
            self._began = packet.timestamp
            return True
        return False


_LONGEST_AGO = 80_000
"""Samples (10 s): a timestamp further back belongs to a clock that was set anew."""
