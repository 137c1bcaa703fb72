"""Renders a template with what every page needs; reads the templates folder only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from callcenter.core.numbers import group, is_withheld, mask
from callcenter.web.pages import words

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
    return "号码隐藏" if is_withheld(number) else group(mask(number)).replace("*", "•")


def whole(number: str) -> str:
    """A telephone number in groups: 138 0000 0001."""
    return "号码隐藏" if is_withheld(number) else group(number)


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
_environment.globals.update(word=words.word, words=words.for_scripts())


def render(request: Request, template: str, **values: Any) -> HTMLResponse:
    """The page; `path` marks where the reader stands in the navigation."""
    text = _environment.get_template(template).render(path=request.url.path, **values)
    return HTMLResponse(text)
