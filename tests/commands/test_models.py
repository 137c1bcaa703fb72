"""`callcenter models`: what a person sees of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callcenter.asr import catalogue, models
from callcenter.commands import models as command
from callcenter.core.errors import ModelMissing
from tests.asr.broken import copy, halved
from tests.asr.shop import NAME, Shop, archive, opened

SMALL = "vosk-model-small-cn-0.22"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(catalogue.ENVIRONMENT, str(tmp_path / "models"))
    monkeypatch.delenv(models.ENVIRONMENT, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "models"


def offer(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", (shop.entry(),))


def test_the_list_says_what_each_model_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.list_models() == 0
    text = capsys.readouterr().out
    for part in ("mini", SMALL, "vosk-model-cn-0.22", "zh-CN", "1360", "Apache-2.0", "13.98"):
        assert part in text


def test_the_list_as_json_says_which_one_is_used(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy(folder / SMALL)
    copy(folder / "vosk-model-cn-0.22")
    assert command.use(SMALL) == 0
    assert command.path() == 0
    assert capsys.readouterr().out == f"{folder / SMALL}\n" * 2
    assert command.list_models(as_json=True) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert [row["state"] for row in rows.values()] == ["used", "here", ""]
    assert rows[SMALL]["sha256"].startswith("3af8b0e7")
    command.list_models()
    command.use("mini")
    assert models.resolve() == models.bundled()


def test_pull_then_use(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(archive()) as shop:
        offer(shop, monkeypatch)
        assert command.pull(NAME) == 0
    told = capsys.readouterr()
    assert f"callcenter models use {NAME}" in told.out
    assert "no digest is published" in told.out
    assert NAME in told.err
    assert command.use(NAME) == 0
    assert models.resolve() == folder / NAME


def test_pull_from_a_file_brought_by_hand(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(b"") as shop:
        offer(shop, monkeypatch)
    with pytest.raises(ModelMissing, match=r"brought\.zip: No such file"):
        command.pull(NAME, tmp_path / "brought.zip")
    (tmp_path / "brought.zip").write_bytes(archive())
    assert command.pull(NAME, tmp_path / "brought.zip") == 0
    models.check(folder / NAME)


def test_a_damaged_or_unknown_model_is_not_used(folder: Path) -> None:
    copy(folder / SMALL, {"HCLr.fst": halved})
    with pytest.raises(ModelMissing, match=r"graph/HCLr\.fst has "):
        command.use(SMALL)
    with pytest.raises(ModelMissing, match="not fetched yet"):
        command.use("../escape")
    with pytest.raises(ModelMissing, match="no model 'nothing' is listed"):
        command.pull("nothing")
    assert catalogue.chosen() is None
