"""Reads the templates of messages (短信模板); refuses a wrong one with file, entry and reason.

Reads the folder of template files only: TOML with `[[message]]` entries, written by people who do
not program.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callcenter.core.errors import PackError
from callcenter.core.messages import CHANNELS, EMAIL, Template

MESSAGES = Path(__file__).parent / "messages"
KEYS = frozenset({"name", "channel", "subject", "text", "handbook"})
LONGEST = {"sms": 350, "email": 8000}
"""Characters; an SMS gateway cuts and charges what is longer."""


def read_templates(folder: Path = MESSAGES) -> Mapping[str, Template]:
    """The templates of every `*.toml` in `folder`, by name. Raises PackError."""
    found: dict[str, Template] = {}
    for file in sorted(folder.glob("*.toml")):
        for entry in _entries(file):
            template = _template(file, entry)
            if template.name in found:
                raise PackError(f"{file}: message {template.name}: there is one of that name")
            found[template.name] = template
    if not found:
        raise PackError(f"{folder}: no messages; expected *.toml with [[message]] entries")
    return found


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PackError(f"{file}: cannot be read: {error}") from None
    entries = table.get("message", [])
    if set(table) - {"message"} or not isinstance(entries, list):
        raise PackError(f"{file}: expected [[message]] entries and nothing else")
    return entries


def _template(file: Path, entry: dict[str, Any]) -> Template:
    name = entry.get("name", "?")
    unknown = sorted(set(entry) - KEYS)
    if unknown:
        raise PackError(f"{file}: message {name}: unknown key {unknown[0]}")
    if not all(isinstance(value, str) for value in entry.values()):
        raise PackError(f"{file}: message {name}: every value is a text")
    made = Template(**{"name": "", "channel": "", "text": "", **entry})
    problem = _problem(made)
    if problem:
        raise PackError(f"{file}: message {name}: {problem}")
    return made


def _problem(made: Template) -> str:
    if not made.name or made.channel not in CHANNELS:
        return f"expected a name, and a channel: {' or '.join(CHANNELS)}"
    if not made.text.strip() or bool(made.subject) is not (made.channel == EMAIL):
        return "expected a text, and a subject for e-mail alone"
    if len(made.text) > LONGEST[made.channel]:
        return f"longer than {LONGEST[made.channel]} characters"
    try:
        made.fields  # noqa: B018  (asked for its complaint)
    except ValueError as error:
        return str(error)
    return ""
