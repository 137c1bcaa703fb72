"""The unpacked model hears what the bundled one hears, is made once, and is never in the way."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from callcenter.asr import VoskEngine, bundled, fst, models, ngram_fst
from callcenter.asr.unpacked import FOLDER, unpacked

from .broken import Damage, copy, emptied, flat, gone
from .sound import SAID, load

LOOK = """
import sys
from pathlib import Path
from callcenter.asr.unpacked import unpacked
print(unpacked(*map(Path, sys.argv[1:])))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(bundled(), tmp_path_factory.mktemp("unpacked"))


def heard(model: Path, sounds: list[bytes]) -> list[Any]:
    """The words of each, their times and how sure they are."""
    from vosk import KaldiRecognizer, Model, SetLogLevel

    SetLogLevel(-1)
    recogniser = KaldiRecognizer(Model(str(model)), 8000)
    recogniser.SetWords(True)
    return [_result(recogniser, pcm) for pcm in sounds]


def _result(recogniser: Any, pcm: bytes) -> Any:
    recogniser.AcceptWaveform(pcm)
    return json.loads(recogniser.FinalResult())


def test_it_hears_the_same_words_at_the_same_times(made: Path) -> None:
    sounds = [load(name) for name in SAID]
    assert heard(made, sounds) == heard(bundled(), sounds)


def test_only_the_language_model_is_new_and_it_says_the_same(made: Path) -> None:
    before, after = ((of / "graph" / "Gr.fst").read_bytes() for of in (bundled(), made))
    assert fst.header_at(after).kind == "const"
    assert after == fst.write_acceptor(ngram_fst.read(before).fst)
    for file in models.mark(bundled()):
        if file[0] != "graph/Gr.fst":
            assert (made / file[0]).resolve() == bundled() / file[0]


def test_the_engine_uses_it_and_names_the_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLCENTER_MODELS", str(tmp_path))
    engine = VoskEngine(bundled(), workers=1)
    try:
        assert engine.detail == str(bundled())
        assert [models.check(path) for path in (tmp_path / FOLDER).iterdir()] == [None]
    finally:
        engine.close()


def test_it_is_made_once_and_told_once(
    made: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.INFO):
        before = (made / "graph" / "Gr.fst").stat()
        assert unpacked(bundled(), made.parent) == made
        assert (made / "graph" / "Gr.fst").stat() == before
        assert caplog.messages == []
        there = unpacked(bundled(), tmp_path)
    assert caplog.messages == [
        f"model {bundled()}: its language model is unpacked into {there}, once"
    ]


def test_a_model_that_changed_is_unpacked_anew(tmp_path: Path) -> None:
    model = copy(tmp_path / "m", {"model.conf": lambda raw: raw})
    first = unpacked(model, tmp_path / "made")
    os.utime(model / "conf" / "model.conf", (1, 1))
    second = unpacked(model, tmp_path / "made")
    assert second != first
    assert list((tmp_path / "made").iterdir()) == [second]


@pytest.mark.parametrize("name", ["Gr.fst", "Gr.crc32", "words.txt"])
@pytest.mark.parametrize(
    "damage",
    [gone, emptied, lambda raw: bytes([raw[0] ^ 1]) + raw[1:-1]],
    ids=["gone", "emptied", "changed"],
)
def test_a_damaged_one_is_made_again(made: Path, name: str, damage: Damage) -> None:
    file = made / "graph" / name
    whole = file.read_bytes()
    after = damage(whole)
    file.unlink()
    if after is not None:
        file.write_bytes(after)
    assert unpacked(bundled(), made.parent) == made
    assert file.read_bytes() == whole


def test_two_processes_may_start_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOOK, str(bundled()), str(tmp_path)]
    together = Barrier(2)

    def start() -> str:
        together.wait()
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(start) for _ in range(2)]
    assert {one.result() for one in told} == {str(path) for path in tmp_path.iterdir()}
    models.check(next(tmp_path.iterdir()))


def test_where_nothing_can_be_written_the_model_serves_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.INFO):
        assert unpacked(bundled(), tmp_path / "file" / "made") == bundled()
    last = caplog.messages[-1]
    assert last.startswith(f"model {bundled()}: used without unpacking its language model: ")
    assert "Not a directory" in last
    assert "\n" not in last


def test_other_models_are_left_alone(tmp_path: Path, made: Path) -> None:
    static = copy(tmp_path / "static", {"HCLr.fst": gone, "Gr.fst": gone})
    for model in (made, static, flat(tmp_path / "flat"), tmp_path / "none"):
        assert unpacked(model, tmp_path / "made") == model
    assert not (tmp_path / "made").exists()


def test_a_language_model_that_cannot_be_read_is_left_to_the_engine(tmp_path: Path) -> None:
    model = copy(tmp_path / "m", {"Gr.fst": lambda raw: raw[:-100]})
    assert unpacked(model, tmp_path / "made") == model
    assert list((tmp_path / "made").iterdir()) == []
