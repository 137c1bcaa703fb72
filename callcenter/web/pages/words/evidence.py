"""How an evidence package says what the store keeps: in the words of the pages. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from callcenter.casework.evidence.text import Wording
from callcenter.core.records import Agent
from callcenter.web.pages import words
from callcenter.web.pages.calls import facts


def wording(agents: Iterable[Agent]) -> Wording:
    """The pages' words; seat numbers are said with the names that these agents have."""
    people = facts.names(agents)
    return Wording(words.word, words.category, lambda who: facts.person(people, who), facts.quality)
