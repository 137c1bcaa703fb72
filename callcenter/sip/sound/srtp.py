"""Encrypted sound: SRTP and SRTCP with the keys of sdes.py (RFC 3711). Pure but for its cipher.

The only file that touches pylibsrtp, which is an extra: it is imported when keys are there.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from callcenter.core.errors import MissingPiece
from callcenter.sip.signal.sdes import Keys, Secrecy

MISSING = "SRTP needs pylibsrtp: pip install 'callcenter[srtp]'"
_PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": "SRTP_PROFILE_AES128_CM_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32": "SRTP_PROFILE_AES128_CM_SHA1_32",
}


def is_available() -> bool:
    """True where pylibsrtp is installed."""
    return find_spec("pylibsrtp") is not None


def possible(wanted: Secrecy) -> Secrecy:
    """What can be done here of what is wanted.

    Raises MissingPiece where SRTP is required, and pylibsrtp is not installed.
    """
    if wanted is Secrecy.REQUIRED and not is_available():
        raise MissingPiece(MISSING)
    return wanted if is_available() else Secrecy.OFF


class Srtp:
    """The sound of one leg, both ways. What does not open is counted and is nobody's sound.

    Raises MissingPiece where pylibsrtp is not installed.
    """

    def __init__(self, keys: Keys) -> None:
        self.forged = 0
        """Packets that were not made with their key, or not whole."""
        self.replayed = 0
        """Packets that had come before, or are too old to tell."""
        self._agreed = keys
        self._refusal = ""
        self._out = _session(keys.suite, keys.ours, "SSRC_ANY_OUTBOUND")
        self._in = _session(keys.suite, keys.theirs, "SSRC_ANY_INBOUND")

    def agree(self, keys: Keys) -> None:
        """Go on with these keys: a direction whose key stays goes on counting its packets."""
        before, self._agreed = self._agreed, keys
        if (before.suite, before.ours) != (keys.suite, keys.ours):
            self._out = _session(keys.suite, keys.ours, "SSRC_ANY_OUTBOUND")
        if (before.suite, before.theirs) != (keys.suite, keys.theirs):
            self._in = _session(keys.suite, keys.theirs, "SSRC_ANY_INBOUND")

    def protect(self, packet: bytes) -> bytes | None:
        """An RTP packet, encrypted; None where one with its number was encrypted before."""
        return self._done(self._out.protect, packet)

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """An RTCP packet, encrypted."""
        return self._done(self._out.protect_rtcp, packet)

    def unprotect(self, packet: bytes) -> bytes | None:
        """The RTP packet in an SRTP one; None where it is forged or came before."""
        return self._counted(self._in.unprotect, packet)

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """The RTCP packet in an SRTCP one; None where it is forged or came before."""
        return self._counted(self._in.unprotect_rtcp, packet)

    def _counted(self, step: Callable[[bytes], bytes], packet: bytes) -> bytes | None:
        opened = self._done(step, packet)
        if opened is None and self._refusal.startswith("replay"):
            self.replayed += 1
        elif opened is None:
            self.forged += 1
        return opened

    def _done(self, step: Callable[[bytes], bytes], packet: bytes) -> bytes | None:
        import pylibsrtp

        try:
            return step(packet)
        except (pylibsrtp.Error, ValueError) as error:  # ValueError: longer than any packet
            self._refusal = str(error)
            return None


def _session(suite: str, key: bytes, direction: str) -> Any:
    try:
        from pylibsrtp import Policy, Session
    except ImportError as error:
        raise MissingPiece(MISSING) from error
    profile = getattr(Policy, _PROFILES[suite])
    return Session(Policy(key, getattr(Policy, direction), srtp_profile=profile))
