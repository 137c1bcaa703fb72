"""Cuts the bytes of a connection into SIP messages (RFC 3261 §18.3, RFC 5626 §3.5.1). Pure."""

from __future__ import annotations

import re

from callcenter.sip.errors import NotSip

LONGEST_HEAD = 65536
LONGEST_BODY = 65536

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
PING = b"\r\n\r\n"
"""Asks the far end whether it is there; a line end alone answers (RFC 5626 §3.5.1)."""


def is_noise(data: bytes) -> bool:
    """True for a datagram that is certainly no SIP message, to be passed over unread.

    Empty ones, keep-alives (line ends, zero bytes) and STUN requests and answers, whose first byte
    is 0 or 1 (RFC 5389 §6): a start line begins with a visible character.
    """
    return data.lstrip(b"\r\n")[:1] <= b" "


class Framer:
    """Holds what came until a message is whole; `pings` counts the keep-alives to be answered."""

    def __init__(self) -> None:
        self.pings = 0
        self._data = bytearray()
        self._looked_at = 0
        self._end = 0
        """Where the message at the front ends; 0 while its head is not whole."""

    @property
    def waiting(self) -> bool:
        """True where the rest of a message is still to come."""
        return bool(self._data.strip(b"\r\n"))

    def feed(self, data: bytes) -> None:
        """Take what came next."""
        self._data += data

    def next_message(self) -> bytes | None:
        """The next whole message. Raises NotSip where no later one could be found."""
        if not self._end and not self._find_end():
            return None
        if len(self._data) < self._end:
            return None
        message = bytes(self._data[: self._end])
        del self._data[: self._end]
        self._end = self._looked_at = 0
        return message

    def _find_end(self) -> bool:
        """Look for the end of the head, and from it know the end of the message."""
        if not self._skip_keep_alives():
            return False
        match = _END_OF_HEAD.search(self._data, max(0, self._looked_at - 3))
        head = match.end() if match else len(self._data)
        if head > LONGEST_HEAD:
            raise NotSip("a head that does not end")
        self._looked_at = head
        if match is None:
            return False
        self._end = head + _body_length(bytes(self._data[:head]))
        return True

    def _skip_keep_alives(self) -> bool:
        """Count the pings at the front (two line ends); False where nothing else is there.

        A single line end is a pong, or the first half of a ping.
        """
        if self._data[:1] not in b"\r\n":
            return True
        pings = 0
        while self._data.startswith(PING, 4 * pings):
            pings += 1
        self.pings += pings
        line_ends = len(self._data) - len(self._data.lstrip(b"\r\n"))
        begun = line_ends < len(self._data)
        del self._data[: line_ends if begun else max(4 * pings, line_ends - 3)]
        return begun


def _body_length(head: bytes) -> int:
    """§18.3: over a connection Content-Length is the only way to find the next message."""
    found = {value.strip() for value in _LENGTH.findall(head)}
    text = found.pop() if len(found) == 1 else b""
    if not text.isdigit() or len(text) > 9 or int(text) > LONGEST_BODY:
        raise NotSip("a message on a connection needs one usable Content-Length")
    return int(text)
