"""Session descriptions: reading, choosing, offering and answering."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.errors import BadSdp, NoCommonCodec
from callcenter.sip.signal.sdes import KEY_BYTES, SUITES, CryptoLine, Keys, Secrecy, first_usable
from callcenter.sip.signal.sdp import MediaSession, Stream, choose, parse_sdp
from callcenter.sip.signal.sdp_text import Description, Media
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


VALUES = (
    *("audio 4000 RTP/AVP 0 8 9 101", "audio 1 RTP/SAVP 0", "IN IP4 127.0.0.1", "IN IP6 ::"),
    *("rtpmap:0 PCMU/8000", "rtpmap: /", "rtcp:1 IN IP4 x", "ptime:1", "rtcp-mux", "inactive"),
    f"crypto:1 {SUITES[0]} inline:{'A' * 40}",
)


@given(
    st.lists(
        st.tuples(st.sampled_from("vosctbakm"), st.sampled_from(VALUES) | st.text(max_size=30)),
        max_size=8,
    ),
    st.sampled_from(Secrecy),
)
def test_any_lines_are_answered_or_refused(told: list[tuple[str, str]], secrecy: Secrecy) -> None:
    body = "".join(f"{kind}={value}\r\n" for kind, value in [("v", "0"), *told]).encode()
    with suppress(BadSdp, NoCommonCodec):
        answer = secret(secrecy).answer(body)
        assert parse_sdp(answer).version == 1


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
        b"m=audio 4002 RTP/AVP 0 8 101 13\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
        b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=rtpmap:13 CN/8000\r\n"
        b"a=ptime:20\r\na=sendrecv\r\na=rtcp-mux\r\n"
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


def line(*attributes: str, audio: str = "RTP/AVP 8 0") -> str:
    """An offer with one audio medium and these attributes."""
    more = "".join(f"a={one}\r\n" for one in attributes)
    head = "v=0\r\no=far 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    return f"{head}m=audio 4000 {audio}\r\n{more}"


def agreed(offer: str, codecs: tuple[str, ...] = BOTH) -> tuple[Stream, Media]:
    """What an offer comes to, and our answer's medium."""
    near = session(codecs)
    answer = parse_sdp(near.answer(offer.encode()))
    assert near.stream is not None
    return near.stream, answer.media[0]


def test_known_types_need_no_map() -> None:
    stream, answer = agreed(line(audio="RTP/AVP 9 8 13 101"), ("PCMA", "G722"))
    assert (stream.codec, stream.payload_type) == ("G722", 9)
    assert (stream.noise_type, stream.event_type) == (13, None)
    assert answer.formats == ("9", "13")
    # RFC 3551 §4.5.2: its clock is called 8000 Hz; another one is another codec.
    assert "rtpmap:9 G722/8000" in answer.attributes
    assert agreed(line("rtpmap:9 G722/16000", audio="RTP/AVP 9 8"), ("PCMA", "G722"))[0].codec == (
        "PCMA"
    )


def test_wideband_is_offered_by_its_old_clock() -> None:
    offer = session(("G722", "PCMA")).offer()
    assert b"m=audio 4002 RTP/AVP 9 8 101 13\r\na=rtpmap:9 G722/8000\r\n" in offer


@pytest.mark.parametrize(
    ("attributes", "where", "mux"),
    [
        ((), ("127.0.0.1", 4001), False),
        (("rtcp:5000",), ("127.0.0.1", 5000), False),
        (("rtcp:5000 IN IP4 10.0.0.9",), ("10.0.0.9", 5000), False),
        (("rtcp:5000 IN IP6 ::9",), ("::9", 5000), False),
        (("rtcp:",), ("127.0.0.1", 4001), False),
        (("rtcp:0",), ("127.0.0.1", 4001), False),
        (("rtcp:70000",), ("127.0.0.1", 4001), False),
        (("rtcp:5000 IN IP4 rtcp.example",), ("127.0.0.1", 4001), False),
        (("rtcp:5000", "rtcp-mux"), ("127.0.0.1", 4000), True),
    ],
)
def test_where_reports_go(attributes: tuple[str, ...], where: object, mux: bool) -> None:
    stream, answer = agreed(line(*attributes))
    assert stream.rtcp_address == where
    assert stream.rtcp_mux is mux
    assert ("rtcp-mux" in answer.attributes) is mux


