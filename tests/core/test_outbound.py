"""What may be dialled: prefixes however they are written, hours, minutes, repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.outbound import EMERGENCY, Breach, Limits, Rule, Use, called

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOTHING = Use()
PLAIN = Limits(zone=SHANGHAI)


@pytest.mark.parametrize(
    ("target", "prefix"),
    [
        ("13800138001", ""),
        ("+8613800138001", ""),
        ("008613800138001", ""),
        ("02088880001", ""),
        ("4008200001", ""),
        ("95588", ""),
        ("sip:bob@192.0.2.9", ""),
        ("sip:192.0.2.9", ""),
        ("16512345678", ""),
        ("0085212345678", "00"),
        ("+85212345678", "00"),
        ("00 852-1234.5678", "00"),
        ("+8600852123456", "00"),
        ("sip:0085212345678@gw.example", "00"),
        ("SIPS:+85212345678@gw.example", "00"),
        ("sip:%30%30852123@gw.example", "00"),
        ("sip:%2b852123@gw.example", "00"),
        ("sip:00-852(123)@gw.example", "00"),
        ("sip:00852123;phone-context=x@gw.example", "00"),
        ("sip:00852123:secret@gw.example", "00"),
        ("sip:x@00852123@gw.example", ""),
        ("16812345", "168"),
        ("16012345", "160"),
        ("12590123", "1259"),
        ("17951013800138001", "179"),
        ("*72013800138001", "*"),
        ("**21*13800138001#", "*"),
        ("#31#13800138001", "#"),
    ],
)
def test_barred_beginnings(target: str, prefix: str) -> None:
    wanted = Breach(Rule.BARRED, prefix) if prefix else None
    assert PLAIN.breach(target, NOW, NOTHING) == wanted
    assert PLAIN.may_reach(target) is not bool(prefix)


def test_only_what_is_allowed_where_something_is() -> None:
    limits = Limits(allowed=("010", "1"), barred=("00", "168"))
    assert limits.breach("01088880001", NOW, NOTHING) is None
    assert limits.breach("+861088880001", NOW, NOTHING) is None
    assert limits.breach("13800138001", NOW, NOTHING) is None
    assert limits.breach("16888888", NOW, NOTHING) == Breach(Rule.BARRED, "168")
    assert limits.breach("02088880001", NOW, NOTHING) == Breach(Rule.NOT_ALLOWED, "010 1")
    assert limits.breach("sip:bob@gw.example", NOW, NOTHING) == Breach(Rule.NOT_ALLOWED, "010 1")


def test_what_the_pbx_wants_before_a_number_hides_nothing() -> None:
    limits = Limits(outside="9")
    assert limits.breach("90085212345678", NOW, NOTHING) == Breach(Rule.BARRED, "00")
    assert limits.breach("9+85212345678", NOW, NOTHING) == Breach(Rule.BARRED, "00")
    assert limits.breach("913800138001", NOW, NOTHING) is None
    assert limits.breach("9110", NOW, Use(at_once=99)) is None


@pytest.mark.parametrize("number", sorted(EMERGENCY))
def test_emergency_numbers_always_pass(number: str) -> None:
    shut = Limits(("2",), ("1", "9"), "", ((time(0), time(0, 1)),), 1, 1, 1, 1, SHANGHAI)
    used_up = Use(10**9, 10**9, 10**9, 10**9)
    assert shut.breach(number, NOW, used_up) is None
    assert shut.breach(f"sip:{number}@gw.example", NOW, used_up) is None
    assert shut.may_reach(number)


def test_hours_are_those_on_the_wall() -> None:
    limits = replace(PLAIN, spans=((time(8), time(12)), (time(13, 30), time(21))))
    hours = Breach(Rule.HOURS, "08:00-12:00 13:30-21:00")
    at = {"2026-11-23T07:59": hours, "2026-11-23T08:00": None, "2026-11-23T12:00": hours}
    for wall, breach in at.items():
        moment = datetime.fromisoformat(wall).replace(tzinfo=SHANGHAI)
        assert limits.breach("13800138001", moment.astimezone(UTC), NOTHING) == breach
    assert PLAIN.midnight(NOW) == datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert PLAIN.midnight(datetime(2026, 11, 23, 17, tzinfo=UTC)).day == 24
    assert Limits().midnight(NOW).tzinfo is not None


@pytest.mark.parametrize(
    ("limits", "just", "rule"),
    [
        (Limits(agent_minutes=10), Use(agent_seconds=600), Rule.AGENT_MINUTES),
        (Limits(house_minutes=10), Use(house_seconds=600), Rule.HOUSE_MINUTES),
        (Limits(at_once=10), Use(at_once=10), Rule.AT_ONCE),
        (Limits(repeats=10), Use(repeats=10), Rule.REPEATS),
    ],
)
def test_so_much_and_no_more(limits: Limits, just: Use, rule: Rule) -> None:
    assert limits.breach("13800138001", NOW, just) == Breach(rule, "10")
    less = Use(*(max(0, used - 1) for used in _figures(just)))
    assert limits.breach("13800138001", NOW, less) is None
    assert limits.counts is (rule is not Rule.AT_ONCE)
    assert PLAIN.breach("13800138001", NOW, Use(*[10**9] * 4)) is None


def _figures(use: Use) -> tuple[float, float, int, int]:
    return use.agent_seconds, use.house_seconds, use.repeats, use.at_once


@given(st.text(max_size=40), st.sampled_from(["", "sip:", "sips:"]), st.sampled_from(["", "@h"]))
def test_nothing_is_too_odd_and_no_filler_opens_what_is_barred(
    text: str, scheme: str, host: str
) -> None:
    PLAIN.breach(f"{scheme}{text}{host}", NOW, NOTHING)
    digits = "".join(c for c in text if c in " .-()")
    assert not PLAIN.may_reach(f"0{digits}0852123")
    assert called(f"sip:0{digits}0852@h") == "00852"
