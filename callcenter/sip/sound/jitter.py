"""A jitter buffer in ticks of the RTP clock: any packet length in, 20 ms out. Pure.

All our codecs have one byte for each tick (codecs.py), so bytes are placed by RTP timestamp,
and order and length of packets do not matter; they are decoded when they are played, in order.
An empty buffer holds its place: only the next packet tells whether sound was delayed (it
continues, and is played) or lost (there is a gap, and the time waited is taken from it).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import groupby

from callcenter.core.records import FRAME_SAMPLES
from callcenter.sip.sound.depth import Depth
from callcenter.sip.sound.rtp import RtpPacket, signed

GATHERED = 320
"""Samples (40 ms) gathered before a stream starts to play; what it needs beyond that, depth.py
finds out."""
CAPACITY = 8000
"""Samples (1 s): a packet further away belongs to another stream."""
LONGEST_PACKET = 1600
"""Samples (200 ms) in one packet; longer ones are not telephony."""
MISSING, SILENT = -1, -2
"""In place of a payload type: sound that has not come, and silence of the sender (RFC 3551 §4.1:
a pause leaves a gap in the timestamps and none in the sequence numbers)."""
_PATIENCE = 10
"""Empty pulls after which the next packet may stand anywhere."""
_LATE_RUN = 5
"""Packets in a row behind the head that show that the sender's clock jumped back."""
_OVERTAKEN = 100
"""Packets by which one may be overtaken by others (RFC 3550 §A.1)."""
_MISSING_KIND, _SILENT_KIND = MISSING + 1, 255

Run = tuple[int, bytes]
"""A payload type, or MISSING or SILENT, and its bytes, one for each sample."""
_NOTHING: tuple[Run, ...] = ((MISSING, bytes(FRAME_SAMPLES)),)
_SILENCE: tuple[Run, ...] = ((SILENT, bytes(FRAME_SAMPLES)),)


@dataclass(slots=True)
class JitterStats:
    """What the buffer met, in packets; `left_out` and `added` are in frames."""

    duplicate: int = 0
    late: int = 0
    stray: int = 0
    resyncs: int = 0
    left_out: int = 0
    added: int = 0


