"""What every route of the web room needs, kept once on the app; touches nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from callcenter.casework.originals import Originals
from callcenter.core.house import House
from callcenter.core.ports import Bus, Desk, Voice
from callcenter.store.recordings import Recordings
from callcenter.store.scoped import narrow
from callcenter.store.sql import Store
from callcenter.web.access.visiting import ASKING


@dataclass(frozen=True, slots=True)
class Room:
    """The desk, the books, the bus, the recordings and the clock (UTC)."""

    desk: Desk
    store: Store
    bus: Bus
    recordings: Recordings
    now: Callable[[], datetime]
    supervisors: tuple[str, ...]
    """Who decides on blocks; anybody who gives a name where empty."""
    group: Callable[[str], str]
    """What a category counts as: core.ports.Scripts.group."""
    model: str = ""
    """What hears the calls, for evidence packages."""
    voices: Mapping[str, Voice] = field(default_factory=dict)
    """The agents' sound, by their numbers."""
    house: House = field(default_factory=House)
    """Its hours, limits, and words for customers."""
    originals: Originals | None = None
    """What was hidden in calls, where that is kept."""
    importing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One table of customers is read in at a time."""


def room_of(request: Request) -> Room:
    """The room that `create_app` put on this request's app."""
    room: Room = request.app.state.room
    return room


def session_of(room: Annotated[Room, Depends(room_of)]) -> Iterator[Session]:
    """A reading session that lasts as long as the request, of the calls that who asks may know."""
    with room.store.session() as session:
        narrow(session, ASKING.get().scope)
        yield session


def whole_session_of(room: Annotated[Room, Depends(room_of)]) -> Iterator[Session]:
    """The same of every call: for what is told of a customer, whoever spoke with them."""
    with room.store.session() as session:
        yield session


InRoom = Annotated[Room, Depends(room_of)]
InSession = Annotated[Session, Depends(session_of)]
InWholeSession = Annotated[Session, Depends(whole_session_of)]
