"""Who may be named on the pages of records: everybody, and who leads. Reads the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from callcenter.casework.staff import accounts
from callcenter.core.people import LEADS
from callcenter.core.records import Agent
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages.calls import facts
from callcenter.web.room import Room


@dataclass(frozen=True, slots=True)
class Crew:
    """Names to choose from, and how seat numbers are written."""

    names: tuple[str, ...]
    leads: tuple[str, ...]
    numbers: Mapping[str, str]
    """Seat number by name."""
    people: Mapping[str, str]

    @property
    def signers(self) -> tuple[str, ...]:
        """Everybody, who leads first."""
        return tuple(dict.fromkeys((*self.leads, *self.names)))

    def person(self, who: str) -> str:
        """A seat number or a name as people read it."""
        return facts.person(self.people, who)


def crew_of(room: Room, session: Session, agents: Sequence[Agent]) -> Crew:
    """Everybody with an open account, who takes calls, and who the configuration says leads."""
    known = accounts.roles(session)
    leads = [name for name, has in known.items() if has & LEADS] or room.supervisors
    names = [*(agent.name for agent in agents), *known, *leads]
    return Crew(
        tuple(dict.fromkeys(names)),
        tuple(dict.fromkeys(leads)),
        {agent.name: agent.number for agent in agents},
        facts.names(agents),
    )


def own_names() -> tuple[str, ...]:
    """The name and the seat number of who asks; nothing where nobody logs in."""
    visitor = ASKING.get()
    return tuple(one for one in (visitor.name, visitor.agent) if one)
