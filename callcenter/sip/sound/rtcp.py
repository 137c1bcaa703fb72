"""RTCP packets: parse and build sender and receiver reports, CNAME, BYE (RFC 3550 §6). Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.sip.sound.reception import Loss

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, BYE = 200, 201, 202, 203
_CNAME = 1
_HEAD = struct.Struct("!BBH")
_SENDER = struct.Struct("!QIII")
_BLOCK = struct.Struct("!IIIIII")
_UNIX_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970 (RFC 5905 §6)."""


@dataclass(frozen=True, slots=True)
class SenderInfo:
    """What a sender says of itself; `ntp` is its clock in 1/2**32 s (RFC 3550 §6.4.1)."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class Block:
    """What a reporter received of one source, and when it last heard a sender report of it.

    `last_report` is the middle of that report's NTP time, `delay` the time since; in 1/65536 s.
    """

    loss: Loss
    last_report: int = 0
    delay: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A sender report, or without `sender` a receiver report."""

    ssrc: int
    blocks: tuple[Block, ...] = ()
    sender: SenderInfo | None = None


@dataclass(frozen=True, slots=True)
class Cname:
    """The name that a source keeps (RFC 3550 §6.5.1)."""

    ssrc: int
    name: str


@dataclass(frozen=True, slots=True)
class Bye:
    """These sources have left."""

    ssrcs: tuple[int, ...]


Part = Report | Cname | Bye


def ntp_time(now: float) -> int:
    """Seconds since 1970 as an NTP timestamp of 64 bits."""
    return int((now + _UNIX_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF


def middle(ntp: int) -> int:
    """The 32 bits in the middle: seconds below, 1/65536 s."""
    return ntp >> 16 & 0xFFFFFFFF


def write_rtcp(parts: Sequence[Part]) -> bytes:
    """A compound packet; its first part shall be a report (RFC 3550 §6.1)."""
    return b"".join(map(_write, parts))


def parse_rtcp(data: bytes) -> tuple[Part, ...]:
    """The parts that we know of a compound packet; none where it is not one (RFC 3550 §A.2)."""
    found: list[Part] = []
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size:
            return ()
        first, kind, words = _HEAD.unpack_from(data, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(data) or (at == 0 and not _may_begin(first, kind)):
            return ()
        part = _parse(kind, first & 0x1F, data[at + _HEAD.size : end])
        if part is not None:
            found.append(part)
        at = end
    return tuple(found)


def _may_begin(first: int, kind: int) -> bool:
    return kind in (SENDER_REPORT, RECEIVER_REPORT) and not first & 0x20


def _parse(kind: int, count: int, body: bytes) -> Part | None:
    if len(body) < 4:
        return None
    if kind in (SENDER_REPORT, RECEIVER_REPORT):
        return _parse_report(kind, count, body)
    if kind == DESCRIPTION and count:
        return _parse_cname(body)
    if kind == BYE and 0 < 4 * count <= len(body):
        return Bye(struct.unpack_from(f"!{count}I", body))
    return None


def _parse_report(kind: int, count: int, body: bytes) -> Report | None:
    ssrc = int.from_bytes(body[:4], "big")
    at, sender = 4, None
    if kind == SENDER_REPORT:
        if len(body) < at + _SENDER.size:
            return None
        sender = SenderInfo(*_SENDER.unpack_from(body, at))
        at += _SENDER.size
    if len(body) < at + count * _BLOCK.size:
        return None
    blocks = tuple(_parse_block(body, at + i * _BLOCK.size) for i in range(count))
    return Report(ssrc, blocks, sender)


def _parse_block(body: bytes, at: int) -> Block:
    ssrc, losses, highest, jitter, last, delay = _BLOCK.unpack_from(body, at)
    lost = (losses & 0xFFFFFF ^ 0x800000) - 0x800000
    return Block(Loss(ssrc, losses >> 24, lost, highest, jitter), last, delay)


def _parse_cname(body: bytes) -> Cname | None:
    """Of the first chunk, where its first item is one."""
    if len(body) < 6 or body[4] != _CNAME or len(body) < 6 + body[5]:
        return None
    return Cname(int.from_bytes(body[:4], "big"), body[6 : 6 + body[5]].decode("utf-8", "replace"))


def _write(part: Part) -> bytes:
    if isinstance(part, Report):
        return _write_report(part)
    if isinstance(part, Bye):
        return _packet(BYE, len(part.ssrcs), struct.pack(f"!{len(part.ssrcs)}I", *part.ssrcs))
    name = part.name.encode()[:255]
    chunk = struct.pack("!IBB", part.ssrc, _CNAME, len(name)) + name
    return _packet(DESCRIPTION, 1, chunk + bytes(4 - len(chunk) % 4))


def _write_report(report: Report) -> bytes:
    body = report.ssrc.to_bytes(4, "big")
    kind = RECEIVER_REPORT
    if report.sender is not None:
        kind, of = SENDER_REPORT, report.sender
        body += _SENDER.pack(
            of.ntp, of.timestamp & 0xFFFFFFFF, of.packets & 0xFFFFFFFF, of.octets & 0xFFFFFFFF
        )
    for block in report.blocks:
        loss = block.loss
        losses = loss.fraction << 24 | loss.lost & 0xFFFFFF
        body += _BLOCK.pack(
            loss.ssrc, losses, loss.highest, loss.jitter, block.last_report, block.delay
        )
    return _packet(kind, len(report.blocks), body)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, kind, len(body) // 4) + body
