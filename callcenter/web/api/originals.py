"""Opens what was hidden in a call, where the house keeps that, for who says why (原声)."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from callcenter.core.events import Accessed
from callcenter.store import calls
from callcenter.web.api.base import Out
from callcenter.web.api.models import problems
from callcenter.web.api.steps import Signed, read
from callcenter.web.room import InRoom

router = APIRouter(prefix="/calls", tags=["录音"])
OPEN = "open_original"
"""What stands in the trail."""


class OpenOriginals(Signed):
    """Why somebody needs to hear what was hidden."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class OriginalOut(Out):
    """What one party said where the recording has a tone."""

    party: str
    start_ms: int
    end_ms: int
    kind: str
    text: str
    wav: str
    """The sound, a WAV file in base64."""


@router.post(
    "/{call_id}/originals",
    summary="打开原声",
    response_model=list[OriginalOut],
    responses=problems(403, 404, 422, 503),
)
async def open_originals(room: InRoom, call_id: str, wanted: OpenOriginals) -> JSONResponse:
    """The unredacted pieces of a call; written down, with the reason, before they are told."""
    row = await read(room, lambda session: calls.get_call(session, call_id).recording)
    originals = room.originals
    if row is None or originals is None or not originals.count(row.path):
        raise HTTPException(404, f"no originals are kept of call {call_id}")
    about = (OPEN, "call", call_id, wanted.reason)
    await room.desk.record(Accessed(call_id, room.now(), wanted.by, *about))
    found = await run_in_threadpool(originals.open, row.path)
    told = [
        {
            "party": one.party,
            "start_ms": one.start_ms,
            "end_ms": one.end_ms,
            "kind": one.kind,
            "text": one.text,
            "wav": base64.b64encode(one.wav).decode(),
        }
        for one in found
    ]
    return JSONResponse(told, headers={"Cache-Control": "no-store"})