@pytest.mark.parametrize(
    ("attributes", "ptime"),
    [(("ptime:30", "maxptime:40"), 30), (("maxptime:10",), 20), (("ptime:0x", "ptime:9"), 9)],
)
def test_packets_of_ours_are_20_ms_and_we_say_so(attributes: tuple[str, ...], ptime: int) -> None:
    stream, answer = agreed(line(*attributes))
    assert stream.ptime == ptime
    assert "ptime:20" in answer.attributes


def test_what_nobody_knows_is_passed_over() -> None:
    more = ("b=AS:64", "k=clear:x", "i=room", "z=0 0", "X=1")
    offer = OFFER + "".join(f"{one}\r\n" for one in more) + "a=ssrc:1 cname:x\r\na=\r\na=:\r\n"
    assert agreed(offer)[0].codec == "PCMA"


def test_media_that_were_refused_keep_their_place_in_our_own_offer() -> None:
    offer = OFFER.replace("m=audio", "m=video 9 RTP/AVP 96\r\nm=audio") + "m=text 8 RTP/AVP 98\r\n"
    near = session()
    answered = parse_sdp(near.answer(offer.encode()))
    near.held = True
    asked = parse_sdp(near.offer())
    for media in (answered.media, asked.media):
        assert [(m.kind, m.port) for m in media] == [("video", 0), ("audio", 4002), ("text", 0)]
    assert (answered.version, asked.version) == (1, 2)
    assert "sendonly" in asked.media[1].attributes


@pytest.mark.parametrize("profile", ["RTP/AVP", "RTP/AVPF"])
def test_the_profile_of_an_offer_is_that_of_its_answer(profile: str) -> None:
    stream, answer = agreed(line(audio=f"{profile} 0"))
    assert (answer.protocol, stream.keys) == (profile, None)


def test_many_lines_are_read_in_time_that_grows_with_them_alone() -> None:
    formats = " ".join(["96"] * 10_000)
    attributes = [f"rtpmap:{n % 128} L16/8000" for n in range(3_000)]
    with pytest.raises(NoCommonCodec):
        choose(parse_sdp(line(*attributes, audio=f"RTP/AVP {formats}").encode()), BOTH)


# -- keys --------------------------------------------------------------------------------------

THEIR_KEY = bytes(range(KEY_BYTES))
CRYPTO = str(CryptoLine(7, SUITES[1], THEIR_KEY))


def new_key() -> bytes:
    return b"k" * KEY_BYTES


def secret(secrecy: Secrecy = Secrecy.OFFERED) -> MediaSession:
    return MediaSession("127.0.0.1", 4002, BOTH, 77, secrecy, new_key)


def test_a_key_is_not_shown() -> None:
    assert "key" not in repr(CryptoLine(1, SUITES[0], THEIR_KEY))
    assert repr(Keys(SUITES[0], THEIR_KEY, THEIR_KEY)) == f"Keys(suite='{SUITES[0]}')"


@pytest.mark.parametrize(
    ("wanted", "secure", "holds"),
    [
        (Secrecy.OFF, True, Secrecy.OFF),
        (Secrecy.OFFERED, True, Secrecy.OFFERED),
        (Secrecy.OFFERED, False, Secrecy.OFF),
        (Secrecy.REQUIRED, False, Secrecy.REQUIRED),
    ],
)
def test_keys_are_told_over_tls_or_where_it_is_wished(
    wanted: Secrecy, secure: bool, holds: Secrecy
) -> None:
    assert wanted.over(secure) is holds


INLINE = CRYPTO.split("inline:")[1]


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        (f"1 {SUITES[0]} inline:{INLINE}", True),
        (f"1 {SUITES[1]} inline:{INLINE}|2^31", True),
        (f"1 {SUITES[1]} INLINE:{INLINE}|1048576 WSH=64 -x=1", True),
        (f"1 {SUITES[0]} inline:{INLINE}|2^20|1:4", False),
        (f"1 {SUITES[0]} inline:{INLINE}|1:4", False),
        (f"1 {SUITES[0]} inline:{INLINE};inline:{INLINE}", False),
        (f"1 {SUITES[0]} inline:{INLINE} UNENCRYPTED_SRTP", False),
        (f"1 {SUITES[0]} inline:{INLINE} KDR=1", False),
        (f"1 {SUITES[0]} inline:{INLINE[:-4]}", False),
        (f"1 {SUITES[0]} inline:{INLINE[:-1]}!", False),
        (f"1 {SUITES[0]} inline:钥匙", False),
        (f"1 {SUITES[0]} uri:{INLINE}", False),
        (f"x {SUITES[0]} inline:{INLINE}", False),
        (f"1 F8_128_HMAC_SHA1_80 inline:{INLINE}", False),
        ("", False),
    ],
)
def test_crypto_lines(value: str, usable: bool) -> None:
    assert (first_usable([value]) is not None) is usable
    assert first_usable([value, CRYPTO.removeprefix("crypto:")]) is not None


