"""Customers allotted to agents (U2): the load even, who knows more gets the key customers.

按照负责客户数量均衡、兼顾业务能力的原则 (handbook 002). `plan` touches nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.customers import record as customers
from callcenter.casework.customers.effects import Rules, allotment
from callcenter.casework.customers.fields import KEY, ORDINARY, POTENTIAL
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.store.customer_tables import ACTIVE, Customer

NEEDS: Mapping[str, int] = {KEY: 3, ORDINARY: 2, POTENTIAL: 1}
"""The skill (业务能力, 1 to 3) that a customer of this class asks for."""
MOST = 1000
"""Customers in one go."""


@dataclass(frozen=True, slots=True)
class Helper:
    """An agent who takes customers: how many they have, and how well they know the business."""

    name: str
    load: int = 0
    skill: int = 2
    """1 (new) to 3 (knows it all)."""


def plan(wanting: Mapping[str, str], agents: Collection[Helper]) -> dict[str, str]:
    """Who gets whom: agent by customer; `wanting` are classes by customer.

    Each goes to the agent with the least load among those whose skill suffices, or who are the
    best there are; key customers are dealt out first. Of agents with the same skill, who got any
    has at most one more than another. The same asked again is answered the same. Raises Refused
    without agents, or for one named twice.
    """
    if not agents:
        raise Refused("nobody is there to take customers; expected agents")
    loads = {agent.name: agent.load for agent in agents}
    if len(loads) < len(agents):
        raise Refused("an agent is named twice")
    best = max(agent.skill for agent in agents)
    able = {
        need: [agent for agent in agents if agent.skill >= min(need, best)]
        for need in set(NEEDS.values())
    }
    given: dict[str, str] = {}
    for number, each in sorted(wanting.items(), key=lambda one: (-NEEDS[one[1]], one)):
        needed = NEEDS[each]
        agent = min(able[needed], key=lambda one: (loads[one.name], one.skill, one.name))
        loads[agent.name] += 1
        given[number] = agent.name
    return given


def loads(session: Session, agents: Collection[str]) -> dict[str, int]:
    """How many standing customers each of these agents has."""
    counted = (
        select(Customer.agent, func.count())
        .where(Customer.state == ACTIVE, Customer.agent.in_(agents))
        .group_by(Customer.agent)
    )
    return dict.fromkeys(agents, 0) | dict(session.execute(counted).all())


def waiting(session: Session, numbers: Sequence[str] = ()) -> Sequence[Customer]:
    """Standing customers whom nobody has, oldest first, MOST at most; of these where some are
    named. Raises Refused for one who is not among them."""
    free = select(Customer).where(Customer.state == ACTIVE, Customer.agent == "")
    if numbers:
        free = free.where(Customer.number.in_(numbers))
    rows = session.scalars(free.order_by(Customer.opened_at, Customer.number).limit(MOST)).all()
    if missing := sorted(set(numbers) - {row.number for row in rows}):
        raise Refused(f"customer {missing[0]} is not there to be allotted, or has an agent")
    return rows


def allot(
    session: Session,
    skills: Mapping[str, int],
    actor: Actor,
    rules: Rules,
    numbers: Sequence[str] = (),
) -> list[RecordStepped]:
    """The plan for customers whom nobody has, as steps. `skills` by agent. Raises Refused."""
    actor.people.check(actor.person, customers.MOVES[ACTIVE, "allot"].by)
    have = loads(session, list(skills))
    helpers = [Helper(name, have[name], skill) for name, skill in skills.items()]
    rows = waiting(session, numbers)
    given = plan({row.number: row.customer_class for row in rows}, helpers)
    return [
        steps.step(
            row, customers.MOVES, "allot", allotment(given[row.number], actor.at, rules), actor
        )
        for row in rows
    ]
