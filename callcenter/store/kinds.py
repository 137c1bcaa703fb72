"""The kinds of records, and the table of each. One line a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from callcenter.core.events import RecordStepped
from callcenter.store.account_tables import Account
from callcenter.store.appraisal_tables import Appraisal
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer, CustomerExchange, keep_numbers
from callcenter.store.document_tables import Document
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.handover_tables import Handover
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import WorkOrder, keep_promises

After = Callable[[Session, Any, RecordStepped], None]
"""What else a step writes, in the same transaction: the row as it is now, and the step."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Where records of a kind are kept; `table` is a Base that is Kept, too."""

    table: type[Any]
    after: After | None = None


KINDS: Mapping[str, Kind] = {
    "account": Kind(Account),
    "appraisal": Kind(Appraisal),
    "complaint": Kind(Complaint),
    "customer": Kind(Customer, keep_numbers),
    "customer_exchange": Kind(CustomerExchange),
    "work_order": Kind(WorkOrder, keep_promises),
    "document": Kind(Document),
    "follow_up": Kind(FollowUp),
    "handover": Kind(Handover),
    "message": Kind(Message),
}
