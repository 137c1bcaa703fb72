from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from callcenter.audio.salvage import salvage
from callcenter.core import events
from callcenter.core.records import RecordingInfo
from callcenter.store.case_tables import EvidenceExport
from callcenter.store.sql import Store
from callcenter.web.api import case_export
from tests.web.fakes import START, FakeDesk, enquiry, harassment, sound

API = "/api/v1"
NUMBER = "13800006127"


def verify(folder: Path) -> None:
    """As a stranger would."""
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


def recorded(recordings: Path, call_id: str) -> RecordingInfo:
    """A recording with the hash that it really has."""
    sound(recordings, f"2026/11/22/{call_id}.wav", seconds=1)
    found = salvage(recordings, call_id)
    assert found is not None
    return found


def withheld(desk: FakeDesk, call_id: str, minutes: float = 0) -> None:
    """A harassing call of 25 s without a number."""
    rang = START + timedelta(minutes=minutes)
    answered = rang + timedelta(seconds=4)
    for event in (
        events.CallRang(call_id, rang, "anonymous", "4008200001", "demo"),
        events.CallAnswered(call_id, answered, "6018"),
        events.CallEnded(
            call_id, answered + timedelta(seconds=25), "system", "answered", "harassment"
        ),
    ):
        desk.tell(event)


async def open_case(client: httpx.AsyncClient, *calls: str, status: int = 201) -> httpx.Response:
    answer = await client.post(f"{API}/cases", json={"by": "陈静", "calls": calls})
    assert answer.status_code == status, answer.text
    return answer


async def number_of(client: httpx.AsyncClient, *calls: str) -> str:
    return str((await open_case(client, *calls)).json()["number"])


