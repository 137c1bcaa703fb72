"""A call's recording as WAV, whole or in part (RFC 9110, sections 13 and 14).

Reads files in the recordings folder, and none outside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from callcenter.store import calls
from callcenter.store.recordings import file_of
from callcenter.web.api.base import Out
from callcenter.web.api.models import problems
from callcenter.web.ranges import Unsatisfiable, byte_range, names_etag
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/calls", tags=["录音"])

CHUNK_BYTES = 64 * 1024


class IntegrityOut(Out):
    """Whether the file is what was sealed: intact, altered, or unknown, where it cannot be read."""

    state: Literal["intact", "altered", "unknown"]
    stored_sha256: str
    found_sha256: str
    """"" where there is no file to read."""
    checked_at: datetime


@router.get("/{call_id}/recording/integrity", summary="录音校验", responses=problems(404))
def integrity(room: InRoom, session: InSession, call_id: str) -> IntegrityOut:
    """The recording's SHA-256 now, against the one that was kept when it was closed."""
    row = calls.get_call(session, call_id, loaded=False).recording
    if row is None:
        raise HTTPException(404, f"call {call_id} has no finished recording")
    found = hash_of(file_of(room.recordings, row))
    return IntegrityOut(
        state="unknown" if not found else "intact" if found == row.sha256 else "altered",
        stored_sha256=row.sha256,
        found_sha256=found,
        checked_at=room.now(),
    )


def hash_of(file: Path | None) -> str:
    """SHA-256 of a file, or "" where there is none or it cannot be read."""
    if file is None:
        return ""
    try:
        with file.open("rb") as sound:
            return hashlib.file_digest(sound, "sha256").hexdigest()
    except OSError:
        return ""


@router.api_route(
    "/{call_id}/recording",
    methods=["GET"],
    summary="录音（WAV）",
    response_class=Response,
    responses={
        200: {"content": {"audio/wav": {}}, "description": "The whole file"},
        206: {"content": {"audio/wav": {}}, "description": "The bytes that Range asked for"},
        **problems(404, 416),
    },
)
@router.head("/{call_id}/recording", include_in_schema=False)
def recording(
    request: Request,
    room: InRoom,
    session: InSession,
    call_id: str,
    range: Annotated[str | None, Header()] = None,
) -> Response:
    """The stereo recording: left is the caller, right the agent. Range requests are served."""
    row = calls.get_call(session, call_id, loaded=False).recording
    if row is None:
        raise HTTPException(404, f"call {call_id} has no finished recording")
    file = file_of(room.recordings, row)
    if file is None:
        raise HTTPException(404, f"the recording file of call {call_id} is missing: {row.path}")
    return serve(request, file, f'"{row.sha256}"', range)


def serve(request: Request, file: Path, etag: str, range: str | None) -> Response:
    """The answer for this file: 200, 206, 304 or 416."""
    size = file.stat().st_size
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if names_etag(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if request.headers.get("if-range", etag) != etag:
        range = None
    try:
        part = byte_range(range, size) if request.method == "GET" else None
    except Unsatisfiable:
        wanted = {"Content-Range": f"bytes */{size}"}
        raise HTTPException(416, f"the recording has {size} bytes", wanted) from None
    first, stop = part or (0, size)
    headers["Content-Length"] = str(stop - first)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{size}"
    content = iter(()) if request.method == "HEAD" else read(file, first, stop)
    status = 200 if part is None else 206
    return StreamingResponse(content, status, headers, media_type="audio/wav")


def read(file: Path, first: int, stop: int) -> Iterator[bytes]:
    """The bytes from `first` up to `stop`, in pieces."""
    with file.open("rb") as sound:
        sound.seek(first)
        left = stop - first
        while left > 0 and (piece := sound.read(min(left, CHUNK_BYTES))):
            left -= len(piece)
            yield piece
