"""`callcenter retranscribe` on a store that holds calls which were heard badly."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.asr import bundled, catalogue
from callcenter.audio.salvage import salvage
from callcenter.audio.wav import read_wav, write_wav
from callcenter.commands.retranscribe import Hearing, find_model, midnight
from callcenter.config import load
from callcenter.core import events
from callcenter.core.errors import ModelMissing, StoreAway
from callcenter.core.ports import Ear
from callcenter.core.records import Hit, Party, RecordingInfo, Segment, Word
from callcenter.outfit import hiding_of
from callcenter.scripts.book import Book
from callcenter.store.books import SqlBooks
from callcenter.store.calls import get_call
from callcenter.store.recordings import Recordings
from callcenter.store.sql import Store
from callcenter.store.tables import Call
from callcenter.store.transcripts import recorded
from tests.asr.broken import copy, halved
from tests.commands.terminal import shown
from tests.conftest import RunCallcenter
from tests.fakes import NOON

VOICES = Path(__file__).parent.parent.parent / "callcenter" / "demo" / "voices"
DAY = timedelta(days=1)
HEARD = Segment(Party.CALLER, 100, 900, "难听")
HIT = Hit("insult-1", "insult", Party.CALLER, 100, 900, "难听")


class Kept:
    """The folder of a service that has taken calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "c.toml"
        self.config.write_text("", "utf-8")
        self.store = Store(folder / "data" / "callcenter.db")
        self.store.upgrade()

    def sound(self, call_id: str) -> Path:
        """A recording in which the caller complains after two seconds."""
        caller = bytes(32_000) + read_wav(VOICES / "complaint_quality.wav").channels[0]
        file = self.folder / "recordings" / "2026" / "11" / "22" / f"{call_id}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_wav(file, caller, bytes(len(caller)))
        return file

    def call(self, call_id: str, at: datetime = NOON) -> Path:
        """A call that was heard as HEARD, with a hit, and closed as harassment."""
        file = self.sound(call_id)
        recording = salvage(self.folder / "recordings", call_id)
        assert recording is not None
        self._write(call_id, at, recording)
        return file

    def call_without_sound(self, call_id: str, at: datetime = NOON) -> None:
        self._write(call_id, at, RecordingInfo("", 0.0, ""))

    def _write(self, call_id: str, at: datetime, recording: RecordingInfo) -> None:
        books = SqlBooks(self.store)
        for event in (
            events.CallRang(call_id, at, "13800138001", "95000", "main"),
            events.CallAnswered(call_id, at, "1001"),
            events.SegmentHeard(call_id, at, HEARD),
            events.HitFound(call_id, at, HIT),
            events.TerminationProposed(call_id, at, "insult", "line_fault", "难听"),
            events.RecordingClosed(call_id, at, recording),
            events.CallEnded(call_id, at + DAY / 24, "caller", "answered", "harassment"),
        ):
            books.write(event)

    def read(self, call_id: str) -> Call:
        with self.store.session() as session:
            return get_call(session, call_id)

    def models(self, call_id: str) -> list[str]:
        return [made.model for made in self.read(call_id).transcripts]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.store.close()


def words(kept: Kept, *more: str, model: str = "mini") -> list[str]:
    return ["retranscribe", "--model", model, "--config", str(kept.config), *more]


def test_the_new_text_stands_beside_the_old(run_callcenter: RunCallcenter, kept: Kept):
    kept.call("c1")
    began = datetime.now(UTC)
    done = run_callcenter(*words(kept, "--since", "2020-01-01"))
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert first.startswith("call c1: 1 segments, ")
    assert last == "1 calls transcribed with mini"
    assert done.stderr == ""
    call = kept.read("c1")
    assert [segment.text for segment in call.segments] == ["难听"]
    assert [hit.rule for hit in call.hits] == ["insult-1"]
    assert (call.disposition, len(call.decisions)) == ("harassment", 1)
    (made,) = call.transcripts
    assert made.model == "mini"
    assert began <= made.made_at <= datetime.now(UTC)
    (segment,) = made.segments
    assert "质量太差" in segment.text
    assert 1900 < segment.start_ms < 2500
    assert segment.words
    assert {hit.category for hit in made.hits} >= {"quality", "refund"}


