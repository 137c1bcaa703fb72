"""The far end of a leg, by hand: a plain socket that speaks RTP."""

from __future__ import annotations

import math
import socket

from callcenter.core.records import FRAME_BYTES, Frame
from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound import g711
from callcenter.sip.sound.rtp import RtpPacket, parse_rtp
from callcenter.sip.sound.rtp_leg import RtpLeg
from callcenter.sip.sound.rtp_socket import open_rtp_socket

BOTH = ("PCMU", "PCMA")
HOST = "127.0.0.1"


def tone(frames: int, hertz: float = 440.0) -> list[Frame]:
    samples = (round(9000 * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(frames * 160))
    pcm = b"".join(s.to_bytes(2, "little", signed=True) for s in samples)
    return [Frame(i * 160, pcm[i * FRAME_BYTES : (i + 1) * FRAME_BYTES]) for i in range(frames)]


def new_leg() -> RtpLeg:
    return RtpLeg(open_rtp_socket(HOST, (0,)), BOTH)


def coded(frames: list[Frame]) -> list[bytes]:
    return [g711.decode(g711.encode(f.pcm, "PCMU"), "PCMU") for f in frames]


class Far:
    """A plain socket that speaks RTP by hand."""

    def __init__(self, leg: RtpLeg) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(5)
        self.to = (HOST, leg.port)
        self.sequence = 0

    @property
    def stream(self) -> Stream:
        return Stream("PCMU", 0, HOST, self.socket.getsockname()[1], event_type=101)

    def say(self, pcm: bytes, payload_type: int = 0) -> None:
        codec = "PCMA" if payload_type == 8 else "PCMU"
        stamp = self.sequence * 160
        packet = RtpPacket(payload_type, self.sequence, stamp, 7, g711.encode(pcm, codec))
        self.sequence += 1
        self.socket.sendto(bytes(packet), self.to)

    def hear(self) -> RtpPacket:
        packet = parse_rtp(self.socket.recv(2048))
        assert packet is not None
        return packet

    def throw(self, data: bytes) -> None:
        self.socket.sendto(data, self.to)
