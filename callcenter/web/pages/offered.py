"""Which steps in a record its reader may take: what its state allows, and their roles do. Pure."""

from __future__ import annotations

from callcenter.core.people import ROLES
from callcenter.core.steps import Moves
from callcenter.web.access.visiting import ASKING


def has(*roles: str) -> bool:
    """Whether who asks has one of these roles; everybody where nobody needs to log in."""
    visitor = ASKING.get()
    return not visitor.name or bool(visitor.roles & frozenset(roles))


def offered(moves: Moves, state: str) -> tuple[str, ...]:
    """The actions whose buttons this reader sees; the API asks again."""
    found = (action for (before, action) in moves if before == state)
    return tuple(action for action in found if has(*(moves[state, action].by or ROLES)))
