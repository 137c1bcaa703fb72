"""Bodies of several parts: which part counts, and what is no such body."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.bodies import described, parts
from callcenter.sip.signal.events import CallAnswered
from callcenter.sip.signal.message import Message
from tests.sip.raw import OFFER, text_response
from tests.sip.signal.test_calls_out import Caller

SDP = b"v=0\r\n"


def message(body: bytes, kind: str = "multipart/mixed;boundary=b") -> Message:
    return Message((("Content-Type", kind), ("X", "1")), body)


def part(content: bytes, *headers: bytes) -> bytes:
    return b"--b\r\n" + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + content + b"\r\n"


SESSION = part(SDP, b"Content-Type: Application/SDP;charset=utf-8")


def test_parts_between_preamble_and_epilogue() -> None:
    body = b"before\r\n" + part(b"plain") + SESSION + b"--b--  \r\nafter\r\n\r\nall"
    assert [(p.kind, p.content) for p in parts(message(body))][:2] == [
        ("", b"plain"),
        ("application/sdp", SDP),
    ]


def test_the_session_description_becomes_the_body() -> None:
    found = described(message(part(b"x", b"c: text/plain") + SESSION + b"--b--\r\n"))
    assert found.body == SDP
    assert found.headers == (("X", "1"), ("Content-Type", "application/sdp"))


@pytest.mark.parametrize(
    "kind", ['multipart/mixed; boundary="b"', "MULTIPART/Related ; type=x ; Boundary = b"]
)
def test_how_a_boundary_may_be_written(kind: str) -> None:
    assert described(message(SESSION + b"--b--", kind)).body == SDP


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (SESSION, "application/sdp"),
        (SESSION, "multipart/mixed"),
        (SESSION, "multipart/mixed;boundary="),
        (SESSION, 'multipart/mixed;boundary="open'),
        (SESSION, f"multipart/mixed;boundary={'b' * 71}"),
        (part(b"x") + b"--b--", "multipart/mixed;boundary=b"),
        (
            SESSION + part(b"x", b"Content-Disposition: render;handling=required"),
            "multipart/m;boundary=b",
        ),
        (b"", "multipart/mixed;boundary=b"),
    ],
)
def test_what_stays_as_it_is(body: bytes, kind: str) -> None:
    given_ = message(body, kind)
    assert described(given_) is given_


@given(
    st.binary(max_size=120), st.sampled_from(["multipart/m;boundary=b", "multipart/m;boundary=+("])
)
def test_any_bytes_are_read_or_refused(body: bytes, kind: str) -> None:
    with suppress(BadHeader):
        parts(message(body.replace(b"\0", b"--b"), kind))
    described(message(body, kind))


def test_an_answer_may_come_among_other_bodies() -> None:
    caller = Caller()
    head = text_response(
        caller.invite,
        200,
        "Contact: <sip:far@127.0.0.1:5070>",
        "Content-Type: multipart/mixed;boundary=b",
    )
    session = part(OFFER.encode(), b"Content-Type: application/sdp")
    (ack,) = caller.get(head + part(b"x", b"Content-Type: text/plain") + session + b"--b--\r\n")
    assert ack.method == "ACK"
    (answered,) = caller.told()
    assert isinstance(answered, CallAnswered)
    assert answered.stream.codec == "PCMA"
