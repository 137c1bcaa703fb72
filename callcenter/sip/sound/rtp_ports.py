"""The ports at which the sound of a line's calls comes in, each in turn. Touches sockets."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.sip.sound.rtp_leg import RtpLeg
from callcenter.sip.sound.rtp_socket import open_rtp_socket


class RtpPorts:
    """Opens legs at `host`, on the even ports of `span` (first and last), or on any where None."""

    def __init__(self, host: str, span: tuple[int, int] | None, codecs: Sequence[str]) -> None:
        self._host = host
        self._ports = None if span is None else range(span[0] + span[0] % 2, span[1] + 1, 2)
        self._codecs = codecs
        self._next = 0

    def open(self, *, awaits_keys: bool) -> RtpLeg:
        """A leg on the next free port, as RtpLeg. Raises PortInUse."""
        sock = open_rtp_socket(self._host, self._in_turn())
        return RtpLeg(sock, self._codecs, awaits_keys=awaits_keys)

    def _in_turn(self) -> Sequence[int]:
        """Beginning behind the one that was tried first the last time."""
        if self._ports is None:
            return (0,)
        at = self._next % max(1, len(self._ports))
        self._next = at + 1
        return [*self._ports[at:], *self._ports[:at]]
