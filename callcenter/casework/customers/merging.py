"""Duplicates among customers: found, and merged so that nothing is lost. Reads the session.

What follows from a merge is written with it, in the ledger's transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from callcenter.casework import steps
from callcenter.casework.customers.effects import Rules, anonymous
from callcenter.casework.customers.fields import MOST_FEN, joined
from callcenter.casework.customers.record import ANONYMISED, KIND, MERGED
from callcenter.core.errors import NotNow
from callcenter.core.events import Event, RecordStepped
from callcenter.store.customer_tables import ACTIVE, Customer, CustomerNumber

FILLED = ("contact", "address", "business_scope", "email")
"""What the file that stays takes over where it has nothing itself."""
ALLOTMENT = ("agent", "allotted_at", "contact_due_at", "contacted_at")
MOST_ALIKE = 20
USUAL = Rules()


@dataclass(frozen=True, slots=True)
class Alike:
    """Customers who may be one; `why` is number or name."""

    why: str
    value: str
    customers: tuple[Customer, ...]
    """Oldest first, MOST_ALIKE at most."""


def suggestions(session: Session, limit: int = 100) -> list[Alike]:
    """Customers with the same number, then those with the same name."""
    number, key = CustomerNumber.number, Customer.name_key
    twice = func.count() > 1
    shared = select(number).group_by(number).having(twice).order_by(number).limit(limit)
    named = select(key).where(Customer.state == ACTIVE, key != "").group_by(key).having(twice)
    numbers = session.scalars(shared).all()
    names = session.scalars(named.order_by(key).limit(limit)).all()
    return _alike(session, numbers, names)[:limit]


def like(session: Session, customer: Customer) -> list[Alike]:
    """Other files that may be this customer's."""
    if customer.state != ACTIVE:
        return []
    names = [customer.name_key] if customer.name_key else []
    found = _alike(session, [one["number"] for one in customer.numbers], names)
    return [alike for alike in found if len(alike.customers) > 1]


def _alike(session: Session, numbers: Sequence[str], names: Sequence[str]) -> list[Alike]:
    by_number: dict[str, list[Customer]] = defaultdict(list)
    sharing = (
        select(CustomerNumber.number, Customer)
        .join(Customer, Customer.number == CustomerNumber.customer_number)
        .where(CustomerNumber.number.in_(numbers))
        .order_by(Customer.opened_at, Customer.number)
    )
    for number, customer in session.execute(sharing):
        by_number[number].append(customer)
    by_name: dict[str, list[Customer]] = defaultdict(list)
    named = select(Customer).where(Customer.state == ACTIVE, Customer.name_key.in_(names))
    for customer in session.scalars(named.order_by(Customer.opened_at, Customer.number)):
        by_name[customer.name_key].append(customer)
    found = [("number", number, by_number[number]) for number in numbers]
    found += [("name", name, by_name[name]) for name in names]
    return [Alike(why, value, tuple(ones[:MOST_ALIKE])) for why, value, ones in found]


def consequence(rules: Rules = USUAL) -> Callable[[Session, Event], list[Event]]:
    """What is merged goes over into the file that stays; who is anonymised is so in every file."""

    def on_event(session: Session, event: Event) -> list[Event]:
        if not isinstance(event, RecordStepped) or event.kind != KIND:
            return []
        if event.action == "merge":
            return _absorbing(session, event, rules)
        if event.action == "anonymise":
            return _anonymising(session, event, rules)
        return []

    return on_event


def _absorbing(session: Session, event: RecordStepped, rules: Rules) -> list[Event]:
    gone = steps.get(session, Customer, event.number)
    stays = steps.get(session, Customer, gone.merged_into)
    if gone.number in stays.absorbed:
        return []
    if stays.state != ACTIVE:
        raise NotNow(f"customer {stays.number} is {stays.state} meanwhile; look again")
    changes = _together(stays, gone, rules)
    return [_step(event, stays, "absorb", ACTIVE, changes)]


def _anonymising(session: Session, event: RecordStepped, rules: Rules) -> list[Event]:
    absorbed = steps.get(session, Customer, event.number).absorbed
    older = select(Customer).where(Customer.number.in_(absorbed), Customer.state == MERGED)
    return [
        _step(event, row, "anonymise", ANONYMISED, anonymous(event.changes["reason"], rules))
        for row in session.scalars(older.order_by(Customer.number))
    ]


def _step(
    event: RecordStepped, row: Customer, action: str, state: str, changes: dict[str, Any]
) -> RecordStepped:
    """In the name of who took the step that it follows from."""
    what = (KIND, row.number, action, event.person, state, row.version, changes)
    return RecordStepped("", event.at, *what)


def _together(stays: Customer, gone: Customer, rules: Rules) -> dict[str, Any]:
    """What the file that stays takes over: nothing of its own is lost."""
    made: dict[str, Any] = {
        "absorbed": [*stays.absorbed, gone.number, *gone.absorbed],
        "numbers": joined(stays.numbers, gone.numbers),
        "member": stays.member or gone.member,
        "remarks": "\n".join(filter(None, (stays.remarks, gone.remarks))),
        "consents": [*stays.consents, *gone.consents],
        "disclosures": [*stays.disclosures, *gone.disclosures],
        "purchases": stays.purchases + gone.purchases,
        "amount_fen": min(stays.amount_fen + gone.amount_fen, MOST_FEN),
        "potential_fen": max(stays.potential_fen, gone.potential_fen),
        "last_purchase_at": _later(stays.last_purchase_at, gone.last_purchase_at),
        "last_contact_at": _later(stays.last_contact_at, gone.last_contact_at),
    }
    made |= {name: getattr(gone, name) for name in FILLED if not getattr(stays, name)}
    if not stays.agent:
        made |= {name: getattr(gone, name) for name in ALLOTMENT}
    return made | _class(stays, gone, made, rules)


def _class(stays: Customer, gone: Customer, made: dict[str, Any], rules: Rules) -> dict[str, str]:
    """The hand's class wins over the rule's, and that of the file that stays over the other's."""
    if stays.class_by:
        return {}
    if gone.class_by:
        return {"customer_class": gone.customer_class, "class_by": gone.class_by}
    amounts = (made[name] for name in ("purchases", "amount_fen", "potential_fen"))
    return {"customer_class": rules.thresholds.classify(*amounts)}


def _later(one: Any, other: Any) -> Any:
    return max(filter(None, (one, other)), default=None)
