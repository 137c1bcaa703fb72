"""What the API takes and shows of work orders, as pydantic models. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AwareDatetime, Field, StringConstraints

from callcenter.casework.orders.lists import Asked
from callcenter.casework.orders.moves import DONE, MOVES
from callcenter.store.order_tables import WorkOrder
from callcenter.web.api.base import In, Out
from callcenter.web.api.base import Line as Short
from callcenter.web.api.steps import Act, RecordOut, Signed, listed

Type = Literal["enquiry", "suggestion", "complaint", "repair"]
State = Literal[
    "", "draft", "pending", "in_progress", "awaiting_reply", "awaiting_follow_up", "closed",
    "archived",
]  # fmt: skip
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]


class Contact(In):
    """A word with the caller; in a call out the three ticks say what was done (W8 to W10)."""

    channel: Literal["outbound", "inbound", "sms", "mail", "fax", "visit"] = "outbound"
    reached: bool = True
    call_id: str = Field("", max_length=64)
    announced: bool | None = None
    identity_verified: bool | None = None
    told: bool | None = None
    note: Long = ""


class OpenOrder(Signed):
    """A new work order; `raised_from` names the one in whose reply it was asked for (W11)."""

    type: Type
    raised_from: Short = ""
    caller_number: Short = ""
    priority: Literal["normal", "urgent"] = "normal"
    severe: bool = False
    title: Short = ""
    content: Long = ""
    department: Short = ""
    customer_number: Short | None = None
    phone: Short = ""
    concerned: Short = ""
    place: Short = ""
    happened_at: AwareDatetime | None = None


class ActOnOrder(Act):
    """A step, and what it takes: GET /work-orders/standard says what each needs."""

    type: Type = "enquiry"
    priority: Literal["normal", "urgent"] = "normal"
    severe: bool = False
    title: Short = ""
    content: Long = ""
    department: Short = ""
    customer_number: Short | None = None
    phone: Short = ""
    concerned: Short = ""
    place: Short = ""
    happened_at: AwareDatetime | None = None
    solution: Long = ""
    note: Long = ""
    owner: Short = ""
    escalated_to: Short = ""
    call_id: str = Field("", max_length=64)
    proposal: Long = ""
    alarm: Literal["major", "danger"] = "major"
    told: list[Short] = Field(default_factory=list, max_length=20)
    compensation_fen: int = Field(0, ge=0, le=10**9)
    issued_to: Short = ""
    due_at: AwareDatetime | None = None
    what: Literal["reply", "call_back", "appointment", "refund", "visit", "send", "solve"] = "reply"
    contact: Contact | None = None
    received_at: AwareDatetime | None = None
    """When a mail came in (K2)."""


class WorkOrderOut(RecordOut):
    """A work order; `calls` and `raised` are empty in lists."""

    type: str
    priority: str
    severe: bool
    title: str
    content: str
    solution: str
    note: str
    caller_number: str
    customer_number: str | None
    happened_at: datetime | None
    place: str
    concerned: str
    phone: str
    department: str
    owner: str
    dispatched_at: datetime | None
    dispatched_by: str
    accepted_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None
    promises: list[dict[str, Any]]
    due_at: datetime | None
    overdue: bool = False
    """A promise has passed: shown red."""
    contacts: list[dict[str, Any]]
    chased: int
    chased_at: datetime | None
    escalated_to: str
    escalated_at: datetime | None
    escalated_call: str
    proposal: str
    proposed_by: str
    approved_by: str
    alarm: str
    reports: list[dict[str, Any]]
    compensation_fen: int
    compensated_by: str
    issued_to: str
    issued_at: datetime | None
    raised_from: str
    raised: list[str] = Field(default_factory=list)
    """The work orders that were raised in its reply."""
    calls: list[str] = Field(default_factory=list)
    """The ids of its calls, oldest first."""

    @classmethod
    def shown(cls, order: WorkOrder, now: datetime) -> WorkOrderOut:
        """As a list shows it."""
        out = listed(cls, MOVES, order)
        out.overdue = out.is_overdue(now)
        return out

    def is_overdue(self, now: datetime) -> bool:
        """Open, and a promise in it has passed."""
        return self.state not in DONE and self.due_at is not None and self.due_at < now


@dataclass
class AskedOrders:
    """Which work orders a list shows."""

    state: State = ""
    type: Literal["", "enquiry", "suggestion", "complaint", "repair"] = ""
    owner: str = ""
    customer: str = ""
    phone: str = ""
    text: str = ""
    due_before: AwareDatetime | None = None
    overdue: bool = False
    alarm: bool = False
    opened_since: AwareDatetime | None = None
    opened_until: AwareDatetime | None = None

    def asked(self, now: datetime) -> Asked:
        """The question; what is overdue was due before now."""
        due_before = now if self.overdue else self.due_before
        same = (self.state, self.type, self.owner, self.customer, self.phone, self.text)
        opened = (self.opened_since, self.opened_until)
        return Asked(*same, due_before, self.alarm, *opened)


@dataclass
class AskedOrderPromises:
    """Which promises a list shows."""

    what: Annotated[str, Query(max_length=40)] = ""
    due_since: AwareDatetime | None = None
    due_until: AwareDatetime | None = None
    kept: bool | None = None


class OrderPromiseOut(Out):
    """A promise in a work order: of what, made and due when; `kept` is null while it stands."""

    number: str
    what: str
    made_at: datetime
    made_by: str
    due_at: datetime
    ended_at: datetime | None
    kept: bool | None


class OwnersCountOut(Out):
    """What a person holds, and what was handed over to them (W15)."""

    owner: str
    open: int
    overdue: int
    chased: int
    dispatched: int
    last_dispatched_at: datetime | None


class BoardOut(Out):
    """How the promises of today stand, and where the work orders are."""

    due_today: int
    overdue: int
    kept_today: int
    late_today: int
    alarms: int
    solved_waiting: int
    states: dict[str, int]


class MoveOut(Out):
    """An action: the state it is possible in, where it leads, what it needs, whose it is."""

    state: str
    action: str
    to: str
    needs: tuple[str, ...]
    by: list[str]


class TickOut(Out):
    """What is ticked in a call out, the item of the handbook, and the words for it."""

    tick: str
    item: str
    say: str


class StandardOut(Out):
    """The standard for work orders and the script for calls out."""

    moves: list[MoveOut]
    script: list[TickOut]
