"""Where a leg's reports go out and come in: their own port, or the sound's. Touches sockets."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable

from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound.reception import Reception
from callcenter.sip.sound.reporting import Reporting
from callcenter.sip.sound.rtcp import SenderInfo
from callcenter.sip.sound.rtp_socket import RtpSocket
from callcenter.sip.sound.srtp import Srtp

_MOST = 4
"""Packets fetched at a time: nobody needs more, and a flood must hold nothing up."""
_DICE = secrets.SystemRandom()


class RtcpPort:
    """The reports of one leg; the leg asks it to look twice a second."""

    def __init__(
        self,
        sound: RtpSocket,
        beside: socket.socket | None,
        ssrc: int,
        dice: Callable[[], float] = _DICE.random,
    ) -> None:
        """`beside` is the socket on the next port; None where that was taken: then reports are
        exchanged only where both sides agree to send them with the sound."""
        self.ignored = 0
        """Packets that were garbage, or somebody else's."""
        self.srtp: Srtp | None = None
        name = secrets.token_urlsafe(12)
        self.reporting = Reporting(ssrc, name, dice, time.time())
        self._sound = sound
        self._own = None if beside is None else RtpSocket(beside)
        self._stream: Stream | None = None
        self._source: Address | None = None

    def agree(self, stream: Stream) -> None:
        """Another address may latch anew."""
        if self._stream is not None and self._stream.rtcp_address != stream.rtcp_address:
            self._source = None
        self._stream = stream

    @property
    def is_shared(self) -> bool:
        """True where reports come on the port of the sound (RFC 5761)."""
        return self._stream is not None and self._stream.rtcp_mux

    def turn(self, sender: SenderInfo | None, reception: Reception, sound: Address | None) -> None:
        """Fetch what came, and report where it is time; `sound` is where the sound comes from."""
        if self._own is not None:
            for data, source, at in self._own.arrivals(_MOST):
                if self._is_far_end(source, sound):
                    self._source = source
                    self.take(data, at)
                else:
                    self.ignored += 1
        if self._stream is not None and self.reporting.is_due(time.time()):
            self._send(sender, reception, sound)

    def take(self, data: bytes, at: float) -> None:
        """A packet of the far end's."""
        opened = data if self.srtp is None else self.srtp.unprotect_rtcp(data)
        if opened is None or not self.reporting.take(opened, at):
            self.ignored += 1

    def leave(self, sender: SenderInfo | None, reception: Reception, sound: Address | None) -> None:
        """Say BYE, where we ever said anything (RFC 3550 §6.3.7), and close."""
        if sender is not None:
            self._send(sender, reception, sound, leaving=True)
        if self._own is not None:
            self._own.close()

    def _send(
        self,
        sender: SenderInfo | None,
        reception: Reception,
        sound: Address | None,
        *,
        leaving: bool = False,
    ) -> None:
        out, to = self._way(sound)
        data: bytes | None
        data = self.reporting.compose(sender, reception, time.time(), leaving=leaving)
        if self.srtp is not None:
            data = self.srtp.protect_rtcp(data)
        if data is not None and out is not None and to is not None:
            out.write(data, to)

    def _way(self, sound: Address | None) -> tuple[RtpSocket | None, Address | None]:
        if self._stream is None:
            return None, None
        if self._stream.rtcp_mux:
            return self._sound, sound or self._stream.address
        return self._own, self._source or self._stream.rtcp_address

    def _is_far_end(self, source: Address, sound: Address | None) -> bool:
        """The first source at a host from which sound comes, or was agreed to come."""
        if self._source is not None:
            return source == self._source
        agreed = self._stream.rtcp_address if self._stream is not None else None
        return source[0] in {a[0] for a in (sound, agreed) if a is not None}
