"""Sockets for sound: when packets came, and what goes wrong on a network."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from callcenter.sip.sound import rtp_socket
from callcenter.sip.sound.rtp_socket import RtpSocket, open_rtp_socket

HOST = "127.0.0.1"


@pytest.fixture
def far() -> Iterator[socket.socket]:
    sock = open_rtp_socket(HOST, (0,))
    yield sock
    sock.close()


@pytest.mark.parametrize("option", [rtp_socket._SO_TIMESTAMPNS, -1], ids=["kernel", "own clock"])
def test_when_a_packet_came(
    far: socket.socket, option: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the kernel's note, or where it takes none, by the time at which it was fetched."""
    monkeypatch.setattr(rtp_socket, "_SO_TIMESTAMPNS", option)
    sock = open_rtp_socket(HOST, (0,))
    near = RtpSocket(sock)
    before = time.time()
    far.sendto(b"sound", sock.getsockname())
    ((data, source, at),) = near.arrivals(9)
    assert (data, source) == (b"sound", far.getsockname())
    assert before - 0.1 <= at <= time.time() + 0.1
    near.close()


def test_on_other_systems_the_own_clock_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtp_socket, "_STAMPS", False)
    near = RtpSocket(open_rtp_socket(HOST, (0,)))
    assert list(near.arrivals(1)) == []
    near.close()


def test_an_error_of_the_network_is_no_packet(far: socket.socket) -> None:
    """Where nobody listens any more, the next read tells so; the one after it goes on."""
    sock = open_rtp_socket(HOST, (0,))
    sock.connect(far.getsockname())
    near = RtpSocket(sock)
    far.close()
    sock.send(b"anybody there?")
    assert list(near.arrivals(3)) == []
    near.close()


def test_a_closed_socket_neither_reads_nor_writes(far: socket.socket) -> None:
    near = RtpSocket(open_rtp_socket(HOST, (0,)))
    near.close()
    near.close()
    assert list(near.arrivals(1)) == []
    assert not near.write(b"sound", far.getsockname())


class AtTheLastPort(socket.socket):
    """Is bound nowhere, and says that it has port 65535: somebody else may have it."""

    def getsockname(self) -> tuple[str, int]:
        return HOST, 65535


def test_the_last_port_has_none_beside_it() -> None:
    with AtTheLastPort(socket.AF_INET, socket.SOCK_DGRAM) as last:
        assert rtp_socket.open_beside(last) is None
