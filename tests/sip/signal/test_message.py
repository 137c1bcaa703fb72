"""Messages: golden bytes, identity, tolerance, torture."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.errors import BadHeader, NotSip
from callcenter.sip.signal.message import (
    BadMessage,
    Message,
    Request,
    Response,
    canonical_name,
    parse,
)
from tests.sip.raw import text_request

GOLDEN = (
    b"OPTIONS sip:95000@127.0.0.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bK1\r\n"
    b"From: <sip:a@127.0.0.1>;tag=1\r\n"
    b"To: <sip:95000@127.0.0.1>\r\n"
    b"Call-ID: x\r\n"
    b"CSeq: 7 OPTIONS\r\n"
    b"Content-Length: 3\r\n"
    b"\r\n"
    b"abc"
)
TORTURED = (
    b"\r\n\r\nINVITE  sip:95000@127.0.0.1;p=1   SIP/2.0\n"
    b'v:  SIP  / 2.0\n /UDP\n    127.0.0.1:5070 ;branch=z9hG4bK1,\n SIP/2.0/TCP h;x="a,b"\n'
    b"vIA: SIP/2.0/UDP other\n"
    b'F: "J\xe9 \\\\ \\" n"       <sip:a@127.0.0.1>\n  ;\n tag = 98asjd8\n'
    b"TO :\n tel:+86-10-95000 ;tag\t=  x\n"
    b"i: 0ha0isndaksdj\n"
    b"CsEq:   0009\n  INVITE\n"
    b"NewFangledHeader:   newfangled value\n continued\n"
    b"max-forwards: 255\n"
    b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam = newvalue\n'
    b"C: application/sdp\n"
    b"l: 2\n"
    b"\n"
    b"ab-trailing"
)


def test_golden_bytes() -> None:
    message = parse(GOLDEN)
    assert isinstance(message, Request)
    assert (message.method, message.uri, message.body) == ("OPTIONS", "sip:95000@127.0.0.1", b"abc")
    assert bytes(message) == GOLDEN


def test_all_the_ways_to_write_a_header() -> None:
    message = parse(TORTURED)
    assert isinstance(message, Request)
    assert message.uri == "sip:95000@127.0.0.1;p=1"
    assert message.via.branch == "z9hG4bK1"
    assert len(message.listed("via")) == 3
    assert message.from_.tag == "98asjd8"
    assert message.to.uri.number == "+86-10-95000"
    assert message.cseq.number == 9
    assert message.first("newfangledheader") == "newfangled value continued"
    assert str(message.contact) == "sip:jdrosen@example.com"
    assert message.body == b"ab"
    assert parse(bytes(message)) == message
    assert b"J\xe9" in bytes(message)


names = st.sampled_from(["Via", "Contact", "X-Any", "Subject", "Route"])
texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=0, max_size=20).map(
    str.strip
)
HEADERS = (
    ("Via", "SIP/2.0/UDP h;branch=1"),
    ("From", "<sip:a@h>;tag=1"),
    ("To", "<sip:b@h>"),
    ("Call-ID", "c"),
)
extras = st.lists(st.tuples(st.sampled_from(["X-Any", "Subject", "Route"]), texts), max_size=4)


@given(extras, st.binary(max_size=40))
def test_a_request_reads_what_it_wrote(extra: list[tuple[str, str]], body: bytes) -> None:
    headers = (*HEADERS, ("CSeq", "1 INFO"), *extra)
    request = Request(headers, body, "INFO", "sip:b@h")
    assert parse(bytes(request)) == request


@given(extras, st.binary(max_size=40), st.integers(100, 699), texts)
def test_a_response_reads_what_it_wrote(
    extra: list[tuple[str, str]], body: bytes, status: int, reason: str
) -> None:
    response = Response((*HEADERS, ("CSeq", "1 INFO"), *extra), body, status, reason)
    assert parse(bytes(response)) == response


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_politely(data: bytes) -> None:
    with pytest.raises((NotSip, BadMessage)):
        parse(data)


@given(st.data())
def test_a_damaged_message_is_read_or_refused(data: st.DataObject) -> None:
    original = data.draw(st.sampled_from([GOLDEN, TORTURED, text_request(body="v=0\r\n")]))
    damaged = bytearray(original)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=6))
    with suppress(NotSip, BadMessage):
        parse(bytes(damaged))


def broken(old: bytes, new: bytes) -> bytes:
    assert old in GOLDEN
    return GOLDEN.replace(old, new)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (broken(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia"), 505),
        (broken(b"Call-ID: x\r\n", b""), 400),
        (broken(b"Call-ID: x", b"Call-ID:"), 400),
        (broken(b"Call-ID: x", b"Call-ID x"), 400),
        (broken(b"Call-ID: x", b"Call-ID: x\r\nCall-ID: x"), 400),
        (broken(b"7 OPTIONS", b"7 INVITE"), 400),
        (broken(b"7 OPTIONS", b"2147483648 OPTIONS"), 400),
        (broken(b"7 OPTIONS", b"seven OPTIONS"), 400),
        (broken(b"Length: 3", b"Length: 9"), 400),
        (broken(b"Length: 3", b"Length: -3"), 400),
        (broken(b"Length: 3", b"Length: 3\r\nl: 2"), 400),
        (broken(b"sip:95000@127.0.0.1 SIP", b"<sip:95000@127.0.0.1> SIP"), 400),
        (broken(b"sip:95000@127.0.0.1 SIP", b"sip:95000@127.0.0.1; lr SIP"), 400),
        (broken(b"<sip:a@127.0.0.1>", b'"unbalanced <sip:a@127.0.0.1>'), 400),
        (broken(b"CSeq", b"Max-Forwards: 256\r\nCSeq"), 400),
        (broken(b"SIP/2.0/UDP 127.0.0.1:5070", b"SIP/2.0/UDP 127.0.0.1:70000"), 400),
    ],
)
def test_a_broken_request_says_what_to_answer(data: bytes, status: int) -> None:
    with pytest.raises(BadMessage) as caught:
        parse(data)
    assert caught.value.status == status
    assert "\n" not in caught.value.reason
    assert caught.value.request.method == "OPTIONS"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"hello",
        b"GET / HTTP/1.1\r\n\r\n",
        b"@ sip:a@h SIP/2.0\r\n\r\n",
        b"SIP/2.0 4294967301 too much\r\n\r\n",
        b"SIP/2.0 099 low\r\n\r\n",
        b"SIP/2.0\r\n\r\n",
        b"SIP/3.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\nno colon here\r\n\r\n",
    ],
)
def test_what_is_no_sip_is_met_with_silence(data: bytes) -> None:
    with pytest.raises(NotSip):
        parse(data)


def test_a_response_without_a_reason() -> None:
    head = b"\r\n".join(GOLDEN.split(b"\r\n")[1:-1]) + b"\r\n"
    message = parse(b"SIP/2.0 100\r\n" + head + b"abc")
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (100, "")


def test_without_content_length_the_rest_is_the_body() -> None:
    assert parse(broken(b"Content-Length: 3\r\n", b"")).body == b"abc"


def test_controls_in_a_value_cannot_become_lines() -> None:
    message = parse(broken(b"Call-ID: x", b"Call-ID: x\rEvil: 1"))
    assert message.call_id == "x Evil: 1"
    assert len(bytes(message).split(b"\r")) == len(GOLDEN.split(b"\r"))


def test_small_readers() -> None:
    assert canonical_name("V") == "Via"
    assert canonical_name("X-Own") == "X-Own"
    nothing = Message()
    assert nothing.contact is None
    assert Message((("Contact", "*"),)).contact is None
    with pytest.raises(BadHeader, match="Via"):
        _ = nothing.via
    with pytest.raises(BadHeader, match="To"):
        _ = nothing.to


def test_a_request_can_be_changed() -> None:
    request = parse(GOLDEN)
    assert isinstance(request, Request)
    changed = request.with_header("cseq", "8 OPTIONS").stamped(request.via.with_param("rport", "9"))
    assert changed.cseq.number == 8
    assert changed.every("Via") == ["SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport=9"]


@pytest.mark.parametrize("data", [GOLDEN, TORTURED])
def test_what_is_stamped_reads_as_what_its_bytes_say(data: bytes) -> None:
    request = parse(data)
    assert isinstance(request, Request)
    stamped = request.stamped(request.via.with_param("received", "127.0.0.8"))
    again = parse(bytes(stamped))
    for part in ("via", "vias", "from_", "to", "cseq", "call_id", "contact"):
        assert getattr(stamped, part) == getattr(again, part)
