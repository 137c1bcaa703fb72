"""What other archives read of a recording: SIPREC metadata (RFC 7865)."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from callcenter.casework.evidence import siprec
from callcenter.core.errors import NotNow
from callcenter.core.numbers import mask
from callcenter.store import calls, harassment
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import BYTES
from callcenter.web.api.models import problems
from callcenter.web.api.papers import Whole
from callcenter.web.pages.words.evidence import wording
from callcenter.web.room import InRoom, InSession

router = APIRouter(prefix="/calls", tags=["录音"])


@router.get(
    "/{call_id}/siprec",
    summary="录音元数据（SIPREC）",
    response_class=Response,
    responses={
        200: {"content": {siprec.MEDIA_TYPE: BYTES}, "description": "XML as RFC 7865 has it"},
        **problems(404, 409),
    },
)
def metadata(room: InRoom, session: InSession, call_id: str, whole: Whole) -> Response:
    """Who took part, when, and on which channel of the recording; the number masked unless a lead
    says why (`reason`)."""
    call = calls.get_call(session, call_id)
    if call.ended_at is None:
        raise NotNow(f"call {call_id} is not over; its metadata is not complete")
    number = harassment.source(call, harassment.recovered(session, [call_id]))
    shown = number if whole or ASKING.get().for_others or not number else mask(number)
    say = wording(room.desk.agents())
    return Response(siprec.metadata(call, shown, say.person), media_type=siprec.MEDIA_TYPE)
