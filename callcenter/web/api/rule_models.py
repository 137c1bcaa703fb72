"""What the API says and hears of rules and back-tests; see web/api/models.py. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from callcenter.core.trials import Draft
from callcenter.web.api.base import In
from callcenter.web.api.models import Out
from callcenter.web.api.steps import Signed

MOST_CALLS = 20_000
DEFAULT_CALLS = 1000
LONGEST_PACK = 256 * 1024
"""Characters."""


class RuleOut(Out):
    """A rule in force, and how often it was hit in the last 30 days."""

    file: str
    name: str
    category: str
    group: str
    severity: int
    why: str
    hits: int = 0


class RulesOut(Out):
    """The rules in force, pack by pack; `problems` says what is wrong with packs that are not."""

    rules: list[RuleOut]
    problems: list[str]


PackName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[\w-]+\.toml$")
]
PackText = Annotated[str, StringConstraints(max_length=LONGEST_PACK)]


class PackOut(BaseModel):
    """A pack as it lies on the disk; `sha256` is sent back as `seen` by who changes it."""

    name: str
    toml: str
    sha256: str


class CheckPack(In):
    """A draft, to be read and forgotten."""

    name: PackName = "draft.toml"
    text: PackText


class CheckedOut(BaseModel):
    """What a draft holds, or what is wrong with it, in which line; 0 where that is not known."""

    rules: int = 0
    error: str = ""
    line: int = 0


class AdoptPack(Signed):
    """A changed pack; `seen` is the SHA-256 of the one that was opened, "" for a new one."""

    text: PackText
    seen: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""


class BackTestWish(BaseModel):
    """What to try on the last `calls` calls: a draft of a pack, or without `text` what is in force.

    A draft replaces the pack of its file name, or stands beside the packs.
    """

    model_config = ConfigDict(extra="forbid")

    name: PackName = "draft.toml"
    text: PackText = ""
    calls: Annotated[int, Field(ge=1, le=MOST_CALLS)] = DEFAULT_CALLS

    def draft(self) -> Draft | None:
        """The draft, None where there is no text."""
        return Draft(self.name, self.text) if self.text.strip() else None


class ShareOut(BaseModel):
    """`good` of `of` with the 95 % interval (Wilson); `value` is null of nothing."""

    good: int
    of: int
    value: float | None
    low: float
    high: float


class LabelCountOut(BaseModel):
    """One label against the verdicts; `told` counts calls that nobody judged too."""

    told: int
    misses: int
    false_alarms: int
    precision: ShareOut
    recall: ShareOut


class RuleCountOut(BaseModel):
    """One rule's hits; `right` and `wrong` count judged calls by their verdict."""

    rule: str
    category: str
    hits: int
    calls: int
    right: int
    wrong: int


class SideOut(BaseModel):
    """What one set of rules told of the calls; `confusion` is verdict, then label."""

    labels: dict[str, LabelCountOut]
    confusion: dict[str, dict[str, int]]
    rules: list[RuleCountOut]


class RuleChangeOut(BaseModel):
    """A rule that finds something else: added, gone or other; "" where it was just hit."""

    rule: str
    change: Literal["added", "gone", "other", ""]


class ListedCallOut(BaseModel):
    """A call worth a look, its number masked; `verdict` is "" where nobody judged it."""

    call_id: str
    rang_at: datetime
    caller_number: str
    verdict: str
    before: str
    after: str
    rules: list[RuleChangeOut]


class OutcomeOut(BaseModel):
    """All that a back-test found. The lists hold the newest calls, the numbers all of them.

    `changed` got another label by the draft, `touched` other rules and the same label, `wrong`
    another label than their verdict.
    """

    calls: int
    segments: int
    judged: int
    in_force: SideOut
    draft: SideOut | None
    changed_calls: int
    changed: list[ListedCallOut]
    touched_calls: int
    touched: list[ListedCallOut]
    wrong_calls: int
    wrong: list[ListedCallOut]


class BackTestOut(Out):
    """A back-test and how far it is; `outcome` is there when `state` is done."""

    id: str
    started_at: datetime
    state: Literal["running", "done", "failed"]
    draft_file: str = ""
    limit: int
    done: int
    of: int
    error: str
    outcome: OutcomeOut | None


class StartedOut(Out):
    """Ask for rules/backtest/{id} until it is no longer running."""

    id: str
