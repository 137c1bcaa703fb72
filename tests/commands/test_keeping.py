"""`callcenter retention`, `callcenter erase` and `callcenter key` on a service's store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.cli import main
from callcenter.core import events as ev
from callcenter.core.records import RecordingInfo
from callcenter.store.books import SqlBooks
from callcenter.store.sql import Store
from callcenter.vault.keys import Keys

CALLER = "13912345678"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of a service that took one call, 200 days ago."""
    monkeypatch.delenv("CALLCENTER_KEY", raising=False)
    config = tmp_path / "callcenter.toml"
    config.write_text('data = "data"\nrecordings = "sound"\n')
    (tmp_path / "sound").mkdir()
    (tmp_path / "sound" / "c1.wav").write_bytes(b"RIFF")
    Keys(tmp_path / "data" / "callcenter.key", make=True).newest()
    store = Store(tmp_path / "data" / "callcenter.db")
    store.upgrade()
    at = datetime.now(UTC) - timedelta(days=200)
    SqlBooks(store).write(
        ev.CallRang("c1", at, CALLER, "4008000000", "main"),
        ev.CallAnswered("c1", at, "1001"),
        ev.CallEnded("c1", at, "caller", "answered", "ordinary"),
        ev.RecordingClosed("c1", at, RecordingInfo("c1.wav", 1.0, "ab" * 32)),
    )
    store.close()
    return config


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as done:
        main([str(word) for word in words])
    return int(done.value.code or 0)


def test_a_dry_run_tells_and_removes_nothing(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = house.parent / "sound" / "c1.wav"
    assert run("retention", "--dry-run", "--config", house) == 0
    assert "什么都没有删除" in capsys.readouterr().out
    assert sound.exists()
    assert run("retention", "--config", house) == 0
    assert "删除了 1 批" in capsys.readouterr().out
    assert not sound.exists()


def test_an_erasure_takes_two_people_and_leaves_a_paper(
    house: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("--number", CALLER, "--reason", "本人来函", "--by", "陈静", "--config", house)
    assert run("erase", "ask", *words) == 0
    number = capsys.readouterr().out.split("：")[0]
    assert run("erase", "approve", number, "--by", "陈静", "--config", house) == 1
    assert "second person" in capsys.readouterr().err
    assert run("erase", "approve", number, "--by", "王芳", "--config", house) == 0
    paper = tmp_path / "paper.pdf"
    assert run("erase", "certificate", number, "--out", paper, "--config", house) == 0
    assert paper.read_bytes().startswith(b"%PDF")
    data = (house.parent / "data" / "callcenter.db").read_bytes()
    assert CALLER.encode() not in data, "nor in what SQLite has freed"


def test_the_key_is_changed_and_the_old_one_stays(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = house.parent / "data" / "callcenter.key"
    before = list(Keys(file).all())
    assert run("key", "change", "--config", house) == 0
    assert "2 keys" in capsys.readouterr().out
    assert list(Keys(file).all())[1:] == before
