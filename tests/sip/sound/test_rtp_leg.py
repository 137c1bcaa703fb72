"""A leg on real UDP: sound, latching, hold, garbage."""

from __future__ import annotations

import pytest

from callcenter.core.errors import PortInUse
from callcenter.core.records import SILENCE, Frame
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound import g711
from callcenter.sip.sound.rtp import RtpPacket
from callcenter.sip.sound.rtp_leg import RtpLeg
from callcenter.sip.sound.rtp_socket import open_rtp_socket
from tests.sip.far import HOST, Far, coded, new_leg, tone


@pytest.mark.parametrize(("codec", "payload_type"), [("PCMU", 0), ("PCMA", 8)])
def test_a_tone_arrives_intact(leg: RtpLeg, codec: str, payload_type: int) -> None:
    other = new_leg()
    leg.agree(Stream(codec, payload_type, HOST, other.port))
    other.agree(Stream(codec, payload_type, HOST, leg.port))
    spoken = tone(50)
    heard: list[Frame] = []
    for frame in spoken:
        assert leg.send(frame)
        heard.append(other.receive(frame.start))
    other.finish()
    assert other.buffered_ms > 0
    while other.buffered_ms:
        heard.append(other.receive(0))
    assert [f.pcm for f in heard if not f.lost] == [
        g711.decode(g711.encode(f.pcm, codec), codec) for f in spoken
    ]
    assert [f.start for f in heard[:50]] == [f.start for f in spoken]
    assert (leg.stats.sent, other.stats.received, other.stats.lost) == (50, 50, 0)


def test_nothing_came_is_silence_marked_lost(leg: RtpLeg) -> None:
    assert leg.receive(320) == Frame(320, SILENCE, lost=True)


def test_packets_on_the_wire(leg: RtpLeg, far: Far) -> None:
    assert not leg.send(Frame(0))
    leg.agree(far.stream)
    for frame in tone(3):
        assert leg.send(frame)
    first, second, third = far.hear(), far.hear(), far.hear()
    assert [p.marker for p in (first, second, third)] == [True, False, False]
    assert (second.sequence - first.sequence) & 0xFFFF == 1
    assert (second.timestamp - first.timestamp) & 0xFFFFFFFF == 160
    assert first.ssrc == third.ssrc
    assert len(first.payload) == 160


def test_on_hold_only_time_counts_on(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    leg.send(Frame(0))
    held = Stream("PCMU", 0, HOST, far.stream.port, may_send=False)
    leg.agree(held)
    assert not leg.send(Frame(160))
    leg.agree(far.stream)
    leg.send(Frame(320))
    before, after = far.hear(), far.hear()
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 320
    assert (after.sequence - before.sequence) & 0xFFFF == 1
    assert after.marker


def test_the_first_source_is_latched_and_others_are_ignored(leg: RtpLeg, far: Far) -> None:
    leg.agree(Stream("PCMU", 0, HOST, 9))
    other = Far(leg)
    loud = tone(1)[0]
    far.say(loud.pcm)
    leg.receive(0)
    other.say(loud.pcm)
    other.say(loud.pcm)
    leg.receive(160)
    assert leg.stats.ignored == 2
    assert leg.send(loud)
    assert far.hear().payload == g711.encode(loud.pcm, "PCMU")
    leg.agree(other.stream)
    other.say(loud.pcm)
    leg.receive(320)
    leg.send(loud)
    assert other.hear().payload == g711.encode(loud.pcm, "PCMU")
    other.socket.close()


def test_garbage_is_counted_and_survived(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    for data in (b"", b"\x80", b"\xff" * 2000, b"x" * 65000, b"\x80\x63" + bytes(20)):
        far.throw(data)
    far.throw(bytes(RtpPacket(101, 1, 1, 7, b"\x05\x0a\x00\xa0")))
    far.throw(bytes(RtpPacket(0, 1, 1, 7, b"")))
    leg.receive(0)
    assert (leg.stats.ignored, leg.stats.events) == (6, 1)
    for frame in tone(5):
        far.say(frame.pcm)
    assert not leg.receive(160).lost


STUN = bytes.fromhex("000100002112a442") + bytes(12)
RECEIVER_REPORT = bytes.fromhex("80c9000100000007")
TOO_LONG = b"\x80\x00" + bytes(64998)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", STUN, RECEIVER_REPORT, TOO_LONG, b"\x40" + bytes(171), b"\xbf" + bytes(171)],
    ids=["empty", "one byte", "stun", "rtcp", "65 kB", "version 1", "torn header"],
)
def test_what_is_no_sound_is_counted_and_latches_nothing(
    leg: RtpLeg, far: Far, data: bytes
) -> None:
    other = Far(leg)
    other.throw(data)
    leg.receive(0)
    assert leg.stats.ignored == 1
    for frame in tone(3):
        far.say(frame.pcm)
    assert not leg.receive(0).lost
    other.socket.close()


def test_sources_extension_and_padding_do_not_matter(leg: RtpLeg, far: Far) -> None:
    for number, frame in enumerate(tone(3)):
        plain = bytes(RtpPacket(0, number, number * 160, 7, g711.encode(frame.pcm, "PCMU")))
        with_all = b"\xb2" + plain[1:12] + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4)
        far.throw(with_all + plain[12:] + b"\x00\x00\x03")
    assert leg.receive(0).pcm == coded(tone(1))[0]


