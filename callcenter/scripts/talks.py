"""Reads the talks of follow-up calls (回访话术); refuses a wrong one with file, entry and reason.

Reads one TOML file: a table for each reason of a follow-up; people who do not program write it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callcenter.core.errors import PackError
from callcenter.core.messages import fields_of
from callcenter.core.talks import MOST_QUESTIONS, Talk
from callcenter.scripts.reading import Table, listed, only, word

TALKS = Path(__file__).parent / "talks" / "follow_up.toml"
_SENTENCES = ("opening", "satisfied", "unsatisfied", "closing")


def read_talks(file: Path = TALKS) -> Mapping[str, Talk]:
    """The talks, by what the follow-up is about. Raises PackError."""
    try:
        found: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PackError(f"{file}: cannot be read: {error}") from None
    return {name: _talk(table, f"{file}: {name}") for name, table in found.items()}


def _talk(table: Table | object, where: str) -> Talk:
    if not isinstance(table, dict):
        raise PackError(f"{where}: expected a table")
    only(table, ("questions", *_SENTENCES), where)
    questions = listed(table, "questions", where, "questions")
    if len(questions) > MOST_QUESTIONS or not all(isinstance(one, str) for one in questions):
        raise PackError(f"{where}: expected at most {MOST_QUESTIONS} questions: calls are short")
    talk = Talk(questions=tuple(questions), **{key: word(table, key, where) for key in _SENTENCES})
    try:
        list(map(fields_of, talk.words))
    except ValueError as error:
        raise PackError(f"{where}: {error}") from None
    return talk
