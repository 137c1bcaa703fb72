"""RTP packets: parse and build (RFC 3550 §5.1). Pure."""

from __future__ import annotations

import struct
from typing import NamedTuple

PCMU = 0
PCMA = 8
COMFORT_NOISE = 13
"""The static payload type of comfort noise (RFC 3389 §4)."""
HEADER_BYTES = 12
_HEADER = struct.Struct("!BBHII")
_PLAIN = 0x80
"""Version 2, without padding, extension and contributing sources."""


class RtpPacket(NamedTuple):
    """One packet; `timestamp` counts samples, `sequence` packets; both wrap."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False

    def __bytes__(self) -> bytes:
        numbers = (self.sequence, self.timestamp, self.ssrc)
        return write_rtp(self.payload_type, *numbers, self.payload, self.marker)


def write_rtp(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, marker: bool
) -> bytes:
    """The bytes of a packet; numbers that are too long lose their upper bits."""
    second, clock = payload_type & 0x7F | marker << 7, timestamp & 0xFFFFFFFF
    return _HEADER.pack(_PLAIN, second, sequence & 0xFFFF, clock, ssrc & 0xFFFFFFFF) + payload


def parse_rtp(data: bytes) -> RtpPacket | None:
    """The packet, without contributing sources, extension and padding; None where it is none."""
    if len(data) < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2 or 192 <= second <= 223:
        return None
    payload = data[HEADER_BYTES:] if first == _PLAIN else _payload(data, first)
    if payload is None:
        return None
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, payload, second > 0x7F)


def is_rtcp(data: bytes) -> bool:
    """True for RTCP that comes on the port of RTP: packet types 192 to 223 (RFC 5761 §4)."""
    return len(data) > 1 and 192 <= data[1] <= 223 and data[0] >> 6 == 2


def signed(difference: int, bits: int) -> int:
    """How far one number that wraps after `bits` is ahead of another, the short way round."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half


def _payload(data: bytes, first: int) -> bytes | None:
    at = HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < at + 4:
            return None
        at += 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
    end = len(data)
    if first & 0x20:
        padding = data[-1]
        if padding == 0:
            return None
        end -= padding
    return data[at:end] if at <= end else None
