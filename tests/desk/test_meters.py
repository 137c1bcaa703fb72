"""What is counted, as a scraper reads it."""

from __future__ import annotations

from callcenter.core import events
from callcenter.core.records import Gap, Hit, LineState, LiveCall, Party
from callcenter.desk.meters import Meters
from tests.fakes import NOON


def read(meters: Meters) -> dict[str, float]:
    lines = meters.text().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs if "_created" not in name}


def test_events_are_counted_by_what_they_are():
    meters = Meters()
    for event in (
        events.CallEnded("c1", NOON, "system", "answered", "harassment"),
        events.CallEnded("c2", NOON, "caller", "abandoned", "abandoned"),
        events.HitFound("c1", NOON, Hit("r", "sexual", Party.CALLER, 0, 5, "陪我睡")),
        events.HitFound("c1", NOON, Hit("r", "banned", Party.AGENT, 0, 5, "不知道")),
        events.TerminationConfirmed("c1", NOON, "1001", "line_fault"),
        events.PromptEnded("c1", NOON, "line_fault", 5709, 5000),
        events.GapLeft("c1", NOON, Gap(Party.CALLER, 1000, 3000, "queue full")),
        events.TranscriptCompleted("c1", NOON),
    ):
        meters.take(event)
    told = read(meters)
    ended = 'callcenter_calls_total{disposition="harassment",result="answered"}'
    assert told[ended] == 1
    assert told['callcenter_hits_total{category="sexual"}'] == 1
    assert 'callcenter_hits_total{category="banned"}' not in told
    assert told['callcenter_terminations_total{prompt="line_fault"}'] == 1
    assert told['callcenter_prompt_file_ms_total{prompt="line_fault"}'] == 5709
    assert told['callcenter_prompt_sent_ms_total{prompt="line_fault"}'] == 5000
    assert told['callcenter_gap_ms_total{reason="queue full"}'] == 2000
    assert "陪我睡" not in meters.text().decode()


def test_gauges_are_read_at_the_scrape():
    meters = Meters()
    live = [LiveCall("c1", "talking", "138", "95", NOON, lag_ms=700)]
    lines = [LineState("a", "x", registered=False), LineState("b", "y")]
    meters.watch(lambda: live, lambda: lines, lambda: 3)
    told = read(meters)
    assert told["callcenter_live_calls"] == 1
    assert told["callcenter_hearing_lag_ms"] == 700
    assert told["callcenter_ledger_waiting"] == 3
    assert told["callcenter_lines_unregistered"] == 1
    live.clear()
    assert read(meters)["callcenter_hearing_lag_ms"] == 0


def test_each_line_is_read_by_its_name():
    lines = [
        LineState("a", "x", registered=False, limited=7, scanners=3, shut_out=4, wrong_logins=5),
        LineState("b", "y", registered=True, turned_away=2, ignored=9),
        LineState("c", "z"),
    ]
    meters = Meters()
    meters.watch(list, lambda: lines, lambda: 0)
    told = read(meters)
    assert told['callcenter_line_registered{line="a"}'] == 0
    assert told['callcenter_line_registered{line="b"}'] == 1
    assert 'callcenter_line_registered{line="c"}' not in told
    assert told['callcenter_line_passed_over_total{line="a",reason="limited"}'] == 7
    assert told['callcenter_line_passed_over_total{line="a",reason="scanners"}'] == 3
    assert told['callcenter_line_passed_over_total{line="a",reason="shut_out"}'] == 4
    assert told['callcenter_line_wrong_logins_total{line="a"}'] == 5
    assert told['callcenter_line_passed_over_total{line="b",reason="turned_away"}'] == 2
    assert told['callcenter_line_passed_over_total{line="b",reason="ignored"}'] == 9
    assert told['callcenter_line_passed_over_total{line="c",reason="limited"}'] == 0


def test_refused_wishes_to_dial_are_counted_by_their_rule():
    meters = Meters()
    for rule in ("barred", "barred", "hours"):
        meters.take(events.DialRefused("", NOON, "1001", rule, "+85****5678", "main"))
    told = read(meters)
    assert told['callcenter_dials_refused_total{rule="barred"}'] == 2
    assert told['callcenter_dials_refused_total{rule="hours"}'] == 1
