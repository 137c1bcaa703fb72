"""Digest as the one who asks: nonces, their life, what is overheard, and who guesses."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal import login as room
from callcenter.sip.signal.digest import Challenge, Credentials, authorization, parse_challenge
from callcenter.sip.signal.digest import response_to as response_of
from callcenter.sip.signal.login import MOST_NONCES, NONCE_SECONDS, Accounts, Login, Outcome
from callcenter.sip.signal.message import Request, parse
from tests.sip.raw import text_request, tokens

HOST, NOW = "192.0.2.1", 1000.0
RIGHT, NONE, STALE, WRONG = Outcome.RIGHT, Outcome.NONE, Outcome.STALE, Outcome.WRONG
JIAO = Credentials("2001", "correct horse")


def new_login(**changes: object) -> Login:
    accounts = Accounts({JIAO.user: JIAO.password}, **changes)  # type: ignore[arg-type]
    return Login(accounts, tokens())


def challenge(login: Login, host: str = HOST, now: float = NOW, at: int = 0) -> Challenge:
    return parse_challenge(login.challenges(host, now)[at][1])


def invite(*values: str, uri: str = "sip:95000@127.0.0.1:5060") -> Request:
    extra = [f"Authorization: {value}" for value in values]
    found = parse(text_request(uri=uri, extra=extra))
    assert isinstance(found, Request)
    return found


def met(
    asked: Challenge, who: Credentials = JIAO, nc: int = 1, uri: str = "sip:95000@127.0.0.1:5060"
) -> str:
    """As a telephone meets a challenge, for the nc-th time."""
    said = authorization(asked, who, "INVITE", uri, "c0")
    middle = f"{nc:08x}:c0:auth:"
    digest = (asked.algorithm, (who.user, asked.realm, who.password), asked.nonce, middle)
    fresh = response_of(*digest, "INVITE", uri)
    old = said.partition('response="')[2].partition('"')[0]
    return said.replace(old, fresh).replace("nc=00000001", f"nc={nc:08x}")


def weigh(login: Login, values: Iterable[str], host: str = HOST, now: float = NOW) -> Outcome:
    return login.weigh(invite(*values), host, now)


@pytest.mark.parametrize(("at", "algorithm"), [(0, "SHA-256"), (1, "MD5")])
def test_who_knows_the_password_comes_in(at: int, algorithm: str) -> None:
    login = new_login()
    asked = challenge(login, at=at)
    assert (asked.algorithm, asked.realm, asked.qop) == (algorithm, "callcenter", True)
    assert weigh(login, [met(asked)]) is RIGHT


def test_the_preferred_algorithm_is_asked_for_first_and_no_other_is_taken() -> None:
    names = [value for value, _ in new_login().challenges(HOST, NOW)]
    assert names == ["WWW-Authenticate"] * 2
    strict = new_login(algorithms=("SHA-256",))
    (only,) = strict.challenges(HOST, NOW)
    asked = parse_challenge(only[1].replace("SHA-256", "MD5"))
    assert weigh(strict, [met(asked)]) is NONE


def test_what_was_overheard_does_not_work_again() -> None:
    login = new_login()
    asked = challenge(login)
    first = met(asked)
    assert weigh(login, [first]) is RIGHT
    assert weigh(login, [first]) is STALE
    assert weigh(login, [met(asked, nc=3)]) is RIGHT
    assert weigh(login, [met(asked, nc=2)]) is STALE
    other = met(challenge(login), nc=1)
    assert weigh(login, [other], host="192.0.2.2") is STALE, "it is bound to the address"
    assert weigh(login, [other]) is RIGHT


def test_a_nonce_grows_old() -> None:
    login = new_login()
    asked = challenge(login)
    assert weigh(login, [met(asked)], now=NOW + NONCE_SECONDS) is RIGHT
    assert weigh(login, [met(asked, nc=2)], now=NOW + NONCE_SECONDS + 0.01) is STALE
    told = login.challenges(HOST, NOW, stale=True)[0][1]
    assert parse_challenge(told).stale


def test_a_wrong_password_is_a_guess_only_with_a_nonce_of_ours() -> None:
    login = new_login()
    wrong, stranger = Credentials("2001", "battery staple"), Credentials("2002", "\0")
    assert weigh(login, [met(challenge(login), wrong)]) is WRONG
    assert weigh(login, [met(challenge(login), stranger)]) is WRONG
    assert weigh(login, [met(challenge(login), wrong)], host="192.0.2.2") is NONE
    made_up = Challenge("callcenter", "f4240.0.00", "MD5")
    assert weigh(login, [met(made_up, wrong)]) is NONE
    assert weigh(login, [met(made_up)]) is STALE


def test_credentials_for_others_are_passed_over() -> None:
    login = new_login()
    good = met(challenge(login))
    for_them = met(Challenge("elsewhere", "x"))
    assert weigh(login, []) is NONE
    assert weigh(login, [for_them]) is NONE
    assert weigh(login, ["Basic eA==", 'Digest realm="open', for_them, good]) is RIGHT


def test_credentials_for_another_call_are_none() -> None:
    login = new_login()
    asked = challenge(login)
    assert weigh(login, [met(asked, uri="sip:0085212345678@127.0.0.1:5060")]) is NONE
    assert weigh(login, [met(asked, uri="sip:95000@proxy.example")]) is RIGHT
    assert weigh(login, [met(asked, uri="sip:127.0.0.1:5060", nc=2)]) is RIGHT


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ("qop=auth", "qop=auth-int"),
        ("qop=auth, ", ""),
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=0000000g"),
        ("nc=00000001", "nc=00000000"),
        ("algorithm=SHA-256", "algorithm=SHA-512-256"),
    ],
)
def test_what_is_not_as_asked_for_is_worth_nothing(given: str, instead: str) -> None:
    login = new_login()
    value = met(challenge(login))
    assert given in value
    assert weigh(login, [value.replace(given, instead)]) is not RIGHT


def test_memory_is_bounded_and_what_is_forgotten_is_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MOST_NONCES", 8)
    login = new_login()
    first = challenge(login, now=NOW)
    assert weigh(login, [met(first)]) is RIGHT
    for more in range(20):
        later = NOW + 1 + more / 10
        assert weigh(login, [met(challenge(login, now=later))], now=later) is RIGHT
    assert len(login._used) == 8
    assert weigh(login, [met(first, nc=2)], now=NOW + 4) is STALE
    assert MOST_NONCES > 8


def test_asking_costs_no_memory() -> None:
    login = new_login()
    nonces = {challenge(login).nonce for _ in range(100)}
    assert len(nonces) == 100
    assert not login._used


@given(st.text(max_size=200), st.text("0123456789abcdef.\"',=\\ ", max_size=80))
def test_garbage_is_worth_nothing(value: str, nonce: str) -> None:
    login = new_login()
    crafted = f'realm="callcenter", nonce="{nonce}", username="2001", uri="sip:95000@h", response=x'
    for text in (value, f"Digest {value}", f"Digest {crafted}, qop=auth, nc=00000001"):
        request = Request((("Authorization", text),), b"", "INVITE", "sip:95000@h")
        assert login.weigh(request, HOST, NOW) is NONE


def test_passwords_are_not_shown() -> None:
    assert JIAO.password not in repr(Accounts({JIAO.user: JIAO.password}))
