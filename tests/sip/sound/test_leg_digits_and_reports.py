"""A leg on real UDP: pauses, digits, quality and reports, speech."""

from __future__ import annotations

import socket
from dataclasses import replace

import numpy as np
import pytest

from callcenter.core.records import Frame, Quality
from callcenter.sip.signal.sdp import STATIC_TYPES, Stream
from callcenter.sip.sound import g711
from callcenter.sip.sound.rtcp import Bye, Report, parse_rtcp
from callcenter.sip.sound.rtp import RtpPacket
from callcenter.sip.sound.rtp_leg import RtpLeg
from tests.asr.sound import load
from tests.sip.far import HOST, Far, coded, new_leg, tone

RECEIVER_REPORT = bytes.fromhex("80c9000100000007")


def test_a_sender_that_is_silent_is_not_lost(leg: RtpLeg, far: Far) -> None:
    """Comfort noise, then nothing for a second, then talk again in its place."""
    for frame in tone(3):
        far.say(frame.pcm)
    far.throw(bytes(RtpPacket(13, 3, 480, 7, b"\x28")))
    heard = [leg.receive(0) for _ in range(50)]
    assert not any(frame.lost for frame in heard)
    assert any(heard[10].pcm)
    for number, frame in enumerate(tone(3)):
        payload = g711.encode(frame.pcm, "PCMU")
        stamp = (50 + number) * 160
        far.throw(bytes(RtpPacket(0, 4 + number, stamp, 7, payload, number == 0)))
    assert leg.receive(0).pcm == coded(tone(3))[0]
    assert (leg.stats.lost, leg.stats.late, leg.stats.concealed) == (0, 0, 0)


def test_digits_both_ways(leg: RtpLeg) -> None:
    other = new_leg()
    leg.agree(Stream("PCMU", 0, HOST, other.port, event_type=101))
    other.agree(Stream("PCMU", 0, HOST, leg.port, event_type=101))
    assert leg.send_digits("12#")
    assert other.send_digits("A")
    assert not leg.send_digits("1 2")
    for frame in tone(60):
        leg.send(frame)
        other.send(frame)
        leg.receive(frame.start)
        other.receive(frame.start)
    assert (other.pressed(), leg.pressed()) == ("12#", "A")
    assert (other.pressed(), other.stats.events) == ("", 3)
    assert (other.stats.lost, other.stats.late, other.stats.ignored) == (0, 0, 0)
    other.close()


def test_sound_around_a_digit(leg: RtpLeg, far: Far) -> None:
    """Numbers go on, the digit has one timestamp, and talk begins anew after it."""
    leg.agree(far.stream)
    sent = []
    for number, frame in enumerate(tone(12)):
        if number == 2:
            leg.send_digits("7")
        sent.append(leg.send(frame))
    assert sent == [True] * 2 + [False] * 8 + [True] * 2
    packets = [far.hear() for _ in range(12)]
    first = packets[0]
    assert [(p.sequence - first.sequence) & 0xFFFF for p in packets] == list(range(12))
    frames = [((p.timestamp - first.timestamp) & 0xFFFFFFFF) // 160 for p in packets]
    assert frames == [0, 1] + [2] * 8 + [10, 11]
    assert [p.payload_type for p in packets] == [0, 0] + [101] * 8 + [0, 0]
    assert [p.marker for p in packets] == [n in (0, 2, 10) for n in range(12)]


def test_digits_need_somebody_who_takes_them_and_wait_while_on_hold(leg: RtpLeg, far: Far) -> None:
    assert not leg.send_digits("1")
    leg.agree(Stream("PCMU", 0, HOST, far.stream.port))
    assert not leg.send_digits("1")
    leg.agree(Stream("PCMU", 0, HOST, far.stream.port, may_send=False, event_type=101))
    assert leg.send_digits("1")
    assert not leg.send(Frame(0))
    leg.agree(far.stream)
    leg.send(Frame(160))
    assert far.hear().payload_type == 101


def test_other_events_than_digits_are_ignored_and_counted(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    for number, code in enumerate((16, 32, 255)):
        far.throw(bytes(RtpPacket(101, number, 1, 7, bytes([code, 10, 0, 160]))))
    leg.receive(0)
    assert (leg.stats.ignored, leg.stats.events, leg.pressed()) == (3, 0, "")


def test_quality_where_nothing_came(leg: RtpLeg) -> None:
    assert leg.quality() == Quality(0, 0, 0, 0.0, -1.0, 1.16)


def test_quality_counts_what_was_lost(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    for number, frame in enumerate(tone(100)):
        if number % 10 == 3:
            far.sequence += 1
        else:
            far.say(frame.pcm)
        leg.receive(frame.start)
    quality = leg.quality()
    assert (quality.packets, quality.lost, quality.late) == (90, 10, 0)
    assert 2.5 < quality.mos < 3.5
    assert leg.stats.concealed == 10


def test_the_last_report_comes_with_the_farewell(leg: RtpLeg) -> None:
    """On the port beside the far end's, whose sender was heard before: loss, and BYE."""
    far, reports = Far(leg), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    reports.bind((HOST, far.stream.port + 1))
    reports.settimeout(5)
    leg.agree(far.stream)
    for frame in tone(10):
        far.say(frame.pcm)
        leg.receive(0)
        leg.send(frame)
    leg.close()
    data, source = reports.recvfrom(2048)
    report, _, bye = parse_rtcp(data)
    assert isinstance(report, Report)
    assert isinstance(bye, Bye)
    assert source == (HOST, leg.port + 1)
    assert report.sender is not None
    assert (report.sender.packets, report.sender.octets) == (10, 1600)
    assert [(b.loss.ssrc, b.loss.lost, b.loss.highest) for b in report.blocks] == [(7, 0, 9)]
    assert bye.ssrcs == (report.ssrc,) == (far.hear().ssrc,)
    far.socket.close()
    reports.close()


def test_reports_with_the_sound_are_taken_only_where_agreed(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    far.say(bytes(320))
    far.throw(RECEIVER_REPORT)
    leg.receive(0)
    assert leg.stats.ignored == 1
    leg.agree(replace(far.stream, rtcp_mux=True))
    far.throw(RECEIVER_REPORT)
    far.throw(RECEIVER_REPORT + b"x")
    leg.receive(0)
    assert leg.stats.ignored == 2


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize(("gain", "least_db"), [(1.0, 36), (0.1, 28)])
def test_speech_goes_through_the_whole_path(
    leg: RtpLeg, codec: str, gain: float, least_db: float
) -> None:
    """Without loss only the codec's own noise is left, also for a caller 20 dB quieter."""
    other = new_leg()
    leg.agree(Stream(codec, STATIC_TYPES[codec], HOST, other.port))
    speech = np.frombuffer(load("order"), "<i2")
    spoken = np.rint(speech[: len(speech) // 160 * 160] * gain).astype("<i2")
    heard = b""
    for at in range(0, len(spoken), 160):
        leg.send(Frame(at, spoken[at : at + 160].tobytes()))
        frame = other.receive(at)
        heard += b"" if frame.lost else frame.pcm
    while other.buffered_ms:
        heard += other.receive(0).pcm
    other.close()
    error = np.frombuffer(heard, "<i2").astype(float) - spoken
    assert 10 * np.log10(np.sum(spoken.astype(float) ** 2) / np.sum(error**2)) >= least_db
