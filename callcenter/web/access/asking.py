"""Who asks, for as long as the request lasts, and whose name may stand under what they do."""

from __future__ import annotations

from typing import Annotated

from fastapi import HTTPException
from pydantic import AfterValidator, Field

from callcenter.core.people import LEADS
from callcenter.web.access.visiting import ASKING
from callcenter.web.api.base import Name


def _their_own(name: str) -> str:
    visitor = ASKING.get()
    if not visitor.may_sign(name):
        raise ValueError(f"this is signed by who is logged in; expected {visitor.name}")
    return name


Signer = Annotated[
    Name,
    AfterValidator(_their_own),
    Field(default_factory=lambda: ASKING.get().name, validate_default=True),
]
"""Who signs: a person's name; may be left out by who is logged in."""
Seat = Annotated[
    Name,
    AfterValidator(_their_own),
    Field(default_factory=lambda: ASKING.get().agent or ASKING.get().name, validate_default=True),
]
"""Who commands a call: a seat number or a name; may be left out by who is logged in."""


def check_seat(number: str) -> None:
    """For what an agent does for themselves, or a lead for them. Raises an HTTP 403."""
    visitor = ASKING.get()
    if not visitor.may_sign(number) and not visitor.roles & LEADS:
        raise HTTPException(403, f"agent {number} does this for themselves, or a lead for them")
