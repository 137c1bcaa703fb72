"""What people and the scraper are told while the store or a disk takes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest

from callcenter.core.targets import Target
from callcenter.desk.distress import LITTLE_BYTES, Distress

FINE = Target("/a", free_bytes=LITTLE_BYTES)
FULL = Target("/b", "No space left on device", 1500, 0)
SMALL = Target("/c", free_bytes=115_200_000)


@dataclass
class FakeLedger:
    late_seconds: float = 0.0
    waiting: int = 0
    spooled: int = 0
    trouble: str = ""
    refused: int = 0
    refused_later: int = 0


def told(ledger: FakeLedger, *targets: Target) -> list[str]:
    return Distress(ledger, lambda: targets).notices()  # type: ignore[arg-type]


def test_where_all_is_well_nobody_is_told_anything() -> None:
    assert told(FakeLedger(), FINE, Target("/new")) == []
    assert told(FakeLedger(late_seconds=1.0, waiting=3), FINE) == []


def test_a_store_that_is_away() -> None:
    (text,) = told(FakeLedger(late_seconds=35.4, waiting=12))
    assert "35 秒" in text
    assert "12 条记录暂存在本机磁盘" in text
    (text,) = told(FakeLedger(late_seconds=35.4, waiting=12, trouble="No space left"))
    assert "内存" in text
    (text,) = told(FakeLedger(refused_later=2))
    assert "2 项操作" in text


def test_a_folder_that_takes_nothing_or_has_little_room() -> None:
    (text,) = told(FakeLedger(), FULL)
    assert "录音写不进 /b（No space left on device）：通话照常，缺失" in text
    (text,) = told(FakeLedger(), FINE, FULL)
    assert "另一份录音照常" in text
    (text,) = told(FakeLedger(), SMALL)
    assert "110 MB，约够录 1.0 小时" in text


def test_the_scraper_reads_the_same() -> None:
    registry = CollectorRegistry()
    ledger = FakeLedger(late_seconds=9.0, spooled=7, refused=1)
    registry.register(Distress(ledger, lambda: [FINE, FULL]))  # type: ignore[arg-type]
    text = generate_latest(registry).decode()
    for line in (
        "callcenter_ledger_spooled 7.0",
        "callcenter_store_away_seconds 9.0",
        "callcenter_ledger_refused_total 1.0",
        'callcenter_recording_folder_fine{folder="/a"} 1.0',
        'callcenter_recording_folder_fine{folder="/b"} 0.0',
        'callcenter_recording_lost_ms_total{folder="/b"} 1500.0',
        'callcenter_recording_free_bytes{folder="/b"} 0.0',
    ):
        assert line in text
