"""Who may decide what: the roles of people, and the check of a name. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from callcenter.core.errors import Refused
from callcenter.core.records import Agent

AGENT, SUPERVISOR, QA, MANAGER, ADMIN = "agent", "supervisor", "qa", "manager", "admin"
ROLES = (AGENT, SUPERVISOR, QA, MANAGER, ADMIN)
PAUSER = "pause"
"""No person's: a program with this alone, such as a page where cards are paid, may make and end
secure pauses (安全暂停) and nothing else."""
MONITOR = "monitor"
"""No person's either: a program with this alone reads how the service is, and nothing of calls."""
SCOPES = (*ROLES, PAUSER, MONITOR)
"""What a token may be for."""
LEADS = frozenset({SUPERVISOR, MANAGER})
"""Who signs what the handbooks let a lead (领导、主管) decide."""
SYSTEM = "system"
"""The person of what no person did."""


class People:
    """People by name, each with their roles, and what anybody else may do."""

    def __init__(
        self, roles: Mapping[str, Collection[str]], others: Collection[str] = ROLES
    ) -> None:
        """`others` are the roles of a name that is not among them."""
        self._roles = {name: frozenset(has) for name, has in roles.items()}
        self._others = frozenset(others)

    def check(self, person: str, allowed: Collection[str] = ()) -> str:
        """The person's name, stripped; `allowed` are roles, any of which will do, all where empty.

        Raises Refused for no name, the system's, or one without such a role.
        """
        name = person.strip()
        if name in ("", SYSTEM):
            raise Refused("this is done by a named person; expected their name")
        has = self._roles.get(name, self._others)
        if not has:
            raise Refused(f"{name} has no open account")
        if allowed and not has & frozenset(allowed):
            raise Refused(f"{name} may not do this; it is done by: {', '.join(sorted(allowed))}")
        return name


def check_supervisor(person: str, supervisors: Sequence[str]) -> str:
    """The person's name, stripped. Where no supervisors are named, any name will do.

    Raises Refused for no name, or for one who is not among the supervisors.
    """
    name = person.strip()
    if not name:
        raise Refused("this is decided by a named person; expected their name")
    if supervisors and name not in supervisors:
        allowed = ", ".join(supervisors)
        raise Refused(f"{name} is no supervisor; this is decided by one of: {allowed}")
    return name


def names_of(who: str, agents: Iterable[Agent]) -> frozenset[str]:
    """All that a person is called, of whom the name is given or the seat's number."""
    called = who.strip()
    mine = ({one.number, one.name} for one in agents if called in (one.number, one.name))
    return frozenset({called}.union(*mine) - {""})
