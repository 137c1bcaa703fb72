"""The jitter buffer: one frame a pull, whatever comes."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.records import FRAME_BYTES
from callcenter.sip.jitter import (
    CAPACITY,
    DEPTH,
    GROWN,
    SKIPS_ANY,
    SKIPS_QUIET,
    TOO_LONG,
    JitterBuffer,
)
from callcenter.sip.rtp import RtpPacket


def sound(first: int, count: int, quiet: bool = False) -> bytes:
    """Samples that say where they belong: loud, never zero."""
    values = ((i % 20000 + 1) if not quiet else 1 for i in range(first, first + count))
    return b"".join(v.to_bytes(2, "little", signed=True) for v in values)


class Sender:
    """Packets of one stream, from any start, of any length."""

    def __init__(self, samples: int = 160, timestamp: int = 0, ssrc: int = 1, seq: int = 0) -> None:
        self.samples = samples
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.sequence = seq
        self.place = 0

    def next(self, quiet: bool = False) -> tuple[RtpPacket, bytes]:
        stamp = (self.timestamp + self.place) & 0xFFFFFFFF
        packet = RtpPacket(0, self.sequence & 0xFFFF, stamp, self.ssrc)
        pcm = sound(self.place, self.samples, quiet)
        self.sequence += 1
        self.place += self.samples
        return packet, pcm

    def skip(self, packets: int = 1) -> None:
        for _ in range(packets):
            self.next()


def heard(buffer: JitterBuffer, pulls: int) -> bytes:
    """The sound of so many pulls without the silence."""
    return b"".join(filter(None, (buffer.pull() for _ in range(pulls))))


@pytest.mark.parametrize("samples", [80, 160, 240, 320, 480])
@pytest.mark.parametrize("timestamp", [0, 2**32 - 1000, 2**31 - 400])
def test_any_packet_length_gives_one_frame_a_pull(samples: int, timestamp: int) -> None:
    buffer, sender = JitterBuffer(), Sender(samples, timestamp, seq=65530)
    got = b""
    for tick in range(300):
        while sender.place <= tick * 160:
            buffer.push(*sender.next())
        pcm = buffer.pull()
        assert pcm is None or len(pcm) == FRAME_BYTES
        got += pcm or b""
    assert got == sound(0, len(got) // 2)
    assert len(got) // 2 >= 300 * 160 - 2 * DEPTH
    assert (buffer.stats.lost, buffer.stats.late, buffer.stats.trimmed) == (0, 0, 0)


def test_a_stream_waits_for_sixty_milliseconds_but_not_for_ever() -> None:
    buffer, sender = JitterBuffer(), Sender()
    assert buffer.pull() is None
    buffer.push(*sender.next())
    assert [buffer.pull() is None for _ in range(4)] == [True, True, True, False]
    other = JitterBuffer()
    sender = Sender()
    for _ in range(3):
        other.push(*sender.next())
    assert heard(other, 3) == sound(0, DEPTH)


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)), st.lists(st.integers(0, 11)))
def test_any_order_and_loss(order: list[int], lost: set[int], twice: list[int]) -> None:
    sender = Sender()
    packets = [sender.next() for _ in range(12)]
    arriving = [i for i in order if i not in lost]
    arriving += [i for i in twice if i not in lost]
    buffer = JitterBuffer()
    for i in arriving:
        buffer.push(*packets[i])
    frames = [buffer.pull() for _ in range(16)]
    spoken = [f for f in frames if f]
    expected = [packets[i][1] for i in range(12) if i not in lost]
    trimmed = buffer.stats.trimmed
    assert spoken == (expected[-len(spoken) :] if spoken else [])
    assert len(spoken) >= len(expected) - trimmed
    assert buffer.stats.received <= 12 - len(lost)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=120))
def test_bursts_and_pauses_never_break_order(steps: list[tuple[int, int]]) -> None:
    buffer, sender = JitterBuffer(), Sender()
    places: list[int] = []
    for pushes, pulls in steps:
        for _ in range(pushes):
            buffer.push(*sender.next())
        for _ in range(pulls):
            pcm = buffer.pull()
            if pcm:
                places.append(int.from_bytes(pcm[:2], "little"))
    assert places == sorted(set(places))
    assert buffer.stats.late == buffer.stats.resyncs == 0


@given(
    st.lists(
        st.builds(
            RtpPacket,
            st.just(0),
            st.integers(0, 2**16 - 1),
            st.integers(0, 2**32 - 1) | st.integers(0, 4000),
            st.integers(0, 1),
        ),
        max_size=60,
    ),
    st.integers(0, 2000),
)
def test_garbage_stays_bounded(packets: list[RtpPacket], samples: int) -> None:
    buffer = JitterBuffer()
    for packet in packets:
        buffer.push(packet, bytes(2 * samples))
        assert buffer.samples <= CAPACITY
        pcm = buffer.pull()
        assert pcm is None or len(pcm) == FRAME_BYTES


def test_a_lost_packet_is_one_lost_frame() -> None:
    buffer, sender = JitterBuffer(), Sender()
    for i in range(8):
        packet = sender.next()
        if i != 4:
            buffer.push(*packet)
    frames = [buffer.pull() for _ in range(8)]
    assert [i for i, f in enumerate(frames) if f is None] == [4]
    assert buffer.stats.lost == 1


def test_half_a_frame_is_kept() -> None:
    buffer, sender = JitterBuffer(), Sender(80)
    for i in range(12):
        packet = sender.next()
        if i != 4:
            buffer.push(*packet)
    frames = [buffer.pull() for _ in range(4)]
    assert frames[2] == bytes(160) + sound(400, 80)


def test_delay_is_no_loss() -> None:
    """Silence while packets are on the way; then every one of them is heard."""
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(3):
        buffer.push(*sender.next())
    got = heard(buffer, 8)
    for _ in range(5):
        buffer.push(*sender.next())
    assert got + heard(buffer, 5) == sound(0, 8 * 160)
    assert (buffer.stats.late, buffer.stats.lost) == (0, 0)


def test_loss_while_waiting_adds_no_delay() -> None:
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(3):
        buffer.push(*sender.next())
    heard(buffer, 3)
    assert [buffer.pull() for _ in range(3)] == [None] * 3
    sender.skip(3)
    buffer.push(*sender.next())
    assert buffer.pull() == sound(6 * 160, 160)
    assert buffer.stats.lost == 3


@pytest.mark.parametrize("jump", [0, 40000, 10**9])
def test_after_a_pause_the_next_packet_starts_afresh(jump: int) -> None:
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(3):
        buffer.push(*sender.next())
    heard(buffer, 20)
    sender.timestamp += jump
    before = sender.place
    for _ in range(3):
        buffer.push(*sender.next())
    assert heard(buffer, 3) == sound(before, DEPTH)


def test_a_jump_of_a_billion_is_followed_once_it_is_confirmed() -> None:
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(4):
        buffer.push(*sender.next())
    tracemalloc.start()
    sender.timestamp += 10**9
    for _ in range(4):
        buffer.push(*sender.next())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert (buffer.stats.stray, buffer.stats.resyncs) == (1, 1)
    assert heard(buffer, 3) == sound(5 * 160, DEPTH)


def test_one_stray_packet_changes_nothing() -> None:
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(3):
        buffer.push(*sender.next())
    stray = RtpPacket(0, 9, 5, 2)
    buffer.push(stray, bytes(320))
    buffer.push(stray, bytes(320))
    buffer.push(*sender.next())
    assert heard(buffer, 4) == sound(0, 4 * 160)
    assert (buffer.stats.stray, buffer.stats.resyncs) == (2, 0)


def test_another_source_takes_over_with_its_second_packet() -> None:
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(3):
        buffer.push(*sender.next())
    other = Sender(ssrc=9, timestamp=77, seq=500)
    for _ in range(5):
        buffer.push(*other.next())
    assert heard(buffer, 4) == sound(160, 4 * 160)


def test_a_sender_whose_clock_jumped_back_is_followed() -> None:
    buffer, sender = JitterBuffer(), Sender(timestamp=4000)
    for _ in range(3):
        buffer.push(*sender.next())
    heard(buffer, 3)
    back = Sender(timestamp=1000, seq=3)
    for _ in range(8):
        buffer.push(*back.next())
    assert buffer.stats.resyncs == 1
    assert buffer.stats.late == 4
    assert heard(buffer, 4) == sound(4 * 160, 4 * 160)


def test_late_and_doubled_packets_are_counted() -> None:
    buffer, sender = JitterBuffer(), Sender()
    packets = [sender.next() for _ in range(5)]
    for packet in (*packets, packets[3]):
        buffer.push(*packet)
    heard(buffer, 2)
    buffer.push(*packets[0])
    assert (buffer.stats.duplicate, buffer.stats.late) == (1, 1)


def test_an_early_straggler_goes_to_the_front() -> None:
    sender = Sender()
    first, second, third = sender.next(), sender.next(), sender.next()
    buffer = JitterBuffer()
    for packet in (second, third, first):
        buffer.push(*packet)
    assert heard(buffer, 3) == sound(0, DEPTH)


def test_a_straggler_beyond_the_bound_is_late() -> None:
    buffer, sender = JitterBuffer(), Sender(160, 8000)
    buffer.push(*sender.next())
    buffer.push(RtpPacket(0, 65535, 100, 1), sound(0, 160))
    assert buffer.stats.late == 1


def test_what_a_stall_piled_up_is_heard_whole() -> None:
    """The packets of 800 ms at once, and the ticks that were missed at once after them."""
    buffer, sender = JitterBuffer(), Sender()
    for i in range(40):
        buffer.push(*sender.next(quiet=i < 8))
    frames = [buffer.pull() for _ in range(40)]
    assert None not in frames
    assert buffer.stats.trimmed == 0


def talking_on(buffer: JitterBuffer, sender: Sender, held: int, pulls: int, quiet: bool) -> None:
    """A buffer that holds `held` packets too many, for `pulls` ticks."""
    for _ in range(held):
        buffer.push(*sender.next(quiet=quiet))
    for _ in range(pulls):
        buffer.push(*sender.next(quiet=quiet))
        buffer.pull()


def test_a_buffer_that_stays_grown_loses_quiet_frames() -> None:
    buffer, sender = JitterBuffer(), Sender()
    talking_on(buffer, sender, 16, SKIPS_QUIET - 1, quiet=True)
    assert buffer.stats.trimmed == 0
    talking_on(buffer, sender, 0, 2, quiet=True)
    assert buffer.samples <= GROWN
    assert buffer.stats.trimmed == 7


def test_a_buffer_that_stays_much_too_long_is_cut_whatever_is_said() -> None:
    buffer, sender = JitterBuffer(), Sender()
    talking_on(buffer, sender, 30, SKIPS_ANY - 1, quiet=False)
    assert buffer.samples > TOO_LONG
    talking_on(buffer, sender, 0, 2, quiet=False)
    assert buffer.samples <= TOO_LONG


@pytest.mark.parametrize("size", [0, 1, 2 * 1601, 65000])
def test_empty_and_overlong_packets_are_left_out(size: int) -> None:
    buffer = JitterBuffer()
    buffer.push(RtpPacket(0, 1, 1, 1), bytes(size))
    assert (buffer.samples, buffer.stats.stray) == (0, 1)
