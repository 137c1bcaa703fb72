"""What waits for the store on disk: exact, in order, whole after a crash at any byte."""

from __future__ import annotations

import errno
import os
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.core import events
from callcenter.core.events import Event, RecordStepped
from callcenter.core.records import Gap, Party, Segment, Word
from callcenter.store.spool import FileSpool

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KINDS = sorted(
    (k for k in vars(events).values() if is_dataclass(k) and issubclass(k, Event) and k != Event),
    key=lambda kind: kind.__name__,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
st.register_type_strategy(str, TEXT)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False))
PLAIN = TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
CHANGES = st.dictionaries(
    TEXT.filter(lambda name: name != "$"),
    PLAIN | st.dates() | st.datetimes(timezones=st.just(UTC)) | st.lists(PLAIN, max_size=3),
    max_size=4,
)


def rang(number: int) -> Event:
    return events.CallRang(f"c{number}", NOON, "13800138001", "95000", "main")


def all_of(spool: FileSpool) -> list[Event]:
    found = list(spool.oldest(10_000)[1])
    assert spool.waiting == len(found)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_every_kind_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, kind: type[Event], data: st.DataObject
) -> None:
    given_ = {"changes": CHANGES} if kind is RecordStepped else {}
    event = data.draw(st.builds(kind, **given_))
    file = tmp_path_factory.mktemp("spool") / "spool"
    FileSpool(file).put([event])
    assert all_of(FileSpool(file)) == [event]


def test_moments_in_a_record_stay_moments(tmp_path: Path) -> None:
    changes = {"due_at": NOON, "day": date(2026, 11, 22), "steps": [{"at": NOON}], "n": None}
    step = RecordStepped("", NOON, "order", "WO-1", "open", "小李", "draft", 0, changes)
    said = Segment(Party.CALLER, 0, 900, "你好", (Word("你好", 0, 900, 0.5),))
    told = [step, events.SegmentHeard("c1", NOON, said)]
    FileSpool(tmp_path / "spool").put(told)
    assert all_of(FileSpool(tmp_path / "spool")) == told


def test_what_stands_in_the_books_is_dropped_and_then_the_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "spool"
    spool = FileSpool(file)
    assert not file.exists()
    assert spool.put([rang(n) for n in range(5)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert spool.oldest(2) == (0, [rang(0), rang(1)])
    spool.drop(2)
    assert spool.put([rang(5)]) == 5
    assert spool.oldest(2) == (2, [rang(2), rang(3)])
    assert all_of(FileSpool(file)) == [rang(n) for n in range(2, 6)]
    spool.drop(4)
    assert not file.exists()
    assert spool.waiting == 0
    assert spool.put([rang(6)]) == 6
    assert all_of(FileSpool(file)) == [rang(6)]


def test_a_crash_at_any_byte_costs_the_torn_line_alone(tmp_path: Path) -> None:
    whole, file = tmp_path / "whole", tmp_path / "torn"
    spool = FileSpool(whole)
    spool.put([rang(0)])
    first = whole.stat().st_size
    spool.put([rang(1)])
    content = whole.read_bytes()
    for size in range(len(content) + 1):
        file.write_bytes(content[:size])
        found = FileSpool(file)
        expected = [rang(n) for n in range((size >= first) + (size == len(content)))]
        assert all_of(found) == expected
        found.put([rang(2)])
        assert all_of(FileSpool(file)) == [*expected, rang(2)]
        file.unlink()


def test_a_damaged_line_takes_no_other_with_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "spool"
    FileSpool(file).put([rang(n) for n in range(3)])
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], lines[2].replace(b"95000", b"95001"), lines[3]]))
    assert all_of(FileSpool(file)) == [rang(0), rang(2)]
    assert "damaged" in caplog.text
    assert "13800138001" not in caplog.text


def test_where_the_disk_is_full_nothing_is_kept_and_what_was_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "spool"
    spool = FileSpool(file)
    spool.put([rang(0)])

    def full_disk(fd: int, data: bytes, at: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr("callcenter.store.spool.os.pwrite", full_disk)
        with pytest.raises(OSError, match="No space"):
            spool.put([events.GapLeft("c1", NOON, Gap(Party.AGENT, 0, 1, "x"))])
    spool.put([rang(1)])
    assert all_of(FileSpool(file)) == all_of(spool) == [rang(0), rang(1)]
