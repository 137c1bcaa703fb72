"""What the store and the disks do to us: sentences for the desk, figures for the scraper.

Asked at every look; touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from callcenter.core.targets import Target
from callcenter.desk.ledger import Ledger

LONG_SECONDS = 2.0
"""So long the store may take nothing before the desk is told."""
LITTLE_BYTES = 1 << 30
"""With less room for recordings the desk is told."""
HOUR_BYTES = 8000 * 4 * 3600
"""An hour of one call: two channels of 8 kHz, 16 bits."""


class Distress(Collector):
    """Knows the ledger and the folders of the recordings."""

    def __init__(self, ledger: Ledger, targets: Callable[[], Sequence[Target]]) -> None:
        self._ledger = ledger
        self._targets = targets

    def notices(self) -> list[str]:
        """What people at the desk must know, one sentence each."""
        targets = self._targets()
        return [*self._of_store(), *(text for t in targets for text in _of_target(t, targets))]

    def collect(self) -> Iterator[Metric]:
        """Asked at every scrape."""
        ledger = self._ledger
        yield _gauge("ledger_spooled", "Events on disk that wait for the store", ledger.spooled)
        yield _gauge("store_away_seconds", "So long the store took nothing", ledger.late_seconds)
        refused = CounterMetricFamily("callcenter_ledger_refused", "Events refused for good")
        refused.add_metric([], ledger.refused)
        yield refused
        yield from self._of_targets()

    def _of_targets(self) -> Iterator[Metric]:
        fine = GaugeMetricFamily(
            "callcenter_recording_folder_fine", "1 where it takes sound, else 0", labels=["folder"]
        )
        lost = CounterMetricFamily(
            "callcenter_recording_lost_ms", "Sound that a folder did not take", labels=["folder"]
        )
        free = GaugeMetricFamily(
            "callcenter_recording_free_bytes", "Room on a folder's disk", labels=["folder"]
        )
        for target in self._targets():
            fine.add_metric([target.folder], not target.trouble)
            lost.add_metric([target.folder], target.lost_ms)
            if target.free_bytes is not None:
                free.add_metric([target.folder], target.free_bytes)
        yield from (fine, lost, free)

    def _of_store(self) -> Iterator[str]:
        ledger = self._ledger
        if ledger.late_seconds >= LONG_SECONDS:
            where = "内存（磁盘也写不进）" if ledger.trouble else "本机磁盘"
            yield (
                f"数据库已有 {ledger.late_seconds:.0f} 秒写不进，"
                f"{ledger.waiting} 条记录暂存在{where}：通话照常，恢复后自动补写"
            )
        if ledger.refused_later:
            yield (
                f"有 {ledger.refused_later} 项操作在数据库恢复后未能写入（已被他人改动），"
                "请查看日志，重新操作"
            )


def _of_target(target: Target, targets: Sequence[Target]) -> Iterator[str]:
    others = "，另一份录音照常" if any(not one.trouble for one in targets) else ""
    if target.trouble:
        yield (
            f"录音写不进 {target.folder}（{target.trouble}）：通话照常{others}，"
            "缺失的部分会登记；腾出空间后自动恢复"
        )
    elif target.free_bytes is not None and target.free_bytes < LITTLE_BYTES:
        hours = target.free_bytes / HOUR_BYTES
        yield (
            f"录音目录 {target.folder} 所在磁盘只剩 {target.free_bytes / (1 << 20):.0f} MB，"
            f"约够录 {hours:.1f} 小时通话，请尽快腾出空间"
        )


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"callcenter_{name}", what, value=value)
