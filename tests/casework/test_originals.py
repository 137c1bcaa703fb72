"""What was hidden is kept sealed beside its recording, and goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.casework.originals import Originals
from callcenter.core.errors import SealBroken
from callcenter.core.records import Party
from callcenter.core.redaction import Hidden
from callcenter.store.recordings import Recordings
from tests.fakes import FakeSeal

PATH = "2026/11/23/c1.wav"
HIDDEN = Hidden(Party.CALLER, 1000, 2000, "card", "六二二二")


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    (tmp_path / PATH).parent.mkdir(parents=True)
    (tmp_path / PATH).touch()
    return Originals(tmp_path, FakeSeal())


def test_it_is_kept_once_and_opens_in_order(originals: Originals, tmp_path: Path) -> None:
    originals.keep(PATH, Hidden(Party.AGENT, 9000, 9500, "phone", "一三八"), b"\1\0" * 8, 8000)
    originals.keep(PATH, HIDDEN, b"\5\0" * 8, 16000)
    originals.keep(PATH, HIDDEN, b"\0\0" * 8, 16000)  # the tone that is there by now
    assert originals.count(PATH) == 2
    first, second = originals.open(PATH)
    assert (first.party, first.start_ms, first.kind, first.text) == (
        "caller",
        1000,
        "card",
        "六二二二",
    )
    assert first.wav.endswith(b"\5\0" * 8)
    assert second.start_ms == 9000
    sealed = list((tmp_path / PATH).parent.glob("*.sealed"))
    assert all(file.stat().st_mode & 0o077 == 0 for file in sealed)
    assert not any("六二二二".encode() in file.read_bytes() for file in sealed)


def test_a_piece_of_another_call_does_not_open(originals: Originals, tmp_path: Path) -> None:
    originals.keep(PATH, HIDDEN, b"", 8000)
    (file,) = (tmp_path / PATH).parent.glob("*.sealed")
    file.rename(file.with_name(file.name.replace("1000", "1001")))
    with pytest.raises(SealBroken):
        originals.open(PATH)


def test_it_goes_with_the_recording(originals: Originals, tmp_path: Path) -> None:
    originals.keep(PATH, HIDDEN, b"", 8000)
    assert Recordings(tmp_path).remove(PATH) == 2
    assert originals.count(PATH) == 0


@pytest.mark.parametrize("path", ["", "../c1.wav", "2026/11/23/none.wav"])
def test_a_recording_that_is_none_has_none(originals: Originals, path: str) -> None:
    assert originals.count(path) == 0
