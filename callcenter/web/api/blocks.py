"""Proposed blocks and blocks in force; a named supervisor decides. Goes to the ledger."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from callcenter.casework.harassment import blocks
from callcenter.core.events import BlockDecided, BlockLifted, BlockProposed
from callcenter.web.api.base import LARGEST
from callcenter.web.api.ladder_models import (
    AskForBlock,
    BlockDecidedOut,
    BlockLiftedOut,
    BlockOut,
    BlockProposalOut,
    BlocksOut,
    DecideBlock,
    LiftBlock,
)
from callcenter.web.api.models import problems
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/blocks", tags=["黑名单"])


@router.get("", summary="拉黑建议与黑名单")
def list_blocks(room: InRoom, session: InSession) -> BlocksOut:
    """What waits for a supervisor, and what is in force."""
    return listed(room, session)


@router.post(
    "/proposals", summary="申请拉黑", status_code=201, responses=problems(404, 409, 422, 503)
)
async def ask(room: InRoom, wish: AskForBlock) -> BlocksOut:
    """An agent asks a supervisor to block the caller of a call; both lists as they stand then."""
    await room.desk.record(await run_in_threadpool(asked, room, wish))
    return await run_in_threadpool(shown, room)


@router.post(
    "/proposals/{proposal_id}/decision",
    summary="决定拉黑建议",
    status_code=201,
    responses=problems(404, 422, 503),
)
async def decide(
    room: InRoom, proposal_id: Annotated[int, Path(ge=1, le=LARGEST)], decision: DecideBlock
) -> BlockDecidedOut:
    """Approve, with the days it lasts, or refuse; a known customer needs the explicit choice."""
    fact = await run_in_threadpool(decided, room, proposal_id, decision)
    await room.desk.record(fact)
    return BlockDecidedOut.model_validate(fact)


@router.post(
    "/{number}/lift", summary="解除拉黑", status_code=201, responses=problems(404, 422, 503)
)
async def lift(room: InRoom, number: str, wish: LiftBlock) -> BlockLiftedOut:
    """Lift a block before it expires."""
    fact = await run_in_threadpool(lifted, room, number, wish)
    await room.desk.record(fact)
    return BlockLiftedOut.model_validate(fact)


def listed(room: Room, session: Session) -> BlocksOut:
    """Both lists as they stand now."""
    return BlocksOut(
        proposals=[BlockProposalOut.of(row) for row in blocks.proposals(session)],
        blocks=[BlockOut.of(*pair) for pair in blocks.in_force(session, room.now())],
    )


def shown(room: Room) -> BlocksOut:
    """Both lists, in a session of their own."""
    with room.store.session() as session:
        return listed(room, session)


def asked(room: Room, wish: AskForBlock) -> BlockProposed:
    """The wish as a fact. Raises NoSuchCall, NotNow and Refused."""
    with room.store.session() as session:
        return blocks.ask(session, wish.call_id, by=wish.agent, reason=wish.reason, at=room.now())


def decided(room: Room, proposal_id: int, decision: DecideBlock) -> BlockDecided:
    """The decision as a fact. Raises NoSuchBlock and Refused."""
    with room.store.session() as session:
        return blocks.decide(
            session,
            proposal_id,
            approved=decision.approved,
            by=decision.supervisor,
            reason=decision.reason,
            at=room.now(),
            days=decision.days,
            known_customer=decision.known_customer,
            supervisors=room.supervisors,
        )


def lifted(room: Room, number: str, wish: LiftBlock) -> BlockLifted:
    """The lifting as a fact. Raises NoSuchBlock and Refused."""
    with room.store.session() as session:
        return blocks.lift(
            session,
            number,
            by=wish.supervisor,
            reason=wish.reason,
            at=room.now(),
            supervisors=room.supervisors,
        )
