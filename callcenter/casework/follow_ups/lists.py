"""Whose turn it is to be called: members (F2), and who stays away (F13). Reads the session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from callcenter.casework.follow_ups import record as follow_ups
from callcenter.casework.follow_ups.record import CANCELLED, MEMBER, WITHIN
from callcenter.casework.steps import Actor
from callcenter.core.errors import Refused
from callcenter.core.events import RecordStepped
from callcenter.store.customer_tables import ACTIVE, Customer
from callcenter.store.follow_up_tables import FollowUp

LAPSED_DAYS, MEMBER_DAYS = 120, 30
"""流失120天; a member is called once a month."""


def due(
    session: Session, reason: str, at: datetime, days: int | None = None, limit: int = 200
) -> Sequence[Customer]:
    """The customers who have had no follow-up for this reason in `days`, by number.

    Of members all; for `lapsed` those whose last purchase is so long ago.
    """
    since = at - timedelta(days=days or (MEMBER_DAYS if reason == MEMBER else LAPSED_DAYS))
    called = exists().where(
        FollowUp.about == Customer.number,
        FollowUp.reason == reason,
        FollowUp.opened_at >= since,
        FollowUp.state != CANCELLED,
    )
    whose = Customer.member.is_(True) if reason == MEMBER else Customer.last_purchase_at < since
    query = select(Customer).where(Customer.state == ACTIVE, whose, ~called)
    return session.scalars(query.order_by(Customer.number).limit(limit)).all()


def plan_for(
    customer: Customer, reason: str, plan: str, session: Session, actor: Actor
) -> RecordStepped:
    """A follow-up of this customer, at the number to ring first. Raises Refused for none."""
    if not customer.numbers:
        raise Refused("there is no number to call")
    fields = {
        "reason": reason,
        "plan": plan,
        "about": customer.number,
        "customer": customer.contact or customer.name,
        "phone": customer.numbers[0]["number"],
        "due_at": actor.at + WITHIN,
        "agent": customer.agent,
    }
    return follow_ups.plan(session, fields, actor)
