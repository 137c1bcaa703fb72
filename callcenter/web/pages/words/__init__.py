"""The words on the screens for the names that code and database use, said as the page speaks."""

from __future__ import annotations

from collections.abc import Mapping

from callcenter.web.pages.language import say
from callcenter.web.pages.words.audit import AUDIT_WORDS
from callcenter.web.pages.words.calls import CALL_WORDS
from callcenter.web.pages.words.keeping import KEEPING_WORDS
from callcenter.web.pages.words.outbound import OUTBOUND_WORDS
from callcenter.web.pages.words.people import PEOPLE_WORDS
from callcenter.web.pages.words.records import RECORD_WORDS

GROUPS = {"harassment": "骚扰", "complaint": "投诉", "suggestion": "建议", "agent": "座席"}

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "sexual": ("harassment", "低俗"),
    "insult": ("harassment", "辱骂"),
    "threat": ("harassment", "威胁"),
    "prank": ("harassment", "恶作剧"),
    "likely_harassment": ("harassment", "像骚扰"),
    "marked": ("harassment", "座席标记"),
    "silent": ("", "无声"),
    "laughter": ("", "笑声"),
    "several_voices": ("", "几个人的声音"),
    "quality": ("complaint", "质量"),
    "delivery": ("complaint", "送货"),
    "refund": ("complaint", "退款"),
    "attitude": ("complaint", "服务态度"),
    "repeated_contact": ("complaint", "多次联系"),
    "escalation": ("complaint", "要求升级"),
    "anger": ("complaint", "愤怒"),
    "complaint": ("complaint", "投诉"),
    "likely_complaint": ("complaint", "像投诉"),
    "suggestion": ("suggestion", "建议"),
    "banned": ("agent", "服务忌语"),
}
"""Category: what it counts as, and its name."""

WORDS: Mapping[str, Mapping[str, str]] = {
    **CALL_WORDS,
    **OUTBOUND_WORDS,
    **PEOPLE_WORDS,
    **RECORD_WORDS,
    **AUDIT_WORDS,
    **KEEPING_WORDS,
}

HUES = {
    "harassment": "harassment",
    "suspected": "harassment",
    "blocked": "prompt",
    "complaint": "complaint",
}
"""Dispositions and verdicts that have a colour; the others stay neutral."""


def word(kind: str, name: str | None) -> str:
    """The word for a name; the name itself where there is none, "—" where it is empty."""
    found = WORDS[kind].get(name or "")
    return say(found) if found else name or "—"


def category(name: str) -> str:
    """A category as people read it: 骚扰 · 辱骂."""
    group, label = CATEGORIES.get(name, ("", name))
    alone = not group or GROUPS[group] == label
    return say(label) if alone else f"{say(GROUPS[group])} · {say(label)}"


def group(name: str) -> str:
    """What a category counts as: harassment, complaint, suggestion, or "" for none."""
    return CATEGORIES.get(name, ("", ""))[0]


def hue(name: str) -> str:
    """The colour class of a category, disposition or verdict; "" for none."""
    if name in CATEGORIES:
        group = CATEGORIES[name][0]
        return group if group in ("harassment", "complaint") else ""
    return HUES.get(name, "")


def for_scripts() -> dict[str, Mapping[str, object]]:
    """Every word that the pages' scripts need."""
    told: dict[str, Mapping[str, object]] = {
        kind: {name: say(text) for name, text in names.items()}
        for kind, names in {**WORDS, "group": GROUPS}.items()
    }
    return {
        **told,
        "hue": HUES,
        "category": {k: [g, say(name)] for k, (g, name) in CATEGORIES.items()},
    }
