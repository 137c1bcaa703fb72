"""Packs and segments in a line each."""

from __future__ import annotations

from collections.abc import Sequence

from callcenter.core.records import Hit, Party, Segment
from callcenter.scripts.match import CallListener, Matcher
from callcenter.scripts.pack import Rule, parse_pack

MS = 200


def rules(body: str, head: str = "") -> list[Rule]:
    """A pack of one rule, `body`, after what stands at its `head`."""
    named = '[[rule]]\nname = "r"\ncategory = "insult"\n'
    return parse_pack(f'group = "harassment"\n{head}\n{named}{body}', "p.toml")


def listener(body: str, head: str = "") -> CallListener:
    return CallListener(Matcher(rules(body, head)))


def said(text: str, at: int = 0, final: bool = True, party: Party = Party.CALLER) -> Segment:
    """`text`, 200 ms a character, from character `at` on."""
    return Segment(party, at * MS, (at + len(text)) * MS, text, final=final)


def found(body: str, text: str, head: str = "") -> list[str]:
    """What the rule finds in a caller's sentence."""
    return texts(listener(body, head).heard(said(text)))


def texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.text for hit in hits]
