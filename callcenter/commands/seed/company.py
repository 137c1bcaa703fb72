"""The demo company at work: its people, its clock, its books. Every deed goes through the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from callcenter.casework.staff import accounts
from callcenter.casework.steps import Actor
from callcenter.commands.seed.agenda import Agenda, Deed
from callcenter.commands.seed.words import Words
from callcenter.core.events import Event, RecordStepped
from callcenter.core.hours import Hours
from callcenter.core.people import People
from callcenter.core.ports import Scripts
from callcenter.core.records import Agent
from callcenter.store.books import SqlBooks

TakeStep = Callable[[Session, str, str, Mapping[str, Any], Actor], RecordStepped]


@dataclass(slots=True)
class Person:
    """A customer: who they are, and the number of their file."""

    name: str
    phone: str
    file: str = ""
    about: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Nuisance:
    """Those who harass, and what was done about them."""

    numbers: list[str]
    blocked: set[str] = field(default_factory=set)
    prompts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    mine: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Calls by number; "" where it was withheld."""
    cases: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class House:
    """What the configuration says that the deeds need."""

    agents: list[Agent]
    hours: Hours
    supervisors: tuple[str, ...] = ()
    prompt_a_tries: int = 3
    compensation_fen: int = 0
    phrases: Mapping[str, str] = field(default_factory=dict)
    scorecard: Mapping[str, Any] = field(default_factory=dict)


class Company:
    """One run. `session` is the transaction of the day that is being lived."""

    def __init__(self, books: SqlBooks, scripts: Scripts, house: House, rng: Random) -> None:
        self.books, self.scripts, self.house, self.rng = books, scripts, house, rng
        self.words = Words(rng)
        self.agents = self.words.agents(house.agents)
        self.leads: list[str] = [*(house.supervisors or self.words.people["supervisors"])]
        self.clerk, self.qa = self.words.people["clerk"], self.words.people["qa"]
        self.manager = self.words.people["manager"]
        self.customers: list[Person] = []
        self.nuisance = Nuisance([])
        self.agenda = Agenda()
        self.people = People({})
        self.session: Session
        self.now: datetime
        self.planned = False
        """Whether there are shifts already."""
        self.free: dict[str, datetime] = {}
        """When each agent is free again, by number."""
        self.talking: dict[str, str] = {}
        """Who has a call, by its id."""
        self.complaints = 0
        self.left: dict[str, str] = {}
        """Complaints that nobody goes on with once they are at this stage."""
        self.passed_over = 0
        """Deeds that a record no longer allowed when their time came."""

    @property
    def lead(self) -> str:
        """A supervisor."""
        return self.rng.choice(self.leads)

    @property
    def hours(self) -> Hours:
        """When the house is open."""
        return self.house.hours

    def begin(self, session: Session) -> None:
        """A day begins."""
        self.session = session
        self.people = accounts.people(session, self.house.supervisors)

    def happens(self, at: datetime, deed: Deed) -> None:
        """Do this now; a deed sees the moment in `now`."""
        self.now = at
        deed(at)

    def later(self, least: float, most: float, deed: Deed, *, office: bool = True) -> None:
        """Put it on the agenda so many minutes from now; within office hours, unless said."""
        at = self.now + timedelta(minutes=self.rng.uniform(least, most))
        if office and not self.hours.is_open(at):
            at = self.hours.next_open(at) + timedelta(minutes=self.rng.uniform(2, 200))
        self.agenda.put(at, deed)

    def write(self, *events: Event) -> list[Event]:
        """Facts, and what follows from them."""
        return self.books.enter(self.session, *events)

    def actor(self, person: str) -> Actor:
        """As a step is signed now."""
        return Actor(person, self.now, self.people, self.hours.zone)

    def take(self, act: TakeStep, number: str, action: str, by: str, **given: Any) -> None:
        """A step in a record."""
        self.write(act(self.session, number, action, given, self.actor(by)))

    def is_free(self, agent: str) -> bool:
        """Whether this agent is not talking, wrapping up or eating now."""
        return self.free.get(agent, self.now) <= self.now

    def likely(self, share: float) -> bool:
        """True so often."""
        return self.rng.random() < share

    def named(self, number: str) -> str:
        """An agent's name by their number."""
        return next((one.name for one in self.agents if one.number == number), number)
