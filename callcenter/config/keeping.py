"""How secrets are kept, and for how long what was recorded. Pure."""

from __future__ import annotations

from datetime import time

from pydantic import Field, model_validator

from callcenter.config.table import Table
from callcenter.core.keeping import COMPLAINT, HARASSMENT, ORDINARY, PARTS, Terms


class SecretsConfig(Table):
    """The house's key, with which second factors and unredacted originals are sealed."""

    key_file: str = ""
    """`callcenter.key` in the data folder where empty, made at the first start; $CALLCENTER_KEY
    goes before it."""


class AuditConfig(Table):
    """The audit trail."""

    anchor_file: str = ""
    """`audit-anchors.txt` in the data folder where empty."""


class TermsConfig(Table):
    """How many days the parts of a call are kept; 0: for good."""

    sound: int = Field(0, ge=0, le=36_500)
    words: int = Field(0, ge=0, le=36_500)
    record: int = Field(0, ge=0, le=36_500)

    @model_validator(mode="after")
    def _in_order(self) -> TermsConfig:
        """The number is what one finds the rest by: it goes last."""
        days = [getattr(self, part) or 10**6 for part in PARTS]
        if days != sorted(days):
            raise ValueError("expected sound kept no longer than words, and words than record")
        return self


class RetentionConfig(Table):
    """How long calls are kept, by their class."""

    carry_out: bool = False
    """Whether what is overdue is removed each day."""
    at: str = Field("03:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    ordinary: TermsConfig = TermsConfig(sound=180, words=365, record=1095)
    complaint: TermsConfig = TermsConfig(sound=1095, words=1095, record=1095)
    harassment: TermsConfig = TermsConfig(sound=1095, words=1095, record=1095)

    @property
    def wall(self) -> time:
        """When it is removed."""
        return time.fromisoformat(self.at)

    def terms(self) -> Terms:
        """The same, by class."""
        by_class = {name: getattr(self, name) for name in (ORDINARY, COMPLAINT, HARASSMENT)}
        return Terms({name: each.model_dump() for name, each in by_class.items()})
