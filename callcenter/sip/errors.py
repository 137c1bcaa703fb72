"""What can go wrong with SIP and its sound, drawn as a tree. Pure.

SipError                 the root of this room
├── NotSip               bytes that are no SIP message at all: met with silence
├── BadHeader            one header value that cannot be read: names the text
├── BadMessage           a request that is SIP but broken: carries what a reply needs (message.py)
├── BadSdp               a session description that cannot be read
├── NoCommonCodec        an offer without a codec we speak: becomes 488
└── BadChallenge         an authentication challenge that we cannot meet
"""

from __future__ import annotations

from callcenter.core.errors import CallcenterError


class SipError(CallcenterError):
    """The root of this room's errors."""


class NotSip(SipError):
    """The bytes are no SIP message; nobody could be answered."""


class BadHeader(SipError):
    """A header value cannot be read; the text shows its beginning."""

    def __init__(self, what: str, text: str) -> None:
        super().__init__(f"{what}: {text[:60]!r}")


class BadSdp(SipError):
    """A session description cannot be read; the text names the line."""


class NoCommonCodec(SipError):
    """The offer holds no audio codec that we speak."""


class BadChallenge(SipError):
    """An authentication challenge in a scheme or algorithm that we do not have."""
