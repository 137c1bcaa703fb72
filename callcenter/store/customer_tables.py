"""The tables of customers (客户档案), of their numbers, and of files of them. See store/kept.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from callcenter.core.events import RecordStepped
from callcenter.store.base import Base
from callcenter.store.facts import add, add_many
from callcenter.store.kept import Kept

ACTIVE = "active"


class Customer(Kept, Base):
    """A customer (U4); money is in fen, purchases are those of the last twelve months.

    `state` is active, merged or anonymised.
    """

    __tablename__ = "customers"

    changed_at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="", index=True)
    name_key: Mapped[str] = mapped_column(default="", index=True)
    """The name in the form in which names are compared."""
    contact: Mapped[str] = mapped_column(default="")
    """联系人: whom to ask for."""
    numbers: Mapped[list[Any]] = mapped_column(default=list)
    """{number, e164, kind, extension}, the one to ring first; `number` in its plain form."""
    address: Mapped[str] = mapped_column(default="")
    business_scope: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(default="")
    remarks: Mapped[str] = mapped_column(Text, default="")

    member: Mapped[bool] = mapped_column(default=False, index=True)
    customer_class: Mapped[str] = mapped_column(index=True)
    """key, ordinary or potential (U5)."""
    class_by: Mapped[str] = mapped_column(default="")
    """Who classed it by hand; "" where the rule did."""
    purchases: Mapped[int] = mapped_column(default=0)
    amount_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    potential_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    """What it may come to buy in a year, as somebody reckons."""
    last_purchase_at: Mapped[datetime | None] = mapped_column(index=True)

    agent: Mapped[str] = mapped_column(default="", index=True)
    """To whom it is allotted (U2)."""
    allotted_at: Mapped[datetime | None]
    contact_due_at: Mapped[datetime | None] = mapped_column(index=True)
    contacted_at: Mapped[datetime | None]
    """The first word with the agent to whom it is allotted (U3)."""
    last_contact_at: Mapped[datetime | None]
    contact_note: Mapped[str] = mapped_column(Text, default="")
    contact_call: Mapped[str] = mapped_column(default="")

    consents: Mapped[list[Any]] = mapped_column(default=list)
    """{reference, to, purpose, until, at, by, withdrawn_at} (U9)."""
    disclosures: Mapped[list[Any]] = mapped_column(default=list)
    """{at, by, to, purpose, what, reference}."""

    merged_into: Mapped[str] = mapped_column(default="", index=True)
    absorbed: Mapped[list[Any]] = mapped_column(default=list)
    """The numbers of all files that were merged into this one, however often."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was classed by hand, merged or anonymised."""


class CustomerNumber(Base):
    """A telephone number in a standing customer's file, in its plain form: who rings is found here.

    Two files may hold the same one: a firm's switchboard, or a duplicate.
    """

    __tablename__ = "customer_numbers"
    __table_args__ = (UniqueConstraint("customer_number", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_number: Mapped[str] = mapped_column(ForeignKey("customers.number"))
    number: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    """mobile, landline, service or other."""
    since: Mapped[datetime]


class CustomerExchange(Kept, Base):
    """A file of customers that came in or went out (U8): who, what for, how many; its SHA-256.

    `state` is imported or exported.
    """

    __tablename__ = "customer_exchanges"

    purpose: Mapped[str] = mapped_column(Text, default="")
    rows: Mapped[int]
    """Lines in the file, without its headings."""
    written: Mapped[int]
    """Customers that came of it, or went into it."""
    problems: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str]


def keep_numbers(session: Session, customer: Customer, step: RecordStepped) -> None:
    """Write a customer's numbers as rows; what a step in it writes besides (store/kinds.py)."""
    stands = customer.state == ACTIVE
    if stands and "numbers" not in step.changes:
        return
    mine = CustomerNumber.customer_number == customer.number
    wanted = {one["number"]: one["kind"] for one in customer.numbers} if stands else {}
    kept: set[str] = set()
    if step.version:
        session.execute(delete(CustomerNumber).where(mine, CustomerNumber.number.not_in(wanted)))
        kept = set(session.scalars(select(CustomerNumber.number).where(mine)))
    for number, kind in wanted.items():
        if number not in kept:
            keys = {"customer_number": customer.number, "number": number}
            add(session, CustomerNumber, **keys, kind=kind, since=step.at)


def keep_new_numbers(session: Session, steps: Sequence[RecordStepped]) -> None:
    """The same for files that are opened together."""
    rows = [
        {"customer_number": step.number, "number": number, "kind": kind, "since": step.at}
        for step in steps
        for number, kind in {
            one["number"]: one["kind"] for one in step.changes.get("numbers", ())
        }.items()
    ]
    add_many(session, CustomerNumber, rows)
