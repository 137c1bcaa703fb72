"""A response that is sent again and again until it is acknowledged. Pure.

A 2xx to an INVITE waits for its ACK (RFC 3261 §13.3.1.4), a reliable 1xx for its PRACK
(RFC 3262 §3).
"""

from __future__ import annotations

from callcenter.sip.signal.layer import Layer, ServerTransaction
from callcenter.sip.signal.message import Response


class Repeated:
    """One such response; `number` is what the acknowledgement must name, `longest` in seconds."""

    def __init__(
        self,
        layer: Layer,
        transaction: ServerTransaction,
        response: Response,
        number: int,
        longest: float,
        now: float,
    ) -> None:
        t1 = layer.settings.timings.t1
        self.number = number
        self._layer = layer
        self._response = response
        self._to = transaction.request.via.reply_address(transaction.source)
        self._interval = t1
        self._longest = longest
        self._next = now + t1
        self._deadline = now + 64 * t1

    def get_timer(self) -> float:
        """When `handle_timer` is next wanted."""
        return min(self._next, self._deadline)

    def handle_timer(self, now: float) -> bool:
        """Send it again where that is due; False where no acknowledgement will come any more."""
        if now >= self._deadline:
            return False
        if now >= self._next:
            self._interval = min(2 * self._interval, self._longest)
            self._next = now + self._interval
            self._layer.send(self._response, self._to)
        return True
