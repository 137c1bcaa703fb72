"""Messages to customers: templates, what was sent, what waits (S1, S2, S5, E7, F10)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.messages import record as messages
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.core.messages import Template
from callcenter.store.message_tables import Message
from callcenter.web.api.about import About, number_of
from callcenter.web.api.base import Line, Out
from callcenter.web.api.models import problems
from callcenter.web.api.steps import (
    Act,
    RecordOut,
    Signed,
    carried_out,
    listed,
    opened,
    read,
    whole,
)
from callcenter.web.room import InRoom, InSession, Room

router = APIRouter(prefix="/messages", tags=["短信与邮件"])


class TemplateOut(Out):
    """A template, and the fields that it needs."""

    name: str
    channel: str
    subject: str
    text: str
    handbook: str
    fields: list[str]


class WriteMessage(Signed):
    """A message from a template, `to` a number or the one `of` a record; `about` is the number of
    what it is about."""

    template: Line
    to: Line = ""
    of: About | None = None
    about: Line = ""
    fields: dict[Line, Annotated[str, Field(max_length=2000)]] = Field(
        default_factory=dict, max_length=40
    )


class ActOnMessage(Act):
    """cancel, or resend."""


class MessageOut(RecordOut):
    """A message."""

    template: str
    channel: str
    to: str
    subject: str
    text: str
    about: str
    due_at: datetime
    tries: int
    sent_at: datetime | None
    problem: str


@router.get("/templates", summary="短信模板")
def templates(room: InRoom) -> list[TemplateOut]:
    """What can be written, and the fields each needs."""
    return [_shown(template) for template in room.house.templates.values()]


@router.get("", summary="短信列表", responses=problems(422))
def list_messages(
    session: InSession,
    state: str = "",
    about: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[MessageOut]:
    """Messages, newest first."""
    found = messages.listing(session, state=state, about=about, limit=limit)
    return [listed(MessageOut, messages.MOVES, row) for row in found]


@router.get("/{number}", summary="一条短信", responses=problems(404))
def get_message(session: InSession, number: str) -> MessageOut:
    """A message and every step in it."""
    row = steps.get(session, Message, number)
    return whole(MessageOut, messages.MOVES, session, messages.KIND, row)


@router.post("", summary="发短信", status_code=201, responses=problems(409, 422, 503))
async def write(room: InRoom, wanted: WriteMessage) -> MessageOut:
    """Write a message; it leaves within seconds where a carrier is configured."""
    template = _template(room, wanted.template)
    to = await number_of(room, wanted.of) if wanted.of else wanted.to
    what = (template, to, {**room.house.letterhead, **wanted.fields})

    def made(session: Session, actor: Actor) -> RecordStepped:
        return messages.write(session, *what, actor, wanted.about)

    return await opened(room, wanted.by, made, get_message)


@router.post(
    "/{number}/actions", summary="办理", status_code=201, responses=problems(404, 409, 422, 503)
)
async def act(room: InRoom, number: str, wanted: ActOnMessage) -> MessageOut:
    """Cancel it, or send a failed one again."""

    def made(session: Session, actor: Actor) -> RecordStepped:
        return messages.act(session, number, wanted.action, actor, wanted.version)

    await carried_out(room, wanted.by, made)
    return await read(room, lambda session: get_message(session, number))


def _template(room: Room, name: str) -> Template:
    template = room.house.templates.get(name)
    if template is None:
        known = ", ".join(room.house.templates) or "none"
        raise Refused(f"there is no template {name!r}; there are: {known}")
    return template


def _shown(template: Template) -> TemplateOut:
    plain = ("name", "channel", "subject", "text", "handbook")
    told = {name: getattr(template, name) for name in plain}
    return TemplateOut(**told, fields=sorted(template.fields))
