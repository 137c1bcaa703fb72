"""`callcenter jobs`, and what the doctor says of servers and of the archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.commands import jobs
from callcenter.commands.doctor_reach import examine_archive, examine_recognisers
from callcenter.config import Config, RecognitionConfig, load
from callcenter.config.archive import ArchiveConfig
from callcenter.core.errors import ConfigError
from callcenter.core.jobs import Failure
from callcenter.store.failures import StoredFailures
from callcenter.store.sql import Store
from tests.asr.fleet import running, silent_server
from tests.s3 import KEY, REGION, SECRET, S3Server


def written(folder: Path, more: str) -> Path:
    file = folder / "c.toml"
    file.write_text(f"[web]\nport = 0\n[[line]]\nport = 0\n{more}", "utf-8")
    return file


def test_jobs_that_wait_and_jobs_that_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, '[reports]\nperiods = ["day"]\nnames = ["service"]\n')
    store = Store(load(file).database)
    store.upgrade()
    assert jobs.jobs(file) == 0
    told = capsys.readouterr().out
    assert [line.split()[:3] for line in told.splitlines()][:4] == [
        ["task", "waiting", "next"],
        ["transcripts", "0"],
        ["messages", "0"],
        ["reports", "1", "service"],
    ]
    failures, now = StoredFailures(store), datetime.now(UTC)
    failures.note(Failure("archive", "c1", 3, now, "it is [not] what was sealed"))
    failures.note(Failure("archive", "c2", 9, now - timedelta(days=1), "of another life"))
    assert jobs.jobs(file) == 1
    told = capsys.readouterr().out
    assert "✗ archive c1: failed 3 times, next try " in told
    assert "it is [not] what was sealed" in told
    assert "c2" not in told
    failures.forget("archive", "c1")
    assert jobs.jobs(file) == 0
    store.close()


def test_the_doctor_asks_each_recognition_server() -> None:
    with running() as well, running(silent_server) as gone:
        gone.down()
        config = Config(recognition=RecognitionConfig(remote=(well.url, gone.url)))
        first, second = examine_recognisers(config)
        alone = Config(recognition=RecognitionConfig.model_validate({"remote": gone.url}))
        (only,) = examine_recognisers(alone)
    assert (first.good, first.detail.startswith(f"{well.url}, answers in ")) == (True, True)
    assert (second.good, second.detail.endswith("the others are asked")) == (None, True)
    assert (only.good, only.detail.endswith("all the same")) == (False, True)


@pytest.mark.external
def test_the_doctor_writes_reads_and_deletes_in_the_archive(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_server.bucket("doctor")
    monkeypatch.setenv("CALLCENTER_ARCHIVE_SECRET", SECRET)
    where = {"endpoint": s3_server.endpoint, "region": REGION, "key": KEY}
    archive = ArchiveConfig(url="s3://doctor/centre", **where)
    config = Config(recordings=str(tmp_path), archive=archive)
    (well,) = examine_archive(config)
    assert well.good
    assert well.detail.startswith("s3://doctor/centre: written, read and deleted, over plain http")
    monkeypatch.setenv("CALLCENTER_ARCHIVE_SECRET", "wrong")
    (refused,) = examine_archive(config)
    assert refused.good is False
    assert "recordings stay in the folder until it can be used" in refused.detail
    assert list(examine_archive(Config())) == []


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[archive]\nurl = "recordings"', "archive.url: expected a bucket and perhaps a prefix"),
        ('[archive]\nurl = "s3://b"', "archive.url: expected a bucket"),
        ('[archive]\nurl = "s3://abc"\nendpoint = "s3.example.com"', "archive.endpoint: expected"),
        ('[archive]\nkey = "K"', 'archive: expected url = "s3://bucket/prefix" beside'),
        ('[recognition]\nremote = ["http://a"]', "recognition.remote.0: "),
        ('[recognition]\nremote = ["ws://a", "ws://a"]', "recognition.remote: expected each"),
    ],
)
def test_what_the_configuration_must_say(tmp_path: Path, table: str, told: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        load(written(tmp_path, f"{table}\n"))
    assert told in str(wrong.value)


def test_one_server_may_be_written_without_a_list(tmp_path: Path) -> None:
    config = load(written(tmp_path, '[recognition]\nremote = "ws://127.0.0.1:2700"\n'))
    assert config.recognition.remote == ("ws://127.0.0.1:2700",)
    bare = load(written(tmp_path, '[recognition]\nremote = ""\n[archive]\nurl = "s3://abc/d/e/"\n'))
    assert (bare.recognition.remote, bare.archive.place) == ((), ("abc", "d/e"))
