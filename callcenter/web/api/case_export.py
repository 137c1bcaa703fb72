"""The evidence of a case as a ZIP: made in a folder for the time being, sent, and cleared away."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from callcenter.casework.evidence import files as evidence_files
from callcenter.casework.evidence import gathering as evidence
from callcenter.casework.evidence.files import Package
from callcenter.casework.evidence.gathering import Evidence, Maker, Wish
from callcenter.casework.evidence.zipped import zipped
from callcenter.core.errors import ExportFailed, Refused
from callcenter.core.records import Agent
from callcenter.store.scoped import covers
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import BYTES
from callcenter.web.api.case_models import ExportCase
from callcenter.web.api.models import problems
from callcenter.web.pages.words.evidence import wording
from callcenter.web.room import InRoom, Room

router = APIRouter(tags=["骚扰案件"])

MOST_BYTES = 1 << 30
"""The most sound in one download; `callcenter evidence export` has no such bound."""


UNSAFE = re.compile(r"[^\w.-]", re.ASCII)
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": BYTES}, "description": "The package"},
    **problems(404, 422, 503),
}


@router.post(
    "/cases/{number}/export", summary="证据包（ZIP）", response_class=Response, responses=_ZIP
)
async def export(room: InRoom, number: str, wanted: ExportCase) -> Response:
    """Recordings, transcripts, decisions, manifest and SHA256SUMS of the case.

    The header X-Manifest-SHA256 is what the exporter notes down apart from the package;
    X-Problems counts recordings that are missing or are not the ones that were kept.
    """
    return await _export(room, Wish(case=number), number, wanted.by)


@router.post(
    "/calls/{call_id}/export", summary="证据包（ZIP）", response_class=Response, responses=_ZIP
)
async def export_call(room: InRoom, call_id: str, wanted: ExportCase) -> Response:
    """The same of one call that is in no case."""
    return await _export(room, Wish(calls=(call_id,)), call_id, wanted.by)


async def _export(room: Room, wish: Wish, of: str, by: str) -> Response:
    at = room.now().astimezone()
    found = await run_in_threadpool(gathered, room, wish)
    folder = await run_in_threadpool(_new_folder)
    try:
        package = await run_in_threadpool(written, room, found, folder, by, at, room.desk.agents())
        await room.desk.record(evidence.exported(found, package.manifest_sha256, by, room.now()))
    except BaseException:
        await run_in_threadpool(shutil.rmtree, folder, True)
        raise
    name = f"evidence-{UNSAFE.sub('_', of)}-{at:%Y%m%dT%H%M%S}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.zip"',
        "X-Manifest-SHA256": package.manifest_sha256,
        "X-Problems": str(len(package.problems)),
    }
    return FolderDownload(folder, zipped(folder / "package", name, at), headers)


def gathered(room: Room, wish: Wish) -> Evidence:
    """What there is. Raises NoSuchCase, NoSuchCall, and Refused where it is too much to send."""
    with room.store.session() as session:
        found = evidence.gather(session, wish)
        scope = ASKING.get().scope
        if not all(covers(session, scope, call.call_id) for call in found.calls):
            raise Refused("some of these calls are of lines that you do not work with")
    rows = [call.recording for call in found.calls if call.recording]
    sounds = [sound for row in rows if (sound := room.recordings.sound(row.path))]
    size = sum(sound.size for sound in sounds)
    if size > MOST_BYTES:
        raise Refused(
            f"{size >> 20} MiB of sound are too much for a download; "
            f"use: callcenter evidence export {_told(wish)}"
        )
    return found


def _told(wish: Wish) -> str:
    return f"--case {wish.case}" if wish.case else f"--call {wish.calls[0]}"


def written(
    room: Room, found: Evidence, folder: Path, by: str, at: datetime, agents: Sequence[Agent]
) -> Package:
    """The package in a folder of its own. Raises ExportFailed."""
    maker = Maker(by, at, room.model)
    return evidence_files.write(found, room.recordings, folder / "package", maker, wording(agents))


def _new_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="callcenter-evidence-"))
    except OSError as error:
        raise ExportFailed(f"no folder for the package: {error.strerror or error}") from error


class FolderDownload(StreamingResponse):
    """Sends pieces made from a folder, and removes it however the sending ends."""

    def __init__(self, folder: Path, pieces: Iterator[bytes], headers: dict[str, str]) -> None:
        super().__init__(pieces, headers=headers, media_type="application/zip")
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send; then, or when the reader leaves, clear away."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
