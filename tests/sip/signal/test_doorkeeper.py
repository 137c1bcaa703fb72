"""Who may speak to a line: the list, the buckets, and that neither grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.sip.signal.doorkeeper import (
    GUESSES_SECONDS,
    MOST_GUESSES,
    MOST_SOURCES,
    Doorkeeper,
    Verdict,
    source_of,
)

WELCOME, LIMITED, STRANGER = Verdict.WELCOME, Verdict.LIMITED, Verdict.STRANGER


def test_a_burst_then_the_rate() -> None:
    door = Doorkeeper(rate=8)
    assert [door.judge("192.0.2.1", 5.0) for _ in range(10)] == [WELCOME] * 8 + [LIMITED] * 2
    assert door.judge("192.0.2.2", 5.0) is WELCOME, "another source has a bucket of its own"
    assert door.judge("192.0.2.1", 5.0625) is LIMITED
    assert door.judge("192.0.2.1", 5.125) is WELCOME
    assert door.judge("192.0.2.1", 5.125) is LIMITED
    assert door.counts == {LIMITED: 4}
    assert [door.judge("192.0.2.1", 99.0) for _ in range(9)].count(WELCOME) == 8


def test_no_rate_is_no_limit() -> None:
    door = Doorkeeper()
    assert {door.judge("192.0.2.1", 0.0) for _ in range(1000)} == {WELCOME}


@given(
    st.floats(0.1, 500),
    st.lists(st.floats(-1, 3), min_size=1, max_size=200),
)
def test_never_more_than_a_burst_and_the_rate(rate: float, pauses: list[float]) -> None:
    door, now, passed = Doorkeeper(rate=rate), 100.0, 0
    latest = now
    for pause in pauses:
        now += pause
        latest = max(latest, now)
        passed += door.judge("192.0.2.1", now) is WELCOME
    gone_back = sum(-p for p in pauses if p < 0)
    assert passed <= max(1.0, rate) + (latest - 100.0 + gone_back) * rate + 1


def test_only_the_listed_and_the_registrar_may_speak() -> None:
    door = Doorkeeper(["192.0.2.0/24", "2001:db8::7"])
    assert door.judge("192.0.2.200", 0.0) is WELCOME
    assert door.judge("2001:db8::7", 0.0) is WELCOME
    assert door.judge("::ffff:192.0.2.5", 0.0) is WELCOME
    assert door.judge("198.51.100.1", 0.0) is STRANGER
    assert door.judge("2001:db8:1::7", 0.0) is STRANGER
    assert door.is_stranger("198.51.100.1")
    door.trust("198.51.100.1")
    assert door.judge("198.51.100.1", 0.0) is WELCOME
    assert not door.is_stranger("198.51.100.1")
    assert not door.is_stranger("192.0.2.1")
    assert door.counts == {STRANGER: 2}


def test_without_a_list_everybody_may_speak_and_is_a_stranger() -> None:
    door = Doorkeeper()
    assert door.judge("198.51.100.1", 0.0) is WELCOME
    assert door.is_stranger("198.51.100.1")


def test_memory_is_bounded_and_the_oldest_is_forgotten() -> None:
    door = Doorkeeper(rate=1)
    for number in range(MOST_SOURCES + 10):
        assert door.judge(f"10.0.{number // 256}.{number % 256}", 0.0) is WELCOME
        assert door.judge("192.0.2.1", 0.0) is (LIMITED if number else WELCOME)
    assert len(door._buckets) == MOST_SOURCES


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_whom_an_address_belongs_to(host: str, source: str) -> None:
    assert source_of(host) == source


def test_an_open_line_lets_everybody_speak_and_knows_the_listed() -> None:
    door = Doorkeeper(["192.0.2.0/24"], closed=False)
    assert door.judge("198.51.100.1", 0.0) is WELCOME
    assert door.is_stranger("198.51.100.1")
    assert not door.is_stranger("192.0.2.1")


def test_guesses_of_long_ago_do_not_count_and_a_right_one_forgives() -> None:
    door = Doorkeeper()
    for at in range(MOST_GUESSES - 1):
        door.login_failed("192.0.2.1", at)
    door.logged_in("192.0.2.1")
    for at in range(MOST_GUESSES - 1):
        door.login_failed("192.0.2.1", at)
    assert door.judge("192.0.2.1", 10.0) is WELCOME
    door.login_failed("192.0.2.1", GUESSES_SECONDS + 10)
    assert door.judge("192.0.2.1", GUESSES_SECONDS + 10) is WELCOME
    assert door.wrong_logins == 2 * MOST_GUESSES - 1


def test_guessers_are_remembered_within_bounds() -> None:
    door = Doorkeeper()
    for number in range(MOST_SOURCES + 10):
        door.login_failed(f"10.0.{number // 256}.{number % 256}", 0.0)
    assert len(door._guesses) == MOST_SOURCES
