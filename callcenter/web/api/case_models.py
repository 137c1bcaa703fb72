"""What the API says and hears of harassment cases, withheld calls and bills. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints

from callcenter.casework.harassment import cases as harassment_cases
from callcenter.casework.harassment.cases import Repeated
from callcenter.casework.harassment.withheld import Withheld
from callcenter.store.case_tables import EvidenceExport, HarassmentCase
from callcenter.web.access.asking import Signer
from callcenter.web.api.models import Out

CallId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
CallIds = Annotated[list[CallId], Field(max_length=harassment_cases.MOST_CALLS)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=harassment_cases.LONGEST_TEXT)
]
SourceType = Literal["unknown", "home", "payphone", "office"]


class CaseActionOut(Out):
    """What a named person did; `state` is where that brought the case."""

    at: datetime
    action: str
    person: str
    text: str
    state: str
    calls: list[str]


class ExportOut(Out):
    """That the case's evidence left the house."""

    at: datetime
    person: str
    calls: list[str]
    manifest_sha256: str


class CaseOut(Out):
    """A case; `caller_number` is "" while it is withheld."""

    number: str
    opened_at: datetime
    opened_by: str
    caller_number: str
    source_type: str
    state: str
    calls: list[str]
    possible: list[str]
    """The actions that its state allows."""

    @classmethod
    def of(cls, case: HarassmentCase) -> CaseOut:
        """A case that was read with its calls."""
        return cls.model_validate(_shown(case))


class CaseDetailOut(CaseOut):
    """A case with all that was done."""

    actions: list[CaseActionOut]
    exports: list[ExportOut]

    @classmethod
    def whole(cls, case: HarassmentCase, exports: list[EvidenceExport]) -> CaseDetailOut:
        """A case, and when its evidence left the house."""
        return cls.model_validate({**_shown(case), "actions": case.actions, "exports": exports})


def _shown(case: HarassmentCase) -> dict[str, object]:
    plain = ("number", "opened_at", "opened_by", "caller_number", "source_type", "state")
    return {
        **{name: getattr(case, name) for name in plain},
        "calls": [call.call_id for call in case.calls],
        "possible": harassment_cases.possible(case.state),
    }


class RepeatedOut(Out):
    """A source that harassed again and again; `case_number` is its open case, or ""."""

    caller_number: str
    calls: list[str]
    first: datetime
    last: datetime
    case_number: str

    @classmethod
    def of(cls, one: Repeated) -> RepeatedOut:
        """Its calls are newest first."""
        return cls(
            caller_number=one.number,
            calls=[call.call_id for call in one.calls],
            first=one.calls[-1].rang_at,
            last=one.calls[0].rang_at,
            case_number=one.case_number,
        )


class BillLineOut(Out):
    """A line of the carrier's bill that may be the call; give its `id` to accept it."""

    id: int
    caller_number: str
    callee_number: str
    started_at: datetime
    seconds: int
    bill_sha256: str
    bill_line: int
    imported_at: datetime
    imported_by: str


class RecoveredNumberOut(Out):
    """The number that a named person accepted for a call."""

    call_id: str
    at: datetime
    caller_number: str
    person: str
    bill_sha256: str
    bill_line: int


class WithheldOut(Out):
    """A harassing call without a number, and what the bill offers; `ambiguous`: look first."""

    call_id: str
    rang_at: datetime
    seconds: int
    severity: int
    ambiguous: bool
    lines: list[BillLineOut]
    number: RecoveredNumberOut | None
    case_number: str

    @classmethod
    def of(cls, one: Withheld) -> WithheldOut:
        """As casework has it."""
        kept = {name: getattr(one, name) for name in cls.model_fields if hasattr(one, name)}
        return cls.model_validate(
            {**kept, "call_id": one.call.call_id, "rang_at": one.call.rang_at}
        )


class ImportedOut(Out):
    """What came of a bill: `offered` lines may be `calls` withheld calls; nothing is chosen."""

    lines: int
    offered: int
    calls: int
    problems: list[str]
    """Lines that could not be read, the first hundred, each with its number and the reason."""
    passed_over: int


class _By(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Signer


class OpenCase(_By):
    """Open a case on the source of these calls."""

    calls: Annotated[CallIds, Field(min_length=1)]
    source_type: SourceType = "unknown"
    text: Text = ""


class TakeAction(_By):
    """What is done in a case; `calls` with add_calls, `source_type` with source_type."""

    action: Literal[
        "note",
        "add_calls",
        "source_type",
        "warning_letter",
        "report_carrier",
        "report_police",
        "close",
        "reopen",
    ]
    text: Text = ""
    calls: CallIds = []
    source_type: SourceType | Literal[""] = ""


class ExportCase(_By):
    """Take the evidence of a case out of the house."""


class ImportBill(_By):
    """A carrier's bill: CSV in UTF-8 or GB18030, as base64."""

    content: Base64Bytes


class AcceptNumber(_By):
    """Take this bill line for the call."""

    line: Annotated[int, Field(ge=1, le=2**62)]


class LetterOut(Out):
    """A letter as a draft, to be read and changed before it is sent."""

    text: str
