"""A call's recording as WAV, whole or in part (RFC 9110, sections 13 and 14).

It comes through us also where the archive alone has it: nobody is handed a link to it that could
be passed on, and each play stands in the trail (web/access/witness.py).
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from callcenter.store import calls
from callcenter.store.recordings import Sound, digest
from callcenter.web.api.base import BYTES, Out
from callcenter.web.api.models import problems
from callcenter.web.passing import fetched
from callcenter.web.ranges import Unsatisfiable, byte_range, names_etag
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/calls", tags=["录音"])

log = logging.getLogger(__name__)
CHUNK_BYTES = 64 * 1024
INTEGRITY = "X-Recording-Integrity"
"""The header that says intact, altered or unknown; an altered one can be heard, and is told."""
MOST_SEEN = 1000


class IntegrityOut(Out):
    """Whether the file is what was sealed: intact, altered, or unknown, where it cannot be read."""

    state: Literal["intact", "altered", "unknown"]
    stored_sha256: str
    found_sha256: str
    """"" where there is no file to read."""
    checked_at: datetime


@router.get(
    "/{call_id}/recording/integrity",
    summary="录音校验",
    response_model=IntegrityOut,
    responses=problems(404, 503),
)
def integrity(
    request: Request, room: InRoom, session: InSession, call_id: str
) -> IntegrityOut | Response:
    """The recording's SHA-256 now, against the one that was kept when it was closed."""
    call = calls.get_call(session, call_id, loaded=False)
    row = call.recording
    if row is None:
        raise HTTPException(404, f"call {call_id} has no finished recording")
    found = room.recordings.sha256(row.path)
    if not found and (far := fetched(request, call.node)):
        return far
    return IntegrityOut(
        state="unknown" if not found else "intact" if found == row.sha256 else "altered",
        stored_sha256=row.sha256,
        found_sha256=found,
        checked_at=room.now(),
    )


@router.api_route(
    "/{call_id}/recording",
    methods=["GET"],
    summary="录音（WAV）",
    response_class=Response,
    responses={
        200: {"content": {"audio/wav": BYTES}, "description": "The whole file"},
        206: {"content": {"audio/wav": BYTES}, "description": "The bytes that Range asked for"},
        **problems(404, 416, 503),
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
    call = calls.get_call(session, call_id, loaded=False)
    row = call.recording
    if row is None:
        raise HTTPException(404, f"call {call_id} has no finished recording")
    sound = room.recordings.sound(row.path)
    if sound is None and (far := fetched(request, call.node)):
        return far
    if sound is None:
        raise HTTPException(404, f"the recording file of call {call_id} is missing: {row.path}")
    answer = serve(request, sound, f'"{row.sha256}"', range)
    answer.headers[INTEGRITY] = _SEEN.state(sound, row.sha256)
    return answer


class Seen:
    """Whether recordings are what was kept, looked at when they are opened: again once a file has
    another size or time. What the archive alone has it checks itself when it is read."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, int, int], str] = OrderedDict()

    def state(self, sound: Sound, kept: str) -> str:
        """intact, altered, or unknown where it cannot be read, or lies in the archive alone."""
        if sound.file is None:
            return "unknown"
        try:
            stat = sound.file.stat()
            key = (str(sound.file), stat.st_size, stat.st_mtime_ns)
            found = self._found.get(key) or digest(sound)
        except OSError:
            return "unknown"
        self._found[key] = found
        if len(self._found) > MOST_SEEN:
            self._found.popitem(last=False)
        if found == kept:
            return "intact"
        log.error("%s is not the recording that was kept: its SHA-256 is %s", key[0], found)
        return "altered"


_SEEN = Seen()


def serve(request: Request, sound: Sound, etag: str, range: str | None) -> Response:
    """The answer for this recording: 200, 206, 304 or 416."""
    size = sound.size
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
    content = iter(()) if request.method == "HEAD" else read(sound, first, stop)
    status = 200 if part is None else 206
    return StreamingResponse(content, status, headers, media_type="audio/wav")


def read(sound: Sound, first: int, stop: int) -> Iterator[bytes]:
    """The bytes from `first` up to `stop`, in pieces."""
    with sound.open() as content:
        content.seek(first)
        left = stop - first
        while left > 0 and (piece := content.read(min(left, CHUNK_BYTES))):
            left -= len(piece)
            yield piece
