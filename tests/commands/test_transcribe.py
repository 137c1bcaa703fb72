"""`callcenter transcribe` on good and bad files, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from callcenter.audio.wav import write_wav
from tests.conftest import RunCallcenter

VOICES = Path(__file__).parent.parent.parent / "callcenter" / "demo" / "voices"


def test_one_json_line_a_file(run_callcenter: RunCallcenter, tmp_path: Path):
    stereo = tmp_path / "stereo.wav"
    caller = (VOICES / "harasser_again.wav").read_bytes()[44:]
    agent = (VOICES / "agent_goodbye.wav").read_bytes()[44:]
    silence = bytes(len(agent))
    write_wav(stereo, caller + silence, bytes(len(caller)) + agent)
    done = run_callcenter("transcribe", "--json", str(VOICES / "enquiry_ask.wav"), str(stereo))
    assert done.returncode == 0, done.stderr
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["text"] == "您好我想问一下我的订单什么时候发货"
    assert first["file"] == str(VOICES / "enquiry_ask.wav")
    assert 4 < first["seconds"] < 6
    (segment,) = first["segments"]
    assert segment["party"] == "caller"
    assert segment["words"][0].keys() == {"word", "start_ms", "end_ms", "confidence"}
    starts = [word["start_ms"] for word in segment["words"]]
    assert starts == sorted(starts)
    assert [s["party"] for s in second["segments"]] == ["caller", "agent"]


def test_bad_files_are_named_and_the_others_done(run_callcenter: RunCallcenter, tmp_path: Path):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"not a wav")
    done = run_callcenter(
        "transcribe", str(bad), str(tmp_path / "none.wav"), str(VOICES / "agent_goodbye.wav")
    )
    assert done.returncode == 1
    assert "谢谢您的来电再见" in done.stdout
    first, second = done.stderr.splitlines()
    assert "bad.wav" in first
    assert "none.wav" in second


def test_a_missing_model_is_told_in_a_line(run_callcenter: RunCallcenter, tmp_path: Path):
    done = run_callcenter(
        *("transcribe", str(VOICES / "agent_goodbye.wav")),
        env={"CALLCENTER_MODEL": str(tmp_path / "nowhere")},
    )
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert len(done.stderr.splitlines()) == 1
