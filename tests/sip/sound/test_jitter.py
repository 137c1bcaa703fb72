"""The jitter buffer: one frame a pull, whatever comes."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.sound.jitter import (
    CAPACITY,
    GATHERED,
    LONGEST_PACKET,
    MISSING,
    SILENT,
    JitterBuffer,
    Run,
)
from callcenter.sip.sound.rtp import RtpPacket
from tests.sip.packets import Sender, heard, kinds, playing, pull, sound


@pytest.mark.parametrize("samples", [80, 160, 240, 320, 480])
@pytest.mark.parametrize("timestamp", [0, 2**32 - 1000, 2**31 - 400])
def test_any_packet_length_gives_one_frame_a_pull(samples: int, timestamp: int) -> None:
    buffer, sender = JitterBuffer(), Sender(samples, timestamp, seq=65530)
    got = b""
    for tick in range(300):
        while sender.place <= tick * 160:
            buffer.push(sender.next())
        got += pull(buffer) or b""
    assert got == sound(0, len(got))
    assert len(got) >= 300 * 160 - 2 * GATHERED
    assert (buffer.stats.late, buffer.stats.duplicate, buffer.stats.stray) == (0, 0, 0)


def test_a_stream_waits_for_forty_milliseconds_but_not_for_ever() -> None:
    buffer, sender = JitterBuffer(), Sender()
    assert pull(buffer) is None
    buffer.push(sender.next())
    assert [pull(buffer) is None for _ in range(3)] == [True, True, False]
    other, _ = playing()
    assert heard(other, 3) == sound(0, 480)


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)), st.lists(st.integers(0, 11)))
def test_any_order_and_loss(order: list[int], lost: set[int], twice: list[int]) -> None:
    sender = Sender()
    packets = [sender.next() for _ in range(12)]
    arriving = [i for i in order if i not in lost]
    arriving += [i for i in twice if i not in lost]
    buffer = JitterBuffer()
    for i in arriving:
        buffer.push(packets[i])
    spoken = [f for f in (pull(buffer) for _ in range(16)) if f]
    assert spoken == [packets[i].payload for i in range(12) if i not in lost]
    assert buffer.stats.duplicate == len(arriving) - len(set(arriving))
    assert (buffer.stats.late, buffer.stats.resyncs) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=120))
def test_bursts_and_pauses_never_break_order(steps: list[tuple[int, int]]) -> None:
    buffer, sender = JitterBuffer(), Sender()
    places: list[int] = []
    for pushes, pulls in steps:
        for _ in range(pushes):
            buffer.push(sender.next())
        for _ in range(pulls):
            frame = pull(buffer)
            if frame:
                places.append(int.from_bytes(frame[:2], "big"))
    assert places == sorted(set(places))
    assert buffer.stats.late == buffer.stats.resyncs == 0


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 30), st.booleans(), st.booleans()), min_size=20, max_size=200
)


@given(ARRIVALS)
def test_any_delay_loss_and_doubling(packets: list[tuple[int, bool, bool]]) -> None:
    """Delays up to 600 ms: a frame each tick, in order, whole, none twice, none invented."""
    sender = Sender()
    coming: dict[int, list[RtpPacket]] = {}
    for tick, (delay, lost, doubled) in enumerate(packets):
        packet = sender.next()
        if not lost:
            coming.setdefault(tick + delay, []).append(packet)
            coming.setdefault(tick + delay + 2, []).extend([packet] * doubled)
    buffer, played = JitterBuffer(), []
    for tick in range(len(packets) + 80):
        for packet in coming.get(tick, ()):
            buffer.push(packet)
        frame = pull(buffer)
        if frame is not None:
            place = int.from_bytes(frame[:2], "big")
            assert frame == sound(place * 160, 160)
            assert not packets[place][1]
            played.append(place)
    assert played == sorted(set(played))
    came = sum(not lost for _, lost, _ in packets)
    assert len(played) <= came
    if not buffer.stats.resyncs:
        assert came == len(played) + buffer.stats.late


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
        buffer.push(packet._replace(payload=bytes(samples)))
        buffer.push_pause(packet)
        assert buffer.samples <= CAPACITY
        pull(buffer)


def test_a_lost_packet_is_one_lost_frame() -> None:
    buffer, sender = JitterBuffer(), Sender()
    for i in range(8):
        packet = sender.next()
        if i != 4:
            buffer.push(packet)
    assert kinds(buffer, 8) == [(MISSING,) if i == 4 else (0,) for i in range(8)]


def test_half_a_frame_is_kept() -> None:
    buffer, sender = JitterBuffer(), Sender(80)
    for i in range(12):
        packet = sender.next()
        if i != 4:
            buffer.push(packet)
    frames = [buffer.pull() for _ in range(4)]
    assert frames[2] == ((MISSING, bytes(80)), (0, sound(400, 80)))


def test_delay_is_no_loss() -> None:
    """Nothing while packets are on the way; then every one of them is heard."""
    buffer, sender = playing()
    got = heard(buffer, 8)
    for _ in range(5):
        buffer.push(sender.next())
    assert got + heard(buffer, 5) == sound(0, 8 * 160)
    assert buffer.stats.late == 0


def test_loss_while_waiting_adds_no_delay() -> None:
    buffer, sender = playing()
    heard(buffer, 3)
    assert [pull(buffer) for _ in range(3)] == [None] * 3
    sender.skip(3)
    buffer.push(sender.next())
    assert pull(buffer) == sound(6 * 160, 160)


def test_a_pause_of_the_sender_is_silence_once_it_is_known() -> None:
    """A gap in the timestamps and none in the numbers; nothing is late or missing after it."""
    buffer, sender = playing()
    sender.pause(5)
    last = sender.next()
    buffer.push(last)
    assert kinds(buffer, 9) == [(0,)] * 3 + [(SILENT,)] * 5 + [(0,)]


def test_comfort_noise_makes_the_wait_silence() -> None:
    buffer, sender = playing()
    noise = sender.next()._replace(payload_type=13)
    buffer.push_pause(noise)
    assert kinds(buffer, 6) == [(0,)] * 3 + [(SILENT,)] * 3
    buffer.push(sender.next())
    assert kinds(buffer, 3) == [(0,), (MISSING,), (MISSING,)]
    buffer.push_pause(noise)
    assert kinds(buffer, 1) == [(MISSING,)]


@pytest.mark.parametrize("frames", [20, 500, 10_000])
def test_pauses_add_no_delay(frames: int) -> None:
    """What comes on its time after a pause is played on its time: 20 ms after it came."""
    buffer, sender = JitterBuffer(), Sender()
    for _ in range(4):
        for _ in range(30):
            buffer.push(sender.next())
            pull(buffer)
        sender.pause(frames)
        for _ in range(frames):
            pull(buffer)
    buffer.push(sender.next())
    assert buffer.samples == GATHERED
    assert (buffer.stats.resyncs, buffer.stats.late) == (0, 0)


@pytest.mark.parametrize("jump", [0, 40000, 10**9])
def test_after_a_pause_the_next_packet_starts_afresh(jump: int) -> None:
    buffer, sender = playing()
    heard(buffer, 20)
    sender.timestamp += jump
    before = sender.place
    for _ in range(3):
        buffer.push(sender.next())
    assert heard(buffer, 3) == sound(before, 480)


def test_a_jump_of_a_billion_is_followed_once_it_is_confirmed() -> None:
    buffer, sender = playing(4)
    tracemalloc.start()
    sender.timestamp += 10**9
    for _ in range(4):
        buffer.push(sender.next())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert (buffer.stats.stray, buffer.stats.resyncs) == (1, 1)
    assert heard(buffer, 3) == sound(5 * 160, 480)


@pytest.mark.parametrize("ahead", [2**31 - 1, 2**31, 2**31 + 1, 10**9, -(10**9)])
def test_a_pause_over_a_jump_costs_neither_time_nor_memory(ahead: int) -> None:
    buffer, sender = playing()
    heard(buffer, 30)
    tracemalloc.start()
    sender.timestamp += ahead
    sender.sequence += 7
    buffer.push(sender.next())
    buffer.push(sender.next())
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert heard(buffer, 6) == sound(480, 320)


def test_one_stray_packet_changes_nothing() -> None:
    buffer, sender = playing()
    stray = RtpPacket(0, 9, 5, 2, bytes(160))
    buffer.push(stray)
    buffer.push(stray)
    buffer.push(sender.next())
    assert heard(buffer, 4) == sound(0, 4 * 160)
    assert (buffer.stats.stray, buffer.stats.resyncs) == (2, 0)


def test_another_source_takes_over_with_its_second_packet() -> None:
    buffer, _ = playing()
    other = Sender(ssrc=9, timestamp=77, seq=500)
    for _ in range(5):
        buffer.push(other.next())
    assert heard(buffer, 4) == sound(160, 4 * 160)


def test_a_sender_whose_clock_jumped_back_is_followed() -> None:
    buffer, _ = playing(timestamp=4000)
    heard(buffer, 3)
    back = Sender(timestamp=1000, seq=3)
    for _ in range(8):
        buffer.push(back.next())
    assert buffer.stats.resyncs == 1
    assert buffer.stats.late == 4
    assert heard(buffer, 4) == sound(4 * 160, 4 * 160)


def test_numbers_that_begin_anew_change_nothing() -> None:
    buffer, sender = playing(seq=40_000)
    sender.sequence = 12
    for _ in range(5):
        buffer.push(sender.next())
    assert heard(buffer, 8) == sound(0, 8 * 160)
    assert buffer.stats.resyncs == 0


def test_late_and_doubled_packets_are_told_apart() -> None:
    buffer, sender = JitterBuffer(), Sender()
    packets = [sender.next() for _ in range(6)]
    for packet in (*packets[:1], *packets[2:], packets[3]):
        buffer.push(packet)
    heard(buffer, 3)
    buffer.push(packets[0])
    assert (buffer.stats.duplicate, buffer.stats.late) == (2, 0)
    buffer.push(packets[1])
    assert (buffer.stats.duplicate, buffer.stats.late) == (2, 1)


def test_doubles_that_come_late_are_no_new_start() -> None:
    buffer, sender = JitterBuffer(), Sender()
    packets = [sender.next() for _ in range(12)]
    for packet in packets:
        buffer.push(packet)
    heard(buffer, 8)
    for packet in packets[:8]:
        buffer.push(packet)
    assert (buffer.stats.duplicate, buffer.stats.resyncs) == (8, 0)
    assert heard(buffer, 4) == sound(8 * 160, 4 * 160)


def test_an_early_straggler_goes_to_the_front() -> None:
    sender = Sender()
    first, second, third = sender.next(), sender.next(), sender.next()
    buffer = JitterBuffer()
    for packet in (second, third, first):
        buffer.push(packet)
    assert heard(buffer, 3) == sound(0, 480)


def test_a_straggler_beyond_the_bound_is_late() -> None:
    buffer, _ = playing(1, timestamp=8000)
    buffer.push(RtpPacket(0, 65535, 100, 1, sound(0, 160)))
    assert buffer.stats.late == 1


def test_what_a_stall_piled_up_is_heard_whole() -> None:
    """The packets of 800 ms at once, and the ticks that were missed at once after them."""
    buffer, _ = playing(40)
    assert heard(buffer, 40) == sound(0, 40 * 160)
    assert buffer.depth.wish == 0


@pytest.mark.parametrize("size", [0, LONGEST_PACKET + 1, 65000])
def test_empty_and_overlong_packets_are_left_out(size: int) -> None:
    buffer = JitterBuffer()
    assert not buffer.push(RtpPacket(0, 1, 1, 1, bytes(size)))
    assert (buffer.samples, buffer.stats.stray) == (0, 1)


def test_payload_types_stay_with_their_sound() -> None:
    buffer, sender = JitterBuffer(), Sender(80)
    for kind in (0, 8, 8, 8, 9, 0):
        buffer.push(sender.next()._replace(payload_type=kind))
    runs: list[tuple[Run, ...]] = [buffer.pull() for _ in range(3)]
    assert runs == [
        ((0, sound(0, 80)), (8, sound(80, 80))),
        ((8, sound(160, 160)),),
        ((9, sound(320, 80)), (0, sound(400, 80))),
    ]


def test_a_gap_is_waited_for_where_the_buffer_wants_to_be_deeper() -> None:
    buffer, sender = JitterBuffer(), Sender()
    packets = [sender.next() for _ in range(6)]
    for i in (0, 1, 2, 4, 5):
        buffer.push(packets[i])
    heard(buffer, 3)
    buffer.depth.wish = 1
    assert pull(buffer) is None
    buffer.push(packets[3])
    assert heard(buffer, 3) == sound(3 * 160, 3 * 160)
    assert (buffer.stats.added, buffer.stats.late) == (1, 0)
