"""UDP sockets for sound and its reports, and when each packet came. Touches sockets."""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence

from callcenter.core.errors import PortInUse
from callcenter.sip.signal.hops import Address

_LARGEST = 2048
_SO_TIMESTAMPNS = 35
"""Linux: the kernel notes when a packet came, however late it is fetched (socket(7))."""
_STAMPS = sys.platform == "linux"
_TIMESPEC = struct.Struct("@qq")
_NOTE_SPACE = 64
_MOST_ERRORS = 4
"""What the network complains of (a far end that is gone) is passed over, so often in a row."""
_TRUNCATED = int(getattr(socket, "MSG_TRUNC", 0))

Arrival = tuple[bytes, Address, float]
"""A packet, where it came from, and when (seconds since 1970)."""


def open_rtp_socket(host: str, ports: Sequence[int]) -> socket.socket:
    """A bound socket on the first free port of `ports`; 0 is any. Raises PortInUse."""
    for port in ports:
        sock = _bound(host, port)
        if sock is not None:
            return sock
    first, last = (ports[0], ports[-1]) if ports else (0, 0)
    raise PortInUse(f"no free RTP port at {host}:{first}-{last}; expected one for each call")


def open_beside(sock: socket.socket) -> socket.socket | None:
    """A socket for RTCP on the next port (RFC 3550 §11); None where that is taken."""
    host, port = sock.getsockname()[:2]
    return _bound(host, port + 1) if port < 65535 else None


def _bound(host: str, port: int) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        return None
    sock.setblocking(False)
    return sock


class RtpSocket:
    """A bound socket, read and written without waiting; nothing here raises."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket: socket.socket | None = sock
        self._stamps = _wants_stamps(sock)

    def arrivals(self, most: int) -> Iterator[Arrival]:
        """Up to `most` packets that wait."""
        for _ in range(most):
            arrival = self.read()
            if arrival is None:
                return
            yield arrival

    def read(self) -> Arrival | None:
        """The next packet that waits, if any; one that is longer than any of ours comes empty."""
        errors = 0
        while (sock := self._socket) is not None and errors < _MOST_ERRORS:
            try:
                if self._stamps:
                    data, notes, flags, source = sock.recvmsg(_LARGEST, _NOTE_SPACE)
                else:
                    (data, source), notes, flags = sock.recvfrom(_LARGEST), [], 0
            except BlockingIOError:
                return None
            except OSError:
                errors += 1
                continue
            seconds, nanos = _TIMESPEC.unpack_from(notes[0][2]) if notes else (time.time(), 0)
            return b"" if flags & _TRUNCATED else data, source[:2], seconds + nanos * 1e-9
        return None

    def write(self, data: bytes, to: Address) -> bool:
        """True when the packet has left."""
        if self._socket is None:
            return False
        try:
            self._socket.sendto(data, to)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """May be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _wants_stamps(sock: socket.socket) -> bool:
    if not _STAMPS:
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    except OSError:
        return False
    return True
