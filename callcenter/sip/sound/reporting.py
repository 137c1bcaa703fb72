"""When one leg reports, what it says, and what it learns from the far end (RFC 3550 §6). Pure.

Two members only, so the interval is 5 s, half of that before the first report, each time half to
one and a half of it by chance (§6.2, §6.3.1).
"""

from __future__ import annotations

from collections.abc import Callable

from callcenter.sip.sound.reception import Reception
from callcenter.sip.sound.rtcp import (
    Block,
    Bye,
    Cname,
    Part,
    Report,
    SenderInfo,
    middle,
    ntp_time,
    parse_rtcp,
    write_rtcp,
)
from callcenter.sip.sound.rtp import signed

INTERVAL = 5.0
"""Seconds between two reports, on average."""
_LONGEST = 30.0
"""Seconds: a round trip longer than that was never one; a clock was set."""


class Reporting:
    """The reports of one leg. Times are seconds since 1970, as NTP wants them."""

    def __init__(self, ssrc: int, cname: str, dice: Callable[[], float], now: float) -> None:
        """`dice` gives a number from 0 to 1."""
        self.heard = 0
        """Reports that came."""
        self.left = False
        """True once the far end said that it leaves."""
        self._ssrc, self._cname, self._dice = ssrc, cname, dice
        self._due = now + self._interval() / 2
        self._reported: tuple[int, int] | None = None
        """The far end's SSRC, and the middle of its last sender report's time."""
        self._reported_at = 0.0
        self._round_trips = 0
        self._round_trip_sum = 0.0

    @property
    def round_trip(self) -> float | None:
        """The mean time that a packet takes there and back, in seconds; None: not known."""
        return self._round_trip_sum / self._round_trips if self._round_trips else None

    def is_due(self, now: float) -> bool:
        """True once each interval: then a report is to be sent."""
        # A clock that was set back would otherwise end the reports.
        if self._due - 2 * INTERVAL < now < self._due:
            return False
        self._due = now + self._interval()
        return True

    def compose(
        self, sender: SenderInfo | None, reception: Reception, now: float, *, leaving: bool = False
    ) -> bytes:
        """A report with our name; `sender` where we have sent since the last one."""
        loss = reception.report()
        blocks = () if loss is None else (Block(loss, *self._since(loss.ssrc, now)),)
        parts: list[Part] = [Report(self._ssrc, blocks, sender), Cname(self._ssrc, self._cname)]
        if leaving:
            parts.append(Bye((self._ssrc,)))
        return write_rtcp(parts)

    def take(self, data: bytes, at: float) -> bool:
        """A packet that came at `at`; False for garbage."""
        parts = parse_rtcp(data)
        for part in parts:
            if isinstance(part, Report):
                self._take_report(part, at)
            elif isinstance(part, Bye):
                self.left = True
        return bool(parts)

    def _take_report(self, report: Report, at: float) -> None:
        self.heard += 1
        if report.sender is not None:
            self._reported = (report.ssrc, middle(report.sender.ntp))
            self._reported_at = at
        for block in report.blocks:
            if block.loss.ssrc == self._ssrc and block.last_report:
                self._measure(block, at)

    def _measure(self, block: Block, at: float) -> None:
        """There and back, without the time that the far end kept it (§6.4.1)."""
        units = signed(middle(ntp_time(at)) - block.last_report - block.delay, 32)
        trip = units / 65536
        if -0.1 < trip < _LONGEST:
            self._round_trips += 1
            self._round_trip_sum += max(0.0, trip)

    def _since(self, ssrc: int, now: float) -> tuple[int, int]:
        """The last sender report of this source, and how long ago it came."""
        if self._reported is None or self._reported[0] != ssrc:
            return 0, 0
        ago = max(0.0, now - self._reported_at)
        return self._reported[1], min(0xFFFFFFFF, int(ago * 65536))

    def _interval(self) -> float:
        return INTERVAL * (0.5 + self._dice())
