"""Which models there are, where they are kept, and which one is used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.asr import catalogue, models
from callcenter.core.errors import ModelMissing
from tests.asr.broken import copy

SMALL = "vosk-model-small-cn-0.22"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setenv(catalogue.ENVIRONMENT, str(folder))
    monkeypatch.delenv(models.ENVIRONMENT, raising=False)
    return folder


def test_the_default_models_are_listed_with_what_one_must_know() -> None:
    names = [entry.name for entry in catalogue.CATALOGUE]
    assert names == [SMALL, "vosk-model-cn-0.22", "vosk-model-small-en-us-0.15"]
    for entry in catalogue.CATALOGUE:
        assert entry.url == f"https://alphacephei.com/vosk/models/{entry.name}.zip"
        assert entry.licence == "Apache-2.0"
        assert entry.mb > 0
        assert entry.error_rate
        assert entry.sha256 is None or len(bytes.fromhex(entry.sha256)) == 32
        assert catalogue.NAME.fullmatch(entry.name)


def test_an_unknown_model_is_told_the_known_ones() -> None:
    assert catalogue.entry(SMALL).language == "zh-CN"
    with pytest.raises(ModelMissing, match=f"no model 'x' is listed; expected one of: {SMALL}, "):
        catalogue.entry("x")


def test_models_are_kept_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(catalogue.ENVIRONMENT, "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert catalogue.folder() == tmp_path / "callcenter" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", "relative, so to be ignored")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert catalogue.folder() == tmp_path / ".local" / "share" / "callcenter" / "models"
    monkeypatch.setenv(catalogue.ENVIRONMENT, str(tmp_path / "here"))
    assert catalogue.folder() == tmp_path / "here"


def test_the_chosen_model_is_the_one_that_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models.resolve() == models.bundled()
    copy(folder / SMALL)
    assert catalogue.use(SMALL, folder) == folder / SMALL
    assert models.resolve() == folder / SMALL
    assert models.resolve("given") == Path("given")
    monkeypatch.setenv(models.ENVIRONMENT, "environment")
    assert models.resolve() == Path("environment")
    monkeypatch.delenv(models.ENVIRONMENT)
    catalogue.use("mini", folder)
    catalogue.use("mini", folder)
    assert models.resolve() == models.bundled()


@pytest.mark.parametrize("name", [SMALL, "", "..", ".", "../x", "a/b", "/etc", "a\0b"])
def test_a_model_that_is_not_there_cannot_be_chosen(folder: Path, name: str) -> None:
    with pytest.raises(ModelMissing, match="not fetched yet"):
        catalogue.use(name, folder)
    assert catalogue.chosen() is None


def test_a_choice_that_cannot_be_written(folder: Path) -> None:
    copy(folder / SMALL)
    (folder / f"{catalogue.CURRENT}.part").mkdir()
    with pytest.raises(ModelMissing, match="current: cannot be written: "):
        catalogue.use(SMALL, folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=30))
def test_a_spoilt_choice_is_none_or_stays_inside(folder: Path, raw: bytes) -> None:
    (folder / catalogue.CURRENT).write_bytes(raw)
    found = catalogue.chosen()
    assert found is None or found.parent == folder


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"{"])
def test_spoilt_digests_are_none(folder: Path, raw: bytes) -> None:
    (folder / catalogue.DIGESTS).write_bytes(raw)
    assert catalogue.digests(folder) == {}
    catalogue.keep_digest(folder, "a", "b")
    assert catalogue.digests(folder) == {"a": "b"}