@given(st.lists(st.text(max_size=80) | st.text(max_size=60).map(lambda t: f"1 {SUITES[0]} {t}")))
def test_any_crypto_line_is_read_or_passed_over(values: list[str]) -> None:
    first_usable(values)


@pytest.mark.parametrize("profile", ["RTP/SAVP", "RTP/SAVPF", "RTP/AVP"])
@pytest.mark.parametrize("secrecy", [Secrecy.OFFERED, Secrecy.REQUIRED])
def test_an_offered_key_is_answered_with_ours(profile: str, secrecy: Secrecy) -> None:
    near = secret(secrecy)
    offer = line("crypto:1 OTHER inline:x", CRYPTO, audio=f"{profile} 0")
    (media,) = parse_sdp(near.answer(offer.encode())).media
    assert media.protocol == profile
    assert media.values("crypto") == [f"7 {SUITES[1]} inline:{'a2tr' * 10}"]
    assert near.stream is not None
    assert near.stream.keys == Keys(SUITES[1], new_key(), THEIR_KEY)
    assert near.answer(offer.encode()) == near.answer(offer.encode())


@pytest.mark.parametrize(
    ("profile", "attribute", "secrecy"),
    [
        ("RTP/SAVP", CRYPTO, Secrecy.OFF),
        ("RTP/SAVP", "x", Secrecy.OFFERED),
        ("RTP/AVP", "x", Secrecy.REQUIRED),
        ("UDP/TLS/RTP/SAVPF", CRYPTO, Secrecy.OFFERED),
    ],
)
def test_what_is_too_open_or_too_secret_is_refused(
    profile: str, attribute: str, secrecy: Secrecy
) -> None:
    with pytest.raises(NoCommonCodec, match="PCMU or PCMA"):
        secret(secrecy).answer(line(attribute, audio=f"{profile} 0").encode())


def test_without_secrecy_a_key_is_passed_over() -> None:
    stream, answer = agreed(line(CRYPTO))
    assert stream.keys is None
    assert not answer.values("crypto")


def test_of_two_media_the_one_that_we_may_take_is_taken() -> None:
    offer = line(CRYPTO, audio="RTP/SAVP 0") + "m=audio 4002 RTP/AVP 0\r\n"
    for secrecy, ports in ((Secrecy.OFF, [0, 4002]), (Secrecy.OFFERED, [4002, 0])):
        answer = parse_sdp(secret(secrecy).answer(offer.encode()))
        assert [m.port for m in answer.media] == ports


@pytest.mark.parametrize(
    ("near", "far", "profile", "encrypted"),
    [
        (Secrecy.OFFERED, Secrecy.OFFERED, "RTP/AVP", True),
        (Secrecy.OFFERED, Secrecy.OFF, "RTP/AVP", False),
        (Secrecy.REQUIRED, Secrecy.OFFERED, "RTP/SAVP", True),
    ],
)
def test_our_keys_are_answered(near: Secrecy, far: Secrecy, profile: str, encrypted: bool) -> None:
    here, there = secret(near), secret(far)
    offer = here.offer()
    assert parse_sdp(offer).media[0].protocol == profile
    here.accept(there.answer(offer))
    assert here.stream is not None
    assert there.stream is not None
    assert (here.stream.keys is not None) is (there.stream.keys is not None) is encrypted
    again = parse_sdp(here.offer()).media[0]
    assert again.protocol == profile
    assert again.values("crypto") == parse_sdp(offer).media[0].values("crypto")


@pytest.mark.parametrize("number", [3, 2])
def test_an_answer_to_a_line_that_we_did_not_send_is_refused(number: int) -> None:
    near = secret()
    near.offer()
    with pytest.raises(NoCommonCodec, match=f"number {number}"):
        near.accept(line(str(CryptoLine(number, SUITES[0], THEIR_KEY))).encode())


def test_another_session_has_another_key() -> None:
    keys = iter(bytes([n]) * KEY_BYTES for n in range(9))
    near = MediaSession("127.0.0.1", 4002, BOTH, 77, Secrecy.REQUIRED, lambda: next(keys))
    first, second = (parse_sdp(one.offer()) for one in (near, near.renewed(78)))
    assert (first.session_id, second.session_id) == (77, 78)
    told = [*first.media[0].values("crypto"), *second.media[0].values("crypto")]
    assert len({value.split()[2] for value in told}) == 4
