"""What the API says of a live call's cards and promises, as pydantic models. Pure."""

from __future__ import annotations

from datetime import datetime

from callcenter.web.api.base import Out


class CardOut(Out):
    """Words to say by a technique of the handbook; `do` is what to do first."""

    name: str
    title: str
    do: str
    say: list[str]
    handbook: str


class CardOfferOut(Out):
    """The card before the agent, and why now."""

    card: CardOut
    because: str


class PromiseOut(Out):
    """What an agent promised; `status` is offered, accepted or dismissed."""

    promise_id: str
    what: str
    due_at: datetime
    text: str
    start_ms: int
    end_ms: int
    status: str
