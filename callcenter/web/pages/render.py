"""Renders a template with what every page needs; reads the templates folder only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from callcenter.core.numbers import group, is_withheld, mask
from callcenter.web.access.masking import OWNERS, in_text
from callcenter.web.access.masking import masked as hidden
from callcenter.web.access.rights import allowed
from callcenter.web.access.visiting import ASKING
from callcenter.web.pages import language, words
from callcenter.web.pages.language import say
from callcenter.web.pages.rail import rail

HERE = Path(__file__).parent
STATIC = HERE.parent / "static"
CALL_ID = re.compile("[0-9a-f]{16}")
"""As the lines make them; one of a thousand is digits alone, and no card's."""

_OWN: ContextVar[bool] = ContextVar("own", default=False)
"""While a page about what is the reader's is rendered."""


def _sees_all() -> bool:
    return ASKING.get().for_others or _OWN.get()


def _is_own(values: Iterable[Any]) -> bool:
    """Whether the page is about a record, or a call, that is the reader's."""
    visitor = ASKING.get()
    names = (getattr(value, owner, "") for value in values for owner in OWNERS)
    return any(isinstance(name, str) and visitor.is_called(name) for name in names)


def _as_told(value: Any) -> Any:
    """Every value that a template says: digits of people are hidden as in the API's answers."""
    if not isinstance(value, str) or isinstance(value, Markup) or _sees_all():
        return value
    return value if CALL_ID.fullmatch(value) else in_text(value)


_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    finalize=_as_told,
    trim_blocks=True,
    lstrip_blocks=True,
)


def masked(number: str) -> str:
    """A telephone number as lists show it: 138 •••• 0001."""
    return say("号码隐藏") if is_withheld(number) else group(mask(number)).replace("*", "•")


def whole(number: str, *owners: str) -> str:
    """A telephone number in groups: 138 0000 0001; "" for who is none of these owners and reads
    no page about what is theirs: they ask for it with a reason (static/number.js)."""
    if not _sees_all() and not any(map(ASKING.get().is_called, owners)):
        return ""
    return say("号码隐藏") if is_withheld(number) else escape(group(number))


def for_script(value: Any) -> Markup:
    """A value as JSON for the page's script, with what whoever reads it may see."""
    return htmlsafe_json_dumps(hidden(value, ASKING.get(), own=_OWN.get()))


def clock(ms: int | None) -> str:
    """An offset or a length as minutes and seconds: 1:02."""
    if ms is None:
        return "—"
    return f"{ms // 60000}:{ms // 1000 % 60:02d}"


def seconds(ms: int) -> str:
    """A length as seconds with one decimal."""
    return f"{ms / 1000:.1f}"


_environment.filters["tojson"] = for_script
_environment.filters.update(
    masked=masked, whole=whole, clock=clock, seconds=seconds, category=words.category, hue=words.hue
)


def may(path: str) -> bool:
    """Whether who asks may read the page at this path."""
    visitor = ASKING.get()
    return not visitor.name or bool(visitor.roles & allowed(path, writes=False))


_environment.globals.update(
    word=words.word, words=words.for_scripts, texts=language.for_scripts, _=say, may=may, rail=rail
)


def _me() -> dict[str, Any]:
    """Who is logged in, for the page's script."""
    visitor = ASKING.get()
    return {"name": visitor.name, "agent": visitor.agent, "roles": sorted(visitor.roles)}


def render(request: Request, template: str, **values: Any) -> HTMLResponse:
    """The page in the reader's language; `path` marks where they stand in the navigation."""
    own = _OWN.set(_is_own(values.values()))
    try:
        with language.speaking(language.of(request)) as spoken:
            told = {"path": request.url.path, "language": spoken, "me": _me()}
            return HTMLResponse(_environment.get_template(template).render(**told, **values))
    finally:
        _OWN.reset(own)
