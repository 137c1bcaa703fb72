"""Where the store holds what is personal, and what becomes of it. A table; a test walks the schema.

`numbers` become aliases, `texts` empty, `lists` empty lists; where `goes`, the rows go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from callcenter.core.keeping import RECORD, WORDS
from callcenter.store.assist_tables import CardRow, PromiseRow
from callcenter.store.base import Base
from callcenter.store.case_tables import BillLine, CaseAction, HarassmentCase, RecoveredNumber
from callcenter.store.complaint_tables import Complaint
from callcenter.store.customer_tables import Customer
from callcenter.store.follow_up_tables import FollowUp
from callcenter.store.handover_tables import Handover
from callcenter.store.ladder_tables import BlockDecision
from callcenter.store.message_tables import Message
from callcenter.store.order_tables import OrderPromise, WorkOrder
from callcenter.store.review_tables import Review
from callcenter.store.tables import (
    Call,
    Decision,
    Handling,
    HitRow,
    SegmentRow,
    Transcript,
    TranscriptHit,
    TranscriptSegment,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A table; `by` names whose row it is: the column of the call's id or the record's number."""

    table: type[Base]
    by: InstrumentedAttribute[Any]
    numbers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    goes: bool = False
    through: InstrumentedAttribute[Any] | None = None
    """The key of Transcript where the call is named there."""


OF_CALLS: Mapping[str, tuple[Place, ...]] = {
    WORDS: (
        Place(TranscriptSegment, Transcript.call_id, goes=True, through=Transcript.id),
        Place(TranscriptHit, Transcript.call_id, goes=True, through=Transcript.id),
        Place(Transcript, Transcript.call_id, goes=True),
        Place(SegmentRow, SegmentRow.call_id, goes=True),
        Place(HitRow, HitRow.call_id, texts=("text", "why")),
        Place(Decision, Decision.call_id, texts=("evidence",)),
        Place(PromiseRow, PromiseRow.call_id, texts=("text",)),
        Place(CardRow, CardRow.call_id, texts=("because",)),
        Place(Handling, Handling.call_id, texts=("text",)),
    ),
    RECORD: (
        Place(Call, Call.call_id, numbers=("caller_number", "callee_number", "source")),
        Place(Handling, Handling.call_id, numbers=("other",)),
        Place(RecoveredNumber, RecoveredNumber.call_id, numbers=("caller_number",)),
        Place(BillLine, BillLine.call_id, goes=True),
        Place(BlockDecision, BlockDecision.call_id, numbers=("number",), texts=("reason",)),
        Place(Verdict, Verdict.call_id, texts=("reason",)),
        Place(Review, Review.number, texts=("note",)),
    ),
}
"""Of a call, by the part that goes. Quotes in evaluations are cut out besides (clearing.py)."""

OF_RECORDS: Mapping[str, tuple[Place, ...]] = {
    "work_order": (
        Place(
            WorkOrder,
            WorkOrder.number,
            ("caller_number", "phone"),
            ("title", "content", "solution", "note", "place", "concerned", "proposal"),
            ("contacts", "promises", "reports"),
        ),
        Place(OrderPromise, OrderPromise.number, texts=("what",)),
    ),
    "complaint": (
        Place(
            Complaint,
            Complaint.number,
            ("phone",),
            ("complainant", "company", "address", "content", "wanted", "process_told", "judgement",
             "reply", "cause", "impact", "remark", "customer_signature", "feedback", "summary"),
        ),
    ),
    "follow_up": (
        Place(
            FollowUp, FollowUp.number, ("phone",), ("customer", "content", "result"), ("answers",)
        ),
    ),
    "message": (Place(Message, Message.number, ("to",), ("subject", "text", "problem")),),
    "handover": (Place(Handover, Handover.number, texts=("log",), lists=("items",)),),
    "harassment_case": (
        Place(HarassmentCase, HarassmentCase.number, ("caller_number",)),
        Place(CaseAction, CaseAction.case_number, texts=("text",)),
    ),
    "customer": (
        Place(
            Customer,
            Customer.number,
            (),
            ("name", "name_key", "contact", "address", "business_scope", "email", "remarks",
             "contact_note", "contact_call"),
            ("numbers", "consents", "disclosures"),
        ),
    ),
}  # fmt: skip
"""Of a record, by its kind. What somebody consented to goes with an erasure, not by time."""

HARMLESS = frozenset(
    {
        # about our own people, whose contracts say how long: personnel files are another matter
        "accounts", "api_tokens", "appraisals", "agent_spans", "coachings", "credentials",
        "evaluation_items", "invitations", "login_sessions", "recovery_breaks", "second_factors",
        "shifts",
        # of nobody
        "built_reports", "documents", "rule_books", "scorecards", "gaps", "prompts",
        "call_quality", "case_calls", "recordings", "customer_exchanges", "evidence_exports",
        # kept in step by the database itself, or by what is cleared above
        "search_entries", "customer_numbers", "evaluations", "trail",
        # what this room keeps; a number in it is hidden when it has done its work
        "holds", "erasures", "clearances",
        # a number that is blocked now: lifted or run out, it is gone
        "blocklist",
        # machines, and what they are told, without numbers and words
        "nodes", "deliveries", "job_failures", "archived_recordings", "redactions",
    }
)  # fmt: skip
"""Tables in which nothing is cleared by place, and why."""
