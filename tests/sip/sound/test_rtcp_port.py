"""Reports over real UDP: on the next port, and with the sound."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from callcenter.sip.signal.sdp import Stream
from callcenter.sip.sound.reception import Reception
from callcenter.sip.sound.rtcp import Bye, Report, SenderInfo, ntp_time, parse_rtcp, write_rtcp
from callcenter.sip.sound.rtcp_port import RtcpPort
from callcenter.sip.sound.rtp import RtpPacket
from callcenter.sip.sound.rtp_socket import RtpSocket, open_beside, open_rtp_socket

HOST = "127.0.0.1"


def always() -> float:
    """Dice by which every interval is over at once."""
    return -0.5


class Member:
    """A leg's two sockets and its reports."""

    def __init__(self, ssrc: int) -> None:
        sock = open_rtp_socket(HOST, (0,))
        beside = open_beside(sock)
        assert beside is not None
        self.port = sock.getsockname()[1]
        self.sound = RtpSocket(sock)
        self.rtcp = RtcpPort(self.sound, beside, ssrc, always)
        self.reception = Reception()

    def agree(self, other: Member, *, mux: bool = False) -> None:
        self.rtcp.agree(Stream("PCMU", 0, HOST, other.port, rtcp_mux=mux))

    def turn(self) -> None:
        sender = SenderInfo(ntp_time(time.time()), 160, 1, 160)
        self.rtcp.turn(sender, self.reception, None)

    def close(self) -> None:
        self.rtcp.leave(None, self.reception, None)
        self.sound.close()


@pytest.fixture
def pair() -> Iterator[tuple[Member, Member]]:
    near, far = Member(1), Member(2)
    near.reception.take(RtpPacket(0, 1, 1, 2), None)
    far.reception.take(RtpPacket(0, 1, 1, 1), None)
    yield near, far
    near.close()
    far.close()


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.2", 0))
    yield sock
    sock.close()


def until(done: Callable[[], bool], *turns: Callable[[], None]) -> None:
    """Take turns until it has happened; loopback delivers at once, so soon."""
    for _ in range(1000):
        if done():
            return
        for turn in turns:
            turn()
    raise AssertionError("it did not happen")


def test_both_learn_the_round_trip(pair: tuple[Member, Member]) -> None:
    near, far = pair
    near.agree(far)
    far.agree(near)
    until(lambda: near.rtcp.reporting.round_trip is not None, near.turn, far.turn)
    until(lambda: far.rtcp.reporting.round_trip is not None, near.turn, far.turn)
    assert 0 <= (near.rtcp.reporting.round_trip or 0) < 5
    assert (near.rtcp.ignored, far.rtcp.ignored) == (0, 0)


def test_reports_go_with_the_sound_where_that_was_agreed(pair: tuple[Member, Member]) -> None:
    near, far = pair
    near.agree(far, mux=True)
    assert near.rtcp.is_shared
    assert not far.rtcp.is_shared
    near.turn()
    ((data, source, at),) = far.sound.arrivals(1)
    assert source == (HOST, near.port)
    assert isinstance(parse_rtcp(data)[0], Report)
    far.rtcp.take(data, at)
    assert far.rtcp.reporting.heard == 1


def test_nothing_is_said_before_anything_is_agreed(pair: tuple[Member, Member]) -> None:
    near, far = pair
    near.turn()
    near.rtcp.leave(SenderInfo(1, 1, 1, 1), near.reception, None)
    far.agree(near)
    far.turn()
    assert far.rtcp.reporting.heard == 0


def test_strangers_and_garbage_are_counted(
    pair: tuple[Member, Member], stranger: socket.socket
) -> None:
    near, far = pair
    near.agree(far)
    stranger.sendto(write_rtcp((Report(9),)), (HOST, near.port + 1))
    until(lambda: near.rtcp.ignored == 1, near.turn)
    for data in (b"", b"\x80", b"\x80\xc8\x00\x00" * 500):
        far.sound.write(data, (HOST, near.port + 1))
    until(lambda: near.rtcp.ignored == 4, near.turn)
    assert near.rtcp.reporting.heard == 0


def test_the_first_source_of_reports_is_kept(pair: tuple[Member, Member]) -> None:
    near, far = pair
    near.agree(far)
    report = write_rtcp((Report(2),))
    far.sound.write(report, (HOST, near.port + 1))
    until(lambda: near.rtcp.reporting.heard == 1, near.turn)
    far.agree(near)
    far.turn()
    until(lambda: near.rtcp.ignored > 0, near.turn)
    assert near.rtcp.reporting.heard == 1
    near.rtcp.agree(Stream("PCMU", 0, HOST, far.port, rtcp=(HOST, far.port + 1)))
    near.rtcp.agree(Stream("PCMU", 0, HOST, 4000))
    far.turn()
    until(lambda: near.rtcp.reporting.heard > 1, near.turn)


def test_who_leaves_says_bye(pair: tuple[Member, Member]) -> None:
    near, far = pair
    near.agree(far)
    far.agree(near)
    near.rtcp.leave(SenderInfo(1, 1, 1, 1), near.reception, None)
    until(lambda: far.rtcp.reporting.left, far.turn)


def test_without_a_port_of_its_own_it_reports_with_the_sound_only() -> None:
    far = Member(2)
    sock = open_rtp_socket(HOST, (0,))
    rtcp = RtcpPort(RtpSocket(sock), None, 1, always)
    rtcp.agree(Stream("PCMU", 0, HOST, far.port))
    rtcp.turn(None, Reception(), None)
    rtcp.agree(Stream("PCMU", 0, HOST, far.port, rtcp_mux=True))
    rtcp.turn(None, Reception(), None)
    ((data, _, _),) = far.sound.arrivals(2)
    assert parse_rtcp(data)[0] == Report(1)
    rtcp.leave(SenderInfo(1, 1, 1, 1), Reception(), None)
    ((data, _, _),) = far.sound.arrivals(2)
    assert parse_rtcp(data)[-1] == Bye((1,))
    far.close()
    sock.close()


def test_the_next_port_may_be_taken_or_not_there() -> None:
    sock = open_rtp_socket(HOST, (0,))
    beside = open_beside(sock)
    assert beside is not None
    assert open_beside(sock) is None
    beside.close()
    sock.close()
