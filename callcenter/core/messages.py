"""Messages to customers: templates with fields, and what sends them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from callcenter.core.errors import Refused

SMS, EMAIL = "sms", "email"
CHANNELS = (SMS, EMAIL)
_FIELD = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with {fields}; `subject` for e-mail only; `handbook` is the item it serves."""

    name: str
    channel: str
    text: str
    subject: str = ""
    handbook: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """What must be given. Raises ValueError for braces that are no field."""
        return frozenset(fields_of(self.text) | fields_of(self.subject))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready to be sent; `number` is that of its record."""

    number: str
    channel: str
    to: str
    text: str
    subject: str = ""
    files: tuple[str, ...] = ()
    """Paths of what goes with it; by e-mail only."""


def filled(template: Template, given: Mapping[str, str]) -> tuple[str, str]:
    """The subject and the text. Raises Refused where a field is missing or empty."""
    missing = sorted(name for name in template.fields if not given.get(name, "").strip())
    if missing:
        raise Refused(f"message {template.name} needs: {', '.join(missing)}")
    kept = {name: given[name].strip() for name in template.fields}
    return template.subject.format_map(kept), template.text.strip().format_map(kept)


def fields_of(text: str) -> set[str]:
    """The {fields} of a text. Raises ValueError for braces that are no field."""
    found: set[str] = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not _FIELD.fullmatch(name) or spec or conversion:
            raise ValueError(
                f"{{{name}}} is no field; expected small letters, such as {{customer}}"
            )
        found.add(name)
    return found
