"""RTP packets: parse and build (RFC 3550 §5.1, RFC 4733 only recognised). Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PCMU = 0
PCMA = 8
HEADER_BYTES = 12
_HEADER = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet; `timestamp` counts samples, `sequence` packets; both wrap."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes = b""
    marker: bool = False

    def __bytes__(self) -> bytes:
        second = self.payload_type & 0x7F | (0x80 if self.marker else 0)
        head = _HEADER.pack(
            0x80,
            second,
            self.sequence & 0xFFFF,
            self.timestamp & 0xFFFFFFFF,
            self.ssrc & 0xFFFFFFFF,
        )
        return head + self.payload


def parse_rtp(data: bytes) -> RtpPacket | None:
    """The packet, without contributing sources, extension and padding; None where it is none."""
    if len(data) < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2 or _is_rtcp(second):
        return None
    payload = _payload(data, first)
    if payload is None:
        return None
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, payload, bool(second & 0x80))


def _is_rtcp(second: int) -> bool:
    """RTCP on the same port: packet types 192 to 223 (RFC 5761 §4)."""
    return 192 <= second <= 223


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
