"""Messages on a connection: cut out of any pieces, keep-alives counted, what cannot be cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.errors import NotSip
from callcenter.sip.signal.framing import LONGEST_BODY, LONGEST_HEAD, Framer, is_noise
from tests.sip.raw import OFFER, text_request

MESSAGES = (
    text_request("OPTIONS"),
    text_request(body=OFFER),
    b"SIP/2.0 200 OK\nl : 3\n\nabc",
    b"BYE sip:x SIP/2.0\r\nCONTENT-LENGTH:\t0\r\n\r\n",
)


def cut(pieces: list[bytes]) -> tuple[list[bytes], int]:
    framer = Framer()
    found: list[bytes] = []
    for piece in pieces:
        framer.feed(piece)
        while (message := framer.next_message()) is not None:
            found.append(message)
    assert not framer.waiting
    return found, framer.pings


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(MESSAGES)), max_size=6),
    st.lists(st.integers(0, 2500), max_size=30),
)
def test_any_pieces_give_the_same_messages(said: list[tuple[int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(b"\r\n\r\n" * pings + message for pings, message in said)
    at = sorted({0, *(c for c in cuts if c < len(stream)), len(stream)})
    pieces = [stream[a:b] for a, b in pairwise(at)]
    assert cut(pieces) == ([message for _, message in said], sum(pings for pings, _ in said))


def test_a_byte_at_a_time() -> None:
    stream = b"\r\n\r\n" + MESSAGES[0] + b"\r\n" + MESSAGES[1] + b"\r\n\r\n"
    assert cut([stream[i : i + 1] for i in range(len(stream))]) == (list(MESSAGES[:2]), 2)


def test_a_lone_line_end_is_a_pong() -> None:
    framer = Framer()
    framer.feed(b"\r\n")
    assert framer.next_message() is None
    assert (framer.pings, framer.waiting) == (0, False)
    framer.feed(MESSAGES[0][:20])
    assert framer.next_message() is None
    assert (framer.pings, framer.waiting) == (0, True)
    framer.feed(MESSAGES[0][20:])
    assert framer.next_message() == MESSAGES[0]


def test_line_ends_for_ever_take_no_memory() -> None:
    framer = Framer()
    for _ in range(1000):
        framer.feed(b"\n\n\n\r\r\n" * 20)
        assert framer.next_message() is None
        assert len(framer._data) <= 3


HEAD = b"OPTIONS sip:x SIP/2.0\r\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"Via: x\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nl: 6\r\n\r\nabcdef",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: five\r\n\r\n",
        HEAD + b"Content-Length: 9999999999\r\n\r\n",
        HEAD + f"Content-Length: {LONGEST_BODY + 1}\r\n\r\n".encode(),
        b"x" * (LONGEST_HEAD + 1),
        b"\0" * (LONGEST_HEAD + 1),
    ],
)
def test_what_cannot_be_cut_is_refused(data: bytes) -> None:
    framer = Framer()
    framer.feed(data)
    with pytest.raises(NotSip):
        framer.next_message()


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_any_bytes_are_cut_or_refused(pieces: list[bytes]) -> None:
    framer = Framer()
    try:
        for piece in pieces:
            framer.feed(piece)
            while framer.next_message() is not None:
                pass
    except NotSip:
        return
    assert len(framer._data) <= sum(map(len, pieces))


STUN = bytes.fromhex("000100002112a442") + bytes(12)


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", bytes(4), b"\0", STUN, b"\r\n\0\0"])
def test_what_is_passed_over_unread(data: bytes) -> None:
    assert is_noise(data)


@pytest.mark.parametrize("data", [*MESSAGES, b"\r\n\r\n" + MESSAGES[0], b"x" * 65000])
def test_what_is_looked_at(data: bytes) -> None:
    assert not is_noise(data)
