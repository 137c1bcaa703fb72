"""What the API takes and shows of customers, as pydantic models. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Base64Bytes, Field, StringConstraints

from callcenter.casework.customers import record as customers
from callcenter.casework.customers.fields import COUNTS, LINES, MOST_NUMBERS, TEXTS
from callcenter.casework.customers.lists import Asked, lapsed_since
from callcenter.casework.customers.merging import Alike
from callcenter.casework.telephone import LONGEST
from callcenter.core.numbers import mask
from callcenter.store.customer_tables import Customer
from callcenter.web.api.base import In, Name, Out
from callcenter.web.api.base import Line as Short
from callcenter.web.api.models import CallOut
from callcenter.web.api.steps import Act, RecordOut, Signed, listed

Class = Literal["key", "ordinary", "potential"]
Long = Annotated[str, Field(max_length=max(TEXTS.values()))]
Line = Annotated[str, Field(max_length=max(LINES.values()))]
Phone = Annotated[str, Field(max_length=LONGEST)]
Count = Annotated[int, Field(ge=0, le=COUNTS["purchases"])]
Fen = Annotated[int, Field(ge=0, le=COUNTS["amount_fen"])]


class _Fields(In):
    """U4, and what the class by rule rests on (U5); money in fen, of the last twelve months."""

    contact: Line = ""
    numbers: list[Phone] = Field(default_factory=list, max_length=MOST_NUMBERS)
    """The one to ring first."""
    address: Line = ""
    business_scope: Long = ""
    email: Line = ""
    remarks: Long = ""
    member: bool = False
    purchases: Count = 0
    amount_fen: Fen = 0
    potential_fen: Fen = 0
    last_purchase_at: AwareDatetime | None = None


class OpenCustomer(Signed, _Fields):
    """A new file."""

    name: Line


class ActOnCustomer(Act, _Fields):
    """A step; `possible` says which the state allows, a refusal what it needs."""

    name: Line = ""
    phone: Phone = ""
    replaces: Phone = ""
    call_id: Short = ""
    customer_class: Class = "ordinary"
    reason: Long = ""
    agent: Short = ""
    note: Long = ""
    reference: Short = ""
    to: Short = ""
    purpose: Long = ""
    until: AwareDatetime | None = None
    what: Long = ""
    merged_into: Short = ""


class NumberOut(Out):
    """A telephone number: `e164` empty for an inner or short one; masked in lists."""

    number: str
    e164: str
    kind: str
    extension: str


class CustomerOut(RecordOut):
    """A customer's file; money in fen. Lists show numbers masked."""

    name: str
    contact: str
    numbers: list[NumberOut]
    address: str
    business_scope: str
    email: str
    remarks: str
    member: bool
    customer_class: str
    class_by: str
    """Who classed it by hand; empty where the rule did."""
    purchases: int
    amount_fen: int
    potential_fen: int
    last_purchase_at: datetime | None
    agent: str
    allotted_at: datetime | None
    contact_due_at: datetime | None
    contacted_at: datetime | None
    last_contact_at: datetime | None
    contact_note: str
    contact_call: str
    consents: list[Any]
    disclosures: list[Any]
    merged_into: str
    absorbed: list[str]
    reason: str
    alike: list[AlikeOut] = Field(default_factory=list)
    """Other files that may be this customer's; empty in lists."""

    @classmethod
    def shown(cls, row: Customer) -> CustomerOut:
        """As a list shows it."""
        out = listed(cls, customers.MOVES, row)
        for number in out.numbers:
            number.number, number.e164 = mask(number.number), ""
        return out


class AlikeOut(Out):
    """Customers who may be one (U6): with the same number, masked here, or the same name."""

    why: str
    value: str
    customers: list[str]
    names: list[str]

    @classmethod
    def shown(cls, alike: Alike) -> AlikeOut:
        """As lists show it."""
        return cls(
            why=alike.why,
            value=mask(alike.value) if alike.why == "number" else alike.value,
            customers=[row.number for row in alike.customers],
            names=[row.name for row in alike.customers],
        )


@dataclass
class AskedCustomers:
    """Which customers a list shows; what is not given asks for nothing."""

    q: Annotated[str, Field(max_length=100)] = ""
    """In the name, contact person, address, business, or the file's number."""
    phone: Annotated[str, Field(max_length=LONGEST)] = ""
    customer_class: Literal["", "key", "ordinary", "potential"] = ""
    member: bool | None = None
    agent: Annotated[str, Field(max_length=64)] = ""
    state: Literal["", "active", "merged", "anonymised"] = ""
    unallotted: bool = False
    overdue: bool = False
    new_since: AwareDatetime | None = None
    changed_since: AwareDatetime | None = None
    lapsed_days: Annotated[int | None, Field(ge=1, le=3650)] = None

    def asked(self, now: datetime) -> Asked:
        """As casework asks."""
        return Asked(
            text=self.q.strip(),
            phone=self.phone,
            customer_class=self.customer_class,
            member=self.member,
            agent=self.agent,
            state=self.state,
            unallotted=self.unallotted,
            overdue_at=now if self.overdue else None,
            new_since=self.new_since,
            changed_since=self.changed_since,
            lapsed_since=lapsed_since(now, self.lapsed_days) if self.lapsed_days else None,
        )


class HistoryOut(Out):
    """What there was with a customer, newest first (D21); `repeats` marks who called three times
    within a day (D22)."""

    calls: list[CallOut]
    work_orders: list[str]
    complaints: list[str]
    calls_24h: int
    repeats: bool


class UnfiledOut(Out):
    """A number that an agent spoke with and that is in no file; masked, the call has it."""

    number: str
    calls: int
    last_call_at: datetime
    last_call_id: str


class DailyOut(Out):
    """A day's work on the files (U1): new, changed, callers without one, and who waits (U3)."""

    since: datetime
    until: datetime
    new: list[CustomerOut]
    changed: list[CustomerOut]
    unfiled: list[UnfiledOut]
    overdue: list[CustomerOut]


class Taker(In):
    """An agent who takes customers; skill 1 (new) to 3 (knows it all)."""

    agent: Name
    skill: Annotated[int, Field(ge=1, le=3)] = 2


class AllotCustomers(Signed):
    """Allot customers whom nobody has (U2): these, or all of them; `apply` false only plans."""

    agents: list[Taker] = Field(min_length=1, max_length=200)
    customers: list[Short] = Field(default_factory=list, max_length=1000)
    apply: bool = False


class AllottedOut(Out):
    """Who gets whom."""

    customer: str
    agent: str


class ImportCustomers(Signed):
    """A table: CSV in UTF-8 or GB18030, or XLSX, as base64; `atomic`: all lines or none."""

    content: Base64Bytes
    atomic: bool = True


class ProblemOut(Out):
    """What is wrong with a line."""

    line: int
    reason: str


class ImportReportOut(Out):
    """What came of an import; `problems` are the first 10,000 of `problem_count`."""

    number: str
    rows: int
    written: int
    passed_over: int
    problem_count: int
    problems: list[ProblemOut]


class ExportCustomers(Signed):
    """Every standing customer as a file, for a purpose within the house; a lead signs (U8)."""

    purpose: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
    form: Literal["csv", "xlsx"] = "xlsx"


class ExchangeOut(RecordOut):
    """A file of customers that came in or went out."""

    purpose: str
    rows: int
    written: int
    problems: int
    sha256: str
