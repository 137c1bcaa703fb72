"""Renders a template with what every page needs; reads the templates folder only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from callcenter.core.numbers import group, is_withheld, mask
from callcenter.web.access.asking import ASKING
from callcenter.web.access.rights import allowed
from callcenter.web.pages import language, words
from callcenter.web.pages.language import say
from callcenter.web.pages.rail import rail

HERE = Path(__file__).parent
STATIC = HERE.parent / "static"

_environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def masked(number: str) -> str:
    """A telephone number as lists show it: 138 •••• 0001."""
    return say("号码隐藏") if is_withheld(number) else group(mask(number)).replace("*", "•")


def whole(number: str) -> str:
    """A telephone number in groups: 138 0000 0001."""
    return say("号码隐藏") if is_withheld(number) else group(number)


def clock(ms: int | None) -> str:
    """An offset or a length as minutes and seconds: 1:02."""
    if ms is None:
        return "—"
    return f"{ms // 60000}:{ms // 1000 % 60:02d}"


def seconds(ms: int) -> str:
    """A length as seconds with one decimal."""
    return f"{ms / 1000:.1f}"


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
    with language.speaking(language.of(request)) as spoken:
        told = {"path": request.url.path, "language": spoken, "me": _me()}
        return HTMLResponse(_environment.get_template(template).render(**told, **values))
