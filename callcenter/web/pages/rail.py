"""The rail at the left of every page: where it leads, in order. Pure."""

from __future__ import annotations

from typing import NamedTuple

from callcenter.core.people import ADMIN
from callcenter.web.pages.language import say


class Place(NamedTuple):
    """One link: its path, its icon, its name, and what waits there is counted as, if any."""

    path: str
    icon: str
    name: str
    waits: str = ""
    also: tuple[str, ...] = ()
    """Other paths that are reached from there."""
    only: str = ""
    """For people with this role alone; others who may read it come to it from their own page."""


def rail() -> tuple[Place, ...]:
    """Every place, in the language that is spoken now."""
    return (
        Place("/", "headset", say("工作台")),
        Place("/wall", "layout-dashboard", say("墙板")),
        Place("/review", "shield-check", say("审核"), "review"),
        Place("/calls", "history", say("通话")),
        Place("/orders", "ticket", say("工单"), "orders", ("/complaints", "/follow-ups")),
        Place("/cases", "folder", say("案件")),
        Place("/blocks", "ban", say("黑名单"), "blocks"),
        Place("/customers", "address-book", say("客户")),
        Place("/documents", "book", say("知识库")),
        Place("/staff", "users", say("人员")),
        Place("/reports", "chart-bar", say("报表")),
        Place("/handovers", "transfer", say("交接")),
        Place("/rules", "adjustments", say("规则")),
        Place("/audit", "eye", say("审计"), only=ADMIN),
    )
