"""Headers: parse and str, hostile text."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.errors import BadHeader
from callcenter.sip.signal.headers import (
    CSeq,
    NameAddr,
    Params,
    Uri,
    Via,
    numeric_host,
    parse_count,
    parse_host_port,
    printable,
    split,
    unquote_text,
)

names = st.from_regex(r"[a-z][a-z0-9.-]{0,7}", fullmatch=True)
values = st.none() | st.from_regex(r"[A-Za-z0-9._-]{1,8}", fullmatch=True)
params: st.SearchStrategy[Params] = st.lists(st.tuples(names, values), max_size=3).map(tuple)
hosts = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8}){0,3}|\[::1\]", fullmatch=True)
ports = st.none() | st.integers(0, 65535)
users = st.from_regex(r"[A-Za-z0-9+*#%&=;?/_.!~'()-]{0,12}", fullmatch=True)
sip_uris = st.builds(
    Uri,
    st.sampled_from(["sip", "sips"]),
    users,
    hosts,
    ports,
    params,
    st.from_regex(r"([a-z]{1,4}=[a-z]{1,4})?", fullmatch=True),
)
tel_uris = st.builds(
    Uri, st.just("tel"), st.from_regex(r"\+?[0-9-]{1,12}", fullmatch=True), params=params
)
uris = sip_uris | tel_uris
displays = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\x85\u2028\u2029"),
    max_size=12,
)


@given(uris)
def test_a_uri_reads_what_it_wrote(uri: Uri) -> None:
    assert Uri.parse(str(uri)) == uri


@given(st.builds(NameAddr, uris, displays, params))
def test_a_name_and_address_read_what_they_wrote(address: NameAddr) -> None:
    assert NameAddr.parse(str(address)) == address


@given(st.builds(Via, st.sampled_from(["UDP", "TCP"]), hosts, ports, params))
def test_a_via_reads_what_it_wrote(via: Via) -> None:
    assert Via.parse(str(via)) == via


@given(st.integers(0, 2**31 - 1), st.from_regex(r"[A-Z]{1,9}", fullmatch=True))
def test_a_cseq_reads_what_it_wrote(number: int, method: str) -> None:
    assert CSeq.parse(str(CSeq(number, method))) == CSeq(number, method)


@given(st.sampled_from([Uri.parse, NameAddr.parse, Via.parse, CSeq.parse]), st.text(max_size=60))
def test_any_text_is_read_or_refused(reader: type, text: str) -> None:
    with suppress(BadHeader):
        reader(text)


def test_long_hostile_text_is_refused_at_once() -> None:
    for text in ('"' * 65000, "<" * 65000, "a" + " " * 65000 + "b", '"a\\' * 20000, "," * 65000):
        for reader in (Uri.parse, NameAddr.parse, Via.parse):
            with pytest.raises(BadHeader):
                reader(text)


def test_splitting_respects_quotes_and_brackets() -> None:
    text = '"Bell, A. \\" G" <sip:a@b;x=1,2>;q=1, <sip:c@d>'
    assert split(text, ",") == ['"Bell, A. \\" G" <sip:a@b;x=1,2>;q=1', "<sip:c@d>"]
    with pytest.raises(BadHeader, match="balance"):
        split('"open', ",")


def test_quoted_text_loses_its_quotes_and_escapes() -> None:
    assert unquote_text(r'"a \"b\" \\"') == 'a "b" \\'
    assert unquote_text("plain") == "plain"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("a.b", "a.b", None), (" a : 5 ", "a", 5), ("[::1]:99", "[::1]", 99), ("h:0", "h", 0)],
)
def test_host_and_port(text: str, host: str, port: int | None) -> None:
    assert parse_host_port(text) == (host, port)


@pytest.mark.parametrize(
    "text", ["", ":5", "a:", "a:x", "a:65536", "a:999999", "a b", "a/b", "a:٣"]
)
def test_what_is_no_host_and_port(text: str) -> None:
    with pytest.raises(BadHeader):
        parse_host_port(text)


def test_a_uri_shows_the_number_people_dial() -> None:
    assert Uri.parse("sip:+86138;phone-context=x:pw@h").number == "+86138"
    assert Uri.parse("tel:+86-138;ext=1").number == "+86-138"
    assert Uri.parse("sip:%E5%BC%A0@h").number == "张"
    assert Uri.parse("sip:" + "1" * 99 + "@h").number == "1" * 64


def test_a_uri_has_an_address_where_its_host_is_numeric() -> None:
    assert Uri.parse("sip:a@127.0.0.1:5062;lr").address == ("127.0.0.1", 5062)
    assert Uri.parse("sip:a@[::1]").address == ("::1", 5060)
    assert Uri.parse("sip:a@example.com").address is None
    assert numeric_host("LocalHost") == "127.0.0.1"


def test_an_ipv6_host_is_bracketed() -> None:
    assert str(Uri("sip", "a", "::1", 5060)) == "sip:a@[::1]:5060"
    assert str(Via("UDP", "::1")) == "SIP/2.0/UDP [::1]"


def test_without_brackets_the_parameters_are_the_headers() -> None:
    address = NameAddr.parse("sip:a@h;tag=t")
    assert (address.tag, address.uri.params) == ("t", ())
    address = NameAddr.parse("Tom Petty <sip:a@h;lr> ; tag=t")
    assert (address.display, address.tag, address.uri.get("lr")) == ("Tom Petty", "t", "")
    assert NameAddr.parse("<sip:a@h>").tag == ""


@pytest.mark.parametrize("text", ["<sip:a@h", "<sip:a@h> x", '"a <sip:a@h>', "sip:a@h;=x", "12"])
def test_what_is_no_name_and_address(text: str) -> None:
    with pytest.raises(BadHeader):
        NameAddr.parse(text)


@pytest.mark.parametrize("text", ["", "SIP/2.0", "HTTP/2.0/UDP h", "SIP/2.0/UDP", "SIP/2.0/(x) h"])
def test_what_is_no_via(text: str) -> None:
    with pytest.raises(BadHeader):
        Via.parse(text)


def test_a_via_is_stamped_with_what_the_receiver_saw() -> None:
    source = ("127.0.0.9", 7000)
    plain = Via.parse("SIP / 2.0 / UDP 127.0.0.9:5070 ;branch=b")
    assert plain.stamped(source) == plain
    assert plain.reply_address(source) == ("127.0.0.9", 5070)
    moved = Via.parse("SIP/2.0/UDP pbx;branch=b").stamped(source)
    assert (moved.get("received"), moved.reply_address(source)) == (
        "127.0.0.9",
        ("127.0.0.9", 5060),
    )
    asked = Via.parse("SIP/2.0/UDP 127.0.0.9:5070;rport;branch=b").stamped(source)
    assert (asked.get("rport"), asked.get("received")) == ("7000", "127.0.0.9")
    assert asked.reply_address(source) == source


def test_counts_have_a_limit() -> None:
    assert parse_count(" 7 ", 8) == 7
    for text in ("8", "-1", "x", "", "1" * 30, "٣"):
        with pytest.raises(BadHeader):
            parse_count(text, 8)
    with pytest.raises(BadHeader):
        CSeq.parse("1")


def test_stray_bytes_become_letters_for_people() -> None:
    assert printable(b"Jos\xe9\n".decode("utf-8", "surrogateescape")) == "José"
    assert printable("张\x00三") == "张三"
