"""Session descriptions: reading, choosing, offering and answering."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.errors import BadSdp, NoCommonCodec
from callcenter.sip.sdp import Description, Media, MediaSession, Stream, choose, parse_sdp
from tests.sip.raw import OFFER

BOTH = ("PCMU", "PCMA")
words = st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True)
hosts = st.sampled_from(["", "127.0.0.1", "::1"])
media = st.builds(
    Media,
    st.sampled_from(["audio", "video"]),
    st.integers(0, 65535),
    st.sampled_from(["RTP/AVP", "RTP/SAVP"]),
    st.lists(words, min_size=1, max_size=3).map(tuple),
    hosts,
    st.lists(words, max_size=3).map(tuple),
)
descriptions = st.builds(
    Description,
    hosts,
    st.lists(media, max_size=3).map(tuple),
    st.lists(words, max_size=2).map(tuple),
    st.integers(0, 2**60),
    st.integers(0, 2**60),
)


def session(codecs: tuple[str, ...] = BOTH) -> MediaSession:
    return MediaSession("127.0.0.1", 4002, codecs, 77)


@given(descriptions)
def test_a_description_reads_what_it_wrote(description: Description) -> None:
    assert parse_sdp(bytes(description)) == description


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: b"v=0\r\n" + t.encode()))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(BadSdp, NoCommonCodec):
        choose(parse_sdp(body), BOTH)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "v=0"),
        (b"m=audio 1 RTP/AVP 0", "v=0"),
        (b"v=0\nhello", "line"),
        (b"v=0\nm=audio x RTP/AVP 0", "media"),
        (b"v=0\nm=audio 70000 RTP/AVP 0", "media"),
        (b"v=0\nm=audio 1 RTP/AVP", "media"),
        (b"v=0\nc=IN IP4", "connection"),
    ],
)
def test_what_cannot_be_read(body: bytes, what: str) -> None:
    with pytest.raises(BadSdp, match=what):
        parse_sdp(body)


def test_the_offerers_order_decides() -> None:
    offer = session()
    offer.answer(OFFER.encode())
    assert offer.stream == Stream("PCMA", 8, "127.0.0.1", 4000, event_type=101)
    only = session(("PCMU",))
    only.answer(OFFER.encode())
    assert only.stream is not None
    assert only.stream.codec == "PCMU"


def test_golden_offer_and_answer() -> None:
    assert session().offer() == (
        b"v=0\r\no=- 77 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=audio 4002 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    )
    assert session().answer(OFFER.encode()) == (
        b"v=0\r\no=- 77 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=audio 4002 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    )


@pytest.mark.parametrize(
    ("theirs", "ours", "may_send", "may_receive"),
    [
        ("sendrecv", "sendrecv", True, True),
        ("sendonly", "recvonly", False, True),
        ("recvonly", "sendonly", True, False),
        ("inactive", "inactive", False, False),
    ],
)
def test_directions_are_mirrored(theirs: str, ours: str, may_send: bool, may_receive: bool) -> None:
    for offer in (OFFER + f"a={theirs}\r\n", OFFER.replace("t=0 0", f"t=0 0\r\na={theirs}")):
        near = session()
        answer = near.answer(offer.encode())
        assert answer.endswith(f"a={ours}\r\n".encode())
        assert near.stream is not None
        assert (near.stream.may_send, near.stream.may_receive) == (may_send, may_receive)


def test_hold_in_the_old_way() -> None:
    near = session()
    near.answer(OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0").encode())
    assert near.stream is not None
    assert (near.stream.may_send, near.stream.address) == (False, None)


def test_the_version_counts_changes() -> None:
    near = session()
    first = near.answer(OFFER.encode())
    assert near.answer(OFFER.encode()) == first
    assert b"o=- 77 2 " in near.answer((OFFER + "a=sendonly\r\n").encode())


def test_the_medium_has_its_own_address_and_others_are_refused() -> None:
    offer = (
        "v=0\no=- x y IN IP4 h\nc=IN IP4 10.0.0.1\nb=AS:1\n"
        "m=video 9 RTP/AVP 96\nc=IN IP4 10.0.0.3\n"
        "m=audio 4000/2 RTP/AVP 0\nc=IN IP4 10.0.0.2/127\na=ptime:30\na=ptime\n"
    )
    near = session()
    answer = parse_sdp(near.answer(offer.encode()))
    assert near.stream == Stream("PCMU", 0, "10.0.0.2", 4000, ptime=30)
    assert [(m.kind, m.port) for m in answer.media] == [("video", 0), ("audio", 4002)]


def test_a_host_name_is_left_to_latching() -> None:
    near = session()
    near.answer(OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 media.example").encode())
    assert near.stream is not None
    assert near.stream.address is None


def test_dynamic_payload_types() -> None:
    offer = OFFER.replace("8 0 101", "97 101").replace("rtpmap:8 ", "rtpmap:97 ")
    near = session()
    near.answer(offer.encode())
    assert near.stream is not None
    assert (near.stream.codec, near.stream.payload_type) == ("PCMA", 97)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("audio 4000", "audio 0"),
        ("RTP/AVP", "RTP/SAVP"),
        ("m=audio", "m=text"),
        ("8 0 101", "18 x 999"),
        (
            "a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000",
            "a=rtpmap:8 PCMA/16000\r\na=rtpmap:0 L16/8000",
        ),
    ],
)
def test_without_a_common_codec(old: str, new: str) -> None:
    near = session()
    with pytest.raises(NoCommonCodec, match="PCMU or PCMA"):
        near.answer(OFFER.replace(old, new).encode())
    assert near.stream is None


def test_our_offer_is_answered() -> None:
    near, far = session(), session(("PCMA",))
    near.accept(far.answer(near.offer()))
    assert near.stream is not None
    assert (near.stream.codec, near.stream.port) == ("PCMA", 4002)
    with pytest.raises(BadSdp):
        near.accept(b"")


def test_ipv6() -> None:
    near = MediaSession("::1", 4002, BOTH, 1)
    assert b"o=- 1 1 IN IP6 ::1\r\n" in near.offer()
    assert b"c=IN IP6 ::1\r\n" in near.offer()
