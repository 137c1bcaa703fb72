"""What is said in a follow-up call, branch by branch (F8, F9, S3). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callcenter.core.messages import fields_of

MOST_QUESTIONS = 3
"""回访时间不宜过长，内容不宜过多 (F9)."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The words of one kind of follow-up; each may have {fields}."""

    opening: str
    """Who calls, and whether it is the right person."""
    questions: tuple[str, ...]
    satisfied: str
    unsatisfied: str
    closing: str

    @property
    def words(self) -> tuple[str, ...]:
        """Every sentence."""
        return (self.opening, *self.questions, self.satisfied, self.unsatisfied, self.closing)


def spoken(talk: Talk, given: Mapping[str, str]) -> Talk:
    """The talk with its fields filled; what is not known is left open as ……."""
    known = {name: value.strip() or "……" for name, value in given.items()}

    def fill(text: str) -> str:
        return text.format_map({name: known.get(name, "……") for name in fields_of(text)})

    questions = tuple(map(fill, talk.questions))
    rest = map(fill, (talk.satisfied, talk.unsatisfied, talk.closing))
    return Talk(fill(talk.opening), questions, *rest)
