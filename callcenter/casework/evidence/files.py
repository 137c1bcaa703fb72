"""Writes an evidence package: recordings, transcripts, decisions, manifest, SHA256SUMS, summary.

Reads recordings and writes the folder it is given, nothing else. SHA256SUMS is written
last: a package without it was not finished.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from callcenter.casework.evidence import page as evidence_page
from callcenter.casework.evidence.gathering import Evidence, Maker, Sound
from callcenter.casework.evidence.siprec import metadata
from callcenter.casework.evidence.text import Wording, as_json, columns, transcript
from callcenter.core.errors import ExportFailed
from callcenter.store.recordings import Recordings
from callcenter.store.recordings import Sound as Kept
from callcenter.store.tables import Call, RecordingRow

CHUNK_BYTES = 1 << 20
FORMAT = 1
"""Counts up when the layout of the package changes."""


@dataclass(frozen=True, slots=True)
class Package:
    """A finished package: its folder, the SHA-256 of its manifest, and what is wrong with it."""

    folder: Path
    manifest_sha256: str
    files: int
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Folder:
    """The folder that is written, and what lies in it: path, bytes, SHA-256."""

    root: Path
    files: dict[str, tuple[int, str]] = field(default_factory=dict)

    def put(self, path: str, content: bytes) -> str:
        """Write a file; returns its SHA-256."""
        with self._open(path) as file:
            file.write(content)
        return self._note(path, len(content), hashlib.sha256(content).hexdigest())

    def copy(self, path: str, source: Kept) -> str:
        """Write a file from another, byte for byte; the SHA-256 is of the bytes on their way.

        Raises _Unreadable where the source cannot be read to its end; nothing is left of it then.
        """
        digest, size = hashlib.sha256(), 0
        try:
            with self._open(path) as file:
                for chunk in _chunks(source):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
        except _Unreadable:
            (self.root / path).unlink()
            raise
        return self._note(path, size, digest.hexdigest())

    def _open(self, path: str) -> BinaryIO:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        return (self.root / path).open("xb")

    def _note(self, path: str, size: int, sha256: str) -> str:
        self.files[path] = (size, sha256)
        return sha256


class _Unreadable(Exception):
    """A recording that is there and cannot be read."""


def write(
    evidence: Evidence, recordings: Recordings, folder: Path, maker: Maker, say: Wording
) -> Package:
    """Write the package into `folder`, which must be new or empty.

    The same evidence, recordings and maker give the same bytes. A recording that is missing or is
    not the one that was kept is a problem, told in the manifest, the summary and the answer; the
    package is made all the same. Raises ExportFailed, ArchiveAway.
    """
    try:
        _make(folder)
        return _write(evidence, recordings, _Folder(folder), maker, say)
    except OSError as error:
        where = error.filename or folder
        raise ExportFailed(f"{where}: cannot be written: {error.strerror or error}") from error


def places(evidence: Evidence) -> dict[str, str]:
    """Each call's folder in the package: a count, and what of its id is safe in a file name."""
    return {
        call.call_id: f"calls/{count:03d}-{_safe(call.call_id)}"
        for count, call in enumerate(evidence.calls, 1)
    }


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)[:64].strip(".") or "_"


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportFailed(f"{folder}: is not empty; expected a new or empty folder")


def _write(
    evidence: Evidence, recordings: Recordings, folder: _Folder, maker: Maker, say: Wording
) -> Package:
    where = places(evidence)
    sounds: dict[str, Sound] = {}
    for call in evidence.calls:
        sounds[call.call_id] = _sound(call, recordings, folder, where[call.call_id])
        _record(evidence, call, folder, where[call.call_id], say)
    _record_case(evidence, folder)
    problems = tuple(sound.problem for sound in sounds.values() if sound.problem)
    page = evidence_page.summary(evidence, where, sounds, maker, say)
    folder.put("summary.html", page.encode("utf-8", "replace"))
    manifest = folder.put(
        "manifest.json", as_json(_manifest(evidence, where, sounds, problems, folder, maker))
    )
    sums = "".join(f"{sha256}  {path}\n" for path, (_, sha256) in sorted(folder.files.items()))
    folder.put("SHA256SUMS", sums.encode("ascii"))
    return Package(folder.root, manifest, len(folder.files), problems)


