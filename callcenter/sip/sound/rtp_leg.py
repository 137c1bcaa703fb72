"""One party's sound on the wire: a UDP socket, the jitter buffer, a codec. Touches sockets only.

Packets that came are fetched when a frame is wanted: the session's tick is the only clock here.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.core.halfband import Widener
from callcenter.core.records import FRAME_MS, FRAME_SAMPLES, Frame, Quality, samples_to_ms
from callcenter.sip.signal.formats import FORMATS
from callcenter.sip.signal.hops import Address
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound.codecs import Codec, new_codec
from callcenter.sip.sound.dtmf import DigitReceiver, DigitSender
from callcenter.sip.sound.jitter import CAPACITY, LONGEST_PACKET
from callcenter.sip.sound.playout import Playout
from callcenter.sip.sound.quality import Path, mos
from callcenter.sip.sound.reception import Reception
from callcenter.sip.sound.rtcp import SenderInfo, ntp_time
from callcenter.sip.sound.rtcp_port import RtcpPort
from callcenter.sip.sound.rtp import COMFORT_NOISE, RtpPacket, is_rtcp, parse_rtp, write_rtp
from callcenter.sip.sound.rtp_socket import RtpSocket, open_beside
from callcenter.sip.sound.srtp import Srtp

_MOST_PACKETS = 64
"""Packets fetched for one frame: a flood must not hold up the other calls."""
_ENOUGH = CAPACITY // 2
"""Samples (500 ms) held, above which the rest stays in the socket for the next frames: after a
stall of this machine more may lie there than the buffer can place."""
_LOOK_TICKS = 4
"""Ticks (80 ms) after which all that waits is fetched, as far as above. In between a leg fetches
until it holds as much as then: to find a socket empty costs as much as to read a packet."""
_MOST_WAITING = 1024
"""Packets fetched at the end of a call, when no further frame will come for the rest."""
_REPORT_TICKS = 25
"""Ticks (0.5 s) after which the reports are looked at."""


@dataclass(frozen=True, slots=True)
class RtpStats:
    """What a leg counted, in packets. `ignored` is garbage and what other sources sent.

    `events` are digits that the far end pressed; `concealed` are frames that were made up.
    """

    received: int = 0
    lost: int = 0
    late: int = 0
    duplicate: int = 0
    ignored: int = 0
    events: int = 0
    sent: int = 0
    unsent: int = 0
    concealed: int = 0


class _Outgoing:
    """Numbers of the packets that we send; here they do not wrap."""

    def __init__(self) -> None:
        self.ssrc = secrets.randbits(32)
        self.timestamp = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self.sent = self.octets = 0


class RtpLeg:
    """The Leg of a telephone call: symmetric RTP, latched to the first source that speaks RTP."""

    def __init__(
        self, sock: socket.socket, codecs: Sequence[str], *, awaits_keys: bool = False
    ) -> None:
        """Takes the next port too, for RTCP, where it is free.

        `awaits_keys`: nothing is taken before it is agreed whether sound is encrypted.
        """
        self.port: int = sock.getsockname()[1]
        self._socket = RtpSocket(sock)
        self._by_name: dict[str, Codec] = {name: new_codec(name) for name in codecs}
        self._codecs = {FORMATS[name].payload_type: self._by_name[name] for name in codecs}
        self._encode: Callable[[Frame], bytes]
        """Agreed with the stream."""
        self._stream: Stream | None = None
        self._agreed: Address | None = None
        """Where the stream says that the far end is; `_source` is where it speaks from."""
        self._awaits_keys = awaits_keys
        self._widen: Widener | None = None
        """Where the line is wideband, for frames that were made up here."""
        self._source: Address | None = None
        self._out = _Outgoing()
        self._srtp: Srtp | None = None
        self._playout = Playout(self._codecs)
        self._reception = Reception()
        self._rtcp = RtcpPort(self._socket, open_beside(sock), self._out.ssrc)
        self._digits_out, self._digits_in = DigitSender(), DigitReceiver()
        self._starts_talking = True
        self._usual = _ENOUGH
        """Samples that were held when all was fetched; with none it is fetched each tick."""
        self._closed = False
        self._ticks = self._ignored = self._unsent = 0

    @property
    def stats(self) -> RtpStats:
        """The counters as they stand now."""
        jitter, digits = self._playout.buffer.stats, self._digits_in
        received = self._reception.received - jitter.duplicate
        return RtpStats(
            received=received,
            lost=max(0, self._reception.expected - received),
            late=jitter.late,
            duplicate=jitter.duplicate,
            ignored=self._ignored + jitter.stray + digits.foreign + self._rtcp.ignored,
            events=digits.events,
            sent=self._out.sent,
            unsent=self._unsent,
            concealed=self._playout.concealed,
        )

    @property
    def buffered_ms(self) -> int:
        """Sound that came and was not received yet; after a hang-up it can still be received."""
        return samples_to_ms(self._playout.samples)

    def quality(self) -> Quality:
        """How the far end's sound came so far; where nothing came, it is as bad as can be."""
        stats, trip = self.stats, self._rtcp.reporting.round_trip
        trip_ms = -1.0 if trip is None else round(trip * 1000, 1)
        expected = stats.received + stats.lost
        loss = (stats.lost + stats.late) / expected if expected else 1.0
        buffered = samples_to_ms(round(self._playout.buffer.depth.typical))
        return Quality(
            packets=stats.received,
            lost=stats.lost,
            late=stats.late,
            jitter_ms=round(self._reception.jitter * FRAME_MS / FRAME_SAMPLES, 1),
            round_trip_ms=trip_ms,
            mos=mos(loss, Path(trip_ms, buffered).delay_ms),
        )

    def agree(self, stream: Stream) -> None:
        """Send as agreed from now on; another address may latch anew."""
        if self._stream is not None and self._agreed != stream.address:
            self._source = None
        self._stream, self._agreed = stream, stream.address
        if stream.codec not in self._by_name:
            self._by_name[stream.codec] = new_codec(stream.codec)
        codec = self._codecs[stream.payload_type] = self._by_name[stream.codec]
        self._encode = codec.encode
        self._widen = (self._widen or Widener()) if codec.wide else None
        self._encrypt(stream)
        self._rtcp.agree(stream)

    def receive(self, start: int) -> Frame:
        """The next 20 ms; where none came it is marked lost. Never blocks, never raises."""
        self._ticks += 1
        if self._ticks % _LOOK_TICKS:
            self._fetch(_MOST_PACKETS, self._usual)
        else:
            self._fetch(_MOST_PACKETS, _ENOUGH)
            self._usual = self._playout.buffer.samples or _ENOUGH
        if self._closed and not self._playout.samples:
            frame = Frame(start, lost=True)
        else:
            frame = self._playout.pull(start)
        if self._ticks % _REPORT_TICKS == 0 and not self._closed:
            self._rtcp.turn(self._sender_info(), self._reception, self._source)
        return frame if self._widen is None else frame._replace(wide=self._widen(frame))

    def send(self, frame: Frame) -> bool:
        """Send 20 ms: True when they have left. On hold, only the time counts on.

        While a digit is being sent its packets go out in the place of sound.
        """
        stream, destination = self._stream, self._source or self._agreed
        sent = False
        if stream is None or destination is None or not stream.may_send:
            pass
        elif not (self._digits_out.busy and self._send_event(stream, destination)):
            kind, marker, now = stream.payload_type, self._starts_talking, self._out.timestamp
            sent = self._write(destination, kind, self._encode(frame), marker, now)
        self._starts_talking = not sent
        self._out.timestamp += FRAME_SAMPLES
        return sent

    def send_digits(self, digits: str) -> bool:
        """Queue 0-9 * # A-D as telephone-events (RFC 4733); False where they cannot be sent."""
        can = self._stream is not None and self._stream.event_type is not None
        return can and self._digits_out.add(digits)

    def drop_digits(self) -> None:
        """What waits is not sent any more; a digit that is being sent is brought to its end."""
        self._digits_out.clear()

    def pressed(self) -> str:
        """The digits that the far end pressed since this was last asked."""
        return self._digits_in.pressed()

    def finish(self) -> None:
        """The other side left: fetch what came before, then close the socket."""
        self._fetch(_MOST_WAITING, CAPACITY - 2 * LONGEST_PACKET)
        self.close()

    def close(self) -> None:
        """Say that we leave and close the sockets; may be called twice."""
        if not self._closed:
            self._closed = True
            self._rtcp.leave(self._sender_info(), self._reception, self._source)
            self._socket.close()

    # -- out -----------------------------------------------------------------------------------

    def _send_event(self, stream: Stream, destination: Address) -> bool:
        """False where it is the turn of sound."""
        event = self._digits_out.next(self._out.timestamp)
        if event is None or stream.event_type is None:
            return False
        what = (stream.event_type, event.payload, event.marker, event.timestamp)
        self._write(destination, *what)
        return True

    def _write(
        self, destination: Address, kind: int, payload: bytes, marker: bool, timestamp: int
    ) -> bool:
        """Each packet is numbered, also where it does not leave after all."""
        if self._closed:
            return False
        out = self._out
        out.sequence += 1
        data = write_rtp(kind, out.sequence, timestamp, out.ssrc, payload, marker)
        wire = data if self._srtp is None else self._srtp.protect(data)
        if wire is None or not self._socket.write(wire, destination):
            self._unsent += 1
            return False
        out.sent += 1
        out.octets += len(payload)
        return True

    def _sender_info(self) -> SenderInfo | None:
        """None where we never sent anything."""
        out = self._out
        if not out.sent:
            return None
        return SenderInfo(ntp_time(time.time()), out.timestamp, out.sent, out.octets)

    def _encrypt(self, stream: Stream) -> None:
        if stream.keys is None:
            self._srtp = None
        elif self._srtp is None:
            self._srtp = Srtp(stream.keys)
        else:
            self._srtp.agree(stream.keys)
        self._rtcp.srtp = self._srtp

    # -- in ------------------------------------------------------------------------------------

    def _fetch(self, most: int, enough: int) -> None:
        """Take up to `most` packets, until `enough` samples are held."""
        held = 0
        while most > 0 and held < enough and (arrival := self._socket.read()) is not None:
            most -= 1
            data, source, at = arrival
            if source == self._source or self._may_begin(source):
                self._take(data, source, at)
            else:
                self._ignored += 1
            held = self._playout.buffer.samples

    def _take(self, data: bytes, source: Address, at: float) -> None:
        packet = parse_rtp(data if self._srtp is None else _opened(self._srtp, data))
        if packet is None:
            self._take_report(data, source, at)
        elif packet.payload_type not in self._codecs:
            if self._take_other(packet):
                self._source = source
        elif self._playout.buffer.push(packet):
            self._reception.take(packet, at)
            self._source = source

    def _may_begin(self, source: Address) -> bool:
        """Whoever speaks first, or speaks from where it was agreed."""
        if self._awaits_keys and self._stream is None:
            return False
        return self._source is None or source == self._agreed

    def _take_report(self, data: bytes, source: Address, at: float) -> None:
        if is_rtcp(data) and self._rtcp.is_shared and source == self._source:
            self._rtcp.take(data, at)
        else:
            self._ignored += 1

    def _take_other(self, packet: RtpPacket) -> bool:
        """Silence or a digit, whose time says nothing of jitter; False for what is neither."""
        kind, stream = packet.payload_type, self._stream
        if stream is not None and kind == stream.event_type:
            self._digits_in.take(packet)
            self._playout.buffer.push_pause(packet)
        elif kind in (COMFORT_NOISE, stream.noise_type if stream is not None else None):
            self._playout.comfort(packet)
        else:
            self._ignored += 1
            return False
        self._reception.take(packet, None)
        return True


def _opened(srtp: Srtp, data: bytes) -> bytes:
    """The RTP packet in it; nothing where there is none."""
    return b"" if is_rtcp(data) else srtp.unprotect(data) or b""
