"""One party's sound on the wire: a UDP socket, the jitter buffer, G.711. Touches a socket only.

Packets that came are fetched when a frame is wanted: the session's tick is the only clock here.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from callcenter.core.errors import PortInUse
from callcenter.core.records import FRAME_SAMPLES, SILENCE, Frame, samples_to_ms
from callcenter.sip import g711
from callcenter.sip.headers import Address
from callcenter.sip.jitter import CAPACITY, JitterBuffer
from callcenter.sip.rtp import RtpPacket, parse_rtp
from callcenter.sip.sdp import STATIC_TYPES, Stream

_MOST_PACKETS = 64
"""Packets fetched for one frame: a flood must not hold up the other calls."""
_ENOUGH = CAPACITY // 2
"""Samples (500 ms) held, above which the rest stays in the socket for the next frames: after a
stall of this machine more may lie there than the buffer can place."""
_LARGEST = 2048
_MOST_WAITING = 1024
"""Packets fetched at the end of a call, when no further frame will come for the rest."""


@dataclass(frozen=True, slots=True)
class RtpStats:
    """What a leg counted, in packets. `ignored` is garbage and what other sources sent."""

    received: int = 0
    lost: int = 0
    late: int = 0
    duplicate: int = 0
    ignored: int = 0
    events: int = 0
    sent: int = 0
    unsent: int = 0


def open_rtp_socket(host: str, ports: Sequence[int]) -> socket.socket:
    """A bound socket on the first free port of `ports`; 0 is any. Raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.bind((host, port))
        except OSError:
            sock.close()
            continue
        sock.setblocking(False)
        return sock
    first, last = (ports[0], ports[-1]) if ports else (0, 0)
    raise PortInUse(f"no free RTP port at {host}:{first}-{last}; expected one for each call")


class RtpLeg:
    """The Leg of a telephone call: symmetric RTP, latched to the first source that speaks RTP."""

    def __init__(self, sock: socket.socket, codecs: Sequence[str]) -> None:
        self._socket: socket.socket | None = sock
        self.port: int = sock.getsockname()[1]
        self._codecs = {STATIC_TYPES[name]: name for name in codecs}
        self._stream: Stream | None = None
        self._source: Address | None = None
        self._jitter = JitterBuffer()
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._ssrc = secrets.randbits(32)
        self._starts_talking = True
        self._ignored = self._events = self._sent = self._unsent = 0

    @property
    def stats(self) -> RtpStats:
        """The counters as they stand now."""
        jitter = self._jitter.stats
        return RtpStats(
            jitter.received,
            jitter.lost,
            jitter.late,
            jitter.duplicate,
            self._ignored + jitter.stray,
            self._events,
            self._sent,
            self._unsent,
        )

    @property
    def buffered_ms(self) -> int:
        """Sound that came and was not received yet; after a hang-up it can still be received."""
        return samples_to_ms(self._jitter.samples)

    def agree(self, stream: Stream) -> None:
        """Send as agreed from now on; another address may latch anew."""
        if self._stream is not None and self._stream.address != stream.address:
            self._source = None
        self._stream = stream

    def receive(self, start: int) -> Frame:
        """The next 20 ms; silence marked lost where none came. Never blocks, never raises."""
        self._fetch(_MOST_PACKETS, _ENOUGH)
        pcm = self._jitter.pull()
        return Frame(start, SILENCE, lost=True) if pcm is None else Frame(start, pcm)

    def send(self, frame: Frame) -> bool:
        """Send 20 ms: True when the packet has left. On hold, only the time counts on."""
        stream = self._stream
        destination = self._source or (stream.address if stream else None)
        sent = False
        if stream is not None and stream.may_send and destination is not None:
            payload = g711.encode(frame.pcm, stream.codec)
            sent = self._send_packet(stream.payload_type, payload, destination)
        self._starts_talking = not sent
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        return sent

    def finish(self) -> None:
        """The other side left: fetch what came before, then close the socket."""
        self._fetch(_MOST_WAITING, CAPACITY)
        self.close()

    def close(self) -> None:
        """Close the socket; may be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send_packet(self, payload_type: int, payload: bytes, destination: Address) -> bool:
        packet = RtpPacket(
            payload_type,
            self._sequence,
            self._timestamp,
            self._ssrc,
            payload,
            self._starts_talking,
        )
        if self._socket is None:
            return False
        try:
            self._socket.sendto(bytes(packet), destination)
        except OSError:
            self._unsent += 1
            return False
        self._sent += 1
        self._sequence = (self._sequence + 1) & 0xFFFF
        return True

    def _fetch(self, most: int, enough: int) -> None:
        """Take up to `most` packets while less than `enough` samples are held."""
        for _ in range(most):
            if self._socket is None or self._jitter.samples >= enough:
                return
            try:
                data, source = self._socket.recvfrom(_LARGEST)
            except BlockingIOError:
                return
            except OSError:
                continue
            self._take(data, source[:2])

    def _take(self, data: bytes, source: Address) -> None:
        packet = parse_rtp(data)
        if packet is None or self._source not in (None, source):
            self._ignored += 1
            return
        stream = self._stream
        codec = self._codecs.get(packet.payload_type)
        if stream is not None and packet.payload_type == stream.payload_type:
            codec = stream.codec
        if codec is not None:
            self._source = source
            self._jitter.push(packet, g711.decode(packet.payload, codec))
        elif stream is not None and packet.payload_type == stream.event_type:
            self._events += 1
        else:
            self._ignored += 1
