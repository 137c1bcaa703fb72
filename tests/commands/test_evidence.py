"""`callcenter evidence export` on the store of a service that was harassed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.store.case_tables import EvidenceExport
from tests.casework.harassed import NUMBER, Harassed
from tests.conftest import RunCallcenter


@pytest.fixture
def harassed(tmp_path: Path) -> Iterator[Harassed]:
    made = Harassed(tmp_path)
    yield made
    made.store.close()


def words(harassed: Harassed, *more: str) -> list[str]:
    out = harassed.folder / "out"
    return ["evidence", "export", "--config", str(harassed.config), "--out", str(out), *more]


def exports(harassed: Harassed) -> list[EvidenceExport]:
    with harassed.store.session() as session:
        return list(session.scalars(select(EvidenceExport)))


def test_h22_an_export_verifies_and_is_recorded(
    run_callcenter: RunCallcenter, harassed: Harassed
) -> None:
    harassed.call("c1", sound=True)
    harassed.call("c2", 60, sound=True)
    done = run_callcenter(*words(harassed, "--call", "c1", "--call", "c2", "--by", "陈静"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first, second, _ = done.stdout.splitlines()
    assert first == f"2 calls, 14 files in {harassed.folder / 'out'}"
    sums = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    subprocess.run(sums, cwd=harassed.folder / "out", check=True, capture_output=True)
    (kept,) = exports(harassed)
    assert (kept.person, kept.calls, kept.case_number) == ("陈静", ["c1", "c2"], "")
    assert second == f"manifest.json SHA-256: {kept.manifest_sha256}"
    told = json.loads((harassed.folder / "out" / "manifest.json").read_text("utf-8"))
    assert (told["exported_by"], told["model"]) == ("陈静", "mini")
    page = (harassed.folder / "out" / "summary.html").read_text("utf-8")
    assert "林晓雯 6018" in page


def test_an_altered_recording_ends_with_1(
    run_callcenter: RunCallcenter, harassed: Harassed
) -> None:
    harassed.call("c1", sound=True)
    file = next(harassed.recordings.rglob("c1.wav"))
    file.write_bytes(file.read_bytes() + b"!")
    done = run_callcenter(*words(harassed, "--number", NUMBER, "--since", "2026-01-01"))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("callcenter: call c1: THE RECORDING IS NOT THE ONE THAT WAS KEPT")
    assert len(exports(harassed)) == 1


@pytest.mark.parametrize(
    ("more", "code", "reason"),
    [
        ((), 2, "one of the arguments --case --call --number is required"),
        (("--call", "c1", "--number", "1"), 2, "not allowed with argument"),
        (("--call", "c1", "--since", "2026-01-01"), 2, "--since goes with --number"),
        (("--call", "c9"), 1, "callcenter: no call c9"),
        (("--call", "c1", "--call", ""), 1, "callcenter: no call "),
        (("--case", "HC-9"), 1, "callcenter: no case HC-9"),
        (("--number", NUMBER, "--since", "2100-01-01"), 1, "callcenter: no call from 138****6127"),
        (("--number", "anonymous"), 1, "an export needs a number"),
    ],
)
def test_what_cannot_be_exported_is_told(
    run_callcenter: RunCallcenter,
    harassed: Harassed,
    more: tuple[str, ...],
    code: int,
    reason: str,
) -> None:
    harassed.call("c1")
    done = run_callcenter(*words(harassed, *more))
    assert done.returncode == code
    assert reason in done.stderr.splitlines()[-1]
    assert NUMBER not in done.stderr
    assert not (harassed.folder / "out").exists()
    assert exports(harassed) == []
