"""Encrypted packets: what opens, what does not, and what changes with the keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.sdes import SUITES, Keys
from callcenter.sip.sound.rtp import RtpPacket
from callcenter.sip.sound.srtp import Srtp, is_available

pytestmark = pytest.mark.skipif(not is_available(), reason="pylibsrtp is not installed")

OURS, THEIRS, OTHER = bytes(range(30)), bytes(range(30, 60)), bytes(range(60, 90))
REPORT = bytes.fromhex("80c9000100000007")


def pair(suite: str = SUITES[0]) -> tuple[Srtp, Srtp]:
    return Srtp(Keys(suite, OURS, THEIRS)), Srtp(Keys(suite, THEIRS, OURS))


def packet(number: int) -> bytes:
    return bytes(RtpPacket(0, number, number * 160, 7, b"sound" * 32))


def sealed(srtp: Srtp, number: int) -> bytes:
    made = srtp.protect(packet(number))
    assert made is not None
    return made


@pytest.mark.parametrize(("suite", "tag"), [(SUITES[0], 10), (SUITES[1], 4)])
def test_what_one_side_seals_the_other_opens(suite: str, tag: int) -> None:
    near, far = pair(suite)
    for one, other in ((near, far), (far, near)):
        made = sealed(one, 1)
        assert len(made) == len(packet(1)) + tag
        assert b"sound" not in made
        assert other.unprotect(made) == packet(1)
        report = one.protect_rtcp(REPORT)
        assert report is not None
        assert other.unprotect_rtcp(report) == REPORT


def test_packets_in_any_order_across_the_turn_of_the_sequence_numbers() -> None:
    near, far = pair()
    numbers = [65534, 65535, 0, 1, 2]
    made = [sealed(near, n) for n in numbers]
    for at in (0, 2, 1, 4, 3):
        assert far.unprotect(made[at]) == packet(numbers[at])


def test_a_replayed_packet_is_counted_and_dropped() -> None:
    near, far = pair()
    made = [sealed(near, n) for n in range(300)]
    assert all(far.unprotect(one) for one in made)
    assert far.unprotect(made[299]) is None
    assert far.unprotect(made[0]) is None
    assert (far.replayed, far.forged) == (2, 0)


def test_a_forged_packet_is_counted_and_dropped() -> None:
    near, far = pair()
    made = sealed(near, 1)
    assert far.unprotect(made[:-1] + bytes([made[-1] ^ 1])) is None
    assert far.unprotect(packet(1)) is None
    assert far.unprotect_rtcp(REPORT) is None
    assert far.unprotect(bytes(9000)) is None
    assert (far.replayed, far.forged) == (0, 4)
    assert far.unprotect(made) == packet(1)


@given(st.binary(max_size=2000))
def test_any_bytes_are_survived(data: bytes) -> None:
    _, far = pair()
    assert far.unprotect(data) is None
    assert far.unprotect_rtcp(data) is None
    assert far.forged + far.replayed == 2


def test_a_number_is_never_encrypted_twice() -> None:
    near, _ = pair()
    sealed(near, 1)
    assert near.protect(packet(1)) is None


def test_new_keys_hold_for_the_direction_that_they_are_for() -> None:
    near, far = pair()
    old = sealed(near, 1)
    assert far.unprotect(old) == packet(1)
    assert near.unprotect(sealed(far, 1)) == packet(1)
    near.agree(Keys(SUITES[0], OTHER, THEIRS))
    far.agree(Keys(SUITES[0], THEIRS, OTHER))
    assert far.unprotect(old) is None
    assert far.unprotect(sealed(near, 2)) == packet(2)
    # The other direction has its old key: it still knows what came before.
    assert near.unprotect(sealed(far, 2)) == packet(2)
    assert far.protect(packet(2)) is None
    assert far.forged == 1
