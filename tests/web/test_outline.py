"""The outline of a recording: right in each piece, kept, and an error where it cannot be drawn."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import httpx
import numpy as np
import pytest

from callcenter.store import outline as outlines
from tests.web.fakes import START, FakeDesk, harassment, sound


def write(file: Path, samples: np.ndarray, rate: int = 8000) -> None:
    with wave.open(str(file), "wb") as out:
        out.setparams((samples.shape[1], 2, rate, 0, "NONE", ""))
        out.writeframes(samples.astype("<i2").tobytes())


def test_each_piece_has_its_loudest_sample(tmp_path: Path) -> None:
    samples = np.zeros((400, 2))
    samples[10, 0], samples[170, 0], samples[330, 1] = 1000, -2000, 500
    write(tmp_path / "a.wav", samples)
    found = outlines.measured(tmp_path / "a.wav")
    assert found == outlines.Outline(20, [50, 100, 0], [0, 0, 25])
    write(tmp_path / "wide.wav", np.repeat(samples, 2, axis=0), rate=16000)
    assert outlines.measured(tmp_path / "wide.wav") == found


def test_it_is_kept_beside_the_recording_until_that_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.wav"
    write(file, np.full((400, 2), 100))
    first = outlines.kept(file)
    assert json.loads(first) == {"piece_ms": 20, "caller": [100] * 3, "agent": [100] * 3}
    beside = tmp_path / f"a.wav{outlines.ENDING}"
    assert beside.stat().st_mode & 0o777 == 0o600
    with monkeypatch.context() as never:
        never.setattr(outlines, "measured", lambda _: pytest.fail("it is kept"))
        assert outlines.kept(file) == first
    write(file, np.zeros((160, 2)))
    assert json.loads(outlines.kept(file))["caller"] == [0]
    beside.write_bytes(b"\xff")
    assert json.loads(outlines.kept(file))["caller"] == [0]
    assert {one.name for one in tmp_path.iterdir()} == {"a.wav", beside.name}


def test_a_folder_that_is_only_read_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write(tmp_path / "a.wav", np.zeros((160, 2)))
    monkeypatch.setattr(outlines, "_put", full)
    assert json.loads(outlines.kept(tmp_path / "a.wav"))["caller"] == [0]
    assert [one.name for one in tmp_path.iterdir()] == ["a.wav"]


def test_a_long_one_has_longer_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MOST_PIECES", 10)
    write(tmp_path / "a.wav", np.full((8000, 2), 100))
    found = outlines.measured(tmp_path / "a.wav")
    assert found.piece_ms == 100
    assert found.caller == found.agent == [100] * 10


def test_silence_and_nothing(tmp_path: Path) -> None:
    write(tmp_path / "silence.wav", np.zeros((160, 2)))
    assert outlines.measured(tmp_path / "silence.wav") == outlines.Outline(20, [0], [0])
    write(tmp_path / "empty.wav", np.zeros((0, 2)))
    assert outlines.measured(tmp_path / "empty.wav") == outlines.Outline(20, [], [])


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x00" * 5000])
def test_garbage_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.wav"):
        outlines.measured(tmp_path / "a.wav")
    write(tmp_path / "mono.wav", np.zeros((160, 1)))
    with pytest.raises(ValueError, match="stereo"):
        outlines.measured(tmp_path / "mono.wav")


async def test_the_page_asks_for_it(
    client: httpx.AsyncClient, desk: FakeDesk, recordings: Path
) -> None:
    harassment(desk, "h", START, sound(recordings, "2026/h.wav", seconds=1))
    found = (await client.get("/api/v1/calls/h/recording/outline")).json()
    assert found["piece_ms"] == 20
    assert len(found["caller"]) == len(found["agent"]) == 50
    assert max(found["caller"]) == 100
    (recordings / "2026/h.wav").write_bytes(b"RIFF")
    answer = await client.get("/api/v1/calls/h/recording/outline")
    assert answer.status_code == 404
    assert "cannot be drawn" in answer.json()["detail"]
    (recordings / "2026/h.wav").unlink()
    assert (await client.get("/api/v1/calls/h/recording/outline")).status_code == 404
    harassment(desk, "n", START, None)
    assert (await client.get("/api/v1/calls/n/recording/outline")).status_code == 404