async def test_h19_a_case_is_opened_worked_on_and_listed(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassment(desk, "h1", START, None)
    harassment(desk, "h2", START + timedelta(hours=1), None)
    made = (await open_case(client, "h1")).json()
    number = made["number"]
    assert (made["caller_number"], made["state"], made["calls"]) == (NUMBER, "open", ["h1"])
    assert "warning_letter" in made["possible"]
    letter = await client.get(f"{API}/cases/{number}/letter?kind=warning_letter")
    text = letter.json()["text"]
    assert "138 0000 6127" in text
    for body in (
        {"action": "add_calls", "calls": ["h2"]},
        {"action": "warning_letter", "text": text},
        {"action": "source_type", "source_type": "payphone"},
    ):
        answer = await client.post(f"{API}/cases/{number}/actions", json={"by": "陈静", **body})
        assert answer.status_code == 201, answer.text
    told = (await client.get(f"{API}/cases/{number}")).json()
    assert (told["state"], told["source_type"], told["calls"]) == (
        "warned", "payphone", ["h1", "h2"],
    )  # fmt: skip
    assert [a["action"] for a in told["actions"]] == [
        "opened", "add_calls", "warning_letter", "source_type",
    ]  # fmt: skip
    assert told["actions"][2]["text"] == text.strip()
    listed = (await client.get(f"{API}/cases?closed=false")).json()
    assert [case["number"] for case in listed] == [number]
    assert (await client.get(f"{API}/cases?closed=true")).json() == []


async def test_h17_repeated_sources_are_told(client: httpx.AsyncClient, desk: FakeDesk) -> None:
    for n in range(3):
        harassment(desk, f"h{n}", START - timedelta(hours=n), None)
    (source,) = (await client.get(f"{API}/cases/sources")).json()
    assert source == {
        "caller_number": NUMBER,
        "calls": ["h0", "h1", "h2"],
        "first": "2026-11-22T00:40:00Z",
        "last": "2026-11-22T02:40:00Z",
        "case_number": "",
    }
    assert (await client.get(f"{API}/cases/sources?at_least=4")).json() == []
    number = await number_of(client, *source["calls"])
    (source,) = (await client.get(f"{API}/cases/sources")).json()
    assert source["case_number"] == number


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"by": "陈静"}, 422, "calls"),
        ({"by": "陈静", "calls": []}, 422, "calls"),
        ({"by": "陈静", "calls": ["x"] * 201}, 422, "calls"),
        ({"by": " ", "calls": ["h"]}, 422, "by"),
        ({"by": "system", "calls": ["h"]}, 422, "this is decided by a person"),
        ({"by": "陈静", "calls": ["h"], "source_type": "moon"}, 422, "source_type"),
        ({"by": "陈静", "calls": ["h"], "more": 1}, 422, "more"),
        ({"by": "陈静", "calls": ["h9"]}, 404, "no call h9"),
        ({"by": "陈静", "calls": ["h", "e"]}, 422, "a case is about one source"),
    ],
)
async def test_a_wrong_opening_is_refused(
    client: httpx.AsyncClient, desk: FakeDesk, body: dict[str, object], status: int, named: str
) -> None:
    harassment(desk, "h", START, None)
    enquiry(desk, "e", START)
    answer = await client.post(f"{API}/cases", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(named)
    assert (await client.get(f"{API}/cases")).json() == []


async def test_what_a_case_does_not_allow_is_a_conflict(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    harassment(desk, "h", START, None)
    number = await number_of(client, "h")
    body = {"by": "陈静", "action": "reopen", "text": "再来"}
    answer = await client.post(f"{API}/cases/{number}/actions", json=body)
    assert answer.status_code == 409
    assert "possible now: " in answer.json()["detail"]
    for method, path in (("GET", ""), ("GET", "/letter?kind=report_police"), ("POST", "/export")):
        sent = {"json": {"by": "陈静"}} if method == "POST" else {}
        answer = await client.request(method, f"{API}/cases/HC-9{path}", **sent)
        assert answer.status_code == 404
        assert answer.json()["detail"] == "no case HC-9"


async def test_h22_the_evidence_is_sent_as_a_zip_that_verifies(
    client: httpx.AsyncClient,
    desk: FakeDesk,
    store: Store,
    recordings: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    harassment(desk, "h", START, recorded(recordings, "h"))
    number = await number_of(client, "h")
    answer = await client.post(f"{API}/cases/{number}/export", json={"by": "陈静"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["x-problems"] == "0"
    assert f'filename="evidence-{number}-' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    verify(folder)
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert answer.headers["x-manifest-sha256"] == digest
    with store.session() as session:
        (kept,) = session.scalars(select(EvidenceExport))
    assert (kept.person, kept.case_number, kept.calls) == ("陈静", number, ["h"])
    assert kept.manifest_sha256 == digest
    (told,) = (await client.get(f"{API}/cases/{number}")).json()["exports"]
    assert told["manifest_sha256"] == digest
    assert list(temporary.iterdir()) == []


async def test_a_recording_that_is_not_the_one_is_counted(
    client: httpx.AsyncClient, desk: FakeDesk, recordings: Path
) -> None:
    harassment(desk, "h", START, sound(recordings, "2026/h.wav", seconds=1))
    number = await number_of(client, "h")
    answer = await client.post(f"{API}/cases/{number}/export", json={"by": "陈静"})
    assert answer.headers["x-problems"] == "1"


async def test_a_download_is_bounded(
    client: httpx.AsyncClient,
    desk: FakeDesk,
    recordings: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harassment(desk, "h", START, sound(recordings, "2026/h.wav", seconds=1))
    number = await number_of(client, "h")
    monkeypatch.setattr(case_export, "MOST_BYTES", 1000)
    answer = await client.post(f"{API}/cases/{number}/export", json={"by": "陈静"})
    assert answer.status_code == 422
    assert f"use: callcenter evidence export --case {number}" in answer.json()["detail"]


async def test_where_there_is_no_room_for_a_package(
    client: httpx.AsyncClient, desk: FakeDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    harassment(desk, "h", START, None)
    number = await number_of(client, "h")
    answer = await client.post(f"{API}/cases/{number}/export", json={"by": "陈静"})
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("no folder for the package")


def bill(*lines: str) -> str:
    text = "主叫号码,开始时间,通话时长\n" + "\n".join(lines)
    return base64.b64encode(text.encode("gb18030")).decode()


async def test_h20_h21_a_bill_is_joined_and_a_person_accepts(
    client: httpx.AsyncClient, desk: FakeDesk
) -> None:
    withheld(desk, "w1")
    withheld(desk, "w2", 60)
    content = bill(
        f"{NUMBER},2026-11-22T02:40:05Z,25",
        "01088880001,2026-11-22T03:40:05Z,25",
        f"{NUMBER},2026-11-22T03:41:00Z,26",
        "合计,,76",
    )
    answer = await client.post(f"{API}/withheld/bill", json={"by": "陈静", "content": content})
    assert answer.status_code == 201
    assert answer.json() == {
        "lines": 3,
        "offered": 3,
        "calls": 2,
        "problems": ["line 5: the caller's number is not a telephone number"],
        "passed_over": 1,
    }
    second, first = (await client.get(f"{API}/withheld")).json()
    assert (first["call_id"], first["seconds"], first["ambiguous"]) == ("w1", 25, False)
    assert (second["ambiguous"], len(second["lines"]), second["number"]) == (True, 2, None)
    line = first["lines"][0]["id"]
    body = {"by": "陈静", "line": line}
    answer = await client.post(f"{API}/withheld/w1/number", json=body)
    assert answer.status_code == 201
    assert (answer.json()["caller_number"], answer.json()["person"]) == (NUMBER, "陈静")
    assert (await client.get(f"{API}/calls/w1")).json()["caller_number"] == "anonymous"
    wrong = await client.post(f"{API}/withheld/w2/number", json=body)
    assert wrong.status_code == 422
    assert "not offered" in wrong.json()["detail"]


async def test_what_is_no_bill_is_refused(client: httpx.AsyncClient) -> None:
    for content, told in (
        ("A", "content: "),
        (base64.b64encode(b"\xff\xff\xff").decode(), "the bill is no text"),
        (base64.b64encode(b"a,b\n").decode(), "the bill has no headings"),
    ):
        answer = await client.post(f"{API}/withheld/bill", json={"by": "陈静", "content": content})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(told)


async def test_only_a_bill_may_be_long(client: httpx.AsyncClient) -> None:
    content = bill(*["合计,,1"] * 20_000)
    assert len(content) > 200_000
    answer = await client.post(f"{API}/withheld/bill", json={"by": "陈静", "content": content})
    assert answer.status_code == 201
    assert (answer.json()["passed_over"], len(answer.json()["problems"])) == (20_000, 100)
    answer = await client.post(f"{API}/cases", json={"by": "陈静", "calls": [content]})
    assert answer.status_code == 413
