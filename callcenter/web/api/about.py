"""The number of a record to ring or to write to, for who may not read it. Reads the session."""

from __future__ import annotations

from functools import partial
from typing import Literal

from callcenter.casework import telephone_numbers
from callcenter.core.errors import Refused
from callcenter.web.api.base import In, Name
from callcenter.web.api.steps import read
from callcenter.web.room import Room


class About(In):
    """A record with a telephone number; the first one counts."""

    kind: Literal["customer", "work_order", "complaint", "follow_up"]
    number: Name


async def number_of(room: Room, about: About) -> str:
    """Its number, whole. Raises NoSuchRecord, and Refused where it has none."""
    ask = partial(telephone_numbers.of, kind=about.kind, number=about.number)
    found = await read(room, ask)
    if not found:
        raise Refused(f"{about.number} has no telephone number")
    return found[0]
