"""Promises heard in calls, and what people make of them. Goes to the ledger."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool

from callcenter.casework.promises import decide
from callcenter.core.events import PromiseDecided
from callcenter.store import promises
from callcenter.web.api.models import Command, problems
from callcenter.web.api.promise_models import AcceptPromise, KeptPromiseOut, PromisesOut
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/promises", tags=["承诺"])


@router.get("", summary="承诺", responses=problems(422))
def list_promises(
    session: InSession,
    due_before: AwareDatetime | None = None,
    status: Literal["offered", "accepted", "dismissed"] | None = None,
    limit: Annotated[int, Query(ge=1, le=promises.MOST)] = 50,
) -> PromisesOut:
    """Promises, the one due first at the top."""
    rows = promises.list_promises(session, due_before=due_before, status=status, limit=limit)
    return PromisesOut(promises=[KeptPromiseOut.model_validate(row) for row in rows])


@router.post("/{promise_id}/accept", summary="列为回访", responses=problems(404, 409, 422, 503))
async def accept(room: InRoom, promise_id: str, wanted: AcceptPromise) -> KeptPromiseOut:
    """Take it as a follow-up, due at the time heard or at another one."""
    return await decided(room, promise_id, True, wanted)


@router.post("/{promise_id}/dismiss", summary="不算承诺", responses=problems(404, 409, 422, 503))
async def dismiss(room: InRoom, promise_id: str, command: Command) -> KeptPromiseOut:
    """It was no promise, or needs no follow-up."""
    return await decided(room, promise_id, False, command)


async def decided(room: Room, promise_id: str, accepted: bool, command: Command) -> KeptPromiseOut:
    """Write the decision down; the promise as it stands after it."""
    due_at = command.due_at if isinstance(command, AcceptPromise) else None

    def fact() -> PromiseDecided:
        with room.store.session() as session:
            return decide(
                session,
                promise_id,
                accepted=accepted,
                by=command.agent,
                at=room.now(),
                due_at=due_at,
            )

    def kept() -> KeptPromiseOut:
        with room.store.session() as session:
            return KeptPromiseOut.model_validate(promises.get(session, promise_id))

    await room.desk.record(await run_in_threadpool(fact))
    return await run_in_threadpool(kept)
