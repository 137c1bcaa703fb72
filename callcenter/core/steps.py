"""What people may do with a record, step by step: a table of moves for each kind of record. Pure.

A table is `(state, action) -> Move`; "" is the state of a record that is not there yet. The audit
trail keeps every step with the name of who took it, so a step needs a name, and what the move
asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from callcenter.core.errors import NotNow, Refused

NOT_YET = ""
"""The state of a record before the step that opens it."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action leads, what it must be given, and the roles of those who may take it."""

    to: str
    needs: tuple[str, ...] = ()
    by: frozenset[str] = frozenset()
    """Roles of core.people; anybody with a name where empty."""


Moves = Mapping[tuple[str, str], Move]


def anywhere(
    states: Collection[str],
    action: str,
    needs: tuple[str, ...] = (),
    by: frozenset[str] = frozenset(),
) -> dict[tuple[str, str], Move]:
    """Moves of an action that is possible in all these states and leads out of none."""
    return {(state, action): Move(state, needs, by) for state in states}


def possible(moves: Moves, state: str) -> tuple[str, ...]:
    """The actions that this state allows."""
    return tuple(action for before, action in moves if before == state)


def find(moves: Moves, what: str, state: str, action: str) -> Move:
    """The move of this action in this state; `what` names the record in the refusal.

    Raises NotNow, which names the actions that are possible.
    """
    move = moves.get((state, action))
    if move is None:
        stands, allowed = state or "not there yet", ", ".join(possible(moves, state)) or "nothing"
        raise NotNow(f"{what} is {stands}: {action} is not possible; possible: {allowed}")
    return move


def check(move: Move, action: str, given: Mapping[str, Any]) -> None:
    """Everything that the move needs is given and not empty. Raises Refused, which names the rest.

    A number, 0 too, and a truth value are never empty.
    """
    missing = [name for name in move.needs if _is_empty(given.get(name))]
    if missing:
        raise Refused(f"{action} needs: {', '.join(missing)}")


def _is_empty(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | dict) and not value)
