"""Keys for SRTP in session descriptions: `a=crypto` lines (RFC 4568). Pure.

What is read here is what protects the sound, so it belongs on signalling that nobody else reads.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

SUITES = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
"""The crypto suites that we have, in our order (§6.2)."""
KEY_BYTES = 30
"""A master key of 16 and a salt of 14 bytes."""

_HARMLESS = ("WSH=", "-")
"""Session parameters that may be passed over: a hint (§6.3.6), and what says so itself (§6.3.7)."""


class Secrecy(StrEnum):
    """What a line does about SRTP."""

    OFF = "off"
    """Sound goes in the clear; an offer of SRTP alone is refused."""
    OFFERED = "offered"
    """Over TLS it is offered and taken, without insisting (RFC 8643); elsewhere as `off`."""
    REQUIRED = "required"
    """No call without it, also where others may read the keys: the network is trusted."""

    def over(self, secure: bool) -> Secrecy:
        """What holds for one call; `secure` where its signalling is encrypted."""
        return Secrecy.OFF if self is Secrecy.OFFERED and not secure else self


@dataclass(frozen=True, slots=True)
class CryptoLine:
    """One `a=crypto`: what its sender will encrypt with."""

    tag: int
    suite: str
    key: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"crypto:{self.tag} {self.suite} inline:{b64encode(self.key).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Keys:
    """What both sides agreed on: we encrypt with `ours` and they with `theirs`."""

    suite: str
    ours: bytes = field(repr=False)
    theirs: bytes = field(repr=False)


def first_usable(values: Iterable[str]) -> CryptoLine | None:
    """The first that we can serve, of the values of `a=crypto:`: their order counts (§7.1.2)."""
    return next((line for line in map(_parsed, values) if line is not None), None)


def _parsed(value: str) -> CryptoLine | None:
    words = value.split()
    if len(words) < 3 or words[1] not in SUITES:
        return None
    tag = words[0]
    if not (tag.isascii() and tag.isdigit() and len(tag) < 10):
        return None
    key = _key(words[2])
    if key is None or not all(word.startswith(_HARMLESS) for word in words[3:]):
        return None
    return CryptoLine(int(tag), words[1], key)


def _key(text: str) -> bytes | None:
    """One key, with or without a lifetime; several keys, or one with a name (MKI), we cannot."""
    method, _, rest = text.partition(":")
    coded, *about = rest.split("|")
    if method.lower() != "inline" or ";" in rest or any(":" in one for one in about):
        return None
    try:
        key = b64decode(coded, validate=True)
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
