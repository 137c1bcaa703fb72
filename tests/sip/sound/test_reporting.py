"""Two members that report to each other in simulated time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from callcenter.sip.sound.reception import Reception
from callcenter.sip.sound.reporting import INTERVAL, Reporting
from callcenter.sip.sound.rtcp import Bye, Cname, Report, SenderInfo, ntp_time, parse_rtcp
from callcenter.sip.sound.rtp import RtpPacket


def member(ssrc: int, now: float = 1000.0) -> Reporting:
    return Reporting(ssrc, f"name{ssrc}", random.Random(ssrc).random, now)


def heard_of(ssrc: int) -> Reception:
    reception = Reception()
    for sequence in (1, 2, 4):
        reception.take(RtpPacket(0, sequence, sequence * 160, ssrc), None)
    return reception


def sent(now: float) -> SenderInfo:
    return SenderInfo(ntp_time(now), 160, 10, 1600)


def test_reports_come_at_random_every_five_seconds() -> None:
    one = member(1)
    times = [t / 10 for t in range(10_000, 20_000) if one.is_due(t / 10)]
    gaps = [b - a for a, b in pairwise(times)]
    assert 1001.25 <= times[0] <= 1003.8
    assert all(INTERVAL / 2 <= gap <= INTERVAL * 1.5 + 0.1 for gap in gaps)
    assert INTERVAL * 0.9 < sum(gaps) / len(gaps) < INTERVAL * 1.1
    assert len(set(gaps)) > 10


def test_a_clock_that_is_set_back_ends_no_reports() -> None:
    assert member(1).is_due(100.0)


@pytest.mark.parametrize(("there", "back", "kept"), [(0.03, 0.05, 3.0), (0.0, 0.0, 0.5)])
def test_the_round_trip_leaves_out_the_time_that_it_was_kept(
    there: float, back: float, kept: float
) -> None:
    near, far = member(1), member(2)
    assert near.round_trip is None
    assert far.take(near.compose(sent(1000.0), heard_of(2), 1000.0), 1000.0 + there)
    now = 1000.0 + there + kept
    assert near.take(far.compose(None, heard_of(1), now), now + back)
    assert near.round_trip == pytest.approx(there + back, abs=1e-4)
    assert (near.heard, far.heard) == (1, 1)


def test_a_block_without_a_report_before_it_measures_nothing() -> None:
    near, far = member(1), member(2)
    near.take(far.compose(None, heard_of(1), 1000.0), 1000.1)
    assert near.round_trip is None


def test_a_round_trip_that_cannot_be_is_left_out() -> None:
    near, far = member(1), member(2)
    far.take(near.compose(sent(1000.0), heard_of(2), 1000.0), 1000.05)
    near.take(far.compose(None, heard_of(1), 1001.0), 1200.0)
    near.take(far.compose(None, heard_of(1), 1001.0), 900.0)
    assert near.round_trip is None


def test_what_a_report_says() -> None:
    report, name = parse_rtcp(member(1).compose(sent(1000.0), heard_of(2), 1000.0))
    assert isinstance(report, Report)
    assert (report.ssrc, report.sender) == (1, sent(1000.0))
    assert [(b.loss.ssrc, b.loss.lost, b.loss.fraction) for b in report.blocks] == [(2, 1, 64)]
    assert name == Cname(1, "name1")


def test_who_has_heard_nothing_says_so() -> None:
    report, _ = parse_rtcp(member(1).compose(None, Reception(), 1000.0))
    assert report == Report(1)


def test_leaving_is_told() -> None:
    near, far = member(1), member(2)
    data = near.compose(sent(1000.0), Reception(), 1000.0, leaving=True)
    assert parse_rtcp(data)[-1] == Bye((1,))
    assert not far.left
    assert far.take(data, 1000.0)
    assert far.left


def test_garbage_is_no_report() -> None:
    assert not member(1).take(b"\x80\xc8", 1000.0)
