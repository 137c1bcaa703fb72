"""The outline of a call's recording, for its waveform. Reads files in the recordings folder."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from callcenter.store import calls, outline
from callcenter.web.api.base import Out
from callcenter.web.api.models import problems
from callcenter.web.passing import fetched
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/calls", tags=["录音"])


class OutlineOut(Out):
    """The loudest sample of each piece of `piece_ms`, 0 to 100; 100 is the recording's loudest."""

    piece_ms: int
    caller: list[int]
    agent: list[int]


@router.get(
    "/{call_id}/recording/outline",
    summary="录音波形",
    response_model=OutlineOut,
    responses=problems(404),
)
def get_outline(request: Request, room: InRoom, session: InSession, call_id: str) -> Response:
    """How loud each party is, piece by piece: at most 36,000 pieces, of 20 ms or more."""
    call = calls.get_call(session, call_id, loaded=False)
    row = call.recording
    sound = room.recordings.sound(row.path) if row else None
    if row is not None and sound is None and (far := fetched(request, call.node)):
        return far
    if row is None or sound is None:
        raise HTTPException(404, f"call {call_id} has no recording that can be read")
    try:
        return Response(
            outline.kept(room.recordings.folder / row.path, sound), media_type="application/json"
        )
    except (OSError, ValueError) as error:
        raise HTTPException(
            404, f"the recording of call {call_id} cannot be drawn: {error}"
        ) from None
