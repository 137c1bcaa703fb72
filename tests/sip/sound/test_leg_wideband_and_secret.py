"""Two legs on real UDP: wideband sound, and encrypted sound."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from callcenter.core.records import FRAME_BYTES, WIDE_SILENCE, Frame
from callcenter.sip.signal.sdes import SUITES, Keys
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound.rtp import RtpPacket, parse_rtp
from callcenter.sip.sound.rtp_leg import RtpLeg
from callcenter.sip.sound.rtp_socket import open_rtp_socket
from callcenter.sip.sound.srtp import Srtp, is_available
from tests.audio.tones import loudness_db, purity, tone

HOST = "127.0.0.1"
OURS, THEIRS, OTHER = bytes(range(30)), bytes(range(30, 60)), bytes(range(60, 90))

needs_srtp = pytest.mark.skipif(not is_available(), reason="pylibsrtp is not installed")


def new_leg(**options: bool) -> RtpLeg:
    return RtpLeg(open_rtp_socket(HOST, (0,)), ("PCMU", "G722"), **options)


@pytest.fixture
def legs() -> Iterator[tuple[RtpLeg, RtpLeg]]:
    both = new_leg(), new_leg()
    yield both
    for leg in both:
        leg.close()


def spoken(hz: float, frames: int = 50) -> list[Frame]:
    """A tone as a wideband line has it."""
    pcm, wide = tone(hz, frames / 50), tone(hz, frames / 50, rate=16_000)
    at = range(0, len(pcm), FRAME_BYTES)
    return [Frame(n // 2, pcm[n : n + 320], wide=wide[2 * n : 2 * n + 640]) for n in at]


def agree(legs: tuple[RtpLeg, RtpLeg], name: str, number: int, keys: Keys | None = None) -> None:
    near, far = legs
    theirs = Keys(keys.suite, keys.theirs, keys.ours) if keys else None
    near.agree(Stream(name, number, HOST, far.port, keys=keys))
    far.agree(Stream(name, number, HOST, near.port, keys=theirs))


def talk(near: RtpLeg, far: RtpLeg, frames: list[Frame]) -> list[Frame]:
    heard = []
    for frame in frames:
        assert near.send(frame)
        heard.append(far.receive(frame.start))
    return heard


# -- wideband ----------------------------------------------------------------------------------


def test_wideband_sound_is_wide_at_the_other_end(legs: tuple[RtpLeg, RtpLeg]) -> None:
    agree(legs, "G722", 9)
    heard = talk(*legs, spoken(6000))
    assert all(len(frame.wide) == 2 * FRAME_BYTES for frame in heard)
    assert purity(b"".join(f.wide for f in heard[10:]), 6000, rate=16_000) > 0.98
    assert loudness_db(b"".join(f.pcm for f in heard[10:])) < -40


def test_every_frame_of_a_wideband_line_is_wide(legs: tuple[RtpLeg, RtpLeg]) -> None:
    """The recording decides by the first one, which as a rule comes before any sound."""
    near, far = legs
    assert far.receive(0) == Frame(0, lost=True)
    agree(legs, "G722", 9)
    assert far.receive(160) == Frame(160, lost=True, wide=WIDE_SILENCE)
    heard = talk(near, far, spoken(1000))
    heard += [far.receive(0) for _ in range(10)]
    assert heard[-1] == Frame(0, lost=True, wide=WIDE_SILENCE)
    assert all(len(frame.wide) == 2 * FRAME_BYTES for frame in heard)
    far.close()
    assert far.receive(0).wide == WIDE_SILENCE


def test_narrow_sound_reaches_a_wideband_line(legs: tuple[RtpLeg, RtpLeg]) -> None:
    agree(legs, "G722", 9)
    heard = talk(*legs, [Frame(f.start, f.pcm) for f in spoken(1000)])
    for sound, rate in (("pcm", 8000), ("wide", 16_000)):
        whole = b"".join(getattr(frame, sound) for frame in heard[10:])
        assert purity(whole, 1000, rate=rate) > 0.999


def test_wide_sound_reaches_a_narrow_line(legs: tuple[RtpLeg, RtpLeg]) -> None:
    agree(legs, "PCMU", 0)
    heard = talk(*legs, spoken(1000))
    assert purity(b"".join(frame.pcm for frame in heard[10:]), 1000) > 0.999
    assert not any(frame.wide for frame in heard)


def test_a_line_can_become_wideband_in_mid_call(legs: tuple[RtpLeg, RtpLeg]) -> None:
    agree(legs, "PCMU", 0)
    before = talk(*legs, spoken(1000))
    agree(legs, "G722", 9)
    after = talk(*legs, spoken(1000))
    assert not before[-1].wide
    assert purity(b"".join(frame.pcm for frame in before[10:] + after), 1000) > 0.98
    assert all(frame.wide for frame in after)


# -- encrypted ---------------------------------------------------------------------------------


@needs_srtp
@pytest.mark.parametrize("suite", SUITES)
def test_encrypted_sound_both_ways(legs: tuple[RtpLeg, RtpLeg], suite: str) -> None:
    agree(legs, "PCMU", 0, Keys(suite, OURS, THEIRS))
    near, far = legs
    there, back = talk(near, far, spoken(1000)), talk(far, near, spoken(700))
    assert purity(b"".join(f.pcm for f in there[10:]), 1000) > 0.999
    assert purity(b"".join(f.pcm for f in back[10:]), 700) > 0.999
    assert (near.stats.ignored, far.stats.ignored) == (0, 0)


@needs_srtp
def test_what_is_on_the_wire_is_not_the_sound() -> None:
    leg = new_leg()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((HOST, 0))
        wire.settimeout(5)
        keys = Keys(SUITES[0], OURS, THEIRS)
        leg.agree(Stream("PCMU", 0, HOST, wire.getsockname()[1], keys=keys))
        leg.send(Frame(0))
        packet = wire.recv(2048)
        opened = Srtp(Keys(SUITES[0], THEIRS, OURS)).unprotect(packet)
        assert opened is not None
        assert len(packet) == len(opened) + 10
        told, heard = parse_rtp(packet), parse_rtp(opened)
        assert told is not None
        assert heard is not None
        assert heard.payload == b"\xff" * 160
        assert told.payload[:160] != heard.payload
    leg.close()


@needs_srtp
def test_what_is_replayed_forged_or_in_the_clear_is_counted_and_not_heard() -> None:
    leg, srtp = new_leg(), Srtp(Keys(SUITES[0], THEIRS, OURS))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((HOST, 0))
        there = Stream("PCMU", 0, HOST, wire.getsockname()[1], keys=Keys(SUITES[0], OURS, THEIRS))
        leg.agree(there)
        loud = bytes(RtpPacket(0, 1, 160, 7, b"\x00" * 160))
        sealed = srtp.protect(bytes(RtpPacket(0, 2, 320, 7, b"\xff" * 160)))
        assert sealed is not None
        for packet in (loud, sealed, sealed, sealed[:-1] + b"x", b"", b"\x80" * 30):
            wire.sendto(packet, (HOST, leg.port))
        frames = [leg.receive(0) for _ in range(5)]
        assert leg.stats.ignored == 5
        assert leg.stats.received == 1
        assert {frame.pcm for frame in frames} == {bytes(FRAME_BYTES)}
    leg.close()


@needs_srtp
def test_the_key_of_one_direction_may_change_in_mid_call(legs: tuple[RtpLeg, RtpLeg]) -> None:
    near, far = legs
    agree(legs, "PCMU", 0, Keys(SUITES[0], OURS, THEIRS))
    talk(near, far, spoken(1000))
    agree(legs, "PCMU", 0, Keys(SUITES[0], OTHER, THEIRS))
    heard = talk(near, far, spoken(1000))
    assert purity(b"".join(f.pcm for f in heard), 1000) > 0.99
    assert far.stats.ignored == 0


@needs_srtp
def test_a_call_may_stop_being_encrypted(legs: tuple[RtpLeg, RtpLeg]) -> None:
    agree(legs, "PCMU", 0, Keys(SUITES[0], OURS, THEIRS))
    talk(*legs, spoken(1000))
    agree(legs, "PCMU", 0)
    heard = talk(*legs, spoken(1000))
    assert purity(b"".join(f.pcm for f in heard), 1000) > 0.99


def test_before_keys_are_agreed_nothing_is_taken(legs: tuple[RtpLeg, RtpLeg]) -> None:
    near, _ = legs
    waiting = new_leg(awaits_keys=True)
    near.agree(Stream("PCMU", 0, HOST, waiting.port))
    frames = spoken(1000)
    talk(near, waiting, frames[:10])
    assert waiting.stats.ignored == 10
    waiting.agree(Stream("PCMU", 0, HOST, near.port))
    heard = talk(near, waiting, frames[10:])
    assert purity(b"".join(f.pcm for f in heard[10:]), 1000) > 0.999
    waiting.close()
