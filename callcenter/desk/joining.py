"""How a supervisor comes into a call that runs: beside the agent, or in their place. No sound moves
here; the sound of who comes is opened by the switchboard."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from callcenter.core.errors import NotNow
from callcenter.core.ports import Leg
from callcenter.desk.session import Session
from callcenter.desk.supervising import MODES

Sound = Callable[[str, Callable[[], None]], AbstractAsyncContextManager[Leg]]
"""Opens the sound of a person who is free, for as long as a check does not object."""


async def join(session: Session, mode: str, person: str, sound: Sound) -> None:
    """Listen, whisper or barge in, or change that. Raises NotNow, MissingPiece."""
    if mode not in MODES:
        raise NotNow(f"there is no mode {mode!r}; expected one of: {', '.join(MODES)}")
    session.check_joining()
    if person in session.supervision.conference:
        session.supervision.join(person, mode)
        return
    async with sound(person, session.check_joining) as leg:
        session.check_joining()
        session.supervision.join(person, mode, leg)


async def take_over(session: Session, person: str, sound: Sound) -> None:
    """Take the agent's place, from listening or from outside the call. Raises NotNow,
    MissingPiece."""
    session.check_taking_over(person)
    if person in session.supervision.conference:
        session.supervision.leave(person)
    async with sound(person, partial(session.check_taking_over, person)) as leg:
        session.take_over(person, leg)
