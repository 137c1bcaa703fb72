"""What people and scrapers are told of the recognition servers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from callcenter.core.hearers import Hearer
from callcenter.desk.hearers import Hearers

WELL = Hearer("ws://a:2700", "", 40, 3, 0)
LOST = Hearer("ws://b:2700", "vosk-server ws://b:2700: Connection refused", 0, 0, 2)
SLOW = Hearer("ws://c:2700", "", 2300, 9, 0)


def test_the_desk_is_told_of_a_server_that_is_lost_and_of_one_that_is_slow() -> None:
    lost, slow = Hearers(lambda: [WELL, LOST, SLOW]).notices()
    assert lost.startswith("识别服务器 ws://b:2700 连不上")
    assert slow.startswith("识别服务器 ws://c:2700 太慢（2.3 秒")


def test_nothing_is_told_where_all_is_well_or_where_the_desk_knows() -> None:
    assert Hearers(lambda: [WELL]).notices() == []
    assert Hearers(tuple).notices() == []
    assert Hearers(lambda: [LOST]).notices() == []  # "no recognition" stands there already


def test_each_server_is_counted() -> None:
    registry = CollectorRegistry()
    registry.register(Hearers(lambda: [WELL, LOST]))
    told = generate_latest(registry).decode()
    for line in (
        'callcenter_recogniser_up{server="ws://a:2700"} 1.0',
        'callcenter_recogniser_up{server="ws://b:2700"} 0.0',
        'callcenter_recogniser_lag_ms{server="ws://a:2700"} 40.0',
        'callcenter_recogniser_streams{server="ws://a:2700"} 3.0',
        'callcenter_recogniser_failures_total{server="ws://b:2700"} 2.0',
    ):
        assert line in told
