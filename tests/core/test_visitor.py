"""Who may know of which calls: roles against lines."""

from __future__ import annotations

import pytest

from callcenter.core.people import ADMIN, AGENT, MANAGER, QA, SUPERVISOR
from callcenter.core.visitor import ANYBODY, EVERY_CALL, Scope, Visitor

OWN = frozenset({"林晓雯", "6018"})


@pytest.mark.parametrize(
    ("roles", "lines", "scope"),
    [
        ({AGENT}, (), Scope(OWN)),
        ({AGENT}, ("front",), Scope(OWN, frozenset({"front"}))),
        ({AGENT, ADMIN}, (), Scope(OWN)),
        ({SUPERVISOR}, (), EVERY_CALL),
        ({SUPERVISOR, AGENT}, (), EVERY_CALL),
        ({SUPERVISOR}, ("front",), Scope(lines=frozenset({"front"}))),
        ({QA}, ("4008200001",), Scope(lines=frozenset({"4008200001"}))),
        ({MANAGER}, (), EVERY_CALL),
    ],
)
def test_what_a_role_knows_of(roles: set[str], lines: tuple[str, ...], scope: Scope) -> None:
    visitor = Visitor("林晓雯", frozenset(roles), "6018", lines=frozenset(lines))
    assert visitor.scope == scope


def test_what_acts_for_others_knows_of_all() -> None:
    assert Visitor("crm", frozenset({AGENT}), for_others=True).scope.is_all
    assert ANYBODY.scope.is_all


@pytest.mark.parametrize(
    ("scope", "agents", "covered"),
    [
        (EVERY_CALL, {"6007"}, True),
        (Scope(OWN), {"6018"}, True),
        (Scope(OWN), {"6007", "6018"}, True),
        (Scope(OWN), {"6007"}, False),
        (Scope(OWN), set(), True),
        (Scope(lines=frozenset({"front"})), {"6007"}, True),
        (Scope(lines=frozenset({"4008200001"})), {"6007"}, True),
        (Scope(lines=frozenset({"back"})), {"6018"}, False),
        (Scope(OWN, frozenset({"back"})), {"6018"}, False),
    ],
)
def test_which_calls_a_scope_covers(scope: Scope, agents: set[str], covered: bool) -> None:
    assert scope.covers(agents, "front", "4008200001") is covered


def test_nobody_is_called_nothing() -> None:
    assert not Visitor("", frozenset()).is_called("")