def test_who_speaks_from_the_agreed_address_outranks_who_was_first(leg: RtpLeg, far: Far) -> None:
    other, (loud,) = Far(leg), tone(1)
    leg.agree(far.stream)
    other.say(loud.pcm)
    leg.receive(0)
    far.say(loud.pcm)
    leg.receive(160)
    other.say(loud.pcm)
    leg.receive(320)
    assert leg.stats.ignored == 1
    leg.send(loud)
    assert far.hear().payload == g711.encode(loud.pcm, "PCMU")
    other.socket.close()


def test_a_flood_does_not_hold_up_the_tick(leg: RtpLeg, far: Far) -> None:
    for _ in range(100):
        far.throw(b"\x00" * 20)
    leg.receive(0)
    assert leg.stats.ignored == 64
    leg.receive(160)
    assert leg.stats.ignored == 100


def test_a_jump_of_a_billion_costs_a_moment(leg: RtpLeg, far: Far) -> None:
    frames = tone(20)
    for number, frame in enumerate(frames):
        stamp = number * 160 + (10**9 if number > 9 else 0)
        far.throw(bytes(RtpPacket(0, number, stamp, 7, g711.encode(frame.pcm, "PCMU"))))
    heard = [leg.receive(0) for _ in range(20)]
    assert [f.pcm for f in heard if not f.lost][-8:] == coded(frames[12:])
    assert leg.stats.lost == 0


def test_after_a_stall_of_two_seconds_every_frame_is_still_heard(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    spoken = [g711.decode(g711.encode(f.pcm, "PCMU"), "PCMU") for f in tone(100)]
    for pcm in spoken:
        far.say(pcm)
    heard = [leg.receive(at * 160) for at in range(100)]
    assert [frame.pcm for frame in heard] == spoken
    assert (leg.stats.lost, leg.stats.late, leg.stats.ignored) == (0, 0, 0)


def test_either_codec_is_understood_also_by_dynamic_type(leg: RtpLeg, far: Far) -> None:
    sound = [f.pcm for f in tone(4)]
    for pcm in sound[:2]:
        far.say(pcm, 8)
    leg.agree(Stream("PCMU", 97, HOST, far.stream.port))
    for pcm in sound[2:]:
        far.say(pcm, 97)
    heard = [leg.receive(i).pcm for i in range(4)]
    codecs = ("PCMA", "PCMA", "PCMU", "PCMU")
    assert heard == [g711.decode(g711.encode(p, c), c) for p, c in zip(sound, codecs, strict=True)]


def test_a_codec_that_was_not_thought_of_can_still_be_agreed_on(leg: RtpLeg, far: Far) -> None:
    leg.agree(Stream("G722", 9, HOST, far.stream.port))
    assert leg.send(tone(1)[0])
    assert (far.hear().payload_type, len(leg.receive(0).wide)) == (9, 640)


def test_a_closed_leg_neither_raises_nor_sends(leg: RtpLeg, far: Far) -> None:
    leg.agree(far.stream)
    leg.close()
    assert not leg.send(Frame(0))
    assert leg.receive(0).lost
    leg.finish()


def test_an_address_that_cannot_be_reached_is_counted(leg: RtpLeg) -> None:
    leg.agree(Stream("PCMU", 0, "::1", 4000))
    assert not leg.send(Frame(0))
    assert leg.stats.unsent == 1


def test_ports_are_taken_in_order() -> None:
    first = open_rtp_socket(HOST, (0,))
    taken = first.getsockname()[1]
    with pytest.raises(PortInUse, match=f"127.0.0.1:{taken}-{taken}"):
        open_rtp_socket(HOST, (taken,))
    second = open_rtp_socket(HOST, (taken, 0))
    assert second.getsockname()[1] != taken
    first.close()
    second.close()
    with pytest.raises(PortInUse):
        open_rtp_socket(HOST, ())
