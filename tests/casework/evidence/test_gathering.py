from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from callcenter.casework.evidence import files as evidence_files
from callcenter.casework.evidence import gathering as evidence
from callcenter.casework.evidence.files import Package
from callcenter.casework.evidence.gathering import Evidence, Maker, Wish
from callcenter.casework.evidence.zipped import zipped
from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment.cases import Step
from callcenter.core.errors import ExportFailed, NoSuchCall, NoSuchCase, Refused
from callcenter.core.events import (
    BillLineMatched,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallRang,
    CallResumed,
    DigitsPressed,
    NumberRecovered,
    QualityMeasured,
    RecordingClosed,
    SegmentHeard,
    SupervisorJoined,
    SupervisorLeft,
    TransferReturned,
    TransferStarted,
    VerdictGiven,
)
from callcenter.core.records import Agent, Party, Quality, RecordingInfo, Segment
from callcenter.store import directory, transcripts
from callcenter.store.recordings import Recordings
from callcenter.web.pages.words.evidence import wording
from tests.casework.harassed import HIT, NIGHT, NUMBER, SAID, TEXT, Harassed

AT = (NIGHT + timedelta(days=2)).astimezone(timezone(timedelta(hours=8)))
MAKER = Maker("陈静", AT, "mini", "callcenter 9.9")
SAY = wording([Agent("6018", "林晓雯")])
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def gathered(harassed: Harassed, wish: Wish) -> Evidence:
    with harassed.store.session() as session:
        return evidence.gather(session, wish)


def export(harassed: Harassed, *calls: str, out: str = "out", maker: Maker = MAKER) -> Package:
    found = gathered(harassed, Wish(calls=calls))
    return evidence_files.write(
        found, Recordings(harassed.recordings), harassed.folder / out, maker, SAY
    )


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    """As a stranger would, with the tool that every Linux has."""
    return subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )


def manifest(package: Package) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((package.folder / "manifest.json").read_text("utf-8"))
    return read


def case_of(harassed: Harassed, *calls: str) -> str:
    with harassed.store.session() as session:
        fact = harassment_cases.open_case(
            session, calls, by="陈静", at=AT, text="夜里反复来电", zone=AT.tzinfo
        )
    harassed.write(fact)
    return fact.case_number


def test_h22_a_stock_tool_verifies_the_package(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    harassed.call("c2", 60, sound=True)
    package = export(harassed, "c2", "c1")
    done = verify(package.folder)
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout.splitlines()
    assert all(line.endswith(": OK") for line in told)
    lying = {
        path.relative_to(package.folder).as_posix()
        for path in package.folder.rglob("*")
        if path.is_file()
    }
    assert {line.removesuffix(": OK") for line in told} == lying - {"SHA256SUMS"}
    assert package.problems == ()
    assert package.files == len(lying)


def test_h22_one_changed_byte_fails(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    package = export(harassed, "c1")
    for name in ("calls/001-c1/recording.wav", "manifest.json", "summary.html"):
        file = package.folder / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-10] + bytes([whole[-10] ^ 1]) + whole[-9:])
        done = verify(package.folder)
        assert done.returncode == 1
        assert f"{name}: FAILED" in done.stdout
        file.write_bytes(whole)
    assert verify(package.folder).returncode == 0


