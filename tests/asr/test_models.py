"""Where the model is looked for, and what is said of a damaged one."""

from __future__ import annotations

import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.asr import models, ngram_fst
from callcenter.core.errors import ModelMissing

from .broken import Damage, aborting, copy, emptied, flat, fst, garbage, gone, halved


def complaint(path: Path) -> str:
    with pytest.raises(ModelMissing) as caught:
        models.check(path)
    text = str(caught.value)
    assert text.startswith(f"model {path}: ")
    assert "\n" not in text
    return text.removeprefix(f"model {path}: ")


def test_what_is_given_comes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "environment"))
    assert models.resolve(tmp_path / "given") == tmp_path / "given"
    assert models.resolve(str(tmp_path / "given")) == tmp_path / "given"
    assert models.resolve() == tmp_path / "environment"
    monkeypatch.setenv(models.ENVIRONMENT, "")
    assert models.resolve() == models.bundled()
    monkeypatch.delenv(models.ENVIRONMENT)
    assert models.resolve("") == models.bundled()


def test_the_bundled_model_is_whole() -> None:
    models.check(models.bundled())
    models.probe(models.bundled())


def test_the_oldest_layout_is_known(tmp_path: Path) -> None:
    models.check(flat(tmp_path / "flat"))


def test_a_static_graph_needs_no_other(tmp_path: Path) -> None:
    path = copy(tmp_path / "m", {"HCLr.fst": gone, "Gr.fst": gone, "disambig_tid.int": gone})
    assert complaint(path) == "graph/HCLr.fst is missing"
    (path / "graph" / "HCLG.fst").write_bytes(fst(1, 1) + bytes(36))
    models.check(path)
    (path / "graph" / "HCLG.fst").write_bytes(fst(-1, -1, b"edit"))
    models.check(path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none") == "there is no such folder"
    assert complaint(tmp_path) == "am/final.mdl is missing"
    (tmp_path / "file").touch()
    assert complaint(tmp_path / "file") == "there is no such folder"


FILES = {
    "final.mdl": "am/final.mdl",
    "model.conf": "conf/model.conf",
    "mfcc.conf": "conf/mfcc.conf",
    "HCLr.fst": "graph/HCLr.fst",
    "Gr.fst": "graph/Gr.fst",
    "words.txt": "graph/words.txt",
    "disambig_tid.int": "graph/disambig_tid.int",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("damage", "state"), [(gone, "missing"), (emptied, "empty")])
def test_a_missing_or_empty_file_is_named(
    tmp_path: Path, name: str, damage: Damage, state: str
) -> None:
    assert complaint(copy(tmp_path / "m", {name: damage})) == f"{FILES[name]} is {state}"


@pytest.mark.parametrize(
    ("name", "damage", "text"),
    [
        ("final.mdl", garbage, "am/final.mdl is not a Kaldi model"),
        ("HCLr.fst", garbage, "graph/HCLr.fst is not an OpenFst graph"),
        ("Gr.fst", garbage, "graph/Gr.fst is not an OpenFst graph"),
        ("Gr.fst", lambda raw: raw[:20], "graph/Gr.fst is not an OpenFst graph"),
        ("words.txt", lambda raw: raw[:-3], "graph/words.txt ends in mid-line"),
        (
            "words.txt",
            lambda raw: "好 1\n好\n".encode(),
            "graph/words.txt line 2: expected a word and a number",
        ),
        (
            "words.txt",
            lambda raw: "好 很\n".encode(),
            "graph/words.txt line 1: expected a word and a number",
        ),
    ],
)
def test_a_file_of_another_kind_is_named(
    tmp_path: Path, name: str, damage: Damage, text: str
) -> None:
    assert complaint(copy(tmp_path / "m", {name: damage})) == text


@pytest.mark.parametrize("name", ["HCLr.fst", "Gr.fst"])
def test_a_graph_cut_short_is_named(tmp_path: Path, name: str) -> None:
    text = complaint(copy(tmp_path / "m", {name: halved}))
    assert text.startswith(f"{FILES[name]} has ")
    assert "expected at least" in text


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    with pytest.raises(ModelMissing, match=r"model .*loop: "):
        models.check(path)
    path = copy(tmp_path / "m", {"HCLr.fst": gone})
    with pytest.raises(ModelMissing, match="No such file"):
        models.mark(path)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_an_fst_header_or_a_value_error(raw: bytes) -> None:
    for head in (raw, fst(3, 4)[:8] + raw, fst(3, 4) + raw):
        with suppress(ValueError, struct.error):
            assert ngram_fst.least_size(head) > 0


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("final.mdl", halved),
        ("final.mdl", aborting),
        ("model.conf", lambda raw: b"--beam=12\n"),
        ("model.conf", garbage),
        ("mfcc.conf", garbage),
        ("disambig_tid.int", garbage),
        ("words.txt", lambda raw: raw[: raw.index(b"\n") + 1]),
    ],
    ids=[
        "model cut short",
        "not-a-numbers: aborts",
        "no end point: aborts",
        "garbled settings",
        "garbled features",
        "garbled symbols",
        "hardly a word",
    ],
)
def test_a_model_that_only_the_engine_can_refuse(tmp_path: Path, name: str, damage: Damage) -> None:
    path = copy(tmp_path / "m", {name: damage})
    models.check(path)
    with pytest.raises(ModelMissing, match=r"model .*: the engine cannot use it: \S") as caught:
        models.probe(path)
    assert "\n" not in str(caught.value)


def test_a_model_that_takes_too_long() -> None:
    with pytest.raises(ModelMissing, match="not loaded within 0 s"):
        models.probe(models.bundled(), seconds=0)


def test_a_machine_that_starts_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", os.devnull)
    with pytest.raises(ModelMissing, match="could not be tried out: "):
        models.probe(models.bundled())


def test_a_child_that_dies_without_a_word() -> None:
    assert models._complaint(b" \n") == "it ended without a word"


def test_a_mark_changes_with_a_file(tmp_path: Path) -> None:
    path = copy(tmp_path / "m", {"model.conf": lambda raw: raw})
    before = models.mark(path)
    assert models.mark(path) == before
    (path / "conf" / "model.conf").write_bytes(b"--beam=10\n")
    assert models.mark(path) != before


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        (b"--sample-frequency=8000", 8000),
        (b"--sample-frequency=16000", 16_000),
        (b" --sample-frequency=16000.0 ", 16_000),
        (b"--sample-frequency=44100", 8000),
        (b"# --sample-frequency=16000", 8000),
        (b"\xff", 8000),
    ],
)
def test_the_rate_is_what_the_settings_say(tmp_path: Path, said: bytes, rate: int) -> None:
    conf = b"--use-energy=false\n" + said + b"\n--num-ceps=40\n"
    assert models.rate(copy(tmp_path / "model", {"mfcc.conf": lambda _: conf})) == rate


def test_the_rate_of_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="No such file"):
        models.rate(copy(tmp_path / "model", {"mfcc.conf": gone}))
