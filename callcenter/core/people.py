"""Who may decide what. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.core.errors import Refused


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