class JitterBuffer:
    """Feed with `push`, one frame of sound with each `pull`; holds one second at most."""

    def __init__(self) -> None:
        self.stats = JitterStats()
        self.depth = Depth()
        self._bytes = bytearray()
        self._kinds = bytearray()
        """For each byte its payload type + 1, or _MISSING_KIND or _SILENT_KIND."""
        self._head = self._begin = 0
        self._ssrc: int | None = None
        self._newest = 0
        self._filling = self._fresh = True
        self._silent = False
        self._waited = 0
        self._late_run = 0
        self._stray: RtpPacket | None = None
        self._missed: deque[int] = deque(maxlen=CAPACITY // FRAME_SAMPLES)
        """Where frames were played without all of their sound."""
        self._came_late: deque[int] = deque(maxlen=CAPACITY // FRAME_SAMPLES)

    @property
    def samples(self) -> int:
        """Samples from the next one to play up to the newest one held."""
        return len(self._kinds)

    def push(self, packet: RtpPacket) -> bool:
        """Place a packet's payload; False for an empty or overlong one, which no sender means."""
        size, held = len(packet.payload), len(self._kinds)
        if not 0 < size <= LONGEST_PACKET:
            self.stats.stray += 1
            return False
        # As nearly every packet does, it continues what is held: nothing is to be found out.
        if (
            packet.timestamp == (self._head + held) & 0xFFFFFFFF
            and packet.sequence == (self._newest + 1) & 0xFFFF
            and packet.ssrc == self._ssrc
            and held <= CAPACITY - LONGEST_PACKET
            and not self._waited
        ):
            self._append(packet, held, size)
            return True
        if self._belongs_elsewhere(packet):
            if not self._moved(packet):
                self.stats.stray += 1
                self._stray = packet
                return True
            self._restart(packet)
        self._stray = None
        self._place(packet)
        return True

    def push_pause(self, packet: RtpPacket) -> None:
        """A packet that says that there is no sound now: comfort noise, or a telephone-event."""
        if packet.ssrc == self._ssrc and signed(packet.sequence - self._newest, 16) > 0:
            self._newest = packet.sequence
            self._silent = True

    def pull(self) -> tuple[Run, ...]:
        """The next 20 ms, in one run or several. Call once a tick."""
        kinds = self._kinds
        if (self._filling or not kinds) and not self._may_play():
            return _SILENCE if self._silent else _NOTHING
        self.depth.tick()
        first = kinds[0]
        if first == _MISSING_KIND and self.depth.wish > 0:
            self.add()
            return _NOTHING
        sound = bytes(self._bytes[:FRAME_SAMPLES])
        if kinds.count(first, 0, FRAME_SAMPLES) == FRAME_SAMPLES:
            runs: tuple[Run, ...] = ((_payload_type(first), sound),)
        else:
            runs = _runs(kinds[:FRAME_SAMPLES], sound)
        if kinds.find(_MISSING_KIND, 0, FRAME_SAMPLES) >= 0:
            self._missed.append(self._head)
        self._head += len(sound)
        del kinds[:FRAME_SAMPLES], self._bytes[:FRAME_SAMPLES]
        return runs

    def add(self) -> None:
        """A frame was put in between: this tick needs no `pull`."""
        self.depth.changed(1)
        self.stats.added += 1

    def leave_out(self) -> None:
        """A frame was left out: this tick pulled twice."""
        self.depth.changed(-1)
        self.stats.left_out += 1

    # -- where a packet belongs ----------------------------------------------------------------

    def _append(self, packet: RtpPacket, held: int, size: int) -> None:
        if not self._filling:
            self.depth.arrived(held)
        self._bytes += packet.payload
        self._kinds += bytes((packet.payload_type + 1,)) * size
        self._newest = packet.sequence
        self._silent = False
        self._stray = None
        self._late_run = 0

    def _belongs_elsewhere(self, packet: RtpPacket) -> bool:
        """Near neither the head nor, in a pause, the place where the head would be by now."""
        if packet.ssrc != self._ssrc:
            return True
        offset = signed(packet.timestamp - self._head, 32)
        if -CAPACITY < offset <= CAPACITY - LONGEST_PACKET:
            return False
        on_time = signed(offset - self._waited * FRAME_SAMPLES, 32)
        return bool(self._kinds) or not -CAPACITY < on_time <= CAPACITY - LONGEST_PACKET

    def _moved(self, packet: RtpPacket) -> bool:
        """True where the stream really moved: after a pause, or a second packet confirms it."""
        if self._ssrc is None or (not self._kinds and self._waited >= _PATIENCE):
            return True
        before = self._stray
        return (
            before is not None
            and before.ssrc == packet.ssrc
            and before.sequence != packet.sequence
            and abs(signed(packet.timestamp - before.timestamp, 32)) < CAPACITY
        )

    def _restart(self, packet: RtpPacket) -> None:
        if self._ssrc is not None:
            self.stats.resyncs += 1
        self._bytes.clear()
        self._kinds.clear()
        self._missed.clear()
        self._came_late.clear()
        self._head = self._begin = packet.timestamp
        self._ssrc = packet.ssrc
        self._newest = (packet.sequence - 1) & 0xFFFF
        self._filling = self._fresh = True
        self._silent = False
        self._waited = 0
        self.depth.forget()

    def _place(self, packet: RtpPacket) -> None:
        offset = signed(packet.timestamp - self._head, 32)
        if offset < 0 and self._fresh:
            offset = self._make_room(-offset)
        if offset + len(packet.payload) <= 0 and not self._is_new_start(packet, offset):
            return
        self._late_run = 0
        resumed = bool(self._waited) and not self._kinds
        if resumed:
            self._resume(packet)
        offset = signed(packet.timestamp - self._head, 32)
        if self._write(packet, offset) and not (self._filling or resumed):
            self.depth.arrived(offset)

    def _is_new_start(self, packet: RtpPacket, offset: int) -> bool:
        """Counts packets behind the head; true, after a restart, when they are the stream now."""
        if self._was_played(packet):
            self.stats.duplicate += 1
            return False
        # Old numbers are packets that were overtaken; new ones are the clock set back.
        if not -_OVERTAKEN < signed(packet.sequence - self._newest, 16) <= 0:
            self._late_run += 1
        if self._late_run >= _LATE_RUN:
            self._restart(packet)
            return True
        self.stats.late += 1
        self._came_late.append(packet.timestamp)
        self.depth.arrived(offset)
        return False

    def _was_played(self, packet: RtpPacket) -> bool:
        """An old packet whose place was not played without it has come twice, or late twice."""
        start, end = packet.timestamp, packet.timestamp + len(packet.payload)
        if start in self._came_late:
            return True
        if signed(packet.sequence - self._newest, 16) > 0 or signed(start - self._begin, 32) < 0:
            return False
        return not any(
            signed(at - end, 32) < 0 < signed(at + FRAME_SAMPLES - start, 32) for at in self._missed
        )

    def _resume(self, packet: RtpPacket) -> None:
        """After empty pulls: a pause of the sender, or lost sound, was heard as silence already.

        What comes on its time is played on its time, so that pauses do not add up to a delay.
        """
        waited = self._waited * FRAME_SAMPLES
        gap = max(0, signed(packet.timestamp - self._head, 32))
        passed = min(gap, waited)
        if not self._follows(packet):
            first = self._head + max(0, passed - CAPACITY)
            self._missed.extend(range(first, self._head + passed, FRAME_SAMPLES))
        self._head += passed
        self._filling = waited - gap > _PATIENCE * FRAME_SAMPLES
        self._waited = 0
        if gap < waited:
            self.depth.forget()

    def _follows(self, packet: RtpPacket) -> bool:
        """True where no packet is missing before this one."""
        return packet.sequence == (self._newest + 1) & 0xFFFF

    def _make_room(self, samples: int) -> int:
        """Before playing starts an earlier packet may still go to the front."""
        if samples + self.samples > CAPACITY:
            return -samples
        self._bytes[:0] = bytes(samples)
        self._kinds[:0] = bytes(samples)
        self._head -= samples
        self._begin = self._head
        return 0

    def _write(self, packet: RtpPacket, offset: int) -> bool:
        """Put the payload in its place; False where all of it is there already."""
        payload, kind = packet.payload, packet.payload_type + 1
        skipped = max(0, -offset)
        start, end = offset + skipped, offset + len(payload)
        missing = start - len(self._kinds)
        if missing > 0:
            fill = _SILENT_KIND if self._follows(packet) else _MISSING_KIND
            self._bytes.extend(bytes(missing))
            self._kinds.extend(bytes([fill]) * missing)
        there = self._kinds[start:end]
        if len(there) == end - start and not (_MISSING_KIND in there or _SILENT_KIND in there):
            self.stats.duplicate += 1
            return False
        if signed(packet.sequence - self._newest, 16) > 0:
            self._newest = packet.sequence
            self._silent = False
        self._bytes[start:end] = payload[skipped:] if skipped else payload
        self._kinds[start:end] = bytes([kind]) * (end - start)
        return True

    # -- playing -------------------------------------------------------------------------------

    def _may_play(self) -> bool:
        """False while the stream gathers its first 40 ms, or where nothing is held."""
        if not self._kinds:
            self._waited += 1
            return False
        if self._filling and self.samples < GATHERED and self._waited < GATHERED // FRAME_SAMPLES:
            self._waited += 1
            return False
        self._filling = self._fresh = False
        self._waited = 0
        return True


def _payload_type(kind: int) -> int:
    return SILENT if kind == _SILENT_KIND else kind - 1


def _runs(kinds: bytearray, sound: bytes) -> tuple[Run, ...]:
    """The frame in pieces; what is short at the end of a delayed stream is missing."""
    kinds = kinds.ljust(FRAME_SAMPLES, bytes([_MISSING_KIND]))
    sound = sound.ljust(FRAME_SAMPLES, b"\0")
    found: list[Run] = []
    at = 0
    for kind, same in groupby(kinds):
        end = at + sum(1 for _ in same)
        found.append((_payload_type(kind), sound[at:end]))
        at = end
    return tuple(found)
