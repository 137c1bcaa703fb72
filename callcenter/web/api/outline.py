"""The outline of a call's recording, for its waveform. Reads files in the recordings folder."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from callcenter.store import calls, outline
from callcenter.store.recordings import file_of
from callcenter.web.api.base import Out
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/calls", tags=["录音"])


class OutlineOut(Out):
    """The loudest sample of each piece of `piece_ms`, 0 to 100; 100 is the recording's loudest."""

    piece_ms: int
    caller: list[int]
    agent: list[int]


@router.get("/{call_id}/recording/outline", summary="录音波形", responses=problems(404))
def get_outline(room: InRoom, session: InSession, call_id: str) -> OutlineOut:
    """How loud each party is, piece by piece: at most 36,000 pieces, of 20 ms or more."""
    row = calls.get_call(session, call_id, loaded=False).recording
    file = file_of(room.recordings, row) if row else None
    if file is None:
        raise HTTPException(404, f"call {call_id} has no recording that can be read")
    try:
        return OutlineOut.model_validate(outline.outline(file))
    except (OSError, ValueError) as error:
        raise HTTPException(
            404, f"the recording of call {call_id} cannot be drawn: {error}"
        ) from None