def test_each_model_has_one_transcript(
    run_callcenter: RunCallcenter, kept: Kept, monkeypatch: pytest.MonkeyPatch
):
    kept.call("c1")
    folder = kept.folder / "models"
    monkeypatch.setenv(catalogue.ENVIRONMENT, str(folder))
    copy(folder / "fetched")
    elsewhere = copy(kept.folder / "elsewhere" / "fetched")
    for model in ("fetched", str(elsewhere), "fetched", str(folder / "fetched")):
        done = run_callcenter(*words(kept, "--call", "c1", model=model))
        assert done.returncode == 0, done.stderr
    assert sorted(kept.models("c1")) == [str(elsewhere.resolve()), "fetched"]


def test_the_days_are_local_and_included(run_callcenter: RunCallcenter, kept: Kept):
    day = NOON.astimezone().date()
    kept.call("before", midnight(day) - timedelta(seconds=1))
    kept.call("first", midnight(day))
    kept.call("last", midnight(day + DAY) - timedelta(seconds=1))
    kept.call("after", midnight(day + DAY))
    done = run_callcenter(*words(kept, "--since", str(day), "--until", str(day)))
    assert [line.split()[1] for line in done.stdout.splitlines()[:-1]] == ["first:", "last:"]
    assert (kept.models("before"), kept.models("after")) == ([], [])


def test_a_recording_that_is_gone_or_damaged_is_named_and_passed_over(
    run_callcenter: RunCallcenter, kept: Kept
):
    kept.call("gone", NOON).unlink()
    damaged = kept.call("damaged", NOON + DAY)
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    kept.call_without_sound("none", NOON + 2 * DAY)
    kept.call("good", NOON + 3 * DAY)
    done = run_callcenter(*words(kept, "--since", "2020-01-01"))
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        ["call gone", "skipped"],
        ["call damaged", "skipped"],
        ["call none", "skipped"],
    ]
    assert "No such file" in told[0]
    assert "SHA-256" in told[1]
    assert "no recording was kept" in told[2]
    assert done.stdout.splitlines()[-1] == "1 calls transcribed with mini, 3 skipped"
    assert kept.models("damaged") == []
    assert kept.models("good") == ["mini"]


def test_a_model_that_is_not_there_or_damaged(run_callcenter: RunCallcenter, kept: Kept):
    kept.call("c1")
    bad = copy(kept.folder / "bad", {"HCLr.fst": halved})
    for model, reason in (
        ("vosk-model-cn-0.22", "callcenter models pull vosk-model-cn-0.22"),
        ("nothing", "expected a name in `callcenter models list`, or a folder"),
        (str(bad), "HCLr.fst has "),
    ):
        done = run_callcenter(*words(kept, "--since", "2020-01-01", model=model))
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("callcenter: model ")
        assert reason in line
    assert kept.models("c1") == []


@pytest.mark.parametrize(
    ("more", "code", "reason"),
    [
        ((), 2, "expected --since DATE, or --call ID"),
        (("--since", "yesterday"), 2, "expected a date such as 2026-11-22, got 'yesterday'"),
        (("--since", "9999-12-31"), 2, "expected a date"),
        (("--since", "2026-02-02", "--until", "2026-02-01"), 2, "--until is before --since"),
        (("--call", "none"), 1, "no call none"),
        (("--call", "c1", "--since", "2100-01-01"), 1, "call c1: not answered, not over, or not"),
    ],
)
def test_what_cannot_be_done_is_told(
    run_callcenter: RunCallcenter, kept: Kept, more: tuple[str, ...], code: int, reason: str
):
    kept.call("c1")
    done = run_callcenter(*words(kept, *more))
    assert done.returncode == code
    assert reason in done.stderr.splitlines()[-1]
    assert kept.models("c1") == []


def test_no_database_is_made(run_callcenter: RunCallcenter, tmp_path: Path):
    file = tmp_path / "c.toml"
    file.write_text("", "utf-8")
    done = run_callcenter(
        "retranscribe", "--model", "mini", "--since", "2026-01-01", "--config", str(file)
    )
    assert done.returncode == 1
    assert "there is no database" in done.stderr
    assert not (tmp_path / "data").exists()