def _sound(call: Call, recordings: Recordings, folder: _Folder, place: str) -> Sound:
    """Copy the call's recording and compare it with what was kept when it was closed."""
    row = call.recording
    if row is None or not row.path:
        return Sound()
    kept = recordings.sound(row.path)
    if kept is None:
        return _lost(call, row, "THE RECORDING IS MISSING")
    name = f"{place}/recording.wav"
    try:
        copied = folder.copy(name, kept)
    except _Unreadable as error:
        return _lost(call, row, f"THE RECORDING CANNOT BE READ ({error})")
    if copied == row.sha256:
        return Sound(name, row.seconds, row.sha256, copied, True)
    problem = (
        f"call {call.call_id}: THE RECORDING IS NOT THE ONE THAT WAS KEPT: "
        f"its SHA-256 is {copied}, the one kept is {row.sha256}"
    )
    return Sound(name, row.seconds, row.sha256, copied, False, problem)


def _lost(call: Call, row: RecordingRow, what: str) -> Sound:
    problem = f"call {call.call_id}: {what}: {row.path}"
    return Sound("", row.seconds, row.sha256, "", False, problem)


def _chunks(kept: Kept) -> Iterator[bytes]:
    """What is in a recording; raises _Unreadable, so that the disk we write to is not blamed."""
    try:
        with kept.open() as source:
            while chunk := source.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise _Unreadable(error.strerror or str(error)) from error


def _record(evidence: Evidence, call: Call, folder: _Folder, place: str, say: Wording) -> None:
    text = transcript(evidence, call, say)
    folder.put(f"{place}/transcript.txt", text.encode("utf-8", "replace"))
    folder.put(f"{place}/transcript.json", as_json(_heard(call)))
    folder.put(f"{place}/record.json", as_json(_kept(evidence, call)))
    folder.put(f"{place}/siprec.xml", metadata(call, evidence.source(call), say.person))


def _heard(call: Call) -> dict[str, Any]:
    """What was heard: at the time, and again by other models later."""
    return {
        "call_id": call.call_id,
        "offsets": "milliseconds since answer; position in the recording",
        "segments": [columns(row) for row in call.segments],
        "hits": [columns(row) for row in call.hits],
        "gaps": [columns(row) for row in call.gaps],
        "redactions": [columns(row) for row in call.redactions],
        "heard_again": [
            {
                **columns(made),
                "segments": [columns(row) for row in made.segments],
                "hits": [columns(row) for row in made.hits],
            }
            for made in call.transcripts
        ],
    }


def _kept(evidence: Evidence, call: Call) -> dict[str, Any]:
    """The call, who decided, played and did what with it, and how its sound came."""
    recovered = evidence.numbers.get(call.call_id)
    return {
        "call": columns(call),
        "decisions": [columns(row) for row in call.decisions],
        "prompts": [columns(row) for row in call.prompts],
        "handling": [columns(row) for row in call.handling],
        "quality": [columns(row) for row in call.quality],
        "verdicts": [columns(row) for row in call.verdicts],
        "recording": columns(call.recording) if call.recording else None,
        "recovered_number": columns(recovered) if recovered else None,
    }


def _record_case(evidence: Evidence, folder: _Folder) -> None:
    blocks = {
        "in_force": [columns(block) for block in evidence.blocks],
        "decisions": [columns(decision) for decision in evidence.block_decisions],
    }
    folder.put("blocks.json", as_json(blocks))
    if evidence.case is None:
        return
    actions = evidence.case.actions
    case = {"case": columns(evidence.case), "actions": [columns(action) for action in actions]}
    folder.put("case/case.json", as_json(case))
    for count, action in enumerate(actions, 1):
        if action.text:
            name = f"case/{count:03d}-{_safe(action.action)}.txt"
            folder.put(name, f"{action.text}\n".encode("utf-8", "replace"))


def _manifest(
    evidence: Evidence,
    where: dict[str, str],
    sounds: dict[str, Sound],
    problems: tuple[str, ...],
    folder: _Folder,
    maker: Maker,
) -> dict[str, Any]:
    wish = evidence.wish
    return {
        "package": "callcenter evidence",
        "format": FORMAT,
        "exported_by": maker.by,
        "exported_at": maker.at.isoformat(),
        "software": maker.software,
        "model": maker.model,
        "selection": asdict(wish) | {"since": wish.since.isoformat() if wish.since else None},
        "intact": not problems,
        "problems": problems,
        "calls": [
            {
                "call_id": call.call_id,
                "folder": where[call.call_id],
                "direction": call.direction,
                "rang_at": call.rang_at.isoformat(),
                "recording": asdict(sounds[call.call_id]),
            }
            for call in evidence.calls
        ],
        "files": [
            {"path": path, "bytes": size, "sha256": sha256}
            for path, (size, sha256) in sorted(folder.files.items())
        ],
    }
