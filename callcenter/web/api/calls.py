"""Calls that were kept: the list, one call, and its parts. Reads the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from callcenter.casework.harassment import exposure
from callcenter.casework.reports import ladder
from callcenter.casework.reports.periods import on_the_wall
from callcenter.core.errors import NoSuchCall, NoSuchWorkOrder, Refused
from callcenter.core.numbers import is_withheld
from callcenter.store import calls
from callcenter.store.calls import Counted
from callcenter.web.access.reach import Reach
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.models import (
    CallDetailOut,
    CallOut,
    CallsOut,
    HitOut,
    LinkedWorkOrderOut,
    PromptOut,
    SegmentOut,
    problems,
)
from callcenter.web.api.steps import read
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/calls", tags=["通话"])

Limit = Annotated[int, Query(ge=1, le=calls.MOST)]
Before = Annotated[str | None, Query(max_length=128)]


LONGEST = timedelta(days=400)
"""Of the time in which hours, weekdays and rungs are looked for."""


@dataclass
class CountedCalls:
    """Which calls a figure of a report counts: `taken` by an agent, `category` of a hit in them,
    `overruled` by a reviewer; those in this `hour` of the day and on this `weekday` (0 is Monday),
    in which this `rung` was used, `after` which the caller gave up or came back, in which an agent
    was `exposed` to abuse: these within `since` and `until`."""

    direction: Literal["", "inbound", "outbound"] = ""
    disposition: Annotated[str, Query(max_length=40)] = ""
    category: Annotated[str, Query(max_length=40)] = ""
    blocked: bool | None = None
    taken: bool | None = None
    nuisance: bool | None = None
    withheld: bool | None = None
    source: Annotated[str, Query(max_length=128)] = ""
    overruled: bool | None = None
    hour: Annotated[int | None, Query(ge=0, le=23)] = None
    weekday: Annotated[int | None, Query(ge=0, le=6)] = None
    rung: Literal["", "steer_back", "line_fault", "analysis", "block"] = ""
    after: Literal["", "gave_up", "came_back", "open", "withheld"] = ""
    exposed: bool = False

    def of(
        self, room: Room, session: Session, since: datetime | None, until: datetime | None
    ) -> Counted:
        """What the store is asked for. Raises Refused where a time has to be said and is not."""
        same = {name: value for name, value in asdict(self).items() if name not in _WITHIN}
        if self.hour is self.weekday is None and not (self.rung or self.exposed):
            return Counted(**same)
        if since is None or until is None or not timedelta() <= until - since <= LONGEST:
            asked = "hour, weekday, rung and exposed"
            raise Refused(f"{asked} need since and until, {LONGEST.days} days apart at most")
        among: set[str] | None = None
        for ids in self._ids(room, session, since, until):
            among = set(ids) if among is None else among & set(ids)
        return Counted(
            **same,
            spans=self._spans(room, since, until),
            among=None if among is None else sorted(among),
        )

    def _spans(
        self, room: Room, since: datetime, until: datetime
    ) -> Sequence[tuple[datetime, datetime]] | None:
        if self.hour is None and self.weekday is None:
            return None
        return on_the_wall(since, until, self.hour, self.weekday, room.house.hours.zone)

    def _ids(
        self, room: Room, session: Session, since: datetime, until: datetime
    ) -> Iterator[Sequence[str]]:
        if self.rung:
            yield ladder.used_in(session, since, until, self.rung, self.after, room.now())
        if self.exposed:
            found = exposure.abused(session, room.group, since, until)
            yield [one.call_id for one in found]


_WITHIN = ("hour", "weekday", "rung", "after", "exposed")
EVERY = CountedCalls()


async def number_of(
    request: Request, room: InRoom, of_call: Annotated[str, Query(max_length=128)] = ""
) -> str | None:
    """The number beyond the line of `of_call`, one that runs or was kept; "" where it is withheld,
    None where no call is named. Raises NoSuchCall."""
    reach: Reach = request.app.state.reach
    if not of_call:
        return None
    if not await reach.covers(ASKING.get().scope, of_call):
        raise NoSuchCall(f"no call {of_call}")
    live = [call.far_number for call in room.desk.live() if call.call_id == of_call]
    if live:
        return live[0]
    return await read(room, lambda session: calls.get_call(session, of_call, loaded=False).source)


@router.get("", summary="通话列表", responses=problems(404, 422))
def list_calls(
    room: InRoom,
    session: InSession,
    same_number: Annotated[str | None, Depends(number_of)],
    limit: Limit = 50,
    before: Before = None,
    flagged: bool | None = None,
    caller_number: Annotated[str | None, Query(max_length=128)] = None,
    agent: Annotated[str | None, Query(max_length=64)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    counted: Annotated[CountedCalls, Depends()] = EVERY,
) -> CallsOut:
    """Calls, newest first. `before` is the call_id that the last page ended with; `since` and
    `until` are about when they rang. `of_call`: those of the number of that call, whoever took
    them, and nothing else is asked."""
    if same_number is not None:
        return _of_number(room, same_number, limit)
    found = calls.list_calls(
        session,
        limit=limit,
        before=before,
        flagged=flagged,
        caller_number=caller_number,
        agent=agent,
        rang=(since, until),
        counted=counted.of(room, session, since, until),
    )
    more = found[-1].call_id if len(found) == limit else None
    return CallsOut(calls=[CallOut.model_validate(call) for call in found], before=more)


def _of_number(room: Room, number: str, limit: int) -> CallsOut:
    """What there was with who speaks now is for whoever speaks with them."""
    if is_withheld(number):
        return CallsOut(calls=[], before=None)
    with room.store.session() as session:
        found = calls.list_calls(session, limit=limit, counted=Counted(source=number))
        return CallsOut(calls=[CallOut.model_validate(call) for call in found], before=None)


@router.get("/{call_id}", summary="一通电话", responses=problems(404))
def get_call(session: InSession, call_id: str) -> CallDetailOut:
    """One call with everything that is kept of it."""
    return CallDetailOut.of(calls.get_call(session, call_id))


@router.get("/{call_id}/segments", summary="转写", responses=problems(404))
def segments(session: InSession, call_id: str) -> list[SegmentOut]:
    """What both parties said, in order, with words and their times."""
    call = calls.get_call(session, call_id)
    return [SegmentOut.model_validate(segment) for segment in call.segments]


@router.get("/{call_id}/hits", summary="命中", responses=problems(404))
def hits(session: InSession, call_id: str) -> list[HitOut]:
    """The patterns that were found, in order."""
    return [HitOut.model_validate(hit) for hit in calls.get_call(session, call_id).hits]


@router.get("/{call_id}/prompts", summary="提示音", responses=problems(404))
def prompts(session: InSession, call_id: str) -> list[PromptOut]:
    """The prompts that were played, with how much of each left our socket."""
    return [PromptOut.model_validate(prompt) for prompt in calls.get_call(session, call_id).prompts]


@router.get("/{call_id}/work-order", summary="通话的工单", responses=problems(404))
def work_order(session: InSession, call_id: str) -> LinkedWorkOrderOut:
    """The work order that the call hangs on, and who linked it."""
    linked = LinkedWorkOrderOut.of(calls.get_call(session, call_id))
    if linked is None:
        raise NoSuchWorkOrder(f"call {call_id} hangs on no work order")
    return linked
