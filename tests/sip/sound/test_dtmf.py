"""Digits as telephone-events: what goes out, and that each comes in once."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.sound.dtmf import DIGITS, GAP_TICKS, MOST_WAITING, DigitReceiver, DigitSender
from callcenter.sip.sound.rtp import RtpPacket


def event(
    code: int, timestamp: int, duration: int = 160, *, end: bool = False, **more: int
) -> RtpPacket:
    payload = bytes([code, 0x80 * end | 10]) + duration.to_bytes(2, "big")
    marker = bool(more.get("marker"))
    return RtpPacket(101, 1, timestamp & 0xFFFFFFFF, more.get("ssrc", 7), payload, marker)


def sent(digits: str, timestamp: int = 0) -> list[RtpPacket]:
    """Every packet of these digits, as a leg would send them."""
    sender, packets, tick = DigitSender(), [], 0
    assert sender.add(digits)
    while sender.busy:
        now = (timestamp + 160 * tick) & 0xFFFFFFFF
        found = sender.next(now)
        if found is not None:
            packets.append(RtpPacket(101, tick, found.timestamp, 7, found.payload, found.marker))
        tick += 1
        assert tick < 20 * len(digits)
    return packets


def heard(*packets: RtpPacket) -> str:
    receiver = DigitReceiver()
    for packet in packets:
        receiver.take(packet)
    return receiver.pressed()


def test_a_digit_on_the_wire() -> None:
    packets = sent("5", 1000)
    assert [p.payload[0] for p in packets] == [5] * 8
    assert [p.timestamp for p in packets] == [1000] * 8
    assert [p.marker for p in packets] == [True] + [False] * 7
    assert [p.payload[1] & 0x80 for p in packets] == [0] * 5 + [0x80] * 3
    durations = [int.from_bytes(p.payload[2:], "big") for p in packets]
    assert durations == [160, 320, 480, 640, 800, 800, 800, 800]


def test_sound_goes_on_between_two_digits() -> None:
    sender = DigitSender()
    sender.add("1#")
    steps = [sender.next(tick * 160) for tick in range(30)]
    assert [s is None for s in steps[8:14]] == [True] * GAP_TICKS + [False]
    second = steps[8 + GAP_TICKS]
    assert second is not None
    assert (second.payload[0], second.timestamp, second.marker) == (11, 13 * 160, True)
    assert not sender.busy


@pytest.mark.parametrize("digits", ["12x", "１", "1" * (MOST_WAITING + 1)])
def test_what_is_no_digit_or_too_much_is_refused_whole(digits: str) -> None:
    sender = DigitSender()
    assert not sender.add(digits)
    assert not sender.busy


@given(st.text(DIGITS + "abcd", min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_what_is_sent_is_heard_once_each(digits: str, timestamp: int) -> None:
    assert heard(*sent(digits, timestamp)) == digits.upper()


@given(st.text(DIGITS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_loss_and_doubling_change_nothing_while_one_packet_comes(
    digits: str, dice: random.Random
) -> None:
    packets: list[RtpPacket] = []
    for digit in range(len(digits)):
        mine = sent(digits)[8 * digit : 8 * digit + 8]
        packets += [p for p in mine if dice.random() < 0.3] or [dice.choice(mine)]
        packets += packets[-1:] * dice.randrange(2)
    assert heard(*packets) == digits


def test_overtaken_packets_of_an_event_before_are_no_new_one() -> None:
    first, second = sent("12")[:8], sent("12")[8:]
    assert heard(*first[:6], second[0], *first[6:], *second[1:]) == "12"


def test_a_long_event_that_goes_on_is_one() -> None:
    """RFC 4733 §2.5.1.3: a segment ends where the next begins."""
    assert heard(event(3, 0, 65535), event(3, 65535, 160), event(3, 65535, 320)) == "3"
    assert heard(event(3, 0, 800), event(4, 800, 160)) == "34"
    assert heard(event(3, 0, 800), event(3, 800, 160, marker=1)) == "33"


def test_a_clock_that_was_set_anew_and_another_source_press_again() -> None:
    assert heard(event(1, 900_000), event(1, 5)) == "11"
    assert heard(event(1, 900), event(1, 900, ssrc=8)) == "11"


@pytest.mark.parametrize(
    "payload", [b"", b"\x05", b"\x05\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff" * 9]
)
def test_other_events_and_broken_ones_are_counted(payload: bytes) -> None:
    receiver = DigitReceiver()
    receiver.take(RtpPacket(101, 1, 1, 7, payload))
    assert (receiver.pressed(), receiver.events, receiver.foreign) == ("", 0, 1)


def test_a_flood_of_digits_is_bounded() -> None:
    receiver = DigitReceiver()
    for number in range(1000):
        receiver.take(event(number % 10, number * 1600))
    assert receiver.events == 1000
    assert receiver.pressed() == "".join(str(n % 10) for n in range(1000 - MOST_WAITING, 1000))
    assert receiver.pressed() == ""


def test_what_waits_is_dropped_and_what_sounds_is_ended() -> None:
    sender = DigitSender()
    assert sender.add("12345")
    packets = [sender.next(0)]
    sender.clear()
    packets += [sender.next(tick * 160) for tick in range(1, 40)]
    sent = [packet for packet in packets if packet is not None]
    assert {packet.payload[0] for packet in sent} == {1}
    assert sent[-1].payload[1] & 0x80
    assert not sender.busy
