"""The kinds of records, and the table of each. One line a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from callcenter.core.events import RecordStepped
from callcenter.store.account_tables import Account
from callcenter.store.appraisal_tables import Appraisal
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import (
    Customer,
    CustomerExchange,
    keep_new_numbers,
    keep_numbers,
)
from callcenter.store.document_tables import Document
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.handover_tables import Handover
from callcenter.store.keeping_tables import Erasure, Hold
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import WorkOrder, keep_promises
from callcenter.store.quality_tables import Coaching, Evaluation, Scorecard, keep_items
from callcenter.store.report_tables import BuiltReport, RuleBook
from callcenter.store.review_tables import Review
from callcenter.store.staff_tables import Shift

After = Callable[[Session, Any, RecordStepped], None]
"""What else a step writes, in the same transaction: the row as it is now, and the step."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Where records of a kind are kept; `table` is a Base that is Kept, too."""

    table: type[Any]
    after: After | None = None
    together: Callable[[Session, Sequence[RecordStepped]], None] | None = None
    """What `after` does for many that are opened at once; where None they are opened singly."""
    field: str = ""
    """The field whose change `after` follows; "" where it follows every step."""


KINDS: Mapping[str, Kind] = {
    "account": Kind(Account),
    "appraisal": Kind(Appraisal),
    "complaint": Kind(Complaint),
    "customer": Kind(Customer, keep_numbers, keep_new_numbers),
    "customer_exchange": Kind(CustomerExchange),
    "work_order": Kind(WorkOrder, keep_promises, field="promises"),
    "document": Kind(Document),
    "follow_up": Kind(FollowUp),
    "handover": Kind(Handover),
    "message": Kind(Message),
    "scorecard": Kind(Scorecard),
    "evaluation": Kind(Evaluation, keep_items),
    "coaching": Kind(Coaching),
    "shift": Kind(Shift),
    "report": Kind(BuiltReport),
    "rule_book": Kind(RuleBook),
    "review": Kind(Review),
    "hold": Kind(Hold),
    "erasure": Kind(Erasure),
}
