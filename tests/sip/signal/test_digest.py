"""Digest authentication against the worked examples of the RFCs."""

from __future__ import annotations

import pytest

from callcenter.sip.errors import BadChallenge
from callcenter.sip.signal.digest import (
    Challenge,
    Credentials,
    authorization,
    best_challenge,
    parse_challenge,
)
from callcenter.sip.signal.message import Response

MUFASA = Credentials("Mufasa", "Circle of Life")
ASKED = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    challenge = parse_challenge(ASKED.format(algorithm))
    value = authorization(challenge, MUFASA, "GET", "/dir/index.html", CNONCE)
    assert f'response="{response}"' in value
    assert "qop=auth, nc=00000001" in value
    assert 'opaque="FQhe/' in value


def test_without_qop_the_old_way() -> None:
    challenge = parse_challenge('Digest realm="r", nonce="n"')
    assert challenge == Challenge("r", "n", qop=False)
    value = authorization(challenge, Credentials("u", "p"), "REGISTER", "sip:h", "c")
    assert "cnonce" not in value
    assert "qop" not in value
    assert "opaque" not in value


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("Basic realm=x", "Digest"),
        ('Digest realm="r", nonce="n", algorithm=SHA-512-256', "SHA-256 or MD5"),
        ('Digest nonce="n"', "realm"),
        ('Digest realm="r", nonce="n", qop="auth-int"', "qop"),
        ('Digest realm="open', "balance"),
    ],
)
def test_what_we_cannot_meet(value: str, what: str) -> None:
    with pytest.raises(BadChallenge, match=what):
        parse_challenge(value)


def test_the_strongest_challenge_is_met() -> None:
    headers = (
        ("WWW-Authenticate", 'Digest realm="r", nonce="1", algorithm=MD5'),
        ("WWW-Authenticate", 'Digest realm="r", nonce="2", algorithm=SHA-256, stale=TRUE'),
        ("WWW-Authenticate", 'Digest realm="r", nonce="3", algorithm=WHAT'),
        ("Proxy-Authenticate", 'Digest realm="r", nonce="4"'),
    )
    best = best_challenge(Response(headers, b"", 401, ""))
    assert (best.nonce, best.stale, best.header) == ("2", True, "Authorization")
    best = best_challenge(Response(headers[3:], b"", 407, ""))
    assert (best.nonce, best.header) == ("4", "Proxy-Authorization")
    with pytest.raises(BadChallenge, match="WHAT"):
        best_challenge(Response(headers[2:3], b"", 401, ""))
    with pytest.raises(BadChallenge, match="no challenge"):
        best_challenge(Response((), b"", 401, ""))


def test_a_password_is_not_shown() -> None:
    assert "Circle" not in repr(MUFASA)
