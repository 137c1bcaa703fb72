"""The rail at the left of every page: where it leads, in order. Pure."""

from __future__ import annotations

from typing import NamedTuple

from callcenter.web.pages.language import say


class Place(NamedTuple):
    """One link: its path, its icon, its name, and what waits there is counted as, if any."""

    path: str
    icon: str
    name: str
    waits: str = ""


def rail() -> tuple[Place, ...]:
    """Every place, in the language that is spoken now."""
    return (
        Place("/", "headset", say("工作台")),
        Place("/wall", "layout-dashboard", say("墙板")),
        Place("/review", "shield-check", say("审核"), "review"),
        Place("/calls", "history", say("通话")),
        Place("/cases", "folder", say("案件")),
        Place("/blocks", "ban", say("黑名单"), "blocks"),
        Place("/rules", "adjustments", say("规则")),
    )
