"""`callcenter backfill` on a store that holds a call nobody listened to."""

from __future__ import annotations

from pathlib import Path

from callcenter.audio.salvage import salvage
from callcenter.audio.wav import read_wav, write_wav
from callcenter.core import events
from callcenter.core.records import Gap, Party
from callcenter.store.books import SqlBooks
from callcenter.store.calls import get_call
from callcenter.store.sql import Store
from tests.conftest import RunCallcenter
from tests.fakes import NOON

VOICES = Path(__file__).parent.parent.parent / "callcenter" / "demo" / "voices"


def kept_call(folder: Path) -> Store:
    """A call whose recording waits: the caller speaks after two seconds."""
    caller = bytes(32_000) + read_wav(VOICES / "complaint_quality.wav").channels[0]
    file = folder / "recordings" / "2026" / "11" / "22" / "c1.wav"
    file.parent.mkdir(parents=True)
    write_wav(file, caller, bytes(len(caller)))
    recording = salvage(folder / "recordings", "c1")
    assert recording is not None
    store = Store(folder / "data" / "callcenter.db")
    store.upgrade()
    books = SqlBooks(store)
    length = round(recording.seconds * 1000)
    for event in (
        events.CallRang("c1", NOON, "13800138001", "95000", "main"),
        events.CallAnswered("c1", NOON, "1001"),
        *(events.GapLeft("c1", NOON, Gap(party, 0, length, "no model")) for party in Party),
        events.RecordingClosed("c1", NOON, recording),
        events.CallEnded("c1", NOON, "caller", "answered", "ordinary", transcribed=False),
    ):
        books.write(event)
    return store


def test_what_was_not_heard_is_transcribed_and_matched(
    run_callcenter: RunCallcenter, tmp_path: Path
):
    store = kept_call(tmp_path)
    file = tmp_path / "c.toml"
    file.write_text("", "utf-8")
    done = run_callcenter("backfill", "--config", str(file))
    assert done.stdout == "1 calls transcribed\n", done.stderr
    with store.session() as session:
        call = get_call(session, "c1")
        assert call.transcribed
        (segment,) = call.segments
        assert "质量太差" in segment.text
        assert 1900 < segment.start_ms < 2500
        assert not segment.live
        found = {hit.category for hit in call.hits}
        assert found == {"quality", "refund", "complaint", "likely_complaint"}
    store.close()
    assert run_callcenter("backfill", "--config", str(file)).stdout == "0 calls transcribed\n"


def test_without_a_model_it_says_so(run_callcenter: RunCallcenter, tmp_path: Path):
    kept_call(tmp_path).close()
    file = tmp_path / "c.toml"
    file.write_text('[recognition]\nmodel = "gone"\n', "utf-8")
    done = run_callcenter("backfill", "--config", str(file))
    assert done.returncode == 1
    assert "gone" in done.stderr