def test_h22_recordings_are_copied_byte_for_byte(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    package = export(harassed, "c1")
    original = next(harassed.recordings.rglob("c1.wav")).read_bytes()
    copied = package.folder / "calls/001-c1/recording.wav"
    assert copied.read_bytes() == original
    (call,) = manifest(package)["calls"]
    sound = call["recording"]
    assert sound["agrees"] is True
    assert sound["stored_sha256"] == sound["copied_sha256"] == hashlib.sha256(original).hexdigest()


def test_h22_the_manifest_says_who_when_with_what(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    package = export(harassed, "c1")
    told = manifest(package)
    assert (told["exported_by"], told["exported_at"]) == ("陈静", AT.isoformat())
    assert (told["software"], told["model"], told["intact"]) == ("callcenter 9.9", "mini", True)
    assert told["selection"]["calls"] == ["c1"]
    for file in told["files"]:
        content = (package.folder / file["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            file["bytes"],
            file["sha256"],
        )
    content = (package.folder / "manifest.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == package.manifest_sha256


def test_the_same_store_and_moment_give_the_same_bytes(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    first, second = (export(harassed, "c1", out=out) for out in ("a", "b"))
    for file in sorted(path for path in first.folder.rglob("*") if path.is_file()):
        other = second.folder / file.relative_to(first.folder)
        assert file.read_bytes() == other.read_bytes(), file
    later = export(harassed, "c1", out="c", maker=replace(MAKER, at=AT + timedelta(seconds=1)))
    assert later.manifest_sha256 != first.manifest_sha256


def test_a_recording_that_was_altered_is_said_loudly(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    harassed.call("c2", 60, sound=True)
    file = next(harassed.recordings.rglob("c1.wav"))
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    package = export(harassed, "c1", "c2")
    (problem,) = package.problems
    assert problem.startswith("call c1: THE RECORDING IS NOT THE ONE THAT WAS KEPT")
    told = manifest(package)
    assert (told["intact"], told["problems"]) == (False, [problem])
    assert [call["recording"]["agrees"] for call in told["calls"]] == [False, True]
    page = (package.folder / "summary.html").read_text("utf-8")
    assert "1 份录音与当时封存的不一致或缺失" in page
    assert "THE RECORDING IS NOT THE ONE" in page
    assert verify(package.folder).returncode == 0


def test_a_recording_that_is_gone_or_outside_is_said_loudly(harassed: Harassed) -> None:
    harassed.call("gone", sound=True)
    harassed.call("outside", 60)
    harassed.call("none", 120)
    next(harassed.recordings.rglob("gone.wav")).unlink()
    secret = harassed.folder / "secret.wav"
    secret.write_bytes(b"RIFF")
    harassed.write(
        RecordingClosed("outside", AT, RecordingInfo("../secret.wav", 1.0, "ab" * 32)),
        RecordingClosed("none", AT, RecordingInfo("", 0.0, "")),
    )
    package = export(harassed, "gone", "outside", "none")
    assert [problem.split(": ")[:2] for problem in package.problems] == [
        ["call gone", "THE RECORDING IS MISSING"],
        ["call outside", "THE RECORDING IS MISSING"],
    ]
    assert list(package.folder.rglob("*.wav")) == []
    assert [call["recording"]["agrees"] for call in manifest(package)["calls"]] == [
        False,
        False,
        None,
    ]
    assert "没有录音" in (package.folder / "summary.html").read_text("utf-8")


def test_a_recording_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = evidence_files._Folder(tmp_path)
    with pytest.raises(evidence_files._Unreadable):
        folder.copy("recording.wav", Path("/proc/self/mem"))  # reading its start fails
    assert list(tmp_path.iterdir()) == []
    assert folder.files == {}


def test_h22_what_was_said_decided_and_played_is_in_it(harassed: Harassed) -> None:
    harassed.call("c1")
    harassed.write(VerdictGiven("c1", AT, "harassment", "两次低俗提问", "陈静"))
    with harassed.store.session(write=True) as session:
        transcripts.keep(session, "c1", "vosk-model-cn-0.22", AT, [SAID], [HIT])
        directory.add_block(session, NUMBER, by="李主管", reason="骚扰", at=AT)
    package = export(harassed, "c1")
    place = package.folder / "calls/001-c1"
    heard = json.loads((place / "transcript.json").read_text("utf-8"))
    assert heard["segments"][1]["words"][0] == {
        "word": "你",
        "start_ms": 1000,
        "end_ms": 1200,
        "confidence": 0.9,
    }
    (hit,) = heard["hits"]
    assert (hit["rule"], hit["why"], hit["score"], hit["severity"]) == (
        "sexual-11", HIT.why, 0.97, 4,
    )  # fmt: skip
    assert heard["gaps"][0]["reason"] == "the queue was full"
    assert heard["heard_again"][0]["model"] == "vosk-model-cn-0.22"
    kept = json.loads((place / "record.json").read_text("utf-8"))
    assert [(d["kind"], d["actor"]) for d in kept["decisions"]] == [
        ("proposed", "system"),
        ("confirmed", "6018"),
    ]
    assert kept["prompts"][0]["sent_ms"] == 6780
    assert kept["verdicts"][0]["reviewer"] == "陈静"
    blocks = json.loads((package.folder / "blocks.json").read_text("utf-8"))
    assert [(b["number"], b["blocked_by"]) for b in blocks["in_force"]] == [(NUMBER, "李主管")]


def test_h22_the_transcript_reads_as_text(harassed: Harassed) -> None:
    harassed.call("c1")
    text = (export(harassed, "c1").folder / "calls/001-c1/transcript.txt").read_text("utf-8")
    assert "来电号码 138 0000 6127" in text
    assert "[0:01.000–0:03.400] 来电人：你一个人上夜班？【加个微信】嘛。" in text
    assert "[0:05.000–0:06.500] 座席：（此段当时未转写（the queue was full）；至今没有转写" in text
    assert "※ 0:02.600 骚扰 · 低俗 “加个微信”（规则 sexual-11，把握 0.97，程度 4）" in text


def test_h22_who_handled_the_call_and_how_it_sounded_is_in_it(harassed: Harassed) -> None:
    harassed.call("c1")
    at = NIGHT + timedelta(seconds=14)
    harassed.write(
        CallHeld("c1", at, "6018"),
        CallResumed("c1", at + timedelta(seconds=1), "6018"),
        DigitsPressed("c1", at + timedelta(seconds=2), "12#"),
        SupervisorJoined("c1", at + timedelta(seconds=3), HOSTILE, "listen"),
        SupervisorLeft("c1", at + timedelta(seconds=4), HOSTILE),
        TransferStarted("c1", at + timedelta(seconds=5), "6018", "6007", HOSTILE, attended=True),
        TransferReturned("c1", at + timedelta(seconds=6), "6007", "no_answer"),
        QualityMeasured("c1", at, "caller", "", Quality(2000, 10, 2, 3.25, 41.0, 4.21)),
    )
    package = export(harassed, "c1")
    page = page_of(package)
    assert not page.tags & {"script", "img"}
    lines = [" ".join(row.split()) for row in page.rows]
    for told in (
        "2026-11-22 21:15:14 0:10.000 保持 林晓雯 6018",
        "2026-11-22 21:15:15 0:11.000 取回 林晓雯 6018",
        "2026-11-22 21:15:16 0:12.000 对方按键 来电人 “12#”",
        f"2026-11-22 21:15:17 0:13.000 加入 {HOSTILE} 监听",
        f"2026-11-22 21:15:18 0:14.000 退出 {HOSTILE}",
        f"2026-11-22 21:15:19 0:15.000 转接 林晓雯 6018 → 6007，先商议，“{HOSTILE}”",
        "2026-11-22 21:15:20 0:16.000 转回 6007 “无人接听”",
    ):
        assert told in lines, told
    assert "来电人：MOS 4.2 · 丢包 0.5% · 迟到 2 · 抖动 3 毫秒 · 往返 41 毫秒" in page.text
    assert any(line.startswith("1 呼入 2026-11-22 21:15:00") for line in lines)
    kept = json.loads((package.folder / "calls/001-c1/record.json").read_text("utf-8"))
    assert kept["call"]["direction"] == manifest(package)["calls"][0]["direction"] == "inbound"
    kinds = [deed["kind"] for deed in kept["handling"]]
    assert kinds == ["held", "resumed", "pressed", "joined", "left", "transfer", "returned"]
    assert [(row["party"], row["mos"]) for row in kept["quality"]] == [("caller", 4.21)]


def test_h22_a_call_that_we_made_is_told_as_one(harassed: Harassed) -> None:
    harassed.write(
        CallRang("o1", NIGHT, "4008200001", NUMBER, "main", "outbound", "6018"),
        CallAnswered("o1", NIGHT, "6018"),
        SegmentHeard("o1", NIGHT, SAID),
        CallEnded("o1", AT, "caller", "answered", "harassment"),
    )
    package = export(harassed, "o1")
    page = page_of(package)
    lines = [" ".join(row.split()) for row in page.rows]
    assert "2026-11-22 21:15:00 呼出 林晓雯 6018 线路 main" in lines
    assert any("结束 客户（被叫）" in line for line in lines)
    assert "4008200001 → 138 0000 6127" in page.text
    assert "来电人" not in "".join(page.rows)
    text = (package.folder / "calls/001-o1/transcript.txt").read_text("utf-8")
    assert "呼出号码 138 0000 6127" in text
    assert f"] 客户（被叫）：{TEXT}" in text


class Reader(HTMLParser):
    """What a page is made of: its tags, what it would load, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.marked: list[str] = []
        self.rows: list[str] = []
        self.text = ""
        self._in_mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._in_mark = tag == "mark"
        if tag == "tr":
            self.rows.append("")
        elif tag == "td":
            self.rows[-1] += " "
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows:
            self.rows[-1] += data
        if self._in_mark:
            self.marked.append(data)


def page_of(package: Package) -> Reader:
    reader = Reader()
    reader.feed((package.folder / "summary.html").read_text("utf-8"))
    return reader


def test_h22_the_summary_is_readable_and_needs_nothing_from_elsewhere(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    harassed.write(VerdictGiven("c1", AT, "harassment", "两次低俗提问", "陈静"))
    package = export(harassed, "c1")
    page = page_of(package)
    assert not page.tags & {"script", "link", "img", "iframe", "audio", "object", "form"}
    assert set(page.links) == {"#call-1", "calls/001-c1/", "calls/001-c1/recording.wav"}
    assert all((package.folder / link).exists() for link in page.links if link[0] != "#")
    assert page.marked == ["加个微信"]
    for told in (
        "2026-11-22 21:15:00",  # in the zone of the export
        "UTC+0800",
        "林晓雯 6018",
        "建议终止",
        "确认终止",
        "送出 6780 毫秒，全长 6800 毫秒",
        "判定为骚扰",
        "1 份，全部与封存时的 SHA-256 一致",
        "sha256sum -c SHA256SUMS",
        "至今没有转写，请听录音",
    ):
        assert told in page.text, told


def test_what_callers_and_stores_say_is_never_markup_nor_a_path(harassed: Harassed) -> None:
    evil = f"../../{HOSTILE}\n\x1b[31m"
    harassed.call(evil)
    spoken = Segment(Party.CALLER, 9000, 9900, f"{HOSTILE}\u202e\x00\x1b[2J")
    harassed.write(
        SegmentHeard(evil, NIGHT, spoken),
        VerdictGiven(evil, AT, "harassment", HOSTILE, HOSTILE),
    )
    package = export(harassed, evil, maker=replace(MAKER, by=HOSTILE))
    assert verify(package.folder).returncode == 0
    names = [path.name for path in (package.folder / "calls").iterdir()]
    assert len(names) == 1
    assert names[0].startswith("001-")
    assert set(names[0]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    page = page_of(package)
    assert not page.tags & {"script", "img"}
    assert "\x1b" not in page.text
    text = (package.folder / "calls" / names[0] / "transcript.txt").read_text("utf-8")
    assert not {"\x1b", "\x00", "\u202e"} & set(text)


def test_calls_whose_ids_look_alike_lie_apart(harassed: Harassed) -> None:
    for n, call_id in enumerate(("a/b", "a?b", "..", ".hidden", "长" * 200)):
        harassed.call(call_id, n)
    package = export(harassed, "a/b", "a?b", "..", ".hidden", "长" * 200)
    assert sorted(path.name for path in (package.folder / "calls").iterdir()) == [
        "001-a_b",
        "002-a_b",
        "003-_",
        "004-hidden",
        "005-" + "_" * 64,
    ]


def test_h22_a_case_brings_its_letters_and_who_did_what(harassed: Harassed) -> None:
    harassed.calls(["c1", "c2"])
    number = case_of(harassed, "c1", "c2")
    with harassed.store.session() as session:
        step = Step("warning_letter", "函：\n请停止来电。")
        fact = harassment_cases.act(session, number, step, by="陈静", at=AT)
    harassed.write(fact)
    found = gathered(harassed, Wish(case=number))
    package = evidence_files.write(
        found, Recordings(harassed.recordings), harassed.folder / "out", MAKER, SAY
    )
    case = json.loads((package.folder / "case/case.json").read_text("utf-8"))
    assert (case["case"]["state"], case["case"]["caller_number"]) == ("warned", NUMBER)
    assert [action["action"] for action in case["actions"]] == ["opened", "warning_letter"]
    letter = package.folder / "case/002-warning_letter.txt"
    assert letter.read_text("utf-8") == "函：\n请停止来电。\n"
    page = page_of(package)
    assert "请停止来电。" in page.text
    assert "已警告" in page.text
    assert number in page.text
    assert verify(package.folder).returncode == 0


def test_h21_a_number_brings_the_calls_from_which_it_was_recovered(harassed: Harassed) -> None:
    harassed.call("s1", 100, "+8613800006127")
    harassed.call("w1", number="anonymous")
    harassed.call("old", -60 * 24)
    harassed.call("other", 5, "01088880001")
    harassed.write(
        BillLineMatched("w1", AT, NUMBER, "", NIGHT, 30, "ab" * 32, 7, "陈静"),
        NumberRecovered("w1", AT, NUMBER, "陈静", "ab" * 32, 7),
        CallRang("running", AT, NUMBER, "95000", "main"),
    )
    wish = Wish(number="138 0000 6127", since=NIGHT)
    found = gathered(harassed, wish)
    assert [call.call_id for call in found.calls] == ["w1", "s1"]
    package = evidence_files.write(
        found, Recordings(harassed.recordings), harassed.folder / "out", MAKER, SAY
    )
    page = page_of(package)
    assert "138 0000 6127（话单找回）" in page.text
    assert "话单 abababababab… 第 7 行" in page.text
    assert manifest(package)["selection"]["since"] == NIGHT.isoformat()


@pytest.mark.parametrize(
    ("wish", "error", "told"),
    [
        (Wish(case="HC-9"), NoSuchCase, "HC-9"),
        (Wish(calls=("c9",)), NoSuchCall, "c9"),
        (Wish(calls=("running",)), Refused, "running is not over"),
        (Wish(number="01088880001"), NoSuchCall, r"010\*\*\*\*0001"),
        (Wish(number="anonymous"), Refused, "needs a number"),
        (Wish(), Refused, "needs a number"),
    ],
)
def test_what_cannot_be_exported_is_told(
    harassed: Harassed, wish: Wish, error: type[Exception], told: str
) -> None:
    harassed.write(CallRang("running", NIGHT, NUMBER, "95000", "main"))
    with pytest.raises(error, match=told):
        gathered(harassed, wish)


def test_a_package_is_bounded(harassed: Harassed, monkeypatch: pytest.MonkeyPatch) -> None:
    harassed.calls(["c1", "c2", "c3"])
    monkeypatch.setattr(evidence, "MOST_CALLS", 2)
    with pytest.raises(Refused, match="3 calls are too many for one package; expected 2 at most"):
        gathered(harassed, Wish(number=NUMBER))


def test_a_folder_that_is_in_use_or_cannot_be_made(harassed: Harassed) -> None:
    harassed.call("c1")
    (harassed.folder / "out").mkdir()
    (harassed.folder / "out" / "notes.txt").write_text("mine")
    with pytest.raises(ExportFailed, match="out: is not empty; expected a new or empty folder"):
        export(harassed, "c1")
    assert [path.name for path in (harassed.folder / "out").iterdir()] == ["notes.txt"]
    (harassed.folder / "file").write_text("x")
    with pytest.raises(ExportFailed, match=r"file.*: cannot be written"):
        export(harassed, "c1", out="file/out")


def test_the_zip_holds_the_package(harassed: Harassed) -> None:
    harassed.call("c1", sound=True)
    package = export(harassed, "c1")
    content = b"".join(zipped(package.folder, "evidence-x", AT))
    assert content == b"".join(zipped(package.folder, "evidence-x", AT))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        archive.extractall(harassed.folder / "unpacked")
    assert verify(harassed.folder / "unpacked" / "evidence-x").returncode == 0
