"""How the recognition servers stand: sentences for the desk, figures for the scraper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from callcenter.core.hearers import Hearer

SLOW_MS = 1000
"""An answer that takes longer, for 200 ms of sound, is told: the server has too much to do."""


class Hearers(Collector):
    """Asks the recogniser at every look; there are none where it works in this process."""

    def __init__(self, servers: Callable[[], Sequence[Hearer]]) -> None:
        self._servers = servers

    def notices(self) -> list[str]:
        """One sentence for each server that is lost or slow; none where all are lost, which the
        desk is told anyway."""
        servers = self._servers()
        if all(one.problem for one in servers):
            return []
        return [told for one in servers if (told := _notice(one))]

    def collect(self) -> Iterator[Metric]:
        """Asked at every scrape."""
        what = "callcenter_recogniser"
        up = GaugeMetricFamily(f"{what}_up", "1 where it answers, else 0", labels=["server"])
        lag = GaugeMetricFamily(f"{what}_lag_ms", "How long it takes to answer", labels=["server"])
        streams = GaugeMetricFamily(
            f"{what}_streams", "Utterances that it listens to", labels=["server"]
        )
        lost = CounterMetricFamily(
            f"{what}_failures", "How often it was lost or tried in vain", labels=["server"]
        )
        for one in self._servers():
            up.add_metric([one.name], not one.problem)
            lag.add_metric([one.name], one.lag_ms)
            streams.add_metric([one.name], one.streams)
            lost.add_metric([one.name], one.failures)
        yield from (up, lag, streams, lost)


def _notice(one: Hearer) -> str:
    if one.problem:
        return (
            f"识别服务器 {one.name} 连不上，来电改由其他服务器识别，恢复后自动用回；"
            "断开那一刻没听清的话会自动补转写"
        )
    if one.lag_ms > SLOW_MS:
        return f"识别服务器 {one.name} 太慢（{one.lag_ms / 1000:.1f} 秒才答一次），请减轻它的负担"
    return ""