def test_no_call_of_those_days(run_callcenter: RunCallcenter, kept: Kept):
    done = run_callcenter(*words(kept, "--since", "2100-01-01"))
    assert (done.returncode, done.stdout) == (0, "0 calls transcribed with mini\n")


class BusyService:
    """A Recogniser during whose work a service writes, which a held database would refuse."""

    ready = True
    detail = ""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def try_load(self) -> bool:
        return True

    def open(self, party: Party, on_segment: object, on_gap: object) -> Ear:
        raise AssertionError("no call is live")

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        self._kept.call(f"new-{party.value}", NOON + DAY)
        return [replace(HEARD, party=party, text="我要投诉")]


def test_a_service_can_write_while_it_works(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("callcenter.store.dialects.BUSY_MS", 1)
    kept.call("c1")
    with closing(Store(kept.folder / "data" / "callcenter.db")) as store:
        with store.session() as session:
            (one,) = recorded(session)
        hearing = Hearing(
            store, BusyService(kept), Book(), Recordings(kept.folder / "recordings"), "mini"
        )
        assert hearing.again(one) == (2, 1)
        assert [kept.read(f"new-{party.value}").transcripts for party in Party] == [[], []]
        with kept.store.session(write=True), pytest.raises(StoreAway):
            hearing.again(replace(one))
    assert kept.models("c1") == ["mini"]


def test_a_person_sees_a_bar(kept: Kept):
    kept.call("c1", NOON)
    kept.call("c2", NOON + DAY).unlink()
    code, seen = shown(words(kept, "--since", "2020-01-01"), 300)
    assert code == 1
    assert "mini  2/2" in seen
    assert "━" in seen
    assert "call c2: skipped: " in seen
    assert "1 calls transcribed with mini, 1 skipped" in seen
    assert "segments" not in seen


def test_models_by_name_and_by_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(catalogue.ENVIRONMENT, str(tmp_path / "models"))
    monkeypatch.chdir(tmp_path)
    own = copy(tmp_path / "own")
    fetched = copy(tmp_path / "models" / "vosk-model-cn-0.22")
    (tmp_path / "latest").symlink_to(own)
    assert find_model("mini").path == bundled()
    assert find_model(str(bundled())).name == "mini"
    assert find_model("vosk-model-cn-0.22").path == fetched
    assert find_model(str(fetched)).name == "vosk-model-cn-0.22"
    assert find_model("own").name == find_model("./latest").name == str(own.resolve())
    for wrong in ("vosk-model-small-cn-0.22", "../nowhere", str(own / "README")):
        with pytest.raises(ModelMissing, match=r"^model "):
            find_model(wrong)


def test_midnight_is_local():
    assert midnight(date(2026, 11, 22)).strftime("%Y-%m-%d %H:%M:%S") == "2026-11-22 00:00:00"
    assert midnight(date(2026, 11, 22)).tzinfo is not None


class Dictates(BusyService):
    """Hears the caller dictate a number."""

    def transcribe(self, party: Party, pcm: bytes) -> list[Segment]:
        said = "我电话一三八零零一三八零零零"
        words = tuple(Word(c, 200 * i, 200 * i + 200) for i, c in enumerate(said))
        caller = party is Party.CALLER
        return [Segment(party, 0, 200 * len(said), said, words)] if caller else []


def test_a_number_that_only_this_model_hears_is_hidden_in_text_and_sound(kept: Kept):
    file = kept.call("c1")
    before = kept.read("c1").recording
    assert before is not None
    with closing(Store(kept.folder / "data" / "callcenter.db")) as store:
        with store.session() as session:
            (one,) = recorded(session)
        hearing = Hearing(
            store,
            Dictates(kept),
            Book(),
            Recordings(kept.folder / "recordings"),
            "mini",
            hiding_of(load(kept.config)),
        )
        hearing.again(one)
    call = kept.read("c1")
    assert [segment.text for segment in call.transcripts[0].segments] == ["我电话〔手机号〕"]
    assert [(one.party, one.kind) for one in call.redactions] == [("caller", "phone")]
    assert call.recording is not None
    assert call.recording.sha256 != before.sha256
    assert hashlib.sha256(file.read_bytes()).hexdigest() == call.recording.sha256
