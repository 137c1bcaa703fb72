"""Damages messages the way hostile and broken programs do; the same dice, the same damage."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

LONGEST = 65507
"""Bytes of the longest UDP datagram."""
_NUMBER = re.compile(rb"\d+")
_WORD = re.compile(rb"[A-Za-z]{2,}")
_HUGE = (b"0", b"-1", b"256", b"65536", b"2147483648", b"4294967296", b"9" * 40, b"9" * 5000)
_SCRAPS = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\r\n ", b"\0", b"\t", b" ", b"\x7f", b"\xff", b"\x85"),
    *(b'"', b'\\"', b"\\", b"<", b">", b",", b";", b":", b"=", b"@", b"?", b"%", b"%00", b"%zz"),
    *("张".encode(), "\u2028\u202e".encode(), b"\xed\xa0\x80", b"\xf0\x9f\x98", "٣".encode()),
    *(b"SIP/2.0", b"sip:", b"tel:+1", b"[::1]", b"[", b";tag=", b";lr", b";rport", b"--b0\r\n"),
)
_LENGTH = re.compile(rb"(?im)^(content-length|l)[ \t]*:[ \t]*\S*")


def _somewhere(dice: Random, data: bytes) -> int:
    return int(dice.random() * (len(data) + 1))


def _flip(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    if not data:
        return data
    damaged = bytearray(data)
    for _ in range(1 + int(dice.random() * 4)):
        damaged[int(dice.random() * len(damaged))] ^= 1 << int(dice.random() * 8)
    return bytes(damaged)


def _insert(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = _somewhere(dice, data)
    return data[:at] + dice.choice(_SCRAPS) * (1 + int(dice.random() * 2)) + data[at:]


def _cut(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = _somewhere(dice, data)
    return data[:at] + data[at + 1 + int(dice.random() * 40) :]


def _end(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return data[: _somewhere(dice, data)]


def _splice(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others)
    return data[: _somewhere(dice, data)] + other[_somewhere(dice, other) :]


def _number(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    hit = dice.choice(found)
    return data[: hit.start()] + dice.choice(_HUGE) + data[hit.end() :]


def _length(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    return _LENGTH.sub(b"Content-Length: " + dice.choice(_HUGE), data, count=1)


def _header(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """A header line twice, elsewhere, out of another message, or gone."""
    lines = data.split(b"\r\n")
    source = lines if dice.random() < 0.5 else dice.choice(others).split(b"\r\n")
    line = dice.choice(source)
    at = int(dice.random() * len(lines))
    keep = at + (dice.random() < 0.3)
    return b"\r\n".join([*lines[:at], line, *lines[keep:]])


def _case(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    found = list(_WORD.finditer(data))
    if not found:
        return data
    hit = dice.choice(found)
    return data[: hit.start()] + hit[0].swapcase() + data[hit.end() :]


def _repeat(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    at = _somewhere(dice, data)
    piece = data[at : at + 1 + int(dice.random() * 20)]
    times = dice.choice((2, 10, 100, 1000 if dice.random() < 0.05 else 3))
    return data[:at] + piece * times + data[at:]


_Damage = Callable[[Random, bytes, Sequence[bytes]], bytes]
_DAMAGES: tuple[_Damage, ...] = (
    *(_flip, _flip, _insert, _insert, _cut, _end, _splice, _number, _number, _length),
    *(_header, _header, _case, _repeat),
)


def mutated(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """`data` damaged in one to four ways, some with pieces of `others`."""
    for _ in range(1 + int(dice.random() ** 2 * 4)):
        data = dice.choice(_DAMAGES)(dice, data, others)
    return data[:LONGEST]
