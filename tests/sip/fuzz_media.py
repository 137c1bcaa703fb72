"""Throws damaged session descriptions, RTP, RTCP and streams of SIP at those who read them."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from callcenter.core.records import FRAME_BYTES
from callcenter.sip.errors import SipError
from callcenter.sip.signal.formats import FORMATS
from callcenter.sip.signal.framing import LONGEST_BODY, LONGEST_HEAD, Framer
from callcenter.sip.signal.sdes import KEY_BYTES, Secrecy
from callcenter.sip.signal.sdp import MediaSession
from callcenter.sip.sound.codecs import new_codec
from callcenter.sip.sound.dtmf import DigitReceiver
from callcenter.sip.sound.jitter import CAPACITY
from callcenter.sip.sound.playout import Playout
from callcenter.sip.sound.reception import Loss, Reception
from callcenter.sip.sound.rtcp import Block, Bye, Cname, Report, SenderInfo, parse_rtcp, write_rtcp
from callcenter.sip.sound.rtp import RtpPacket, is_rtcp, parse_rtp
from tests.sip.mutate import mutated
from tests.sip.raw import OFFER

_CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "|2^20|1:4\r\n"
_OFFERS = [
    OFFER.encode(),
    OFFER.replace("8 0 101", "9 96 8").encode() + b"a=rtpmap:96 G722/8000\r\na=ptime:30\r\n",
    (OFFER.replace("RTP/AVP", "RTP/SAVP") + _CRYPTO + "a=rtcp:4001 IN IP6 ::1\r\n").encode(),
    b"v=0\r\nc=IN IP6 ::1\r\nm=video 9 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n",
]
_CODECS = tuple(FORMATS)
_REPORT = Report(7, (Block(Loss(8, 1, 2, 3, 4), 5, 6),), SenderInfo(1, 2, 3, 4))
_RTCP = [write_rtcp((_REPORT, Cname(7, "a@b"))), write_rtcp((Report(7), Bye((7, 8))))]
_EVENT, _COMFORT = 101, 13


def throw_media(dice: Random, count: int) -> None:
    """`count` of each kind. Raises AssertionError where something does not hold."""
    for _ in range(count):
        _throw_description(dice)
        parse_rtcp(mutated(dice, dice.choice(_RTCP), _RTCP))
    _throw_sound(dice, count)
    _throw_stream(dice, count // 10)


def _throw_description(dice: Random) -> None:
    secrecy = dice.choice(tuple(Secrecy))
    media = MediaSession("127.0.0.1", 4000, _CODECS, 1, secrecy, lambda: bytes(KEY_BYTES))
    with suppress(SipError):
        assert media.answer(mutated(dice, dice.choice(_OFFERS), _OFFERS)).startswith(b"v=0\r\n")
    media.offer()
    with suppress(SipError):
        media.accept(mutated(dice, dice.choice(_OFFERS), _OFFERS))


def _throw_sound(dice: Random, count: int) -> None:
    """One stream: whatever comes, each tick is a frame, and no more than a second is held."""
    codecs = {FORMATS[name].payload_type: new_codec(name) for name in _CODECS}
    playout, reception, digits = Playout(codecs), Reception(), DigitReceiver()
    kinds = (*codecs, _EVENT, _COMFORT)
    seeds = [bytes(RtpPacket(kind, 1, 160, 7, bytes(160), True)) for kind in kinds]
    for number in range(count):
        kind = dice.choice(kinds)
        data = bytes(RtpPacket(kind, number & 0xFFFF, number * 160, 7, dice.randbytes(160)))
        if dice.random() < 0.5:
            data = mutated(dice, data, seeds)
        packet = None if is_rtcp(data) else parse_rtp(data)
        if packet is not None:
            reception.take(packet, number / 50)
            if packet.payload_type == _EVENT:
                digits.take(packet)
            elif packet.payload_type == _COMFORT:
                playout.comfort(packet)
            elif packet.payload_type in codecs:
                playout.buffer.push(packet)
        frame = playout.pull(number * 160)
        assert len(frame.pcm) == FRAME_BYTES
        assert playout.samples <= 2 * CAPACITY
    reception.report()
    digits.pressed()


def _throw_stream(dice: Random, count: int) -> None:
    """Bytes of a connection, cut anywhere."""
    seed = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
    framer = Framer()
    for _ in range(count):
        framer.feed(mutated(dice, seed * dice.randrange(1, 4), [seed]))
        try:
            while (message := framer.next_message()) is not None:
                assert len(message) <= LONGEST_HEAD + LONGEST_BODY
        except SipError:
            framer = Framer()
